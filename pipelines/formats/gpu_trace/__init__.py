"""Traces of training jobs as CSV: job_id, num_gpu, submit_time, duration, times in milliseconds from the trace's zero.

A trace says when a job was submitted, how many cards it held and for how long; it knows no users, no CPU cores, and
not when a job began. What it does not say is unknown: the contract rejects a job that ran without a start, and the
cores of one are unknown usage, unless the feed says what holds for all of its jobs (options `started` and
`cores_per_card`). The duration is that of all iterations, so that every job of a trace completed.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from pipelines.formats.base import Format, ReadContext, Tally, Texts, flag, unreadable
from pipelines.formats.csv_records import RULES as CSV_RULES
from pipelines.formats.csv_records import first_names, read_header, read_records, require_columns, with_flags
from pipelines.formats.times import read_instants, zone_option

__all__ = ["FORMAT", "RULES"]

NEEDED = ("job_id", "num_gpu", "submit_time", "duration")
TYPICAL = frozenset({"iterations", "iteration_time", "interval", "model_name"})
_MILLISECONDS = r"^[0-9]{1,14}$"
_LARGEST = 10_000_000

RULES: Mapping[str, Texts] = {
    **CSV_RULES,
    "file.epoch": (
        "The times of a trace count from its own zero; say when that was: --option epoch=2026-03-01T00:00:00+08:00.",
        "轨迹的时间从其自身零点起算；请说明该零点：--option epoch=2026-03-01T00:00:00+08:00。",
    ),
    "submit_time.unreadable": (
        "The time of submission (submit_time) is not a whole number of milliseconds from the trace's zero.",
        "提交时间（submit_time）不是自轨迹零点起的整数毫秒。",
    ),
    "elapsed_s.unreadable": (
        "The duration is not a whole number of milliseconds.",
        "时长（duration）不是整数毫秒。",
    ),
    "elapsed_s.fraction": (
        "The duration is not a whole number of seconds, so that it cannot be stated exactly.",
        "时长（duration）不是整数秒，无法精确表示。",
    ),
}
OPTIONS = {
    "epoch": "the instant from which the trace's times count; needed",
    "started": "submission, where all jobs of the trace began when they were submitted",
    "cores_per_card": "the CPU cores that the cluster gives with every card, where that is fixed",
    "cluster": "the cluster's name; the site's id without it",
    "accelerator_model": "the model of all cards of the cluster",
    "time_zone": "the zone of the epoch where it has no offset, if it is not the site's",
    "encoding": "utf-8 or gb18030",
    "delimiter": "what stands between the fields, if it is no comma: tab, semicolon or one character",
}


def sniff(head: bytes) -> bool:
    """Whether the first line names a trace's columns."""
    names = set(first_names(head))
    return set(NEEDED) <= names and bool(names & TYPICAL)


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of job records; see `base.Format`. A record is a line after the header."""
    names = read_header(path, context, RULES)
    require_columns(names, names, NEEDED, RULES)
    epoch = _epoch(context)
    started, cores = _started(context), _cores(context)
    for records in read_records(path, names, context, RULES, tally):
        yield with_flags(_rows(records, context, epoch, cores, started=started), records["_fault"])


def _epoch(context: ReadContext) -> int:
    """The trace's zero, in microseconds of the epoch."""
    text = pl.Series([context.options.get("epoch", "")], dtype=pl.String)
    instant = read_instants(text, zone_option(context, RULES)).earliest
    if instant.null_count():
        raise unreadable(RULES, "file.epoch")
    return int(instant.dt.epoch("us").item())


def _started(context: ReadContext) -> bool:
    value = context.options.get("started", "")
    if value not in {"", "submission"}:
        raise unreadable(
            RULES, "file.options", f"started is {value}; only submission can be said of all jobs."
        )
    return value == "submission"


def _cores(context: ReadContext) -> int | None:
    value = context.options.get("cores_per_card", "")
    if value and not (value.isdecimal() and value.isascii() and len(value) < 6):
        raise unreadable(RULES, "file.options", f"cores_per_card is {value}, which is no number of cores.")
    return int(value) if value else None


def _rows(
    records: pl.DataFrame, context: ReadContext, epoch: int, cores: int | None, *, started: bool
) -> pl.DataFrame:
    submitted, bad_submitted = _milliseconds(records["submit_time"])
    duration, bad_duration = _milliseconds(records["duration"])
    cards = records["num_gpu"].str.strip_chars()
    number = cards.cast(pl.Int64, strict=False)
    submit_time = pl.from_epoch(submitted * 1000 + epoch, time_unit="us").dt.replace_time_zone("UTC")
    elapsed = duration // 1000
    start = submit_time if started else submit_time.clear(len(submit_time))
    rows = records.select(
        "_row",
        "_raw",
        pl.lit(context.site_id, pl.String).alias("site_id"),
        pl.lit(context.options.get("cluster") or context.site_id or context.source_id).alias("cluster"),
        pl.col("job_id").str.strip_chars(),
        submit_time.alias("submit_time"),
        pl.lit(0, pl.Int64).alias("restart_no"),
        pl.lit("COMPLETED").alias("state"),
        start.alias("start_time"),
        (start + elapsed.cast(pl.Duration("ms")) * 1000).alias("end_time"),
        elapsed.alias("elapsed_s"),
        cards.alias("accelerators"),
        (number.set(~number.is_between(0, _LARGEST), None) * pl.lit(cores, pl.Int64)).alias("cpu_cores"),
        pl.lit(context.options.get("accelerator_model"), pl.String).alias("accelerator_model"),
    )
    rows = flag(rows, "submit_time.unreadable", bad_submitted)
    rows = flag(rows, "elapsed_s.unreadable", bad_duration)
    return flag(rows, "elapsed_s.fraction", duration % 1000 != 0)


def _milliseconds(text: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Whole milliseconds; and where there are none."""
    text = text.str.strip_chars()
    sound = text.str.contains(_MILLISECONDS).fill_null(False)
    value = text.set(~sound, None).cast(pl.Int64)
    return value, ~sound


FORMAT = Format("gpu_trace", ("job_records",), OPTIONS, sniff, read, RULES)
