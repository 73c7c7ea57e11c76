"""Results of network probes as CSV, one result per row, in a form of our own.

Columns: probe_id, target, probed_at, sent, received; min, avg, max and jitter with their unit (_us, _ms or _s); basis
(one_way or round_trip), from_site_id, to_site_id and method where they are known. Headers may be Chinese. A result
without an answer has received 0 and no latency: it is a lost probe, never a latency of zero.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from data_contracts.contract import load_contract
from pipelines.formats.base import Format, ReadContext, Tally, Texts, flag, unreadable
from pipelines.formats.csv_records import RULES as CSV_RULES
from pipelines.formats.csv_records import first_names, read_header, read_records, refuse_lacking, with_flags
from pipelines.formats.latencies import POWERS, microseconds
from pipelines.formats.times import read_instants, zone_option

__all__ = ["FORMAT", "RULES"]

NEEDED = ("probe_id", "target", "probed_at", "sent", "received")
OPTIONAL = ("from_site_id", "to_site_id", "basis", "method")
TIMES = ("min", "avg", "max", "jitter")
CHINESE = {
    "探针": "probe_id", "探针编号": "probe_id", "探测目标": "target", "目标": "target", "探测时间": "probed_at",
    "发送包数": "sent", "收到包数": "received", "起点节点": "from_site_id", "源节点": "from_site_id",
    "终点节点": "to_site_id", "目的节点": "to_site_id", "时延口径": "basis", "探测方法": "method",
    "最小时延": "min", "平均时延": "avg", "最大时延": "max", "抖动": "jitter",
}  # fmt: skip
BASES = {
    "单向": "one_way",
    "往返": "round_trip",
    "one-way": "one_way",
    "round-trip": "round_trip",
    "rtt": "round_trip",
}
_UNITS = {**{unit: unit for unit in POWERS}, "毫秒": "ms", "微秒": "us", "秒": "s", "μs": "us", "µs": "us"}

RULES: Mapping[str, Texts] = {
    **CSV_RULES,
    "probed_at.unreadable": (
        "The time of the probe (probed_at) is not in the form 2026-03-01 08:00:00, with or without an offset.",
        "探测时间（probed_at）不是 2026-03-01 08:00:00 的形式（可带时区偏移）。",
    ),
    "probed_at.nonexistent": (
        "The time of the probe (probed_at) does not exist in the sender's zone: a clock change skips it.",
        "探测时间（probed_at）在发送方时区中不存在（被夏令时跳过）。",
    ),
}
OPTIONS = {
    "basis": "one_way or round_trip, where there is no such column",
    "time_zone": "the zone of times without an offset, if it is not the source's",
    "encoding": "utf-8 or gb18030",
    "delimiter": "what stands between the fields, if it is no comma: tab, semicolon or one character",
}


def columns_of(header: Sequence[str]) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """The header's names by column, and for min, avg, max and jitter its name and unit."""
    plain: dict[str, str] = {}
    timed: dict[str, tuple[str, str]] = {}
    for name in header:
        text = name.strip().lower().replace("（", "(").replace("）", ")")
        stem, _, unit = text.removesuffix(")").rpartition("(" if text.endswith(")") else "_")
        column, stem = CHINESE.get(text, text), CHINESE.get(stem.strip(), stem.strip())
        if column in (*NEEDED, *OPTIONAL):
            plain.setdefault(column, name)
        elif stem in TIMES and unit in _UNITS:
            timed.setdefault(stem, (name, _UNITS[unit]))
    return plain, timed


def sniff(head: bytes) -> bool:
    """Whether the first line names a probe's columns and a latency with its unit."""
    names = first_names(head)
    plain, timed = columns_of(names)
    return set(NEEDED) <= set(plain) and bool(timed)


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of network probes; see `base.Format`."""
    header = read_header(path, context, RULES)
    plain, timed = columns_of(header)
    zone = zone_option(context, RULES)
    basis = context.options.get("basis", "")
    if basis and basis not in load_contract("network_probes").column("basis").codes:
        raise unreadable(RULES, "file.options", f"basis is {basis}, neither one_way nor round_trip.")
    _require(header, plain, timed, basis)
    for records in read_records(path, header, context, RULES, tally):
        yield _rows(records, plain, timed, zone, basis, tally)


def _require(
    header: Sequence[str], plain: Mapping[str, str], timed: Mapping[str, tuple[str, str]], basis: str
) -> None:
    missing = [name for name in NEEDED if name not in plain]
    if not plain or (len(missing) >= len(NEEDED) - 1 and not timed):
        raise unreadable(RULES, "file.format")
    if not {"min", "avg"} & set(timed):
        missing.append("avg_ms")
    if "basis" not in plain and not basis:
        missing.append("basis")
    refuse_lacking(header, missing, RULES)


def _rows(
    records: pl.DataFrame,
    plain: Mapping[str, str],
    timed: Mapping[str, tuple[str, str]],
    zone: str,
    basis: str,
    tally: Tally,
) -> pl.DataFrame:
    times = read_instants(records[plain["probed_at"]].str.strip_chars(), zone)
    tally.label("ambiguous local time", int((times.earliest != times.latest).sum()))
    rows = records.select(
        "_row",
        "_raw",
        times.earliest.alias("probed_at"),
        *(
            pl.col(name).str.strip_chars().alias(column)
            for column, name in plain.items()
            if column != "probed_at"
        ),
        *(microseconds(records[name], unit).alias(f"{column}_us") for column, (name, unit) in timed.items()),
    )
    said = pl.col("basis").replace(BASES) if "basis" in plain else pl.lit(basis)
    rows = rows.with_columns(said.alias("basis"))
    rows = flag(rows, "probed_at.unreadable", times.unreadable)
    rows = flag(rows, "probed_at.nonexistent", times.nonexistent)
    return with_flags(rows, records["_fault"])


FORMAT = Format("probe_csv", ("network_probes",), OPTIONS, sniff, read, RULES)
