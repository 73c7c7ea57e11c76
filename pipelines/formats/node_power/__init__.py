"""Hourly means of a GPU node as a query tool prints them: tab separated, newest first, with the tool's own trailer.

Columns are name, timestamp and the mean, least and greatest of power (W), temperature (degrees Celsius), utilisation
and memory utilisation (%) of its cards; the means are samples of the node, rounded half up to six decimals. Memory
in use is not said: a share is no amount. Times are local without a zone: an hour that comes twice is decided by the
order of the rows where that proves it, else the earlier one is taken and the row is labelled.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from pipelines.formats.base import Format, ReadContext, Tally, Texts, flag
from pipelines.formats.csv_records import RULES as CSV_RULES
from pipelines.formats.csv_records import first_names, read_header, read_records, require_columns, with_flags
from pipelines.formats.lines import HEAD
from pipelines.formats.times import read_instants, zone_option

__all__ = ["FORMAT", "RULES"]

NEEDED = ("name", "timestamp", "powerave")
VALUES = {"powerave": "power_w", "tempave": "temperature_c", "utilave": "utilisation_pct"}
TRAILER = r"^\(([0-9]{1,12}) rows? affected\)\s*$|^Completion time: |^-+(\t-+)*$"
AMBIGUOUS = "ambiguous local time"
MISSING = "rows fewer than the trailer says"
FURTHER = "rows more than the trailer says"
_EXACT = r"^-?[0-9]{1,15}(?:\.[0-9]{1,20})?$"
_ABSENT = ("", "NULL")

RULES: Mapping[str, Texts] = {
    **CSV_RULES,
    "sampled_at.unreadable": (
        "The time (timestamp) is not in the form 2026-03-01 08:00:00.000, with or without an offset.",
        "时间（timestamp）不是 2026-03-01 08:00:00.000 的形式（可带时区偏移）。",
    ),
    "sampled_at.nonexistent": (
        "The time (timestamp) does not exist in the feed's zone: a clock change skips it. Check --option time_zone.",
        "时间（timestamp）在数据的时区中不存在（被夏令时跳过），请检查 --option time_zone。",
    ),
}
OPTIONS = {
    "time_zone": "the zone of the times, if it is not the site's, such as America/New_York",
    "model": "the model of the node's cards",
    "encoding": "utf-8 or gb18030",
    "delimiter": "what stands between the fields, if it is no tab: comma, semicolon or one character",
}


def sniff(head: bytes) -> bool:
    """Whether the first line names a node's hourly means."""
    return {*NEEDED, "tempave", "utilave"} <= set(first_names(head, "\t"))


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of device samples; see `base.Format`. A record is a line after the header."""
    given = context.options.get("delimiter") or "tab"
    context = replace(context, options={**context.options, "delimiter": "," if given == "comma" else given})
    names = read_header(path, context, RULES)
    require_columns(names, names, NEEDED, RULES)
    zone = zone_option(context, RULES)
    proposed, falling = 0, None
    for records in _whole_hours(read_records(path, names, context, RULES, tally), zone, tally):
        proposed += records.height
        times = _times(records, zone)
        falling = _falling(times) if falling is None else falling
        yield _rows(records, names, context, _in_order(times, falling=falling), tally)
    said = _rows_said(path)
    if said is not None:
        tally.label(MISSING, max(0, said - proposed))
        tally.label(FURTHER, max(0, proposed - said))


def _rows_said(path: Path) -> int | None:
    """How many rows the query tool says that it printed, at the file's end."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - HEAD))
        lines = pl.Series(stream.read().decode("utf-8", "replace").split("\n"), dtype=pl.String)
    counts = lines.str.extract(TRAILER, 1).drop_nulls()
    return int(counts[-1]) if len(counts) else None


def _whole_hours(frames: Iterator[pl.DataFrame], zone: str, tally: Tally) -> Iterator[pl.DataFrame]:
    """The records without trailers, in frames that do not part an hour that comes twice."""
    held: pl.DataFrame | None = None
    for frame in frames:
        trailing = (frame["_fault"] == "record.fields") & frame["_raw"].str.contains(TRAILER)
        dashes = frame["_raw"].str.contains(r"^-+(\t-+)*$")
        is_trailer = (trailing | dashes).fill_null(False)
        tally.put_aside("trailer of the query tool", int(is_trailer.sum()))
        kept = frame.filter(~is_trailer)
        records = kept if held is None else pl.concat([held, kept])
        cut = _last_plain(records, zone)
        held = records.slice(cut)
        if cut:
            yield records.head(cut)
    if held is not None and held.height:
        yield held


