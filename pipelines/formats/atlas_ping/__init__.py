"""Ping results of RIPE Atlas probes as its documentation has them, firmware 1 to 5000 and later: JSON, a list or lines.

Round-trip times are milliseconds; -1 says that there is none. The probe prints more digits than it measures: times are
rounded to the nanosecond. Results of other measurements, and pings of which no packet left, are set aside.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.formats.base import Format, ReadContext, Tally, Texts, flag
from pipelines.formats.json_heads import opens_json, require_head
from pipelines.formats.json_records import RULES as JSON_RULES
from pipelines.formats.json_records import Record, frame_of, read_documents, text_of, texts
from pipelines.formats.times import INSTANT

__all__ = ["FORMAT", "RULES"]

KINDS = frozenset({"traceroute", "dns", "http", "ntp", "sslcert", "tlsscan", "wifi", "connection", "uptime"})
NANOSECOND = Decimal("0.001")
LATENCIES = {"min_us": "min", "avg_us": "avg", "max_us": "max"}
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_LONGEST = 30

RULES: Mapping[str, Texts] = {
    **JSON_RULES,
    "probed_at.unreadable": (
        "The time of the result (timestamp) is no number of seconds since 1970.",
        "结果时间（timestamp）不是自 1970 年起的秒数。",
    ),
}
OPTIONS = {
    "from_site_id": "the site where the probes stand, if all stand at one",
    "to_site_id": "the site that is probed, if it is one",
}


def sniff(head: bytes) -> bool:
    """Whether a JSON text holds results of probes."""
    return opens_json(head) and b'"prb_id"' in head and b'"msm_id"' in head


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of network probes; see `base.Format`."""
    require_head(path, RULES, sniff)
    for records in read_documents(path, RULES, tally):
        pings = [record for record in records if not _set_aside(record.document, tally)]
        if pings:
            yield _rows(pings, context)


def _set_aside(result: dict[str, Any] | None, tally: Tally) -> bool:
    """Books a result that is no ping, or a ping of which no packet was sent."""
    if result is None:
        return False
    kind = result.get("type", "ping")
    if kind != "ping":
        known = isinstance(kind, str) and kind in KINDS
        tally.put_aside(f"measurement of type {kind}" if known else "measurement of another type", 1)
        return True
    if result.get("sent") == 0 or ("sent" not in result and "dnserr" in result):
        tally.put_aside("ping of which no packet was sent", 1)
        return True
    return False


def _rows(pings: Sequence[Record], context: ReadContext) -> pl.DataFrame:
    sent = texts(pings, lambda result: result.get("timestamp"))
    seconds = sent.cast(pl.Int64, strict=False)
    seconds = pl.select(pl.when(seconds.is_between(0, 1 << 40)).then(seconds)).to_series()
    constant = {name: context.options.get(name) or None for name in OPTIONS}
    readable = pl.Series([record.document is not None for record in pings])
    rows = frame_of(pings).with_columns(
        texts(pings, lambda result: result.get("prb_id")).alias("probe_id"),
        texts(pings, _target).alias("target"),
        pl.from_epoch(seconds, time_unit="s").cast(INSTANT).alias("probed_at"),
        *(pl.lit(value, pl.String).alias(name) for name, value in constant.items()),
        texts(pings, lambda result: result.get("sent")).alias("sent"),
        texts(pings, lambda result: result.get("rcvd")).alias("received"),
        pl.Series([None, "round_trip"], dtype=pl.String).gather(readable.cast(pl.UInt32)).alias("basis"),
        *(_latency(pings, name).alias(column) for column, name in LATENCIES.items()),
        texts(pings, _method).alias("method"),
    )
    return flag(rows, "probed_at.unreadable", sent.is_not_null() & seconds.is_null())


def _target(result: dict[str, Any]) -> Any:
    """The address that was probed, or its name where it has none; older firmware calls them addr and name."""
    return next((result[name] for name in ("dst_addr", "addr", "dst_name", "name") if result.get(name)), None)


def _method(result: dict[str, Any]) -> str:
    protocol = text_of(result.get("proto") or result.get("mode")) or "icmp"
    return protocol.lower().removesuffix("4").removesuffix("6")


def _latency(pings: Sequence[Record], name: str) -> pl.Series:
    """A time in microseconds; what is no number stays as it was sent."""
    return texts(pings, lambda result: _microseconds(result.get(name)))


def _microseconds(value: Any) -> str | None:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | Decimal)
        or abs(Decimal(value).adjusted()) > _LONGEST
    ):
        return text_of(value)
    if value == -1:
        return None
    return format(_EXACT.quantize(_EXACT.multiply(Decimal(value), Decimal(1000)), NANOSECOND), "f")


FORMAT = Format("atlas_ping", ("network_probes",), OPTIONS, sniff, read, RULES)
