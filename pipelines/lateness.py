"""Whether a delivery came in time: the service level of its feed against the newest business day that it tells of.

And the other way round: which business day a feed owes at an instant."""

from datetime import date, datetime, timedelta

from pipelines.bronze import Ingest
from pipelines.home import business_day
from pipelines.sites_config import ServiceLevel, Source


def due_at(tally: Ingest, source: Source | None) -> datetime | None:
    """The instant by which a delivery was due; None where its feed has no service level or it tells of no day."""
    feed = (source.feed(tally.dataset, tally.format) or source.feed(tally.dataset)) if source else None
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


def due_through(level: ServiceLevel, time_zone: str, at: datetime) -> date:
    """The newest business day whose records a daily feed should have sent by an instant."""
    day = business_day(at)
    while level.due_at(day, time_zone) > at:
        day -= timedelta(days=1)
    return day
