"""What the events of one server prove: intervals that never overlap.

An audit (`exists`) proves the time from the later of the period's beginning and launched_at to the earlier of its end
and deleted_at. Where a file has audits, they are the rows: all else only cuts them, or stands in for the audit that is
still to come, under the same start, so that it replaces the row. Where it has none, a row is a stint: Nova sets
launched_at anew when a server is created, resized, rebuilt or unshelved. Shutting a server off ends nothing, because it
keeps its place on its host; shelving and deleting do.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

from pipelines.formats.openstack_events.events import FACTS, Event

Floor = Callable[[datetime], datetime]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_SECOND, _EVER = timedelta(seconds=1), datetime(1970, 1, 1, tzinfo=UTC)
SHELVED = {"shelved", "shelved_offloaded"}
STARTS = {"create.end", "finish_resize.end", "resize.revert.end", "unshelve.end"}
ENDS = {"delete.end": "DELETED", "shelve.end": "SHELVED", "shelve_offload.end": "SHELVED"}
_SIZE = [FACTS.index(name) for name in ("flavor", "vcpus", "memory_mib")]
_NODE = FACTS.index("node")
_LAUNCH_DELAY = timedelta(minutes=5)


@dataclass(slots=True)
class Interval:
    """A row to propose, told by one event."""

    event: Event
    start: datetime
    end: datetime | None
    state: str


@dataclass
class Proof:
    """One server: its intervals, those that end before they start, events without any, audits that are missing."""

    intervals: list[Interval]
    impossible: list[Interval] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    gaps: int = 0


def grid(events: Iterable[Event], period: str | None) -> Floor | None:
    """What gives the beginning of the audit period that holds an instant; None where no audits are made.

    The period is the option's, else that of most audits in the file: those of a current period are shorter.
    """
    audits = [
        (each.end - each.begin, each.begin)
        for each in events
        if each.kind == "exists" and each.begin and each.end
    ]
    if period == "none" or not (audits or period):
        return None
    lengths = Counter(length for length, _ in audits)
    usual = max(lengths, key=lambda each: (lengths[each], each), default=DAY)
    length = {"hour": HOUR, "day": DAY, "month": 31 * DAY, "year": 366 * DAY}.get(period or "", usual)
    if length > DAY:
        return partial(_calendar, length > 31 * DAY)
    return partial(
        _step, max((begin for span, begin in audits if span == length), default=_EVER), max(length, _SECOND)
    )


def _calendar(yearly: bool, moment: datetime) -> datetime:
    return datetime(moment.year, 1 if yearly else moment.month, 1, tzinfo=UTC)


def _step(origin: datetime, length: timedelta, moment: datetime) -> datetime:
    return moment - (moment - origin) % length


def prove(events: Sequence[Event], floor: Floor | None) -> Proof:
    """The intervals that the events of one server prove; without a `floor` stints are the rows."""
    proof = Proof([])
    events = sorted(events, key=lambda event: (event.at or event.end or _EVER, event.row))
    for event in events:
        if event.kind == "exists":
            _audit(event, proof)
    shelved = False
    for event in events:
        if event.kind in STARTS:
            shelved = False
            _begin(event, proof)
        elif event.kind in ENDS:
            _finish(event, shelved, proof, floor)
            shelved = ENDS[event.kind] == "SHELVED"
        elif event.kind == "delete.start":
            shelved = shelved or event.state in SHELVED
    _separate(proof)
    if not (proof.intervals or proof.impossible):
        rest = [event.kind for event in events if event.kind not in {*STARTS, *ENDS, "exists"}]
        proof.aside.extend(f"{kind} of a server of which nothing else is sent" for kind in rest)
    return proof


def _audit(event: Event, proof: Proof) -> None:
    """An audit's interval; a later audit with the same start replaces it."""
    begin, end = event.begin, event.end
    if event.launched is None or begin is None or end is None:
        proof.aside.append("exists of a server that never ran")
        return
    if event.state in SHELVED:
        proof.aside.append("exists of a shelved server")
        return
    start, state = max(begin, event.launched), "STOPPED" if event.state == "stopped" else "RUNNING"
    if event.deleted is not None and event.deleted <= end:
        end, state = event.deleted, "DELETED"
        if end < event.launched:
            proof.impossible.append(Interval(event, event.launched, end, state))
            return
    if end <= start:
        proof.aside.append("exists of a server that did not run within the period")
        return
    proof.intervals = [interval for interval in proof.intervals if interval.start != start]
    proof.intervals.append(Interval(event, start, end, state))


def _begin(event: Event, proof: Proof) -> None:
    """An open interval from where a server started, unless an audit covers it."""
    start, made = event.launched, event.at and event.at.replace(microsecond=0)
    if made and (start is None or (event.kind != "create.end" and made - start > _LAUNCH_DELAY)):
        start = made
    if start is None:
        return
    for interval in proof.intervals:
        if interval.start == start or (interval.start < start and interval.end and start < interval.end):
            return
    proof.intervals.append(Interval(event, start, None, "RUNNING"))


def _finish(event: Event, shelved: bool, proof: Proof, floor: Floor | None) -> None:
    """Ends the interval that goes on at that time; where there is none, the event proves it."""
    state, launched = ENDS[event.kind], event.launched
    end = (event.deleted if state == "DELETED" else None) or (event.at and event.at.replace(microsecond=0))
    if shelved:
        if state == "DELETED":
            proof.aside.append("delete.end of a shelved server")
        return
    if launched is None or end is None:
        proof.aside.append(f"{event.kind} of a server that never ran")
        return
    if end < launched:
        proof.impossible.append(Interval(event, launched, end, state))
        return
    start = max(launched, floor(end)) if floor else launched
    for interval in proof.intervals:
        if launched <= interval.start <= end and (interval.end is None or interval.end >= end):
            if interval.end is not None or interval.start >= start:
                interval.end, interval.state = end, state
                return
            interval.end = start
    for interval in proof.intervals:
        if interval.start == start:
            interval.end, interval.state = end, state
            return
    proof.intervals.append(Interval(event, start, end, state))


def _separate(proof: Proof) -> None:
    """Ends every interval where the next one starts, and counts the audits that are missing in between."""
    proof.intervals.sort(key=lambda interval: interval.start)
    for one, following in pairwise(proof.intervals):
        if one.end is None or one.end > following.start:
            one.end = following.start
            if one.state in {"RUNNING", "STOPPED"}:
                one.state = _continued(one.event, following.event)
        elif one.end < following.start and one.state in {"RUNNING", "STOPPED"}:
            launched = following.event.launched
            proof.gaps += launched is not None and launched <= one.start


def _continued(one: Event, following: Event) -> str:
    if any(one.facts[place] != following.facts[place] for place in _SIZE):
        return "RESIZED"
    return "RUNNING" if one.facts[_NODE] == following.facts[_NODE] else "MIGRATED"
