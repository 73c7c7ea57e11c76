"""Tables of expected figures as values, and integer arithmetic that all of them share."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

Value = str | int | None
MILLION = 1_000_000


@dataclass(frozen=True)
class Table:
    """A table: its columns and its rows, in any order."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Value, ...]]

    @classmethod
    def of(cls, name: str, columns: str, rows: Iterable[tuple[Value, ...]]) -> "Table":
        """A table with columns given in one text."""
        return cls(name, tuple(columns.split()), list(rows))

    def write(self, folder: Path) -> None:
        """CSV, lines in the order of their texts. An absent value is empty; no value holds a line end."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(self.rows)
        lines = [",".join(self.columns), *sorted(text.getvalue().split("\n")[:-1])]
        (folder / f"{self.name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class TextTable(Table):
    """A table all of whose values are texts, many of them."""

    def write(self, folder: Path) -> None:
        lines = [",".join(self.columns), *sorted(map(_line, self.rows))]
        (folder / f"{self.name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _line(values: tuple[Value, ...]) -> str:
    """A CSV line; quotes are seldom needed."""
    line = ",".join(values)  # type: ignore[arg-type]
    if line.count(",") == len(values) - 1 and '"' not in line and "\r" not in line:
        return line
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue()


def ratio(part: int | None, whole: int | None) -> str | None:
    """A share as tables write it: the double nearest to it; None where either is unknown or the whole is 0."""
    return None if part is None or not whole else str(part / whole)


def boolean(value: bool) -> str:
    """A truth value as tables write it."""
    return "true" if value else "false"


def half_up(numerator: int, denominator: int) -> int:
    """The quotient to the nearest whole number, halves away from zero. The denominator is positive."""
    quotient = (2 * abs(numerator) + denominator) // (2 * denominator)
    return quotient if numerator >= 0 else -quotient


def millionths(text: str) -> int:
    """Decimal text with at most six places, in millionths. Raises ValueError where it has more."""
    scaled = Decimal(text).scaleb(6)
    if scaled != int(scaled):
        raise ValueError(f"more than six places: {text}")
    return int(scaled)


def added(values: Iterable[int | None]) -> int | None:
    """The sum; unknown (None) if any part is."""
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total
