"""Round-trip times between all pairs of nodes: as many lines as nodes, as many values in each, apart by tabs.

The file says neither the unit nor the time of its slice: the delivery does. A node's value for itself is no probe. A 0
or nothing for a pair may be a lost probe or none at all, and is never a latency: the delivery says which of the two, or
the pair is refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from pipelines.formats.base import Format, ReadContext, Tally, Texts, cut_raw, flag, unreadable
from pipelines.formats.latencies import NO_LATENCY, POWERS, microseconds
from pipelines.formats.lines import BOM, read_head, read_lines
from pipelines.formats.lines import RULES as LINE_RULES
from pipelines.formats.times import read_instants, zone_option

__all__ = ["FORMAT", "RULES"]

CELLS = 1 << 18
_VALUE = re.compile(r" *(?:[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?|NaN|nan|-|\*)? *")

RULES: Mapping[str, Texts] = {
    **LINE_RULES,
    "file.format": (
        "The file is no matrix of round-trip times: lines of numbers, apart by tabs.",
        "文件不是往返时延矩阵（每行为以制表符分隔的数字）。",
    ),
    "file.square": (
        "The matrix is not square, so it is not known which nodes its values are of.",
        "矩阵不是方阵，无法确定各值对应的节点。",
    ),
    "record.fields": (
        "The line does not have as many values as the matrix has lines.",
        "该行的值个数与矩阵行数不一致。",
    ),
    "record.absent": (
        "The pair has no round-trip time, or 0; say --option no_value=lost or no_value=absent.",
        "该节点对没有往返时延或为 0；请使用 --option no_value=lost（丢失）或 no_value=absent（未探测）说明。",
    ),
}
OPTIONS = {
    "unit": "s, ms or us: the unit of the values; needed",
    "probed_at": "when the pairs were probed; needed",
    "no_value": "lost or absent: what a 0, an empty or a negative value means",
    "nodes": "the nodes' names in their order, separated by commas; 1, 2, … without it",
    "sites": "the sites where the nodes stand, in their order, separated by commas; empty where one stands at none",
    "sent": "how many packets each value is of; 1 without it",
    "method": "how it was probed, such as icmp",
    "time_zone": "the zone of probed_at without an offset, if it is not the source's",
}


@dataclass(frozen=True)
class _Told:
    """What the delivery says of a matrix."""

    unit: str
    probed_at: datetime
    no_value: str
    nodes: pl.Series
    sites: pl.Series
    sent: str
    method: str | None


def sniff(head: bytes) -> bool:
    """Whether the first lines are the same number of values, apart by tabs."""
    lines = head.removeprefix(BOM).decode("utf-8", "replace").split("\n")[:3]
    rows = [line.removesuffix("\r").split("\t") for line in (lines[:-1] if len(lines) > 1 else lines)]
    whole = all(_VALUE.fullmatch(value) for row in rows for value in row)
    return (
        whole
        and len(rows[0]) > 1
        and len({len(row) for row in rows}) == 1
        and any(char.isdigit() for char in lines[0])
    )


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of network probes; see `base.Format`."""
    head = read_head(path, RULES)
    if not sniff(head):
        raise unreadable(RULES, "file.format")
    width, height = _size(path)
    if width != height:
        raise unreadable(
            RULES,
            "file.square",
            f"It has {height} lines of {width} values.",
            f"共 {height} 行，每行 {width} 个值。",
        )
    told = _told(context, width)
    place = 0
    for lines in read_lines(path):
        filled = (lines["line"].str.strip_chars() != "") | lines["_fault"].is_not_null()
        tally.records_read += lines.height - int(filled.sum())
        tally.put_aside("blank line", lines.height - int(filled.sum()))
        kept = lines.filter(filled)
        for part in kept.iter_slices(max(CELLS // width, 1)):
            yield from _rows(part, place, width, told, tally)
            place += part.height


def _size(path: Path) -> tuple[int, int]:
    """How many values the first line has, and how many lines there are."""
    width, height = 0, 0
    for lines in read_lines(path):
        filled = lines.filter((lines["line"].str.strip_chars() != "") | lines["_fault"].is_not_null())
        if not width and filled.height:
            width = len(filled["line"][0].split("\t"))
        height += filled.height
    return width, height


def _told(context: ReadContext, width: int) -> _Told:
    options = context.options
    zone = zone_option(context, RULES)
    unit = options.get("unit", "")
    if unit not in POWERS:
        raise _needed("unit", unit, "s, ms or us")
    probed_at = read_instants(pl.Series([options.get("probed_at", "").strip()]), zone).earliest[0]
    if probed_at is None:
        raise _needed("probed_at", options.get("probed_at", ""), "a time such as 2026-03-01T08:00:00Z")
    no_value = options.get("no_value", "")
    if no_value not in {"", "lost", "absent"}:
        raise _needed("no_value", no_value, "lost or absent")
    names = [name.strip() for name in options.get("nodes", "").split(",") if name.strip()]
    if names and (len(names) != width or len(set(names)) != width):
        raise _needed("nodes", f"{len(set(names))} names", f"{width} names")
    nodes = pl.Series(names or [str(number) for number in range(1, width + 1)], dtype=pl.String)
    places = [site.strip() or None for site in options["sites"].split(",")] if options.get("sites") else []
    if places and len(places) != width:
        raise _needed("sites", f"{len(places)} sites", f"{width} sites, some of them empty")
    sites = pl.Series(places or [None] * width, dtype=pl.String)
    sent, method = options.get("sent") or "1", options.get("method") or None
    return _Told(unit, probed_at, no_value, nodes, sites, sent, method)


def _needed(option: str, given: str, expected: str) -> Exception:
    said = f"{option} is {given}" if given else f"{option} is not given"
    return unreadable(
        RULES, "file.options", f"{said}; it must be {expected}.", f"选项 {option} 应为 {expected}。"
    )


def _rows(lines: pl.DataFrame, place: int, width: int, told: _Told, tally: Tally) -> Iterator[pl.DataFrame]:
    """The pairs of some lines of the matrix, of which the first is number `place` from 0."""
    lines = lines.with_columns(pl.int_range(place, place + lines.height, eager=True).alias("from"))
    values = pl.col("line").str.split("\t")
    fault = pl.coalesce("_fault", pl.when(values.list.len() != width).then(pl.lit("record.fields")))
    lines = lines.with_columns(fault.alias("_fault"))
    broken = lines.filter(pl.col("_fault").is_not_null())
    if broken.height:
        tally.records_read += broken.height
        rows = broken.select(
            (pl.col("from") * width + 1).alias("_row"), cut_raw(broken["line"]).alias("_raw")
        )
        for rule in broken["_fault"].unique(maintain_order=True):
            rows = flag(rows, rule, broken["_fault"] == rule)
        yield rows
    sound = lines.filter(pl.col("_fault").is_null())
    cells = sound.select("from", values.alias("value")).explode("value", empty_as_null=True)
    cells = cells.with_columns(to=pl.int_range(0, pl.len()) % width)
    tally.records_read += cells.height
    others = cells.filter(pl.col("from") != pl.col("to"))
    tally.put_aside("node to itself", cells.height - others.height)
    if others.height:
        yield _pairs(others, width, told, tally)


def _pairs(cells: pl.DataFrame, width: int, told: _Told, tally: Tally) -> pl.DataFrame:
    value = cells["value"].str.strip_chars()
    number = value.cast(pl.Float64, strict=False)
    nothing = (number <= 0).fill_null(False) | value.is_in(list(NO_LATENCY))
    if told.no_value == "absent":
        tally.put_aside("pair that was not probed", int(nothing.sum()))
        cells, value, nothing = cells.filter(~nothing), value.filter(~nothing), nothing.filter(~nothing)
    answered = ~nothing
    latency = microseconds(value, told.unit)
    received = pl.when(answered).then(pl.lit(told.sent)).when(told.no_value == "lost").then(pl.lit("0"))
    rows = cells.select(
        (pl.col("from") * width + pl.col("to") + 1).cast(pl.Int64).alias("_row"),
        _raw=pl.concat_str(pl.col("from") + 1, pl.col("to") + 1, "value", separator="\t", ignore_nulls=True),
        probe_id=told.nodes.gather(cells["from"]),
        target=told.nodes.gather(cells["to"]),
        from_site_id=told.sites.gather(cells["from"]),
        to_site_id=told.sites.gather(cells["to"]),
        probed_at=pl.lit(told.probed_at),
        sent=pl.lit(told.sent),
        received=received,
        basis=pl.lit("round_trip"),
        avg_us=pl.when(answered).then(latency),
        method=pl.lit(told.method, pl.String),
    )
    return flag(rows, "record.absent", nothing) if not told.no_value else rows


FORMAT = Format("rtt_matrix", ("network_probes",), OPTIONS, sniff, read, RULES)
