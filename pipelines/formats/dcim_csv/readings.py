"""Meter readings: one reading per row."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from pipelines.formats.base import ReadContext, Tally, flag
from pipelines.formats.csv_records import read_records, require_columns, with_flags
from pipelines.formats.dcim_csv.names import KINDS, READING_NAMES, TYPES, UNITS, columns_of
from pipelines.formats.dcim_csv.rules import RULES
from pipelines.formats.times import read_instants, zone_option

NEEDED = ("meter_id", "meter_kind", "reading_type", "read_at", "value", "unit")
_WORDS = {"meter_kind": KINDS, "reading_type": TYPES, "unit": UNITS}


def read_readings(
    path: Path, header: tuple[str, ...], context: ReadContext, tally: Tally
) -> Iterator[pl.DataFrame]:
    """Frames of facility readings."""
    zone = zone_option(context, RULES)
    names = columns_of(header, READING_NAMES)
    require_columns(header, names, NEEDED, RULES)
    for records in read_records(path, header, context, RULES, tally):
        yield _rows(records, names, context.site_id, zone, tally)


def _rows(
    records: pl.DataFrame, names: Mapping[str, str], site_id: str | None, zone: str, tally: Tally
) -> pl.DataFrame:
    times = read_instants(records[names["read_at"]].str.strip_chars(), zone)
    tally.label("ambiguous local time", int((times.earliest != times.latest).sum()))
    texts = [column for column in READING_NAMES if column in names and column != "read_at"]
    rows = records.select(
        "_row",
        "_raw",
        pl.lit(site_id, pl.String).alias("site_id"),
        times.earliest.alias("read_at"),
        *(pl.col(names[column]).str.strip_chars().alias(column) for column in texts),
    )
    rows = rows.with_columns(pl.col(column).replace(words) for column, words in _WORDS.items())
    rows = flag(rows, "read_at.unreadable", times.unreadable)
    rows = flag(rows, "read_at.nonexistent", times.nonexistent)
    return with_flags(rows, records["_fault"])
