"""Comma separated records (RFC 4180) of a file with a header, in bounded frames of text columns.

What a column means is a format's own business. A quoted value may hold line ends; a quote that is never closed
costs its own line only.
"""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import polars as pl

from pipelines.formats.base import ReadContext, Tally, Texts, cut_raw, flag, unreadable
from pipelines.formats.lines import HEAD, MAX_RECORD, encoding_option, read_head, read_lines
from pipelines.formats.lines import RULES as LINE_RULES

MAX_SPAN = 200
BLOCK = 8 << 20
CARRIED = ("_row", "_raw", "_fault")

RULES: Mapping[str, Texts] = {
    **LINE_RULES,
    "file.format": (
        "The file does not begin with the header that this format has.",
        "文件开头不是该格式应有的表头。",
    ),
    "file.columns": (
        "The header does not name the columns that are needed.",
        "表头缺少所需的列或含有未知的列。",
    ),
    "record.fields": (
        "The row does not have as many fields as the header; a comma inside a value needs quotes around it.",
        "该行字段数与表头不一致；值中含逗号时须用双引号括起。",
    ),
    "record.quotes": (
        'The quotes of the row do not pair; a quote inside a value is written twice ("").',
        '该行的双引号不成对；值中的双引号须写两遍（""）。',
    ),
}

csv.field_size_limit(MAX_RECORD)


def read_header(path: Path, context: ReadContext, rules: Mapping[str, Texts]) -> tuple[str, ...]:
    """The names in the first line that is not blank; Unreadable if the file has none."""
    head = read_head(path, rules).decode(encoding_option(context, rules), "replace")
    line = next((line for line in head.split("\n") if line.strip()), "")
    names = header_names(line.removesuffix("\r"), delimiter_option(context)) if len(line) < HEAD - 4 else ()
    if not names:
        raise unreadable(rules, "file.format")
    if "" in names or set(names) & set(CARRIED):
        raise unreadable(rules, "file.columns", "A column has no name.", "有一列没有名称。")
    return names


def header_names(line: str, delimiter: str = ",") -> tuple[str, ...]:
    """The names in a header line, without spaces around them; none if it cannot be taken apart."""
    try:
        return tuple(name.strip() for name in next(csv.reader([line], delimiter=delimiter, strict=True), []))
    except csv.Error:
        return ()


def first_names(head: bytes, delimiter: str = ",") -> tuple[str, ...]:
    """The names in the first line of a file's first bytes; none if it cannot be taken apart."""
    return header_names(
        head.decode("utf-8", "replace").lstrip("\ufeff").partition("\n")[0].strip(), delimiter
    )


def require_columns(
    header: Sequence[str], known: Collection[str], needed: Sequence[str], rules: Mapping[str, Texts]
) -> None:
    """Raises Unreadable unless `known`, what the header's names mean, has all that is needed."""
    missing = [name for name in needed if name not in known]
    if len(missing) == len(needed):
        raise unreadable(rules, "file.format")
    refuse_lacking(header, missing, rules)


def refuse_lacking(header: Sequence[str], missing: Sequence[str], rules: Mapping[str, Texts]) -> None:
    """Raises Unreadable for a header with columns missing, or one that gives a name twice."""
    if missing or len(set(header)) < len(header):
        said = ", ".join(missing) or "each name once"
        raise unreadable(rules, "file.columns", f"It lacks {said}.", f"缺少：{said}。")


def delimiter_option(context: ReadContext) -> str:
    """The delimiter that the delivery names, else the comma."""
    given = context.options.get("delimiter", "")
    return {"tab": "\t", "\\t": "\t", "semicolon": ";"}.get(given, given)[:1] or ","


def read_records(
    path: Path, names: Sequence[str], context: ReadContext, rules: Mapping[str, Texts], tally: Tally
) -> Iterator[pl.DataFrame]:
    """Frames of `_row`, `_raw`, `_fault` (NULL if sound) and the header's columns (String; the empty text stays).

    Books every line after the header; lines of one record that follow its first are folded, blank ones set aside.
    """
    delimiter, encoding = delimiter_option(context), encoding_option(context, rules)
    waiting: list[_Line] = []
    for lines in _after_header(read_lines(path, encoding, block=BLOCK)):
        if not waiting and not lines["line"].str.contains_any(['"', "\r"]).any():
            yield _unquoted(lines, names, delimiter, tally)
            continue
        records, waiting = _group([*waiting, *lines.iter_rows()], len(names), delimiter, whole=False)
        yield _frame(records, names, delimiter, tally)
    records, _ = _group(waiting, len(names), delimiter, whole=True)
    if records:
        yield _frame(records, names, delimiter, tally)


