"""Bills in FOCUS (FinOps Open Cost and Usage Specification), CSV or Parquet, versions 1.0 to 1.4: one charge per row.

Amounts stay the text that was sent. Columns that the dataset has no place for are kept as JSON in `native`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipelines.formats.base import Format, ReadContext, Tally, Texts, boolean_option, flag, unreadable
from pipelines.formats.bill_records import (
    KEY,
    NOTHING,
    Ordinals,
    line_ids,
    month_of,
    native,
    nothing,
    tidy_times,
)
from pipelines.formats.csv_records import CARRIED, first_names, read_header, read_records, with_flags
from pipelines.formats.csv_records import RULES as CSV_RULES
from pipelines.formats.focus import parquet
from pipelines.formats.focus.columns import (
    IDENTITY,
    LINE_IDS,
    TEXTS,
    TIMES,
    is_ambiguous,
    is_foreign,
    lacking,
)
from pipelines.formats.times import read_instants, zone_option

__all__ = ["FORMAT", "RULES"]

RULES: Mapping[str, Texts] = {
    **CSV_RULES,
    **parquet.RULES,
    **{
        f"{column}.unreadable": (
            f"{name} is not a time such as 2026-03-01T00:00:00Z or 2026-03-01 00:00:00.",
            f"{name} 不是时间（如 2026-03-01T00:00:00Z 或 2026-03-01 00:00:00）。",
        )
        for column, name in TIMES.items()
    },
    **{
        f"{column}.nonexistent": (
            f"{name} does not exist in the zone that the delivery names: a clock change skips it.",
            f"{name} 在交付所指时区中不存在（被夏令时跳过）。",
        )
        for column, name in TIMES.items()
    },
}
OPTIONS = {
    "tax_included": "true or false: whether the amounts include tax, where the bill does not say",
    "line_id": "the column that identifies a line, if it is none of " + ", ".join(LINE_IDS),
    "time_zone": "the zone of times without an offset; UTC without it, as FOCUS demands",
    "encoding": "utf-8 or gb18030",
    "delimiter": "what stands between the fields, if it is no comma: tab, semicolon or one character",
}


@dataclass(frozen=True)
class _Bill:
    """What holds for all lines of one file."""

    names: tuple[str, ...]
    zone: str
    tax: bool | None
    line_id: str | None
    seen: Ordinals = field(default_factory=Ordinals)


def sniff(head: bytes) -> bool:
    """Whether the first line has FOCUS's needed columns.

    A Parquet file has its columns at its end: those of one that is longer than the head are not known, and it is
    taken for FOCUS, the only Parquet that is read; reading refuses it if it is none.
    """
    if head.startswith(parquet.MAGIC):
        found = parquet.names_in(head)
        return found is None or not lacking(found)
    names = first_names(head)
    return not lacking(names)


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of cloud charges; see `base.Format`."""
    packed = parquet.is_parquet(path)
    names = parquet.read_names(path, RULES) if packed else read_header(path, context, RULES)
    zone = zone_option(context, RULES, default="UTC")
    tax = boolean_option(context, RULES, "tax_included")
    _require(names)
    chosen = context.options.get("line_id", "")
    if chosen and chosen not in names:
        raise unreadable(RULES, "file.options", f"line_id is {chosen}, which is no column.")
    bill = _Bill(names, zone, tax, chosen or next((name for name in LINE_IDS if name in names), None))
    frames = (
        parquet.read_batches(path, names, RULES, tally)
        if packed
        else read_records(path, names, context, RULES, tally)
    )
    for records in frames:
        yield _rows(records, bill)


def _require(names: tuple[str, ...]) -> None:
    if is_foreign(names):
        raise unreadable(RULES, "file.format")
    missing = lacking(names)
    if missing or is_ambiguous(names):
        said = ", ".join(missing) or "each name once"
        raise unreadable(RULES, "file.columns", f"It lacks {said}.", f"缺少：{said}。")


def _rows(records: pl.DataFrame, bill: _Bill) -> pl.DataFrame:
    faults = records["_fault"]
    absent = pl.all().exclude(CARRIED).is_in(NOTHING)
    records = records.with_columns(pl.when(~absent).then(pl.all().exclude(CARRIED)))
    texts = {column: [name for name in given if name in bill.names] for column, given in TEXTS.items()}
    placed = {given[0] for given in texts.values() if given} | {*TIMES.values(), bill.line_id}
    given = records[bill.line_id] if bill.line_id else nothing(records.height)
    identity = records.select(name for name in IDENTITY if name in records.columns)
    rows = records.select(
        "_row",
        "_raw",
        *(pl.coalesce(given).alias(column) for column, given in texts.items() if given),
        line_ids(given, identity).alias("line_id"),
        pl.lit(bill.tax, pl.Boolean).alias("tax_included"),
        native(records, bill.names, placed).alias("native"),
    )
    for column, name in TIMES.items():
        if name in bill.names:
            times = read_instants(tidy_times(records[name]), bill.zone)
            rows = rows.with_columns(times.earliest.alias(column))
            rows = flag(rows, f"{column}.unreadable", times.unreadable)
            rows = flag(rows, f"{column}.nonexistent", times.nonexistent)
    rows = rows.with_columns(month_of(rows["billing_period_start"]).alias("billing_period"))
    rows = rows.with_columns(bill.seen.number(rows.select(KEY), faults.is_null()).alias("line_ordinal"))
    return with_flags(rows, faults)


FORMAT = Format("focus", ("cloud_charges",), OPTIONS, sniff, read, RULES)
