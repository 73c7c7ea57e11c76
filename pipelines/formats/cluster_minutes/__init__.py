"""A GPU cluster counted as a whole, as CSV: running and idle cards by the minute, or the cards of its pools by the day.

The minutes are one instance of kind cluster: what all its jobs together held in each minute. An interval ends because
the next minute is counted anew, so that its state is RESIZED. The totals, by minute or by day, are capacity: a
statement where a pool's total changes; counts that repeat it are folded. Both know cards alone, the feed says the rest.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipelines.formats.base import Format, ReadContext, Tally, flag, unreadable
from pipelines.formats.cluster_minutes.capacity import declared, statements
from pipelines.formats.cluster_minutes.rules import RULES
from pipelines.formats.csv_records import header_names, read_header, read_records, with_flags
from pipelines.formats.times import read_instants, zone_option

__all__ = ["FORMAT", "RULES"]

MINUTES = ("time", "running_gpu_num", "idle_gpu_num", "total_gpu_num")
DAY, TOTAL = "date", "total"
AMBIGUOUS = "ambiguous local time"
_CARDS = r"^[0-9]{1,8}$"
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

OPTIONS = {
    "cluster": "the cluster's name, which is its instance and its pool; the site's id without it",
    "model": "the model of the cards",
    "compute_class": "for capacity: the compute class of the pools",
    "cards_per_node": "for capacity: how many cards a node has",
    "cores_per_node": "for capacity: how many CPU cores a node has",
    "time_zone": "the zone of the times, if it is not the site's",
    "encoding": "utf-8 or gb18030",
    "delimiter": "what stands between the fields, if it is no comma: tab, semicolon or one character",
}


def sniff(head: bytes) -> bool:
    """Whether the first line names the counts of a minute, or pools between a date and a total with counts below."""
    first, _, rest = head.decode("utf-8", "replace").lstrip("\ufeff").partition("\n")
    names = header_names(first.strip())
    if set(MINUTES) <= set(names):
        return True
    row = header_names(rest.partition("\n")[0].strip())
    counts = len(row) == len(names) and all(field.isdecimal() for field in row[1:])
    return _is_days(names) and counts and row[0].count("-") == 2


def _is_days(names: tuple[str, ...]) -> bool:
    return len(names) > 2 and names[0] == DAY and names[-1] == TOTAL


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of instance records, or of capacity; see `base.Format`. A record is a minute, or a pool's day."""
    names = read_header(path, context, RULES)
    zone = zone_option(context, RULES)
    if len(set(names)) < len(names):
        raise unreadable(RULES, "file.columns", "It names a column twice.", "有列名重复。")
    is_minutes = set(MINUTES) <= set(names)
    if not is_minutes and (context.dataset != "capacity_inventory" or not _is_days(names)):
        raise unreadable(RULES, "file.format")
    if context.dataset == "instance_records":
        for records in read_records(path, names, context, RULES, tally):
            yield with_flags(_instances(records, context, zone, tally), records["_fault"])
        return
    pools = declared(context)
    lines = Tally()
    for records in read_records(path, names, context, RULES, lines):
        tally.records_read += int(records["_fault"].is_not_null().sum())
        yield from _faulty(records)
        sound = records.filter(pl.col("_fault").is_null())
        counts = _minutes(sound, context, zone) if is_minutes else _days(sound, names, zone)
        tally.records_read += counts.height
        yield statements(counts, pools, tally)
    tally.records_read += lines.folded + sum(lines.set_aside.values())
    tally.folded += lines.folded
    for name, count in lines.set_aside.items():
        tally.put_aside(name, count)


def _faulty(records: pl.DataFrame) -> Iterator[pl.DataFrame]:
    broken = records.filter(pl.col("_fault").is_not_null())
    if broken.height:
        yield with_flags(broken.select("_row", "_raw"), broken["_fault"])


def _cluster(context: ReadContext) -> str:
    return context.options.get("cluster") or context.site_id or context.source_id


def _cards(text: pl.Series) -> pl.Series:
    """A number of cards; NULL where there is none."""
    text = text.str.strip_chars()
    return text.set(~text.str.contains(_CARDS).fill_null(False), None).cast(pl.Int64)


def _instances(records: pl.DataFrame, context: ReadContext, zone: str, tally: Tally) -> pl.DataFrame:
    times = read_instants(records["time"].str.strip_chars(), zone)
    tally.label(AMBIGUOUS, int((times.earliest != times.latest).sum()))
    running, idle, total = (_cards(records[name]) for name in MINUTES[1:])
    rows = records.select(
        "_row",
        "_raw",
        pl.lit(context.site_id, pl.String).alias("site_id"),
        pl.lit(_cluster(context)).alias("instance_id"),
        times.earliest.alias("interval_start"),
        times.earliest.dt.offset_by("1m").alias("interval_end"),
        pl.lit("cluster").alias("instance_kind"),
        (running * 1000).alias("accelerator_milli"),
        pl.lit(context.options.get("model"), pl.String).alias("accelerator_model"),
        pl.lit("RESIZED").alias("state"),
    )
    broken = {
        "time.unreadable": times.unreadable,
        "time.nonexistent": times.nonexistent,
        "cards.unreadable": running.is_null() | idle.is_null() | total.is_null(),
        "cards.contradiction": running + idle != total,
    }
    for rule, flags in broken.items():
        rows = flag(rows, rule, flags)
    return rows


def _minutes(records: pl.DataFrame, context: ReadContext, zone: str) -> pl.DataFrame:
    """The cluster's total by the minute."""
    times = read_instants(records["time"].str.strip_chars(), zone)
    running, idle, total = (_cards(records[name]) for name in MINUTES[1:])
    return records.select(
        "_row",
        "_raw",
        times.earliest.alias("at"),
        pl.lit(_cluster(context)).alias("pool"),
        total.alias("cards"),
        (running.is_null() | idle.is_null() | total.is_null()).alias("bad_cards"),
        (running + idle != total).fill_null(False).alias("bad_total"),
        (times.unreadable | (times.earliest.is_null() & ~times.nonexistent)).alias("bad_time"),
        times.nonexistent.alias("bad_hour"),
    )


def _days(records: pl.DataFrame, names: tuple[str, ...], zone: str) -> pl.DataFrame:
    """The total of every pool by the day, from its midnight on."""
    day = records[DAY].str.strip_chars()
    midnight = pl.select(pl.when(day.str.contains(_DAY)).then(day + "T00:00:00").otherwise(day)).to_series()
    times = read_instants(midnight, zone)
    pools = names[1:-1]
    cards = records.select(_cards(records[name]).alias(name) for name in pools)
    total = _cards(records[TOTAL])
    checked = records.select("_row", "_raw").with_columns(
        times.earliest.alias("at"),
        (cards.sum_horizontal(ignore_nulls=False) != total).fill_null(False).alias("bad_total"),
        (times.unreadable | (times.earliest.is_null() & ~times.nonexistent)).alias("bad_time"),
        times.nonexistent.alias("bad_hour"),
    )
    long = checked.hstack(cards).with_columns(lost=total.is_null())
    return (
        long.unpivot(
            on=list(pools),
            index=["_row", "_raw", "at", "bad_total", "bad_time", "bad_hour", "lost"],
            variable_name="pool",
            value_name="cards",
        )
        .sort("_row", maintain_order=True)
        .with_columns(bad_cards=pl.col("cards").is_null() | pl.col("lost"))
        .drop("lost")
    )


FORMAT = Format("cluster_minutes", ("instance_records", "capacity_inventory"), OPTIONS, sniff, read, RULES)
