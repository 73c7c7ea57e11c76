"""What lies in the inbox becomes landings: `inbox/<source>/<dataset>/<file>` is a delivery, taken once by content.

A file still being written is not taken: names that begin with a dot or end in `.tmp` or `.part` are left, and so is a
file whose size or time changed within the settling seconds. What cannot be a delivery stays where it is, with a reason.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.errors import Finding, WrongUse
from pipelines.home import Home
from pipelines.landing import Event, receive
from pipelines.sites_config import Source

SETTLING_SECONDS = 2.0
UNFINISHED = (".tmp", ".part", ".partial", ".swp")


@dataclass(frozen=True)
class Arrival:
    """A file in the inbox; `reason` says why it cannot be taken, None if it can."""

    path: Path
    source_id: str
    dataset: str
    reason: str | None


def waiting(home: Home, sources: Mapping[str, Source], now: float | None = None) -> list[Arrival]:
    """The settled files in the inbox, by name."""
    moment = time.time() if now is None else now
    found = []
    for path in sorted(home.inbox.glob("*/*/**/*")):
        if not path.is_file() or path.name.startswith(".") or path.name.endswith(UNFINISHED):
            continue
        if moment - path.stat().st_mtime < SETTLING_SECONDS:
            continue
        source_id, dataset = path.relative_to(home.inbox).parts[:2]
        found.append(Arrival(path, source_id, dataset, _objection(sources, source_id, dataset)))
    return found


def _objection(sources: Mapping[str, Source], source_id: str, dataset: str) -> str | None:
    source = sources.get(source_id)
    if source is None:
        return f"there is no source '{source_id}'"
    if source.feed(dataset) is None:
        return f"{source_id} has no feed of {dataset} in its configuration"
    return None


def take(
    home: Home, sources: Mapping[str, Source], received_at: datetime
) -> tuple[list[Event], list[Arrival]]:
    """Lands what is waiting and takes it out of the inbox; returns the receipts and what had to stay.

    A file is removed only after its bytes and its receipt are durable: killed between, it is landed again later, which
    adds a receipt and no rows.
    """
    taken, left = [], []
    for arrival in waiting(home, sources):
        if arrival.reason:
            left.append(arrival)
            continue
        feed = sources[arrival.source_id].feed(arrival.dataset)
        assert feed is not None
        event, _ = receive(
            home,
            arrival.path,
            source_id=arrival.source_id,
            dataset=arrival.dataset,
            format_name=feed.format,
            options=feed.options,
            received_at=received_at,
        )
        arrival.path.unlink()
        taken.append(event)
    return taken, left


def choose_format(
    sources: Mapping[str, Source], source_id: str, dataset: str, format_name: str | None
) -> tuple[str, Mapping[str, str]]:
    """The format and options of a delivery: as named, else as the source's feed says.

    Raises Finding for an unknown source, WrongUse where no format is named or configured.
    """
    if source_id not in sources:
        raise Finding(f"There is no source '{source_id}'. Known: {', '.join(sorted(sources))}.")
    feed = sources[source_id].feed(dataset)
    if format_name is None and feed is None:
        raise WrongUse(f"{source_id} has no feed of {dataset} in its configuration: say --format.")
    options = feed.options if feed and format_name in (None, feed.format) else {}
    return format_name or (feed.format if feed else ""), options
