"""Hours that a silent site owes, and what its history lets expect of them."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipelines.simulate.books.tables import half_up
from pipelines.simulate.clock import HOUR, day_number, day_of_number, number_start
from pipelines.simulate.network import World

WEEK = 168
"""Hours."""

WEEKS = 4
USAGE_FEEDS = ("job_records", "instance_records")


def silent_hours(world: World, site: str, known: range, books: range, heard_until: int) -> range:
    """The hours after those that a site's usage reaches which it owes by an instant.

    `books` are the hours of all sites: a business day that no other site has passed is owed by nobody."""
    owed = _owed_through(world, site, heard_until)
    if owed is None or not known:
        return range(0)
    passed = number_start(day_number(books.stop * HOUR))
    return range(known.stop, min(known.stop + WEEKS * WEEK, passed // HOUR, number_start(owed + 1) // HOUR))


def _owed_through(world: World, site: str, at: int) -> int | None:
    """The newest business day of which all daily usage feeds of a site are due; None where it has none."""
    source = world.sources[site]
    days = []
    for feed in source.feeds:
        level = feed.service_level
        if feed.dataset in USAGE_FEEDS and level and level.due is not None and level.days is not None:
            day = day_number(at) + 1
            while _due(day, level.due, level.days, source.time_zone) > at:
                day -= 1
            days.append(day)
    return min(days, default=None)


def _due(day: int, clock: time, days: int, zone: str) -> float:
    late = datetime.combine(day_of_number(day) + timedelta(days=days), clock, ZoneInfo(zone))
    return late.timestamp()


def expected(number: int, known: dict[int, int]) -> int | None:
    """The mean of the same hour of the week in the four weeks before, of those that are known; None if none is."""
    past = [known[number - week * WEEK] for week in range(1, WEEKS + 1) if number - week * WEEK in known]
    return half_up(sum(past), len(past)) if past else None
