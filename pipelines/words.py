"""Texts for people: a sender's text made safe to show, amounts of money. Nothing here reads or writes."""

import difflib


def plain(text: str) -> str:
    """A sender's text for a terminal: control characters, which could steer it, are written out."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def yuan(fen: int) -> str:
    """An amount in fen as yuan with two decimals."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def near(name: str, names: list[str], listing: str = "There are") -> str:
    """A sentence that names what may have been meant by a name, or all there is."""
    found = difflib.get_close_matches(name, names, 3)
    return f"Did you mean {' or '.join(found)}?" if found else f"{listing} {', '.join(names)}."
