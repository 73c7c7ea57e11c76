"""The sheets of an Excel workbook whose header fits a contract, row by row, their cells as text.

Read are .xlsx, .xlsm and .xls: the values that formulas last had, dates as 2026-03-01 or 2026-03-01 08:05:00, whole
numbers without a point, others with the fewest digits that mean them. The header is a sheet's first row that is not
empty; a title, one cell alone above it, is passed over. All visible sheets whose header fits are read, or the one that
option `sheet` names; rows of the others are set aside. A merged cell counts once, where it begins. In .xls the reader
does not tell errors from empty cells.
"""

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from data_contracts.contract import Contract
from pipelines.formats.base import ReadContext, Tally, Unreadable, cut_raw, flag, unreadable
from pipelines.formats.csv_records import with_flags
from pipelines.formats.table.archive import MAX_BYTES, MAX_CELLS, Place, error_cells
from pipelines.formats.table.header import column_names, require_columns
from pipelines.formats.table.rules import RULES

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BATCH = 20_000
MOST_ROWS = 1 << 20
_FIRST_PARTS = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/")
_OTHER_KINDS = tuple(name.encode("utf-16-le") for name in ("WordDocument", "PowerPoint Document"))
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_EXACT = 2**53
_SHOWN = 10**15

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class _Sheet:
    """A sheet that fits: its name, where its header is (rows and columns from 1), what its columns are."""

    name: str
    sheet: CalamineSheet
    header: int
    names: tuple[str, ...]
    errors: set[Place]
    offset: int


def is_workbook(head: bytes) -> bool:
    """Whether a file's first bytes are a workbook's, as far as they tell."""
    if head.startswith(OLE):
        return not any(kind in head for kind in _OTHER_KINDS)
    return head.startswith(ZIP) and head[30:].startswith(_FIRST_PARTS) and b"xl/" in head


def looks_packed(path: Path) -> bool:
    """Whether a file is to be opened as a workbook, be it one or not."""
    with path.open("rb") as stream:
        return stream.read(8).startswith((ZIP, OLE))


