"""Notifications of an OpenStack cloud as its collector keeps them: one flat JSON object per line, times in UTC.

Every hour each machine is audited (`exists`): the period, since when it is up in its present size, and when it was
deleted. Before a resize the running period is audited early. Steps of a machine's life are told as they happen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pipelines.simulate.clock import HOUR, day_number, day_of_number, utc_text
from pipelines.simulate.events import Events
from pipelines.simulate.feeds.machines import Machine, Stay, machines
from pipelines.simulate.feeds.records import RecordFact, fact
from pipelines.simulate.feeds.wire import feed_of
from pipelines.simulate.parcels import Parcel, Row

WIRE = "openstack_events"
BEGINNINGS = {"": "create.end", "RESIZED": "finish_resize.end", "SHELVED": "unshelve.end"}
"""What a stay begins with, by how the one before ended."""

LAUNCHING = 30
"""Seconds from an order to the machine's launch."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What an `exists` event says beside what it proves."""

    machine: Machine
    stay: Stay
    begin: int
    end: int
    made: int
    state: str


def openstack(events: Events, site: str) -> dict[date, Parcel]:
    """The events of every business day, in order of time."""
    told: dict[date, list[tuple[int, int, Row]]] = {}
    for number, machine in enumerate(machines(events, site)):
        for day, at, row in _life(events, machine):
            told.setdefault(day, []).append((at, number, row))
    wire, options = feed_of(events.world, site, "instance_records", WIRE)
    return {
        day: Parcel(
            source=site,
            dataset="instance_records",
            format=wire,
            options=options,
            name=f"notifications_{day:%Y%m%d}.jsonl",
            header="",
            rows=tuple(row for *_, row in sorted(rows, key=lambda each: each[:2])),
            write=written,
        )
        for day, rows in sorted(told.items())
    }


