"""Amounts and quantities as people read them: figures, and money in Chinese capitals (大写), from whole numbers."""

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
WAN, YI = 10**4, 10**8


def capitals(fen: int) -> str:
    """An amount in fen in capitals, as cheques and invoices have it: 1000500 is 壹万零伍元整, -5 is 负伍分."""
    if fen < 0:
        return "负" + capitals(-fen)
    whole, cents = divmod(fen, 100)
    tenths, hundredths = divmod(cents, 10)
    text = f"{_whole(whole)}元" if whole or not cents else ""
    if tenths:
        text += f"{DIGITS[tenths]}角"
    elif whole and hundredths:
        text += "零"
    return text + (f"{DIGITS[hundredths]}分" if hundredths else "整")


def _whole(number: int) -> str:
    """A whole number of yuan. A zero is said once where lower places are skipped."""
    for base, name in ((YI, "亿"), (WAN, "万")):
        if number >= base:
            high, low = divmod(number, base)
            gap = "零" if low and low < base // 10 else ""
            return _whole(high) + name + gap + (_whole(low) if low else "")
    return _below_ten_thousand(number)


def _below_ten_thousand(number: int) -> str:
    text, skipped = "", False
    for place, digit in reversed(list(enumerate(map(int, reversed(str(number)))))):
        if digit:
            text += ("零" if skipped else "") + DIGITS[digit] + PLACES[place]
        skipped = bool(text) and not digit
    return text or "零"


def scaled(number: int, divisor: int, decimals: int) -> str:
    """number ÷ divisor with thousands separators, half up at `decimals` places, whatever the sign."""
    unit = 10**decimals
    parts = (2 * abs(number) * unit + divisor) // (2 * divisor)
    sign = "-" if number < 0 and parts else ""
    whole, rest = divmod(parts, unit)
    return f"{sign}{whole:,}.{rest:0{decimals}d}" if decimals else f"{sign}{whole:,}"


def micro(micro_yuan: int) -> str:
    """Micro-yuan as yuan, exactly, with six decimals."""
    return scaled(micro_yuan, 10**6, 6)


def percent(ppm: int) -> str:
    """Parts per million as a percentage, exactly, without zeros at its end."""
    return scaled(ppm, 10**4, 4).rstrip("0").rstrip(".") + "%"
