"""Whether deliveries come in time: the service level of a feed against the business days that they tell of.

And the other way round: which business day a feed owes at an instant."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipelines.bronze import Ingest
from pipelines.effective import LandingState
from pipelines.home import business_day
from pipelines.sites_config import Feed, ServiceLevel, Source

DAY = timedelta(days=1)


def due_at(tally: Ingest, source: Source | None) -> datetime | None:
    """The instant by which a delivery was due; None where its feed has no service level or it tells of no day."""
    feed = _feed(source, tally.dataset, tally.format)
    if source is None or feed is None or feed.service_level is None or tally.last_event_at is None:
        return None
    return feed.service_level.due_at(
        business_day(datetime.fromisoformat(tally.last_event_at)), source.time_zone
    )


def late_by(tally: Ingest, source: Source | None) -> timedelta | None:
    """By how much a delivery missed its service level; None if it did not."""
    due = due_at(tally, source)
    by = datetime.fromisoformat(tally.received_at) - due if due else timedelta(0)
    return by if by > timedelta(0) else None


@dataclass(frozen=True)
class LateFeed:
    """A feed past its service level: the first business day that it has not told of, and when that was due."""

    source_id: str
    dataset: str
    format: str
    awaited: date
    due_at: datetime

    @property
    def key(self) -> str:
        """What the feed is known by."""
        return f"{self.source_id}/{self.dataset}/{self.format}"

    def text(self) -> str:
        """What is missing, in words."""
        return f"late: nothing of {self.awaited} yet, which was due by {self.due_at:%Y-%m-%d %H:%M} UTC"


def late_feeds(
    states: Iterable[LandingState],
    tally_of: Callable[[str], Ingest | None],
    sources: Mapping[str, Source],
    at: datetime,
) -> list[LateFeed]:
    """The feeds that are late at an instant, from the landings as known then, by source and dataset.

    A feed without a service level is never late. One that has told of nothing is awaited from the day on which its
    source first sent anything; a source that never did is not awaited.
    """
    began: dict[str, date] = {}
    sent: dict[tuple[str, str, str], list[LandingState]] = defaultdict(list)
    for state in states:
        receipt, day = state.receipt, business_day(state.first_received_at)
        began[receipt.source_id] = min(day, began.get(receipt.source_id, day))
        feed = _feed(sources.get(receipt.source_id), receipt.dataset, receipt.format)
        if feed is not None and state.effective:
            sent[receipt.source_id, feed.dataset, feed.format].append(state)
    found = []
    for source in sources.values():
        for feed in source.feeds:
            if feed.service_level is None or source.source_id not in began:
                continue
            of_feed = sent[source.source_id, feed.dataset, feed.format]
            told = _newest_day(of_feed, tally_of, feed.service_level)
            awaited = began[source.source_id] if told is None else _following(told, feed.service_level)
            due = feed.service_level.due_at(awaited, source.time_zone)
            if due < at:
                found.append(LateFeed(source.source_id, feed.dataset, feed.format, awaited, due))
    return sorted(found, key=lambda each: each.key)


def _feed(source: Source | None, dataset: str, format_name: str) -> Feed | None:
    """The feed of a delivery: that of its format, or else the first of its dataset."""
    return (source.feed(dataset, format_name) or source.feed(dataset)) if source else None


def _newest_day(
    states: Iterable[LandingState], tally_of: Callable[[str], Ingest | None], level: ServiceLevel
) -> date | None:
    """The newest business day that deliveries tell of. Reads the tallies of the newest alone."""
    newest: date | None = None
    for state in sorted(states, key=_known_at, reverse=True):
        over = _last_over(business_day(_known_at(state)), level)
        if newest is not None and over <= newest:
            break
        told = _told(tally_of(state.landing_id), over)
        newest = told if newest is None or (told is not None and told > newest) else newest
    return newest


def _known_at(state: LandingState) -> datetime:
    return state.known_at or state.first_received_at


def _told(tally: Ingest | None, over: date) -> date | None:
    """The newest day that a delivery tells of: that of its newest event, but none that was not `over` when it came.

    One that is not read yet, or that soundly says that there was nothing, tells of all that was over.
    """
    if tally is None or (tally.last_event_at is None and not tally.quarantined):
        return over
    if tally.last_event_at is None:
        return None
    return min(over, business_day(datetime.fromisoformat(tally.last_event_at)))


def _last_over(received: date, level: ServiceLevel) -> date:
    """The last day of what was over on the day of a receipt: the day before; the month before for monthly feeds."""
    return (received.replace(day=1) if level.day_of_month is not None else received) - DAY


def _following(told: date, level: ServiceLevel) -> date:
    """The first day that is awaited after a day that was told of."""
    if level.day_of_month is None:
        return told + DAY
    return (told.replace(day=28) + 4 * DAY).replace(day=1)


def due_through(level: ServiceLevel, time_zone: str, at: datetime) -> date:
    """The newest business day whose records a daily feed should have sent by an instant."""
    day = business_day(at)
    while level.due_at(day, time_zone) > at:
        day -= timedelta(days=1)
    return day
