"""Which landings count, and since when: a pure reading of landing's log, now or as known at an instant.

A receipt makes a landing count from its instant; a replacement or a withdrawal ends that; a later receipt of the same
landing makes it count again.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pipelines.landing import Event


@dataclass(frozen=True)
class LandingState:
    """What the log says of one landing. `known_at` is since when it counts; None if it does not."""

    receipt: Event
    receipts: tuple[datetime, ...]
    replays: tuple[Event, ...]
    known_at: datetime | None
    ended_at: datetime | None = None
    end_reason: str | None = None
    replaced_by: str | None = None

    @property
    def landing_id(self) -> str:
        return self.receipt.landing_id

    @property
    def first_received_at(self) -> datetime:
        return self.receipts[0]

    @property
    def effective(self) -> bool:
        return self.known_at is not None


@dataclass(frozen=True)
class _End:
    at: datetime
    reason: str
    by: str | None


def landings_as_of(events: Iterable[Event], known_at: datetime | None = None) -> list[LandingState]:
    """The state of every landing received by `known_at` (None: now), in the order of first receipt.

    At one instant an end comes before a receipt.
    """
    first: dict[str, Event] = {}
    receipts: dict[str, list[datetime]] = defaultdict(list)
    replays: dict[str, list[Event]] = defaultdict(list)
    ends: dict[str, list[_End]] = defaultdict(list)
    for event in sorted(events, key=lambda each: each.order):
        if known_at is not None and event.instant > known_at:
            continue
        if event.act == "receipt":
            first.setdefault(event.landing_id, event)
            receipts[event.landing_id].append(event.instant)
            if event.replaces:
                ends[event.replaces].append(_End(event.instant, "replaced", event.landing_id))
        elif event.act == "withdrawal":
            ends[event.landing_id].append(_End(event.instant, "withdrawn", None))
        else:
            replays[event.landing_id].append(event)
    return [
        _state(receipt, tuple(receipts[key]), tuple(replays[key]), ends.get(key, []))
        for key, receipt in first.items()
    ]


def _state(
    receipt: Event, receipts: tuple[datetime, ...], replays: tuple[Event, ...], ends: list[_End]
) -> LandingState:
    if not ends:
        return LandingState(receipt, receipts, replays, receipts[0])
    last = max(ends, key=lambda end: end.at)
    again = [at for at in receipts if at >= last.at]
    if again:
        return LandingState(receipt, receipts, replays, again[0])
    return LandingState(receipt, receipts, replays, None, last.at, last.reason, last.by)
