"""Meter readings as a building's DCIM exports them: CSV, one reading per row, times local or with an offset."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from pipelines.formats.base import Format, ReadContext, Tally, Texts, flag, unreadable
from pipelines.formats.csv_records import RULES as CSV_RULES
from pipelines.formats.csv_records import header_names, read_header, read_records, with_flags
from pipelines.formats.times import read_instants, zone_option

__all__ = ["FORMAT", "RULES"]

NEEDED = ("meter_id", "meter_kind", "reading_type", "read_at", "value", "unit")
COLUMNS = (*NEEDED, "quality")

RULES: Mapping[str, Texts] = {
    **CSV_RULES,
    "read_at.unreadable": (
        "The time of the reading (read_at) is not in the form 2026-03-01 08:00:00, with or without an offset.",
        "读数时间（read_at）不是 2026-03-01 08:00:00 的形式（可带时区偏移）。",
    ),
    "read_at.nonexistent": (
        "The time of the reading (read_at) does not exist in the site's zone: a clock change skips it.",
        "读数时间（read_at）在站点时区中不存在（被夏令时跳过）。",
    ),
}
OPTIONS = {
    "time_zone": "the zone of times without an offset, if it is not the site's",
    "encoding": "utf-8 or gb18030",
    "delimiter": "what stands between the fields, if it is no comma: tab, semicolon or one character",
}


def sniff(head: bytes) -> bool:
    """Whether the first line names a meter's columns."""
    names = header_names(head.decode("utf-8", "replace").lstrip("\ufeff").partition("\n")[0].strip())
    return set(NEEDED) <= set(names)


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of facility readings; see `base.Format`."""
    names = read_header(path, context, RULES)
    zone = zone_option(context, RULES)
    missing = [name for name in NEEDED if name not in names]
    if len(missing) == len(NEEDED):
        raise unreadable(RULES, "file.format")
    if missing or len(set(names)) < len(names):
        lacking = ", ".join(missing) or "each name once"
        raise unreadable(RULES, "file.columns", f"It lacks {lacking}.", f"缺少：{lacking}。")
    for records in read_records(path, names, context, RULES, tally):
        yield _rows(records, names, context.site_id, zone, tally)


def _rows(
    records: pl.DataFrame, names: tuple[str, ...], site_id: str | None, zone: str, tally: Tally
) -> pl.DataFrame:
    times = read_instants(records["read_at"].str.strip_chars(), zone)
    tally.label("ambiguous local time", int((times.earliest != times.latest).sum()))
    texts = [name for name in COLUMNS if name in names and name != "read_at"]
    rows = records.select(
        "_row",
        "_raw",
        pl.lit(site_id, pl.String).alias("site_id"),
        times.earliest.alias("read_at"),
        *(pl.col(name).str.strip_chars() for name in texts),
    )
    rows = flag(rows, "read_at.unreadable", times.unreadable)
    rows = flag(rows, "read_at.nonexistent", times.nonexistent)
    return with_flags(rows, records["_fault"])


FORMAT = Format("dcim_csv", ("facility_readings",), OPTIONS, sniff, read, RULES)
