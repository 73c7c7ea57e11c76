"""Excel workbooks for people: cells by type, the same bytes for the same cells. No knowledge of what they hold.

Every text is a text to Excel: one that begins like a formula is marked so that it stays inert when it is edited.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

MADE = datetime(2000, 1, 1)  # noqa: DTZ001
"""What a workbook says of when it was made: the clock must not be in its bytes."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
EXCEL_ROWS, EXACT = 1_048_576, 10**15
"""Excel holds that many rows, and whole numbers exactly below that one: others are written as text."""
HEAD: Mapping[str, Any] = {"bold": True, "text_wrap": True, "bg_color": "#DDE7F0"}
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@contextmanager
def workbook(target: Path | BinaryIO, title: str) -> Iterator["Sheets"]:
    """A workbook to add sheets to; it is written at the end."""
    from xlsxwriter import Workbook

    in_memory = not isinstance(target, Path)
    options = {**OPTIONS, "default_date_format": "yyyy-mm-dd", "in_memory": in_memory}
    with Workbook(target, options) as book:
        book.set_properties({"title": title, "created": MADE})
        yield Sheets(book)


class Sheets:
    """Sheets of a workbook, cell by cell by type."""

    def __init__(self, book: "Workbook") -> None:
        self.book = book
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def add(self, name: str, rows: Sequence[Sequence[Any]], heads: int) -> None:
        """A sheet of a table whose first rows stay in sight."""
        sheet = self.book.add_worksheet(name[:31])
        sheet.freeze_panes(heads, 0)
        for number, row in enumerate(rows[:EXCEL_ROWS]):
            for index, value in enumerate(row):
                self.cell(sheet, number, index, value, HEAD if number < heads else {})
        fit(sheet, rows)

    def cell(self, sheet: Any, row: int, column: int, value: Any, style: Mapping[str, Any]) -> None:
        """One value in one cell; nothing where there is neither a value nor a style."""
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value, self._format(style))
        elif _is_number(value):
            sheet.write_number(row, column, value, self._format(style))
        elif isinstance(value, date) and not isinstance(value, datetime):
            sheet.write_datetime(row, column, value, self._format(style))
        elif value is not None:
            text = text_of(value) or ""
            inert = {"quote_prefix": True} if text.startswith(FORMULA_STARTS) else {}
            sheet.write_string(row, column, text, self._format({**style, **inert}))
        elif style:
            sheet.write_blank(row, column, None, self._format(style))

    def _format(self, style: Mapping[str, Any]) -> "Format | None":
        """The book's format of a style, one for all cells that have it; None is the plain one."""
        key = tuple(sorted(style.items()))
        if not key:
            return None
        if key not in self._formats:
            self._formats[key] = self.book.add_format(dict(style))
        return self._formats[key]


def _is_number(value: Any) -> bool:
    if isinstance(value, Decimal):
        return len(value.as_tuple().digits) <= 15
    return isinstance(value, float) or (isinstance(value, int) and abs(value) < EXACT)


def fit(sheet: Any, rows: Sequence[Sequence[Any]]) -> None:
    """Makes columns as wide as their first texts, within reason."""
    for index in range(max((len(row) for row in rows), default=0)):
        widest = max((width(row[index]) for row in rows[:200] if index < len(row)), default=8)
        sheet.set_column(index, index, min(60, max(10, widest + 1)))


def text_of(value: Any) -> str | None:
    """A value as text: instants in UTC, decimals without exponent."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)


def width(value: Any) -> int:
    """How many narrow characters a value is wide."""
    text = text_of(value) or ""
    return sum(2 if ord(each) > 0x2E80 else 1 for each in text)
