"""From lines to records: fields under their columns, lines that belong together joined, every line accounted for.

Nothing is joined on a guess. Where only the last column can break, a line too short to be a record is a piece of
the one before; any other join must give a record whose fields all have their columns' forms.
"""

import polars as pl

from pipelines.formats.base import Tally
from pipelines.formats.slurm_jobs import JOB_ID
from pipelines.formats.slurm_sacct.align import align
from pipelines.formats.slurm_sacct.columns import NEEDED
from pipelines.formats.slurm_sacct.layout import Layout, looks_right

MAX_PIECES = 1000
MAX_JOINED = 1 << 20
_JOB = rf"^(?:{JOB_ID})$"
_LINE = ("_at", "_row", "_raw", "_fault")


def needed_columns(layout: Layout) -> tuple[str, ...]:
    """Those of the layout's columns that a job record is made of."""
    return tuple(name for name in layout.columns if name in NEEDED)


def begins_plain(lines: pl.DataFrame, layout: Layout) -> bool:
    """Whether the first line is a whole record by itself, so that it continues nothing."""
    return bool(_split(lines.head(1), layout)["_plain"].all())


def hold_from(lines: pl.DataFrame, layout: Layout) -> int:
    """Where to cut a frame of lines so that the lines of the next frame can still be joined to what they continue."""
    tail = lines.tail(2 * MAX_PIECES)
    before = lines.height - tail.height
    plain = _split(tail, layout)["_plain"]
    if layout.breaks_at_end:
        return before + int(plain.arg_true()[-1]) if plain.any() else lines.height
    begins = pl.Series(_heads(tail["line"], layout)) if layout.begins_with_id else plain
    if not begins.any():
        return before
    last = int(begins.arg_true()[-1])
    return before + last + int(plain[last])


def assemble(lines: pl.DataFrame, layout: Layout, tally: Tally) -> pl.DataFrame:
    """Records of lines (`_row`, `line`, `_fault`): `_row`, `_raw`, `_fault` (NULL if sound), needed columns (String).

    Books all lines into the tally, and those that are folded into others or set aside.
    """
    tally.records_read += lines.height
    split = _split(lines, layout)
    plain = bool(split["_plain"].all())
    records = (split if plain else split.filter("_plain")).drop("_plain")
    if not plain:
        odd = _without_headers(split.filter(~pl.col("_plain")).select(_LINE), layout, tally)
        faulty, torn = odd.filter(pl.col("_fault").is_not_null()), odd.filter(pl.col("_fault").is_null())
        if layout.breaks_at_end:
            records, torn = _fold(records, torn, layout, tally)
        joined = _join(torn, layout, tally)
        records = pl.concat([records, joined, faulty], how="diagonal").sort("_at")
    return _mark_glued(records, layout).drop("_at")


