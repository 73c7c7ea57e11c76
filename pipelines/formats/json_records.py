"""JSON records of a file, whatever its size: JSON lines, a list at the top, or a list within a document.

What a record means is a format's own business. Numbers stay exact: integers are int, all others Decimal. A document
that breaks off gives the records before the break and one that says so. Finding values in a text is in `json_scan`,
what a value is in `json_values`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.formats.base import RAW_LIMIT, Tally, Texts, cut_raw, flag, unreadable
from pipelines.formats.json_scan import Beside, Place, Scanner, TooLong, members
from pipelines.formats.json_values import damage, json_text, parse, single_values, text_of
from pipelines.formats.lines import RULES as LINE_RULES
from pipelines.formats.lines import read_head, read_lines

__all__ = ["RULES", "Record", "at", "frame_of", "json_text", "parse", "read_documents", "text_of", "texts"]

BATCH = 20_000
BATCH_SIZE = 16 << 20
MAX_ITEM = 16 << 20
LINES_TRIED = 100
PAGE_TEXT = 4096

RULES: Mapping[str, Texts] = {
    **LINE_RULES,
    "file.format": (
        "The file is not the JSON that this format has.",
        "文件不是该格式应有的 JSON。",
    ),
    "record.json": (
        "The record is not a JSON object; it is damaged or cut off.",
        "该记录不是 JSON 对象，已损坏或被截断。",
    ),
    "record.too_deep": (
        "The record is nested deeper than 200 levels or holds a number of thousands of digits.",
        "该记录嵌套超过 200 层，或含有数千位的数字。",
    ),
    "record.too_long": (
        "The record is longer than 16 MiB; the file is probably damaged.",
        "该记录超过 16 MiB，文件可能已损坏。",
    ),
    "record.encoding": (
        "The record is not UTF-8; JSON has no other encoding.",
        "该记录不是 UTF-8 编码；JSON 不使用其他编码。",
    ),
}


@dataclass(frozen=True)
class Record:
    """One record: its place (line number, or position in the list from 1), its text, its content.

    `document` is None where `fault` names the rule that the record breaks. `page` holds what stands around the list
    that the record came from, if it was asked for: single values by their dotted path.
    """

    row: int
    raw: str
    document: dict[str, Any] | None
    fault: str | None = None
    page: Mapping[str, Any] = field(default_factory=dict)
    size: int = 0


def read_documents(
    path: Path,
    rules: Mapping[str, Texts],
    tally: Tally,
    lists: Sequence[str] = (),
    *,
    pages: bool = False,
) -> Iterator[list[Record]]:
    """Batches of records; books every one of them as read, and blank lines as set aside.

    `lists` are the places (such as `jobs` or `Response.DetailSet`) at which a document may hold its list, tried in
    turn; a document that has none of them is one record itself. A file may hold several such documents, one after
    the other, one per line, or in a list. With `pages`, records know what stands around their list.
    Raises Unreadable before the first batch.
    """
    head = read_head(path, rules).lstrip()
    if head[:1] not in {b"{", b"["}:
        raise unreadable(rules, "file.format")
    places = [tuple(place.split(".")) for place in lists]
    for batch in _batches(_records(path, tally, places, pages=pages)):
        tally.records_read += len(batch)
        yield batch


def frame_of(records: Sequence[Record]) -> pl.DataFrame:
    """The `_row` and `_raw` of records, with the flags of those that are faulty."""
    rows = pl.DataFrame(
        {
            "_row": pl.Series([each.row for each in records], dtype=pl.Int64),
            "_raw": cut_raw(pl.Series([each.raw for each in records], dtype=pl.String)),
        }
    )
    faults = pl.Series([each.fault for each in records], dtype=pl.String)
    for rule in faults.drop_nulls().unique(maintain_order=True):
        rows = flag(rows, rule, faults == rule)
    return rows


def texts(records: Sequence[Record], pick: Callable[[dict[str, Any]], Any]) -> pl.Series:
    """What `pick` finds in each record, as text; NULL in a faulty one."""
    found = [None if each.document is None else text_of(pick(each.document)) for each in records]
    return pl.Series(found, dtype=pl.String)


def at(document: Any, *keys: str | int) -> Any:
    """The value below a document by keys and positions; None where the path leads nowhere."""
    for key in keys:
        if isinstance(key, int):
            held = isinstance(document, list) and -len(document) <= key < len(document)
            document = document[key] if held else None
        else:
            document = document.get(key) if isinstance(document, dict) else None
    return document


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Records in lists that are bounded in number and in size."""
    batch: list[Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += record.size
        if len(batch) >= BATCH or size >= BATCH_SIZE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _records(path: Path, tally: Tally, places: Sequence[Place], *, pages: bool) -> Iterator[Record]:
    with Scanner(path, MAX_ITEM) as scanner:
        top = scanner.peek()
    if top == "[":
        return _unfolded(_walked(path, None, pages=False), places, pages=pages)
    if _is_lines(path):
        return _unfolded(_lines(path, tally), places, pages=pages)
    place = next((place for place in places if _holds(path, place)), ())
    if not place and _is_damaged_lines(path):
        return _unfolded(_lines(path, tally), places, pages=pages)
    return _walked(path, place, pages=pages)


def _first_lines(path: Path) -> Iterator[str]:
    """The lines that are not blank."""
    for frame in read_lines(path, block=1 << 20, limit=MAX_ITEM):
        yield from (line for line in frame["line"] if line.strip())


def _is_lines(path: Path) -> bool:
    """Whether the first line is a whole object, and not the only line."""
    first = list(islice(_first_lines(path), 2))
    return len(first) == 2 and isinstance(parse(first[0])[0], dict)


def _is_damaged_lines(path: Path) -> bool:
    """Whether the file is JSON lines of which the first is damaged: no document, but later lines are objects."""
    with Scanner(path, MAX_ITEM) as scanner:
        try:
            scanner.value()
        except (ValueError, TooLong, RecursionError):
            later = islice(_first_lines(path), 1, LINES_TRIED)
            return any(line.startswith("{") and isinstance(parse(line)[0], dict) for line in later)
    return False


def _holds(path: Path, place: Place) -> bool:
    """Whether a document holds a list at a place; the search ends where the document breaks, or soon enough."""
    with Scanner(path, MAX_ITEM, budget=MAX_ITEM) as scanner:
        with suppress(ValueError, TooLong, RecursionError):
            next(members(scanner, place, {}), None)
        return scanner.entered


def _lines(path: Path, tally: Tally) -> Iterator[Record]:
    for frame in read_lines(path, limit=MAX_ITEM):
        for row, line, fault in frame.iter_rows():
            if not line.strip() and fault is None:
                tally.records_read += 1
                tally.put_aside("blank line", 1)
            elif fault is not None and fault != "record.truncated":
                yield Record(row, line[: RAW_LIMIT + 1], None, fault)
            else:
                document, broken = parse(line)
                yield _record(row, line, document, fault if broken == "record.json" and fault else broken)


def _record(row: int, text: str, document: Any, fault: str | None) -> Record:
    if fault is None and not isinstance(document, dict):
        fault = "record.json"
    return Record(row, text[: RAW_LIMIT + 1], None if fault else document, fault, size=len(text))


def _unfolded(records: Iterable[Record], places: Sequence[Place], *, pages: bool) -> Iterator[Record]:
    """Records, or where one holds a list at a place, the items of that list in its stead."""
    further = 0
    for record in records:
        place = next((place for place in places if isinstance(at(record.document, *place), list)), None)
        if place is None:
            yield replace(record, row=record.row + further) if further else record
            continue
        items = at(record.document, *place)
        page = _page(record.document, place) if pages else {}
        for number, item in enumerate(items):
            each = _record(record.row + further + number, json_text(item), item, None)
            yield replace(each, page=page)
        further += len(items) - 1


def _page(document: Any, place: Place) -> dict[str, Any]:
    """The single values beside a list and beside what holds it, by their dotted path."""
    return _dotted({place[:depth]: at(document, *place[:depth]) for depth in range(len(place))})


def _dotted(beside: Beside) -> dict[str, Any]:
    return {
        ".".join((*above, key)): value
        for above, values in beside.items()
        for key, value in single_values(values, PAGE_TEXT).items()
    }


def _walked(path: Path, place: Place | None, *, pages: bool) -> Iterator[Record]:
    """The items at a place of every document in turn (None: of the list at the top; (): the documents themselves).

    What stops the reading is one faulty record after them.
    """
    around = _around(path, place) if pages and place else []
    row = 0
    with Scanner(path, MAX_ITEM) as scanner:
        document = 0
        while scanner.peek():
            items = members(scanner, place, {})
            page = around[document] if document < len(around) else {}
            document += 1
            try:
                for item, text, fault in items:
                    row += 1
                    yield replace(_record(row, text, item, fault), page=page)
            except (ValueError, TooLong, RecursionError) as error:
                fault = "record.too_long" if isinstance(error, TooLong) else damage(error)
                yield Record(row + 1, scanner.excerpt(), None, fault)
                return


def _around(path: Path, place: Place) -> list[dict[str, Any]]:
    """What stands around the list of each document of a file, as far as it can be read."""
    found: list[dict[str, Any]] = []
    with Scanner(path, MAX_ITEM) as scanner, suppress(ValueError, TooLong, RecursionError):
        while scanner.peek():
            beside: Beside = {}
            for _ in members(scanner, place, beside):
                pass
            found.append(_dotted(beside))
    return found
