"""Columns as short texts: whole numbers as differences in base 64, what repeats once with its number.

`dashboard/js/20_codec.js` reads what is written here. A year of a hundred sites has to fit into a page.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
UNKNOWN = "."
"""Stands for NULL, which changes no difference."""
REPEATED = "*"
"""Before a number: the step just given happens that many times more."""
WORTH_REPEATING = 2


def packed(values: Sequence[int | None]) -> str:
    """Whole numbers as differences to the one before: sign in the lowest bit, 5 bits a digit, low ones first."""
    parts = []
    for step, run in groupby(_steps(values)):
        more = sum(1 for _ in run) - 1
        parts.append(step + REPEATED + _digits(more) if more >= WORTH_REPEATING else step * (more + 1))
    return "".join(parts)


def _steps(values: Sequence[int | None]) -> Iterator[str]:
    last = 0
    for value in values:
        if value is None:
            yield UNKNOWN
            continue
        yield _digits(value - last)
        last = value


def _digits(number: int) -> str:
    rest = abs(number) * 2 + (number < 0)
    text = ""
    while rest >= 32:
        text += DIGITS[32 + rest % 32]
        rest //= 32
    return text + DIGITS[rest]


def columns(
    names: Sequence[str], rows: Sequence[Sequence[Any]], like: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A table by columns: whole numbers packed; texts as their sorted values and the packed places in these.

    `like` names columns that are nearly another one: what they lack of it is packed, which is mostly nothing. Raises
    TypeError for a value that is neither a whole number nor a text.
    """
    whole = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    table: dict[str, Any] = {"n": len(rows)}
    for name, values in whole.items():
        if not all(value is None or type(value) in (int, str) for value in values):
            raise TypeError(
                f"The column {name} of a page's data holds neither whole numbers nor texts alone."
            )
        if any(isinstance(value, str) for value in values):
            known = sorted({value for value in values if value is not None})
            places = {value: number for number, value in enumerate(known)}
            table[name] = {"of": known, "at": packed([None if v is None else places[v] for v in values])}
        elif base := (like or {}).get(name):
            lacks = [
                None if value is None else (other or 0) - value
                for value, other in zip(values, whole[base], strict=True)
            ]
            table[name] = {"like": base, "lacks": packed(lacks)}
        else:
            table[name] = packed(values)
    return table
