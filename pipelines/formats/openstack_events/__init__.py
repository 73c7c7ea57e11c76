"""OpenStack compute notifications as JSON: what each server held, and when.

Read are Nova's legacy (`compute.instance.*`) and versioned (`instance.*`) notifications, bare or in oslo.messaging's
envelope, and Ceilometer events with traits; a list, JSON lines, or a document with `events`. Times are UTC. Where one
file has audits (`exists`), each proves a row; else the life of a server is told by its creation, resizes, shelving and
deletion (intervals.py). The host is that of the event that tells the row: a live migration within an audit period
starts none. Legacy payloads do not say whether a flavor has accelerators: unknown. Extra specs of versioned ones do.
All events of a file are held until it ends, because a deletion may come before the audit that it cuts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from pipelines.formats.base import Format, ReadContext, Tally, Texts, cut_raw, flag, unreadable
from pipelines.formats.json_heads import opens_json, require_head
from pipelines.formats.json_records import RULES as JSON_RULES
from pipelines.formats.json_records import read_documents, text_of
from pipelines.formats.openstack_events.events import (
    FACTS,
    KNOWN,
    Event,
    Reading,
    notification,
    read_event,
    short_name,
)
from pipelines.formats.openstack_events.intervals import Interval, Proof, grid, prove
from pipelines.formats.times import INSTANT

__all__ = ["FORMAT", "RULES"]

BATCH = 20_000
MOST_NAMES = 40
_LISTS = ("events", "notifications")
_HEAD = re.compile(rb'\\?"event_type\\?"\s*:\s*\\?"')
_BODY = re.compile(rb'"(?:payload|traits|message_id|oslo\.message|_context_request_id)\\?"')

RULES: Mapping[str, Texts] = {
    **JSON_RULES,
    "record.notification": (
        "The record has no event_type, so it is no notification.",
        "该记录没有 event_type，不是通知。",
    ),
    "record.time": (
        "The notification's timestamp (generated) is missing or not in the form 2026-03-01T08:00:00.",
        "通知的时间（timestamp 或 generated）缺失，或不是 2026-03-01T08:00:00 的形式。",
    ),
    "record.audit_period": (
        "An exists notification names audit_period_beginning and audit_period_ending, the one before the other.",
        "exists 通知必须给出 audit_period_beginning 与 audit_period_ending，且前者早于后者。",
    ),
    "interval_start.unreadable": (
        "launched_at or audit_period_beginning is not in the form 2026-03-01T08:00:00.",
        "launched_at 或 audit_period_beginning 不是 2026-03-01T08:00:00 的形式。",
    ),
    "interval_end.unreadable": (
        "deleted_at or audit_period_ending is not in the form 2026-03-01T08:00:00.",
        "deleted_at 或 audit_period_ending 不是 2026-03-01T08:00:00 的形式。",
    ),
    "interval_end.unknown": (
        "The server's state is deleted, but deleted_at does not say since when.",
        "实例状态为 deleted，但 deleted_at 未给出删除时间。",
    ),
}
OPTIONS = {
    "account": "id (the default) or name: which of a project's is the account where both are sent; likewise the user",
    "audit_period": "hour, day, month, year or none: Nova's instance_usage_audit_period, if not as the file shows",
    "instance_kind": "virtual_machine or bare_metal: what the servers are, if not as their flavors show",
    "pci_aliases": "PCI aliases and the accelerator behind each, none for other devices: a100=NVIDIA A100,nic=",
}
_CHOICES = {
    "account": {"", "id", "name"},
    "audit_period": {"", "hour", "day", "month", "year", "none"},
    "instance_kind": {"", "virtual_machine", "bare_metal"},
}
_COLUMNS = ("instance_id", "interval_start", "interval_end", *FACTS, "state")


def sniff(head: bytes) -> bool:
    """Whether the text is JSON with notifications in it."""
    return opens_json(head) and bool(_HEAD.search(head)) and bool(_BODY.search(head))


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of instance records; see `base.Format`."""
    options, period = _options(context), context.options.get("audit_period") or None
    require_head(path, RULES, sniff)
    servers: dict[str, list[Event]] = {}
    others: dict[str, int] = {}
    for records in read_documents(path, RULES, tally, _LISTS):
        faulty: list[tuple[Event | None, int, str, list[str]]] = []
        for record in records:
            sent = None if record.document is None else notification(record.document)
            if sent is None:
                faulty.append((None, record.row, record.raw, [record.fault or "record.notification"]))
                continue
            kind = short_name(sent["event_type"])
            if kind not in KNOWN:
                _count(others, sent["event_type"])
                continue
            event = read_event(record, sent, kind, options)
            faults = _faults(event)
            if faults or event.instance is None:
                faulty.append((event, event.row, event.raw, faults))
            else:
                servers.setdefault(event.instance, []).append(event)
        if faulty:
            yield _faulty_frame(faulty, context.site_id)
    for name, count in others.items():
        tally.put_aside(name, count)
    yield from _proven(servers, period, context.site_id, tally)