def read_sheets(path: Path, contract: Contract, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of `_row`, `_raw`, the contract's columns as text, and flags of cells that cannot be used.

    `_row` is the row in Excel; rows of a second sheet follow those of the first. Raises Unreadable before a frame.
    """
    sheets, others = _sheets(path, contract, context)
    tally.records_read += sum(others.values())
    for reason, rows in others.items():
        tally.put_aside(reason, rows)
    for sheet in sheets:
        yield from _frames(sheet, tally)


def _sheets(path: Path, contract: Contract, context: ReadContext) -> tuple[list[_Sheet], dict[str, int]]:
    """The sheets to read, and how many rows the others have, by why they are not read."""
    if path.stat().st_size > MAX_BYTES:
        raise unreadable(RULES, "file.too_large")
    with path.open("rb") as stream:
        packed = stream.read(len(ZIP)) == ZIP
    errors = error_cells(path) if packed else {}
    if not packed and _ENCRYPTED in path.read_bytes():
        raise unreadable(RULES, "file.encrypted")
    with path.open("rb") as stream:
        book = _tried(lambda: CalamineWorkbook.from_filelike(stream))
    chosen = context.options.get("sheet", "")
    if chosen and chosen not in book.sheet_names:
        raise unreadable(
            RULES, "file.options", f"The workbook has no sheet “{chosen}”.", f"工作簿中没有工作表“{chosen}”。"
        )
    found: list[_Sheet] = []
    refusals: list[Unreadable] = []
    others: dict[str, int] = {}
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = _tried(partial(book.get_sheet_by_name, meta.name))
        if sheet.total_height * max(sheet.total_width, 1) > MAX_CELLS * 2:
            raise unreadable(RULES, "file.too_large")
        fit = _fitting(sheet, contract, context, errors.get(meta.name, set()), MOST_ROWS * len(found))
        if chosen and meta.name != chosen:
            _count(others, "row of another sheet", sheet)
        elif isinstance(fit, Unreadable):
            refusals.append(fit)
            _count(others, "row of another sheet", sheet)
        elif fit is not None and meta.visible != SheetVisibleEnum.Visible and not chosen:
            _count(others, "row of a hidden sheet", sheet)
        elif fit is not None:
            found.append(fit)
    if not found:
        raise (
            refusals[0]
            if len(refusals) == 1
            else unreadable(RULES, "file.sheet" if refusals or others else "file.empty")
        )
    return found, others


def _tried(call: Callable[[], _Found]) -> _Found:
    """What the reader of workbooks gives; its failures, panics included, are the file's."""
    try:
        return call()
    except PasswordError as error:
        raise unreadable(RULES, "file.encrypted") from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise unreadable(RULES, "file.workbook") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise unreadable(RULES, "file.workbook") from error
        raise


def _fitting(
    sheet: CalamineSheet, contract: Contract, context: ReadContext, errors: set[Place], offset: int
) -> _Sheet | Unreadable | None:
    """The sheet with its columns; why its header does not fit; None if it is empty."""
    title = False
    for number, cells in _numbered(sheet):
        names = [text.strip() for text in map(_text, cells)]
        filled = [place for place, name in enumerate(names) if name]
        if not filled:
            continue
        if len(filled) == 1 and not title and len(names) > 1:
            title = True
            continue
        try:
            columns = dict(
                zip(filled, column_names([names[place] for place in filled], contract), strict=True)
            )
            require_columns(list(columns.values()), contract, context.site_id)
        except Unreadable as refusal:
            return refusal
        return _Sheet(
            sheet.name,
            sheet,
            number,
            tuple(columns.get(place, "") for place in range(len(names))),
            errors,
            offset,
        )
    return unreadable(RULES, "file.format") if title else None


def _numbered(sheet: CalamineSheet) -> Iterator[tuple[int, list[Any]]]:
    """A sheet's rows with their numbers in Excel; cells from column A on."""
    if sheet.start is None:
        return
    yield from enumerate(sheet.iter_rows(), 1)


def _count(others: dict[str, int], reason: str, sheet: CalamineSheet) -> None:
    rows = sum(any(cell != "" for cell in cells) for _, cells in _numbered(sheet))
    if rows:
        others[reason] = others.get(reason, 0) + rows


def _frames(sheet: _Sheet, tally: Tally) -> Iterator[pl.DataFrame]:
    batch: list[tuple[int, list[Any]]] = []
    for number, cells in _numbered(sheet.sheet):
        if number <= sheet.header:
            continue
        tally.records_read += 1
        if all(cell == "" or (isinstance(cell, str) and not cell.strip()) for cell in cells) and not any(
            (number, place) in sheet.errors for place in range(1, len(cells) + 1) if sheet.errors
        ):
            tally.put_aside("empty row", 1)
            continue
        batch.append((number, cells))
        if len(batch) >= BATCH:
            yield _frame(sheet, batch)
            batch = []
    if batch:
        yield _frame(sheet, batch)


def _frame(sheet: _Sheet, rows: Sequence[tuple[int, list[Any]]]) -> pl.DataFrame:
    texts = [[_text(cell) for cell in cells] for _, cells in rows]
    placed = {name: place for place, name in enumerate(sheet.names) if name}
    strange = [place for place, name in enumerate(sheet.names) if not name]
    raw = [
        f"sheet {sheet.name} row {number}: {' | '.join(cells).rstrip(' |')}"
        for (number, _), cells in zip(rows, texts, strict=True)
    ]
    frame = pl.DataFrame(
        [
            pl.Series("_row", [sheet.offset + number for number, _ in rows], dtype=pl.Int64),
            cut_raw(pl.Series("_raw", raw, dtype=pl.String)),
            *(
                pl.Series(name, [cells[place] for cells in texts], dtype=pl.String)
                for name, place in placed.items()
            ),
        ]
    )
    for name, place in placed.items():
        wrong = [(number, place + 1) in sheet.errors for number, _ in rows] if sheet.errors else [False]
        if any(wrong):
            frame = flag(frame, f"{name}.error_cell", pl.Series(wrong, dtype=pl.Boolean))
        lost = [_digits_lost(cells[place], name) for _, cells in rows]
        if any(lost):
            frame = flag(frame, f"{name}.digits", pl.Series(lost, dtype=pl.Boolean))
    astray = [any(cells[place].strip() for place in strange) for cells in texts]
    return with_flags(
        frame, pl.Series(["record.fields" if each else None for each in astray], dtype=pl.String)
    )


def _digits_lost(cell: Any, name: str) -> bool:
    """Whether a number is too long for Excel: beyond what is exact, or an identifier of more than 15 digits."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return False
    return abs(cell) >= (_SHOWN if name.endswith("_id") else _EXACT)


def _text(cell: Any) -> str:
    """A cell's value as text, exact."""
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float():
            number = Decimal(repr(cell))
            return str(int(cell)) if cell.is_integer() else format(number, "f")
        case datetime.datetime():
            return cell.isoformat(" ")
        case datetime.date() | datetime.time():
            return cell.isoformat()
        case _:
            return str(cell)
