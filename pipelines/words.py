"""Texts for people: a sender's text made safe to show, amounts of money. Nothing here reads or writes."""


def plain(text: str) -> str:
    """A sender's text for a terminal: control characters, which could steer it, are written out."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def yuan(fen: int) -> str:
    """An amount in fen as yuan with two decimals."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
