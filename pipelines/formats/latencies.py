"""Latencies from text: any unit into microseconds, exactly, and the words that say that there is none."""

from decimal import Context, Inexact, InvalidOperation, Overflow

import polars as pl

POWERS = {"s": 6, "ms": 3, "us": 0}
"""Units by the power of ten that makes microseconds of them."""
NO_LATENCY = frozenset({"", "-", "--", "*", "NaN", "nan", "NA", "N/A", "null", "NULL"})
_PLAIN = r"^[0-9]+(?:\.[0-9]*)?$"
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, Overflow])
_LONGEST = 40


def microseconds(text: pl.Series, unit: str) -> pl.Series:
    """Texts in microseconds, with all their digits; NULL where there is no latency, other texts as they are."""
    text = text.str.strip_chars()
    text = pl.select(pl.when(~text.is_in(list(NO_LATENCY))).then(text)).to_series()
    power = POWERS[unit]
    if not power:
        return text
    plain = text.str.contains(_PLAIN)
    parts = text.str.splitn(".", 2).struct.unnest()
    decimals = parts["field_1"].fill_null("").str.pad_end(power, "0")
    whole = (parts["field_0"] + decimals.str.slice(0, power)).str.strip_chars_start("0").replace("", "0")
    moved = (whole + "." + decimals.str.slice(power)).str.strip_chars_end(".")
    scaled = pl.select(pl.when(plain).then(moved).otherwise(text)).to_series()
    odd = (~plain & text.is_not_null()).arg_true()
    if odd.is_empty():
        return scaled
    return scaled.scatter(
        odd, pl.Series([_shifted(each, power) for each in text.gather(odd)], dtype=pl.String)
    )


def _shifted(text: str, power: int) -> str:
    """A number with an exponent, times a power of ten; another text stays, for it is no number."""
    try:
        number = _EXACT.scaleb(_EXACT.create_decimal(text), power)
    except ArithmeticError:
        return text
    return format(number, "f") if number.is_finite() and abs(number.adjusted()) < _LONGEST else text
