"""The lateness sensor: one notice when a feed is past its service level, one recovery when its data has come.

Which feeds are late is decided in `pipelines.lateness`. The cursor holds the feeds of which notice was given, so that
none is given twice, also after a restart. A notice that could not be posted is given again at the next tick.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import dagster as dg

from pipelines.alerts import post
from pipelines.bronze import read_ingest
from pipelines.effective import landings_as_of
from pipelines.errors import Finding
from pipelines.home import Home
from pipelines.landing import read_events
from pipelines.lateness import LateFeed, late_feeds
from pipelines.sites_config import load_sources

INTERVAL_SECONDS = 300


@dataclass(frozen=True)
class Notice:
    """That a feed is late, or that it is no longer."""

    feed: str
    is_late: bool
    text: str

    def document(self) -> dict[str, str]:
        """The notice as it is posted."""
        return {"feed": self.feed, "event": "late" if self.is_late else "recovered", "text": self.text}


def notices(given: Mapping[str, str], late: Iterable[LateFeed], expected: set[str]) -> Iterator[Notice]:
    """What is to be told: feeds that are late and were not when last told, and the other way round.

    `given` are the feeds of which notice was given, with the day that was missing; a feed that is no longer `expected`
    at all is dropped without a word.
    """
    now = {each.key: each for each in late}
    for key, each in now.items():
        if key not in given:
            yield Notice(key, True, f"{key} is {each.text()}.")
    for key, awaited in given.items():
        if key not in now and key in expected:
            yield Notice(key, False, f"{key} has recovered: {awaited} and all that was due since have come.")


def told(
    given: Mapping[str, str],
    late: Iterable[LateFeed],
    expected: set[str],
    tell: Callable[[Notice], bool],
) -> dict[str, str]:
    """Tells what is to be told, and returns the feeds of which notice is given after that."""
    awaited = {each.key: each.awaited.isoformat() for each in late}
    after = {key: day for key, day in given.items() if key in expected}
    for notice in notices(given, late, expected):
        if not tell(notice):
            continue
        if notice.is_late:
            after[notice.feed] = awaited[notice.feed]
        else:
            del after[notice.feed]
    return dict(sorted(after.items()))


@dg.sensor(
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Tells once when a feed is past its service level and once when it has recovered. "
        "数据供给超过约定时限时通知一次，恢复后再通知一次。"
    ),
)
def lateness(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Compares what is late now with what notice was given of."""
    home, sources = Home.from_environment(), load_sources()
    at = datetime.now(UTC)
    late = late_feeds(landings_as_of(read_events(home), at), partial(read_ingest, home), sources, at)
    expected = {
        f"{source.source_id}/{feed.dataset}/{feed.format}"
        for source in sources.values()
        for feed in source.feeds
        if feed.service_level is not None
    }

    def tell(notice: Notice) -> bool:
        context.log.warning(notice.text)
        try:
            post(notice.document())
        except Finding as finding:
            context.log.error(f"{finding} It is tried again at the next tick.")
            return False
        return True

    given = told(json.loads(context.cursor or "{}"), late, expected, tell)
    count = f"{len(late)} feeds are late." if len(late) != 1 else "1 feed is late."
    return dg.SensorResult(cursor=json.dumps(given), skip_reason=count)


defs = dg.Definitions(sensors=[lateness])
