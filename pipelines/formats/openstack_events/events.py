"""One Nova notification as sent, whatever wraps it, as an event about one server.

Belongs here: envelopes (oslo.messaging, Ceilometer), the legacy and the versioned payload, instants, what a flavor says
of accelerators. Does not belong here: what the events of a server prove together (intervals.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipelines.formats.instants import instant
from pipelines.formats.json_records import Record, at, parse, text_of

Facts = tuple[str | None, ...]
FACTS = (
    "instance_kind", "instance_name", "account", "user", "flavor", "vcpus", "memory_mib", "node", "accelerator_milli",
    "accelerator_model",
)  # fmt: skip
KNOWN = {
    "exists", "create.end", "delete.start", "delete.end", "finish_resize.end", "resize.confirm.end",
    "resize.revert.end", "shelve.end", "shelve_offload.end", "unshelve.end", "power_off.end", "power_on.end",
    "live_migration.post.dest.end",
}  # fmt: skip
"""Events, without `compute.instance.`, that prove or confirm something; all others are set aside."""
_VERSIONED = {
    "resize_finish.end": "finish_resize.end",
    "resize_confirm.end": "resize.confirm.end",
    "resize_revert.end": "resize.revert.end",
    "live_migration_post_dest.end": "live_migration.post.dest.end",
}
_TIMES = {
    "interval_start": ("launched_at", "audit_period_beginning"),
    "interval_end": ("deleted_at", "audit_period_ending"),
}
_DEVICES = (
    "pci_passthrough:alias",
    "accel:device_profile",
    "resources:VGPU",
    "resources:PGPU",
    "resources:CUSTOM_",
)


@dataclass(slots=True)
class Event:
    """What one notification says; times are whole seconds as Nova's database keeps them, `at` is when it was made."""

    row: int
    raw: str
    kind: str
    instance: str | None
    at: datetime | None
    launched: datetime | None
    deleted: datetime | None
    begin: datetime | None
    end: datetime | None
    state: str
    facts: Facts
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """How the delivery's options say to read: names instead of ids, a fixed kind, PCI aliases and their models."""

    names: bool = False
    kind: str | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)


def notification(document: dict[str, Any]) -> dict[str, Any] | None:
    """The notification within its envelope; None where there is none."""
    inner = document.get("oslo.message")
    if isinstance(inner, str):
        inner, _ = parse(inner)
    document = inner if isinstance(inner, dict) else document
    return document if isinstance(document.get("event_type"), str) else None


def short_name(event_type: str) -> str:
    """A name of KNOWN for an event about a server; the whole name for any other."""
    if event_type.startswith("compute.instance."):
        return event_type.removeprefix("compute.instance.")
    if event_type.startswith("instance."):
        name = event_type.removeprefix("instance.")
        return _VERSIONED.get(name, name)
    return event_type


def read_event(record: Record, document: dict[str, Any], kind: str, reading: Reading) -> Event:
    """The event in a notification of a known kind; `faults` name the times that cannot be read."""
    payload = _payload(document)
    event = Event(
        record.row, record.raw, kind, _text(payload, "instance_id", "uuid", "resource_id"), None, None, None, None,
        None, (_text(payload, "state") or "").lower(), _facts(payload, reading),
    )  # fmt: skip
    made = _text(document, "generated", "timestamp") or _text(payload, "generated")
    event.at, readable = instant(made)
    if not readable or (event.at is None and kind != "exists"):
        event.faults.append("record.time")
    times = {}
    for column, names in _TIMES.items():
        for name in names:
            times[name], readable = instant(_text(payload, name))
            if not readable:
                event.faults.append(f"{column}.unreadable")
    event.launched, event.deleted = _second(times["launched_at"]), _second(times["deleted_at"])
    event.begin, event.end = times["audit_period_beginning"], times["audit_period_ending"]
    return event


def _second(moment: datetime | None) -> datetime | None:
    return moment if moment is None else moment.replace(microsecond=0)


def _payload(document: dict[str, Any]) -> dict[str, Any]:
    """The fields about the server: of a payload (legacy or versioned), of traits, or at the top."""
    payload = document.get("payload")
    if isinstance(payload, dict):
        data = payload.get("nova_object.data")
        return _flat(data) if isinstance(data, dict) else payload
    traits = document.get("traits")
    if isinstance(traits, list):
        return dict(pair for pair in map(_trait, traits) if pair)
    return document


def _flat(data: dict[str, Any]) -> dict[str, Any]:
    """A versioned payload with the fields of its flavor and of its audit period beside its own."""
    period = at(data, "audit_period", "nova_object.data")
    flavor = at(data, "flavor", "nova_object.data")
    flat = dict(data) | (period if isinstance(period, dict) else {})
    if isinstance(flavor, dict):
        flat |= {name: flavor.get(name) for name in ("vcpus", "memory_mb", "extra_specs")}
        flat["instance_type"] = flavor.get("name")
    return flat


def _trait(trait: Any) -> tuple[str, Any] | None:
    """The name and value of a Ceilometer trait: an object, or a list of name, type and value."""
    if isinstance(trait, dict) and isinstance(trait.get("name"), str):
        return trait["name"], trait.get("value")
    if isinstance(trait, list) and len(trait) >= 2 and isinstance(trait[0], str):
        return trait[0], trait[-1]
    return None


def _text(payload: Mapping[str, Any], *names: str) -> str | None:
    """The first of several fields that says something."""
    for name in names:
        value = text_of(payload.get(name))
        if value not in {None, "", "None"}:
            return value
    return None


def _facts(payload: Mapping[str, Any], reading: Reading) -> Facts:
    projects, users = ["project_id", "tenant_id", "project_name", "tenant_name"], ["user_id", "user_name"]
    if reading.names:
        projects, users = projects[2:] + projects[:2], users[::-1]
    specs = payload.get("extra_specs")
    milli, model = _accelerators(specs, reading.aliases) if isinstance(specs, dict) else (None, None)
    bare = isinstance(specs, dict) and any(name.startswith("resources:CUSTOM_BAREMETAL") for name in specs)
    return (
        reading.kind or ("bare_metal" if bare else "virtual_machine"),
        _text(payload, "display_name"),
        _text(payload, *projects),
        _text(payload, *users),
        _text(payload, "instance_type", "flavor"),
        _text(payload, "vcpus"),
        _text(payload, "memory_mb"),
        _text(payload, "node", "host"),
        milli,
        model,
    )


def _accelerators(specs: Mapping[str, Any], aliases: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Thousandths of cards and their model by a flavor's extra specs; unknown where they ask in words of the site's."""
    asked = {name: text_of(value) or "" for name, value in specs.items() if name.startswith(_DEVICES)}
    if not asked:
        return "0", None
    alias = asked.pop("pci_passthrough:alias", "")
    parts = [part.strip().partition(":") for part in alias.split(",")]
    if asked or not all(name in aliases and (count or "1").isdecimal() for name, _, count in parts):
        return None, None
    cards = sum(int(count or 1) for name, _, count in parts if aliases[name])
    models = {aliases[name] for name, _, _ in parts} - {""}
    return str(1000 * cards), models.pop() if len(models) == 1 else None
