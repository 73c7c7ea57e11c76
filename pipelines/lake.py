"""The lake: landing and bronze kept in step. What is due is decided by content; what happened is returned."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pipelines.bronze import Ingest, discard, ingest, is_current, read_ingest, tidy
from pipelines.effective import LandingState, landings_as_of
from pipelines.errors import Finding
from pipelines.files import exclusive
from pipelines.home import Home, business_day
from pipelines.landing import read_events
from pipelines.sites_config import Source

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Due:
    """A landing whose bronze is missing or out of date, and the received day it belongs to."""

    state: LandingState
    received_day: date


@dataclass(frozen=True)
class Read:
    """A landing that was read into bronze, and how long that took."""

    ingest: Ingest
    seconds: float


def due(home: Home, states: Iterable[LandingState]) -> list[Due]:
    """The landings whose bronze needs work, in the order of first receipt."""
    return [
        Due(state, business_day(state.first_received_at))
        for state in states
        if not is_current(read_ingest(home, state.landing_id), state)
    ]


def refresh(
    home: Home,
    sources: Mapping[str, Source],
    *,
    datasets: Collection[str] | None = None,
    days: Collection[date] | None = None,
    progress: Progress = lambda _: None,
) -> list[Read]:
    """Makes the bronze that is due, of some datasets and received days or of all; returns what was read."""
    done = []
    with exclusive(home.locks / "lake", progress):
        tidy(home)
        work = [
            each
            for each in due(home, landings_as_of(read_events(home)))
            if (datasets is None or each.state.receipt.dataset in datasets)
            and (days is None or each.received_day in days)
        ]
        for number, each in enumerate(work, start=1):
            receipt = each.state.receipt
            if number % 50 == 0 or number == len(work):
                progress(
                    f"  bronze: {number} of {len(work)} deliveries read (now {receipt.source_id} {receipt.dataset})"
                )
            previous = read_ingest(home, receipt.landing_id)
            if previous:
                discard(home, previous)
            started = time.perf_counter()
            made = ingest(home, each.state, known_source(sources, receipt.source_id))
            done.append(Read(made, time.perf_counter() - started))
    return done


def known_source(sources: Mapping[str, Source], source_id: str) -> Source:
    """The source's configuration. Raises Finding for a source that nobody configured."""
    if source_id not in sources:
        known = ", ".join(sorted(sources))
        raise Finding(
            f"There is no source '{source_id}'. Known: {known}. A new site is a folder under pipelines/sites/."
        )
    return sources[source_id]
