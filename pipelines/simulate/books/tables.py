"""Tables of expected figures as values, and integer arithmetic that all of them share."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

Value = str | int | bool | None
MILLION = 1_000_000


@dataclass(frozen=True)
class Table:
    """A table: its columns, and its rows sorted by their values."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Value, ...]]

    @classmethod
    def of(cls, name: str, columns: str, rows: Iterable[tuple[Value, ...]]) -> "Table":
        """A table with columns given in one text, rows put in order."""
        return cls(name, tuple(columns.split()), sorted(rows, key=_order))

    def write(self, folder: Path) -> None:
        """CSV: an absent value is empty, truth values are true and false."""
        with (folder / f"{self.name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(self.columns)
            writer.writerows([[_text(value) for value in row] for row in self.rows])


def _order(row: tuple[Value, ...]) -> tuple[tuple[bool, bool, int, str], ...]:
    return tuple(
        (value is not None, isinstance(value, str), 0, value) if isinstance(value, str)
        else (value is not None, False, int(value or 0), "")
        for value in row
    )  # fmt: skip


def _text(value: Value) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


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
