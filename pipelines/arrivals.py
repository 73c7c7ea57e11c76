"""What lies in the inbox becomes landings: `inbox/<source>/<dataset>/<file>` is a delivery, taken once by content.

A file still being written is not taken: names that begin with a dot or end in `.tmp` or `.part` are left, and so is a
file whose size or time changed within the settling seconds. What cannot be a delivery stays where it is, with a reason.
Where a source sends a dataset in several formats, a file's first bytes say which one it is in.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from data_contracts.contract import load_contracts
from pipelines.errors import WrongUse
from pipelines.home import Home
from pipelines.landing import Event, receive
from pipelines.sites_config import Feed, Source

HEAD_BYTES = 64 << 10
"""What of a file is looked at to tell its format."""
SETTLING_SECONDS = 2.0
UNFINISHED = (".tmp", ".part", ".partial", ".swp")


@dataclass(frozen=True)
class Arrival:
    """A file in the inbox: the feed that it belongs to, or the reason why it cannot be taken."""

    path: Path
    source_id: str
    dataset: str
    feed: Feed | None
    reason: str | None


def waiting(home: Home, sources: Mapping[str, Source], now: float | None = None) -> list[Arrival]:
    """The settled files in the inbox, by name."""
    moment = time.time() if now is None else now
    found = []
    for path in sorted(home.inbox.glob("*/*/**/*")):
        if not path.is_file() or path.name.startswith(".") or path.name.endswith(UNFINISHED):
            continue
        if abs(moment - path.stat().st_mtime) < SETTLING_SECONDS:
            continue
        source_id, dataset = path.relative_to(home.inbox).parts[:2]
        feed, reason = None, _link(home, path) or _objection(sources, source_id, dataset)
        if reason is None:
            feed, reason = choose_feed(sources[source_id], dataset, path)
        found.append(Arrival(path, source_id, dataset, feed, reason))
    return found


def _link(home: Home, path: Path) -> str | None:
    """Why a file reached through a link is refused: what lies outside their own folder is not theirs to send."""
    below = [path, *path.parents[: len(path.relative_to(home.inbox).parts) - 2]]
    return "it is, or lies behind, a symbolic link" if any(each.is_symlink() for each in below) else None


def _objection(sources: Mapping[str, Source], source_id: str, dataset: str) -> str | None:
    source = sources.get(source_id)
    if source is None:
        return f"there is no source '{source_id}'"
    if source.feed(dataset) is None:
        return f"{source_id} has no feed of {dataset} in its configuration"
    return None


def choose_feed(source: Source, dataset: str, path: Path) -> tuple[Feed | None, str | None]:
    """The feed of a dataset that a file belongs to, or why that cannot be told.

    A single feed takes every file. Of several, the one whose format recognises the file's first bytes.
    """
    feeds = source.feeds_of(dataset)
    if len(feeds) == 1:
        return feeds[0], None
    from pipelines.formats import FORMATS

    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError as error:
        return None, f"it cannot be read: {error.strerror}"
    fitting = [feed for feed in feeds if FORMATS[feed.format].sniff(head)]
    if len(fitting) == 1:
        return fitting[0], None
    names = ", ".join(feed.format for feed in fitting or feeds)
    which = f"could be any of {names}" if fitting else f"is in none of the formats {names}"
    return None, f"it {which} in which {source.source_id} sends {dataset}"


def take(
    home: Home, sources: Mapping[str, Source], received_at: datetime
) -> tuple[list[Event], list[Arrival]]:
    """Lands what is waiting and takes it out of the inbox; returns the receipts and what had to stay.

    A file is removed only after its bytes and its receipt are durable: killed between, it is landed again later, which
    adds a receipt and no rows.
    """
    taken, left = [], []
    for arrival in waiting(home, sources):
        feed = arrival.feed
        if feed is None:
            left.append(arrival)
            continue
        before = arrival.path.stat()
        event, _ = receive(
            home,
            arrival.path,
            source_id=arrival.source_id,
            dataset=arrival.dataset,
            format_name=feed.format,
            options=feed.options,
            received_at=received_at,
        )
        taken.append(event)
        if _unchanged(arrival.path, before):
            arrival.path.unlink()
    return taken, left


def _unchanged(path: Path, before: os.stat_result) -> bool:
    """Whether nobody wrote to a file while it was taken; else it stays and is landed again, whole."""
    after = path.stat()
    return (after.st_size, after.st_mtime_ns, after.st_ino) == (
        before.st_size,
        before.st_mtime_ns,
        before.st_ino,
    )


def require_source(sources: Mapping[str, Source], source_id: str) -> None:
    """Raises WrongUse unless the source is configured."""
    if source_id not in sources:
        raise WrongUse(f"There is no source '{source_id}'. Sources: {', '.join(sorted(sources))}.")


def require_dataset(dataset: str) -> None:
    """Raises WrongUse unless it is a dataset that can be sent."""
    inputs = [contract.name for contract in load_contracts("input")]
    if dataset not in inputs:
        raise WrongUse(f"There is no dataset '{dataset}'. Datasets: {', '.join(inputs)}.")


def choose_format(
    sources: Mapping[str, Source], source_id: str, dataset: str, format_name: str | None, path: Path
) -> tuple[str, Mapping[str, str]]:
    """The format and options of a delivery: as named, else as the source's feed says that the file belongs to.

    Raises WrongUse for an unknown source and where no format is named and none can be told.
    """
    require_source(sources, source_id)
    source = sources[source_id]
    if format_name is not None:
        feed = source.feed(dataset, format_name)
        return format_name, feed.options if feed else {}
    if source.feed(dataset) is None:
        raise WrongUse(f"{source_id} has no feed of {dataset} in its configuration: say --format.")
    feed, reason = choose_feed(source, dataset, path)
    if feed is None:
        raise WrongUse(f"{path} stays where it is: {reason}. Say --format.")
    return feed.format, feed.options