def _life(events: Events, machine: Machine) -> Iterator[tuple[date, int, Row]]:
    """(day, instant, row) of everything that is told of a machine."""
    first, last = events.first_instant, events.last_instant
    steps = [step for step in _steps(machine) if first <= step[0] < last]
    for at, name, stay, state in steps:
        yield day_of_number(day_number(at)), at, _step(machine, stay, name, at, state)
    stirring = {at // HOUR for at, *_ in steps}
    until = machine.stays[-1].end or last
    for begin in range(max(first, machine.stays[0].start // HOUR * HOUR), min(last, until), HOUR):
        day = day_of_number(day_number(begin))
        for made, row in _audited(machine, begin, begin // HOUR in stirring):
            yield day, made, row


def _steps(machine: Machine) -> Iterator[tuple[int, str, Stay, str]]:
    """(instant, event, stay, state) of the steps of a machine's life."""
    for number, stay in enumerate(machine.stays):
        before = machine.stays[number - 1].ended if number else ""
        if not before:
            yield stay.start - LAUNCHING, "create.start", stay, "building"
        yield stay.start, BEGINNINGS[before], stay, "active"
        if stay.end is None:
            continue
        if stay.ended == "DELETED":
            yield stay.end - 1, "delete.start", stay, "active"
            yield stay.end, "delete.end", stay, "deleted"
        elif stay.ended == "SHELVED":
            yield stay.end, "shelve.end", stay, "shelved"
    for number, at in enumerate(machine.switched):
        name = ("power_off.end", "power_on.end")[number % 2]
        yield at, name, machine.stays[0], ("stopped", "active")[number % 2]


def _audited(machine: Machine, begin: int, stirring: bool) -> Iterator[tuple[int, Row]]:
    """The audits of an hour, each with what it proves: the one at its end, and an early one before a resize."""
    end, made = begin + HOUR, begin + HOUR + 5 + hash_of(machine) % 40
    stays = [stay for stay in machine.stays if stay.start < end and (stay.end is None or stay.end > begin)]
    for stay in stays:
        if stay.ended == "RESIZED" and stay.end is not None and stay.end < end:
            audit = Audit(machine, stay, begin, stay.end, stay.end, "active")
            yield stay.end, _audit_row(audit, stirring)
    known = [stay for stay in machine.stays if stay.start < end]
    latest = known[-1] if known else None
    if latest is None:
        return
    if latest.ended == "SHELVED" and latest.end is not None and latest.end < end:
        yield (
            made,
            Row(
                _text(machine, latest, "exists", made, "shelved_offloaded", _period(begin, end)),
                None,
                "aside",
            ),
        )
        return
    if latest not in stays:
        return
    off = sum(at < end for at in machine.switched) % 2 == 1
    deleted = latest.end is not None and latest.end < end
    state = "deleted" if deleted else "stopped" if off else "active"
    yield made, _audit_row(Audit(machine, latest, begin, end, made, state), stirring)


def hash_of(machine: Machine) -> int:
    """A number that is the machine's own."""
    return int(machine.machine_id[:8], 16)


def _audit_row(audit: Audit, stirring: bool) -> Row:
    """An audit with what it proves; where the machine's life has steps in the hour, the file's events hang together."""
    stay = audit.stay
    end = stay.end if audit.state == "deleted" and stay.end is not None else audit.end
    state = {"deleted": "DELETED", "stopped": "STOPPED", "active": "RUNNING"}[audit.state]
    proved = _proved(audit.machine, stay, max(audit.begin, stay.start), end, state, audit)
    return Row(written(proved).text, proved, "joined" if stirring else "record")


def _proved(
    machine: Machine, stay: Stay, start: int, end: int, state: str, audit: Audit | None = None
) -> RecordFact:
    return fact(
        "instance_records",
        audit,
        site_id=machine.site_id,
        instance_id=machine.machine_id,
        interval_start=utc_text(start),
        interval_end=utc_text(end),
        instance_kind="virtual_machine",
        instance_name=machine.name,
        account=machine.account,
        user=machine.user,
        flavor=stay.flavor.name,
        vcpus=str(stay.flavor.vcpus),
        memory_mib=str(stay.flavor.memory),
        node=stay.host,
        state=state,
    )


def _step(machine: Machine, stay: Stay, name: str, at: int, state: str) -> Row:
    """A step of a machine's life. That it was shelved proves the last interval before; the others are audited."""
    text = _text(machine, stay, name, at, state)
    if name == "create.start":
        return Row(text, None, "aside")
    if name == "shelve.end":
        start = max(stay.start, at // HOUR * HOUR)
        return Row(text, _proved(machine, stay, start, at, "SHELVED"), "joined")
    return Row(text, None, "folded")


def written(record: RecordFact) -> Row:
    """An audit as it is sent."""
    audit: Audit = record.native
    text = _text(
        audit.machine, audit.stay, "exists", audit.made, audit.state, _period(audit.begin, audit.end),
        record["vcpus"], record["account"],
    )  # fmt: skip
    return Row(text, record)


def _period(begin: int, end: int) -> str:
    return (
        f'"audit_period_beginning": "{utc_text(begin)[:-1]}", "audit_period_ending": "{utc_text(end)[:-1]}", '
    )


def _text(
    machine: Machine, stay: Stay, name: str, made: int, state: str, period: str = "", vcpus: str = "",
    account: str = "",
) -> str:  # fmt: skip
    flavor, project = stay.flavor, account or machine.account
    launched = "" if name == "create.start" else f'"launched_at": "{utc_text(stay.start)[:-1]}", '
    deleted = (
        f'"deleted_at": "{utc_text(stay.end)[:-1]}", ' if state == "deleted" and stay.end is not None else ""
    )
    return (
        f'{{{period}{deleted}"disk_gb": "{flavor.disk}", "display_name": "{machine.name}", '
        f'"ephemeral_gb": "0", "event_type": "compute.instance.{name}", '
        f'"generated": "{utc_text(made)[:-1]}.{hash_of(machine) % 1000000:06d}", "host": "{stay.host}", '
        f'"instance_id": "{machine.machine_id}", "instance_type": "{flavor.name}", '
        f'"instance_type_id": "{flavor.number}", {launched}"memory_mb": "{flavor.memory}", '
        f'"message_id": "{machine.machine_id[:8]}-{made}-{name}", "project_name": "{project}", '
        f'"service": "compute", "state": "{state}", "user_name": "{machine.user}", '
        f'"vcpus": "{vcpus or flavor.vcpus}", "domain": "Default"}}'
    )