def _last_plain(records: pl.DataFrame, zone: str) -> int:
    """Where the last run of rows begins that are in an hour that comes twice; the end where there is none."""
    times = read_instants(records["timestamp"].str.strip_chars(), zone, _ABSENT)
    plain = (times.earliest == times.latest).fill_null(True).arg_true()
    return int(plain[-1]) + 1 if len(plain) else records.height


def _times(records: pl.DataFrame, zone: str) -> pl.DataFrame:
    """The nodes and the instants that the times may mean, and what is wrong with them."""
    times = read_instants(records["timestamp"].str.strip_chars(), zone, _ABSENT)
    return pl.DataFrame(
        {
            "node": records["name"].str.strip_chars(),
            "earliest": times.earliest,
            "latest": times.latest,
            "unreadable": times.unreadable,
            "nonexistent": times.nonexistent,
        }
    )


def _rows(
    records: pl.DataFrame, names: tuple[str, ...], context: ReadContext, times: pl.DataFrame, tally: Tally
) -> pl.DataFrame:
    tally.label(AMBIGUOUS, int((~times["proven"]).sum()))
    rows = records.select(
        "_row",
        "_raw",
        pl.lit(context.site_id, pl.String).alias("site_id"),
        times["node"].alias("device_id"),
        times["node"].alias("node"),
        times["instant"].alias("sampled_at"),
        pl.lit(context.options.get("model"), pl.String).alias("model"),
        *(_rounded(name).alias(column) for name, column in VALUES.items() if name in names),
    )
    rows = flag(rows, "sampled_at.unreadable", times["unreadable"])
    rows = flag(rows, "sampled_at.nonexistent", times["nonexistent"])
    return with_flags(rows, records["_fault"])


def _rounded(name: str) -> pl.Expr:
    """A mean to six decimals, as text; what is no number stays as it is."""
    text = pl.col(name).str.strip_chars()
    text = pl.when(~text.is_in(list(_ABSENT))).then(text)
    number = pl.when(text.str.contains(_EXACT)).then(text).cast(pl.Decimal(38, 20), strict=False)
    rounded = number.round(6, mode="half_away_from_zero").cast(pl.Decimal(38, 6)).cast(pl.String)
    return pl.coalesce(rounded, text)


def _falling(rows: pl.DataFrame) -> bool | None:
    """Whether the rows of a node go back in time; None where that cannot be told."""
    steps = rows.select(pl.col("earliest").diff().over("node").dt.total_seconds().sign().sum()).item()
    return steps < 0 if steps else None


def _in_order(rows: pl.DataFrame, *, falling: bool | None) -> pl.DataFrame:
    """Per row the `instant`, and whether it is `proven`: rows of a node follow one another in time, up or down.

    Within an hour that comes twice, the later of two instants is proven by a row before that is no earlier than the
    first; the earlier one by a row after that cannot be later than the second.
    """
    same = pl.col("earliest").eq_missing(pl.col("latest"))
    if falling is None or not rows.select((~same).any()).item():
        return rows.with_columns(instant="earliest", proven=same)
    ordered = rows.with_row_index("at")
    if falling:
        ordered = ordered.reverse()
    before = pl.when(~same).then("earliest").cum_max().shift(1).over("node")
    after = pl.when(~same).then("latest").reverse().cum_min().shift(1).reverse().over("node")
    is_later = (before.is_between(pl.col("earliest"), pl.col("latest"))).fill_null(False)
    is_earlier = (after.is_between(pl.col("earliest"), pl.col("latest"))).fill_null(False)
    return (
        ordered.with_columns(
            instant=pl.when(is_later & ~is_earlier).then("latest").otherwise("earliest"),
            proven=same | (is_later != is_earlier),
        )
        .sort("at")
        .drop("at")
    )


FORMAT = Format("node_power", ("device_samples",), OPTIONS, sniff, read, RULES)
