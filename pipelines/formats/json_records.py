"""JSON records of a file, whatever its size: JSON lines, a list at the top, or a list within a document.

What a record means is a format's own business. Numbers stay exact: integers are int, all others Decimal. A document
that breaks off gives the records before the break and one that says so.
"""

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import ijson
import polars as pl

from pipelines.formats.base import ReadContext, Tally, Texts, cut_raw, flag, unreadable
from pipelines.formats.lines import BOM, read_head, read_lines
from pipelines.formats.lines import RULES as LINE_RULES

BATCH = 20_000
MAX_ITEM = 16 << 20
MAX_DEPTH = 200

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
}


@dataclass(frozen=True)
class Record:
    """One record: its place (line number, or position in the list from 1), its text, its content.

    `document` is None where `fault` names the rule that the record breaks.
    """

    row: int
    raw: str
    document: dict[str, Any] | None
    fault: str | None = None


class _TooLong(Exception):
    """A single item of a document is longer than may be."""


class _Guarded:
    """A stream that refuses to read on when too much was read since the last item."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self.stream, self.since = stream, 0

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size)
        self.since += len(data)
        if self.since > MAX_ITEM:
            raise _TooLong
        return data


def read_documents(
    path: Path, rules: Mapping[str, Texts], tally: Tally, lists: Sequence[str] = ()
) -> Iterator[list[Record]]:
    """Batches of records; books every one of them as read, and blank lines as set aside.

    `lists` are the places (such as `jobs` or `Response.DetailSet`) at which a document may hold its list, tried in
    turn; a document that has none of them is one record itself. Raises Unreadable before the first batch.
    """
    head = read_head(path, rules).lstrip()
    if head[:1] not in {b"{", b"["}:
        raise unreadable(rules, "file.format")
    whole = _place(path, lists)
    batches = _items(path, whole) if whole is not None else _lines(path, tally)
    for batch in batches:
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
            document = document[key] if isinstance(document, list) and -len(document) <= key < len(document) else None
        else:
            document = document.get(key) if isinstance(document, dict) else None
    return document


def text_of(value: Any) -> str | None:
    """A JSON value as text: numbers with all their digits, lists and objects as JSON, null as None."""
    if value is None:
        return None
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f") if -40 < value.adjusted() < 40 and len(value.as_tuple().digits) < 80 else str(value)
    return str(value) if isinstance(value, int) else json_text(value)


def json_text(value: Any) -> str:
    """A value as one line of JSON, its keys in the order as sent."""
    text = json.dumps(value, ensure_ascii=False, default=str, separators=(",", ":"))
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def parse(text: str | bytes) -> tuple[Any, str | None]:
    """A JSON text's value, or None with the rule that it breaks."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant), None
    except RecursionError:
        return None, "record.too_deep"
    except ValueError as error:
        return None, "record.too_deep" if "integer string conversion" in str(error) else "record.json"


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _lines(path: Path, tally: Tally) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for frame in read_lines(path):
        for row, line, fault in frame.iter_rows():
            if not line.strip() and fault is None:
                tally.records_read += 1
                tally.put_aside("blank line", 1)
                continue
            batch.append(_of_line(row, line, fault))
            if len(batch) >= BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def _of_line(row: int, line: str, fault: str | None) -> Record:
    if fault is not None and fault != "record.truncated":
        return Record(row, line, None, fault)
    document, broken = parse(line)
    if broken is None and isinstance(document, dict):
        return Record(row, line, document)
    return Record(row, line, None, fault or broken or "record.json")


def _place(path: Path, lists: Sequence[str]) -> str | None:
    """The ijson prefix of the records of a document; None where the file is JSON lines."""
    with path.open("rb") as stream:
        stream.seek(len(BOM) if stream.read(len(BOM)) == BOM else 0)
        start = stream.tell()
        first = next((line for line in iter(lambda: stream.readline(MAX_ITEM), b"") if line.strip()), b"")
        if first.lstrip()[:1] == b"[":
            return "item"
        document, broken = parse(first) if len(first) < MAX_ITEM else (None, "record.json")
        more = bool(stream.readline(64).strip())
        if broken is None and isinstance(document, dict) and more:
            return None
        for place in lists:
            stream.seek(start)
            if _has_list(stream, place):
                return f"{place}.item"
    return None if broken is None and isinstance(document, dict) else ""


def _has_list(stream: io.BufferedReader, place: str) -> bool:
    """Whether a document holds a list at a place; reading stops where it is found or the document breaks."""
    try:
        return any(
            event == "start_array" and prefix == place for prefix, event, _ in ijson.parse(_Guarded(stream))
        )
    except (ijson.JSONError, _TooLong, ValueError, OverflowError):
        return False


def _items(path: Path, prefix: str) -> Iterator[list[Record]]:
    """The items at a prefix in batches; what stops the reading is one faulty record after them."""
    batch: list[Record] = []
    row = 0
    with path.open("rb") as stream:
        stream.seek(len(BOM) if stream.read(len(BOM)) == BOM else 0)
        guarded = _Guarded(stream)
        items = ijson.items(guarded, prefix)
        while True:
            row += 1
            try:
                item = next(items, _END)
            except (ijson.JSONError, _TooLong, ValueError, OverflowError, RecursionError) as error:
                fault = "record.too_long" if isinstance(error, _TooLong) else "record.json"
                batch.append(Record(row, f"{path.name}: {error}"[:200], None, fault))
                break
            if item is _END:
                break
            guarded.since = 0
            batch.append(_of_item(row, item))
            if len(batch) >= BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


_END = object()


def _of_item(row: int, item: Any) -> Record:
    try:
        raw = json_text(item)
    except (RecursionError, ValueError):
        return Record(row, "", None, "record.too_deep")
    return Record(row, raw, item) if isinstance(item, dict) else Record(row, raw, None, "record.json")