def _split(lines: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """The lines with the needed columns and `_plain`: sound, as many fields as columns, free text allowed for."""
    width, delimiter = len(layout.columns), layout.delimiter
    text = pl.col("line").str.strip_suffix(delimiter) if layout.trailing else pl.col("line")
    last = pl.col("fields").struct.field(f"field_{width - 1}")
    fault = pl.col("_fault")
    cut = (fault == "record.truncated") if layout.end_proves_itself else pl.lit(False)
    plain = (fault.is_null() | cut) & last.is_not_null()
    if layout.trailing:
        plain = plain & pl.col("line").str.ends_with(delimiter)
    if not layout.only_last_is_free:
        plain = plain & ~last.str.contains(delimiter, literal=True)
    if layout.header is not None:
        plain = plain & (pl.col("line") != layout.header)
    if layout.joins and layout.begins_with_id:
        job_id = pl.col("fields").struct.field(f"field_{layout.columns.index('jobid')}")
        plain = plain & job_id.str.contains(_JOB)
    named = [
        pl.col("fields").struct.field(f"field_{place}").alias(name)
        for place, name in enumerate(layout.columns)
        if name in NEEDED
    ]
    return (
        lines.with_row_index("_at")
        .with_columns(text.str.splitn(delimiter, width).alias("fields"))
        .with_columns(plain.fill_null(False).alias("_plain"))
        .select(
            "_at",
            "_row",
            pl.col("line").alias("_raw"),
            _without(fault, cut & pl.col("_plain")),
            "_plain",
            *named,
        )
    )


def _without(fault: pl.Expr, forgiven: pl.Expr) -> pl.Expr:
    return pl.when(~forgiven.fill_null(False)).then(fault).alias("_fault")


def _without_headers(odd: pl.DataFrame, layout: Layout, tally: Tally) -> pl.DataFrame:
    """What remains without repeated headers, which are booked."""
    if layout.header is None:
        return odd
    repeated = (odd["_raw"] == layout.header) & odd["_fault"].is_null()
    tally.put_aside("repeated header", int(repeated.sum()))
    return odd.filter(~repeated)


def _fold(
    records: pl.DataFrame, torn: pl.DataFrame, layout: Layout, tally: Tally
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Gives pieces of a last column back to the record before them; returns the records and what is still torn.

    Blank lines belong to a name only between its pieces.
    """
    blank = torn["_raw"].str.strip_chars() == ""
    piece = pl.Series("piece", [not _is_head(line, layout) for line in torn["_raw"]], dtype=pl.Boolean)
    torn = torn.with_columns(blank.alias("blank"), piece)
    starts = pl.concat(
        [
            records.select("_at", owner=pl.col("_at").cast(pl.Int64)),
            torn.filter(~pl.col("piece")).select("_at", owner=pl.lit(-1, pl.Int64)),
        ]
    ).sort("_at")
    owned = torn.join_asof(starts, on="_at").with_columns(pl.col("owner").fill_null(-1))
    last = pl.col("_at").filter(~pl.col("blank")).max().over("owner")
    owned = owned.with_columns(
        found=pl.col("piece") & (pl.col("owner") >= 0) & (pl.col("_at") <= last).fill_null(False)
    )
    found = owned.filter("found")
    tally.folded += found.height
    texts = found.group_by("owner").agg(pl.col("_raw").sort_by("_at").str.join("\n").alias("more"))
    lost = pl.col("piece") & ~pl.col("blank")
    rest = owned.filter(~pl.col("found")).with_columns(_fault=pl.when(lost).then(pl.lit("record.fragment")))
    return _append(records, texts, layout.columns[-1]), rest.select(_LINE)


def _is_head(line: str, layout: Layout) -> bool:
    """Whether a line that is no plain record begins like one, as far as the job id at least."""
    fields = line.split(layout.delimiter)
    if len(fields) > len(layout.columns):
        return True
    return layout.columns.index("jobid") < len(fields) - 1 and looks_right(fields[:-1], layout.columns)


def _append(records: pl.DataFrame, texts: pl.DataFrame, last: str) -> pl.DataFrame:
    more = records.select(pl.col("_at").cast(pl.Int64)).join(
        texts, left_on="_at", right_on="owner", how="left", maintain_order="left"
    )["more"]
    added = pl.when(more.is_not_null()).then(pl.lit("\n") + more).otherwise(pl.lit(""))
    columns = [name for name in ("_raw", last) if name in records.columns]
    return records.with_columns((pl.col(name) + added).alias(name) for name in columns)


def _join(torn: pl.DataFrame, layout: Layout, tally: Tally) -> pl.DataFrame:
    """Joins runs of torn lines and aligns them, lines of too many fields too; what is not proven is faulty."""
    faulty = torn.filter(pl.col("_fault").is_not_null())
    torn = torn.filter(pl.col("_fault").is_null())
    torn = torn.with_columns(pl.Series("run", _runs(torn, layout), dtype=pl.Int64))
    left = torn.filter(pl.col("run").is_null()).with_columns(_fault=pl.lit("record.fields"))
    blank = left["_raw"].str.strip_chars() == ""
    tally.put_aside("blank line", int(blank.sum()))
    left = left.filter(~blank)
    runs = torn.drop_nulls("run").group_by("run", maintain_order=True)
    whole = runs.agg(pl.col("_at", "_row").first(), pl.col("_raw").str.join("\n"), pl.len().alias("lines"))
    text = whole["_raw"].str.strip_suffix(layout.delimiter) if layout.trailing else whole["_raw"]
    aligned = align(text, layout.columns, layout.delimiter, needed_columns(layout))
    whole = whole.hstack(aligned)
    proven = whole.filter(pl.col("_ways") == 1)
    tally.folded += int(proven["lines"].sum()) - proven.height
    reasons = whole.filter(pl.col("_ways") != 1).select(
        "run",
        _fault=pl.when(pl.col("_ways") == 0)
        .then(pl.lit("record.fields"))
        .otherwise(pl.lit("record.ambiguous")),
    )
    refused = torn.drop("_fault").join(reasons, on="run")
    records = proven.drop("run", "lines", "_ways")
    return pl.concat([records, *(part.select(_LINE) for part in (refused, left, faulty))], how="diagonal")


def _runs(torn: pl.DataFrame, layout: Layout) -> list[int | None]:
    """For each torn line the run that it may belong to: lines without a gap that together have enough delimiters."""
    wanted = len(layout.columns) - 1 + layout.trailing
    heads = _heads(torn["_raw"], layout)
    counts = torn["_raw"].str.count_matches(layout.delimiter, literal=True).to_list()
    ends = torn["_raw"].str.ends_with(layout.delimiter).to_list()
    places, sizes = torn["_at"].to_list(), torn["_raw"].str.len_bytes().to_list()
    runs: list[int | None] = [None] * torn.height
    start, total, size = 0, 0, 0
    for i, (place, count) in enumerate(zip(places, counts, strict=True)):
        alone = count >= wanted and (ends[i] or not layout.trailing) and heads[i]
        gap = i > start and place != places[i - 1] + 1
        if i == start and not sizes[i]:
            start = i + 1
            continue
        if gap or alone or not layout.joins or i - start >= MAX_PIECES or size > MAX_JOINED:
            start, total, size = i, 0, 0
        total, size = total + count, size + sizes[i]
        if total >= wanted and (ends[i] or not layout.trailing):
            runs[start : i + 1] = [start] * (i + 1 - start)
            start, total, size = i + 1, 0, 0
    return runs


def _heads(lines: pl.Series, layout: Layout) -> list[bool]:
    """Which lines begin like a record, as far as that can be told."""
    if not layout.begins_with_id:
        return [True] * len(lines)
    place = layout.columns.index("jobid")
    field = lines.str.splitn(layout.delimiter, place + 2).struct.field(f"field_{place}")
    return field.str.contains(_JOB).fill_null(False).to_list()


def _mark_glued(records: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Faults a record whose last column holds as many delimiters as a whole record."""
    last = layout.columns[-1]
    if not layout.only_last_is_free or last not in records.columns:
        return records
    inside = pl.col(last).str.count_matches(layout.delimiter, literal=True) >= len(layout.columns) - 1
    if not records.select(pl.col(last).str.contains(layout.delimiter, literal=True).any()).item():
        return records
    glued = pl.col("_fault").is_null() & inside
    return records.with_columns(
        pl.when(glued).then(pl.lit("record.glued")).otherwise("_fault").alias("_fault")
    )
