"""Power and energy as a machine's management controller shows them: Redfish documents, one or many in a file.

Only sensors and metric reports carry the time of a reading; of other documents the delivery says it (`read_at`). A
meter is named by the address of the sensor that measures, so that a sensor shown in two documents is one meter.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from data_contracts.contract import load_contract
from pipelines.formats.base import Format, ReadContext, Tally, Texts, flag, unreadable
from pipelines.formats.json_heads import opens_json, require_head
from pipelines.formats.json_records import RULES as JSON_RULES
from pipelines.formats.json_records import Record, frame_of, json_text, read_documents, text_of
from pipelines.formats.redfish.readings import Reading, readings_of
from pipelines.formats.times import read_instants, zone_option

__all__ = ["FORMAT", "RULES"]

MOST_NAMES = 40
RULES: Mapping[str, Texts] = {
    **JSON_RULES,
    "read_at.absent": (
        "The document does not say when it was read; name the time with --option read_at=2026-03-01T08:00:00Z.",
        "文档未给出读取时间，请使用 --option read_at=2026-03-01T08:00:00Z 指明。",
    ),
    "read_at.unreadable": (
        "The time of the reading (ReadingTime, Timestamp) is not in the form 2026-03-01T08:00:00Z.",
        "读数时间（ReadingTime、Timestamp）不是 2026-03-01T08:00:00Z 的形式。",
    ),
    "read_at.nonexistent": (
        "The time of the reading does not exist in the site's zone: a clock change skips it.",
        "读数时间在站点时区中不存在（被夏令时跳过）。",
    ),
}
OPTIONS = {
    "read_at": "when the documents were read, where they do not say",
    "meter_kind": "facility, it, cooling, water or renewable; it without it",
    "host": "the machine whose controller it is, put before the meters' addresses: they repeat from machine to machine",
    "meters": "the addresses of the meters to take, separated by commas; all without it",
    "time_zone": "the zone of times without an offset, if it is not the site's",
}


def sniff(head: bytes) -> bool:
    """Whether a JSON text speaks of Redfish resources."""
    return opens_json(head) and b'"@odata.' in head and b"/redfish/" in head


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of facility readings; see `base.Format`."""
    require_head(path, RULES, sniff)
    zone = zone_option(context, RULES)
    read_at = _read_at(context, zone)
    kind = context.options.get("meter_kind", "") or "it"
    if kind not in load_contract("facility_readings").column("meter_kind").codes:
        raise unreadable(RULES, "file.options", f"meter_kind is {kind}.")
    wanted = frozenset(name.strip() for name in context.options.get("meters", "").split(",") if name.strip())
    book = _Book(tally, wanted)
    for records in read_documents(path, RULES, tally):
        proposed = list(book.proposed(records))
        if proposed:
            yield _rows(proposed, context, zone, read_at, kind, tally)


class _Book:
    """Numbers what documents measure, and books what has no place, by a bounded number of names."""

    def __init__(self, tally: Tally, wanted: frozenset[str]) -> None:
        self.tally, self.wanted = tally, wanted
        self.position = 0
        self.names: set[str] = set()

    def proposed(self, records: Sequence[Record]) -> Iterator[tuple[int, Record, Reading | None]]:
        """The place of each reading that is a meter's, and of each record that cannot be read."""
        for record in records:
            if record.document is None:
                self.position += 1
                yield self.position, record, None
                continue
            found = readings_of(record.document)
            self.tally.records_read += len(found.readings) + sum(found.others.values()) - 1
            for reading in found.readings:
                self.position += 1
                if self.wanted and reading.meter not in self.wanted:
                    self._put_aside("meter that was not asked for", 1)
                else:
                    yield self.position, record, reading
            for name, count in found.others.items():
                self.position += count
                self._put_aside(name, count)

    def _put_aside(self, name: str, count: int) -> None:
        if name not in self.names and len(self.names) >= MOST_NAMES:
            name = "other readings"
        self.names.add(name)
        self.tally.put_aside(name, count)


def _read_at(context: ReadContext, zone: str) -> datetime | None:
    given = context.options.get("read_at", "").strip()
    if not given:
        return None
    found: datetime | None = read_instants(pl.Series([given]), zone).earliest[0]
    if found is None:
        raise unreadable(
            RULES, "file.options", f"read_at is {given}, which is no time such as 2026-03-01T08:00:00Z."
        )
    return found


def _meter(reading: Reading | None, host: str) -> str | None:
    return f"{host}{text_of(reading.meter)}" if reading is not None and reading.meter else None


def _rows(
    proposed: Sequence[tuple[int, Record, Reading | None]],
    context: ReadContext,
    zone: str,
    read_at: datetime | None,
    kind: str,
    tally: Tally,
) -> pl.DataFrame:
    readings = [reading for _, _, reading in proposed]
    raw = [
        Record(place, json_text(reading.piece) if reading else record.raw, None, record.fault)
        for place, record, reading in proposed
    ]
    sent = pl.Series([reading and text_of(reading.time) for reading in readings], dtype=pl.String)
    times = read_instants(sent.str.strip_chars(), zone)
    tally.label("ambiguous local time", int((times.earliest != times.latest).sum()))
    at = times.earliest
    silent = (sent.is_null() | (sent == "")) & pl.Series([reading is not None for reading in readings])
    if read_at is not None:
        at = pl.select(pl.when(silent).then(pl.lit(read_at)).otherwise(at)).to_series()
    rows = frame_of(raw).with_columns(
        pl.lit(context.site_id, pl.String).alias("site_id"),
        pl.Series(
            "meter_id",
            [_meter(reading, context.options.get("host", "")) for reading in readings],
            dtype=pl.String,
        ),
        at.alias("read_at"),
        pl.Series("meter_kind", [kind if reading else None for reading in readings], dtype=pl.String),
        pl.Series("reading_type", [reading and reading.kind for reading in readings], dtype=pl.String),
        pl.Series("value", [reading and text_of(reading.value) for reading in readings], dtype=pl.String),
        pl.Series("unit", [reading and reading.unit for reading in readings], dtype=pl.String),
    )
    rows = flag(rows, "read_at.absent", silent & at.is_null())
    rows = flag(rows, "read_at.unreadable", times.unreadable)
    return flag(rows, "read_at.nonexistent", times.nonexistent)


FORMAT = Format("redfish", ("facility_readings",), OPTIONS, sniff, read, RULES)