def _options(context: ReadContext) -> Reading:
    given = context.options
    for name, choices in _CHOICES.items():
        if given.get(name, "") not in choices:
            raise unreadable(RULES, "file.options", f"{name} is none of {', '.join(sorted(choices - {''}))}.")
    pairs = [pair.partition("=") for pair in given.get("pci_aliases", "").split(",") if pair.strip()]
    if any(not name.strip() or not sign for name, sign, _ in pairs):
        raise unreadable(RULES, "file.options", "pci_aliases is not in the form alias=model,alias=model.")
    aliases = {name.strip(): model.strip() for name, _, model in pairs}
    return Reading(given.get("account") == "name", given.get("instance_kind") or None, aliases)


def _count(others: dict[str, int], name: str) -> None:
    """Counts an event of no use under its name; beyond forty names, all together."""
    name = f"event {text_of(name[:100])}"
    name = name if name in others or len(others) < MOST_NAMES else "other events"
    others[name] = others.get(name, 0) + 1


def _faults(event: Event) -> list[str]:
    faults = list(dict.fromkeys(event.faults))
    if event.kind == "exists" and not faults:
        if event.begin is None or event.end is None or event.begin >= event.end:
            faults.append("record.audit_period")
        if event.state == "deleted" and event.deleted is None:
            faults.append("interval_end.unknown")
    return faults


def _proven(
    servers: Mapping[str, list[Event]], period: str | None, site_id: str | None, tally: Tally
) -> Iterator[pl.DataFrame]:
    """Frames of what the servers' events prove, in the order of the events that tell the rows."""
    floor = grid((event for events in servers.values() for event in events), period)
    intervals: list[Interval] = []
    for events in servers.values():
        proof: Proof = prove(events, floor)
        found = proof.intervals + proof.impossible
        intervals += found
        tally.folded += len(events) - len(found) - len(proof.aside)
        tally.label("audits missing before the row", proof.gaps)
        for reason in proof.aside:
            tally.put_aside(reason, 1)
    intervals.sort(key=lambda interval: (interval.event.row, interval.start))
    for first in range(0, len(intervals), BATCH):
        yield _frame(intervals[first : first + BATCH], site_id)


def _frame(intervals: Sequence[Interval], site_id: str | None) -> pl.DataFrame:
    values = [
        (each.event.instance, each.start, each.end, *each.event.facts, each.state) for each in intervals
    ]
    return _rows([(each.event.row, each.event.raw) for each in intervals], values, site_id)


def _faulty_frame(
    faulty: Iterable[tuple[Event | None, int, str, list[str]]], site_id: str | None
) -> pl.DataFrame:
    """Rows of records that prove nothing, each with the rules that it breaks."""
    faulty = list(faulty)
    nothing = (None,) * len(_COLUMNS)
    values = [
        (event.instance, event.launched, event.deleted, *event.facts, "RUNNING") if event else nothing
        for event, *_ in faulty
    ]
    rows = _rows([(row, raw) for _, row, raw, _ in faulty], values, site_id)
    for rule in dict.fromkeys(rule for *_, rules in faulty for rule in rules):
        rows = flag(rows, rule, pl.Series([rule in rules for *_, rules in faulty], dtype=pl.Boolean))
    return rows


def _rows(
    places: Sequence[tuple[int, str]], values: Sequence[Sequence[object]], site_id: str | None
) -> pl.DataFrame:
    columns = zip(*values, strict=True)
    types = {"interval_start": INSTANT, "interval_end": INSTANT}
    return pl.DataFrame(
        [
            pl.Series("_row", [row for row, _ in places], dtype=pl.Int64),
            cut_raw(pl.Series("_raw", [raw for _, raw in places], dtype=pl.String)),
            pl.Series("site_id", [site_id] * len(places), dtype=pl.String),
            *(
                pl.Series(name, column, dtype=types.get(name, pl.String()))
                for name, column in zip(_COLUMNS, columns, strict=True)
            ),
        ]
    )


FORMAT = Format("openstack_events", ("instance_records",), OPTIONS, sniff, read, RULES)