def _after_header(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The lines after the first that is not blank."""
    awaited = True
    for lines in frames:
        filled = (lines["line"].str.strip_chars() != "").arg_true() if awaited else None
        if filled is None:
            yield lines
        elif len(filled):
            awaited = False
            yield lines.slice(filled[0] + 1)


def _unquoted(lines: pl.DataFrame, names: Sequence[str], delimiter: str, tally: Tally) -> pl.DataFrame:
    """Records of lines without any quote: every delimiter separates."""
    tally.records_read += lines.height
    kept = lines.filter(pl.col("_fault").is_not_null() | (pl.col("line").str.strip_chars() != ""))
    tally.put_aside("blank line", lines.height - kept.height)
    fields = kept["line"].str.splitn(delimiter, len(names)).struct.unnest()
    last = fields[f"field_{len(names) - 1}"]
    narrow_or_wide = last.is_null() | last.str.contains(delimiter, literal=True)
    fault = pl.coalesce("_fault", pl.when(narrow_or_wide).then(pl.lit("record.fields")))
    kept = kept.select("_row", cut_raw(kept["line"]).alias("_raw"), fault.alias("_fault"))
    fields.columns = list(names)
    sound = kept["_fault"].is_null()
    return kept.hstack(fields if sound.all() else fields.select(pl.when(sound).then(pl.all())))


_Line = tuple[int, str, str | None]
_Record = tuple[int, str, str | None, int]


def _group(
    lines: Sequence[_Line], width: int, delimiter: str, *, whole: bool
) -> tuple[list[_Record], list[_Line]]:
    """Records (row, text, fault, lines) of lines, and the lines of one that is still open if more are to come."""
    records: list[_Record] = []
    place = 0
    while place < len(lines):
        row, text, fault = lines[place]
        span = 1
        if fault is None and text.count('"') % 2:
            span = _span(lines, place)
            if not span and not whole and len(lines) - place < MAX_SPAN:
                return records, list(lines[place:])
            joined = "\n".join(line for _, line, _ in lines[place : place + span])
            if span and len(_parse_one(joined, delimiter) or ()) == width:
                text = joined
            else:
                fault, span = "record.quotes", 1
        records.append((row, text, fault, span))
        place += span
    return records, []


def _span(lines: Sequence[_Line], start: int) -> int:
    """How many lines from `start` on have an even number of quotes together; 0 if none within reach do."""
    quotes = 0
    for length, (_, text, fault) in enumerate(islice(lines, start, start + MAX_SPAN), 1):
        if fault is not None:
            return 0
        quotes += text.count('"')
        if quotes % 2 == 0:
            return length
    return 0


def _parse_one(text: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), None)
    except csv.Error:
        return None


def _parse(texts: Sequence[str], delimiter: str) -> list[list[str] | None]:
    """The fields of each text; None for one whose quotes do not pair."""
    parsed: list[list[str] | None] = []
    while len(parsed) < len(texts):
        start = len(parsed)
        reader = csv.reader(islice(texts, start, None), delimiter=delimiter, strict=True)
        try:
            for taken, fields in enumerate(reader, 1):
                if reader.line_num != taken:
                    parsed.append(None)
                    break
                parsed.append(fields)
        except csv.Error:
            parsed.append(None)
    return parsed


def _frame(records: Sequence[_Record], names: Sequence[str], delimiter: str, tally: Tally) -> pl.DataFrame:
    tally.records_read += sum(span for *_, span in records)
    tally.folded += sum(span - 1 for *_, span in records)
    kept = [record for record in records if record[1].strip() or record[2]]
    tally.put_aside("blank line", len(records) - len(kept))
    sound = [text for _, text, fault, _ in kept if fault is None]
    parsed = iter(_parse(sound, delimiter))
    nothing: list[None] = [None] * len(names)
    faults: list[str | None] = []
    values: list[list[str] | list[None]] = []
    for *_, fault, _ in kept:
        fields = next(parsed) if fault is None else None
        if fault is None and fields is None:
            faults.append("record.quotes")
        elif fields is not None and len(fields) != len(names):
            faults.append("record.fields")
            fields = None
        else:
            faults.append(fault)
        values.append(nothing if fields is None else fields)
    columns = zip(*values, strict=True) if values else [()] * len(names)
    return pl.DataFrame(
        [
            pl.Series("_row", [row for row, *_ in kept], dtype=pl.Int64),
            cut_raw(pl.Series("_raw", [text for _, text, *_ in kept], dtype=pl.String)),
            pl.Series("_fault", faults, dtype=pl.String),
            *(pl.Series(name, column, dtype=pl.String) for name, column in zip(names, columns, strict=True)),
        ]
    )


def with_flags(rows: pl.DataFrame, faults: pl.Series) -> pl.DataFrame:
    """The rows with a `!<rule>` for each fault among them; of a faulty row nothing else is said."""
    if faults.null_count() == len(faults):
        return rows
    rows = rows.with_columns(pl.when(faults.is_null()).then(pl.all().exclude("_row", "_raw")))
    for rule in faults.drop_nulls().unique(maintain_order=True):
        rows = flag(rows, rule, faults == rule)
    return rows
