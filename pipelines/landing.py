"""Landing: the bytes as sent, stored by sha256, and the log of what happened to them.

The log is a set of immutable JSON documents (receipts, withdrawals, replays), one file each, named by the hash of its
content: writing one twice changes nothing. Nothing here reads what the bytes mean.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.errors import Finding
from pipelines.files import canonical_json, copy_hashed, settle, sha256_text, shared, write_json
from pipelines.home import Home, business_day

ID_LENGTH = 32
"""Identifiers are the first 128 bits of a SHA-256, in hexadecimal."""


@dataclass(frozen=True)
class Event:
    """One act on a landing. `act` is receipt, withdrawal or replay; `at` is when it was known, in UTC."""

    act: str
    at: str
    landing_id: str
    source_id: str
    dataset: str
    format: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    content_sha256: str = ""
    size_bytes: int = 0
    replaces: str | None = None
    reason: str | None = None
    rows: tuple[int, ...] = ()

    @property
    def instant(self) -> datetime:
        return datetime.fromisoformat(self.at)

    @property
    def event_id(self) -> str:
        return sha256_text(canonical_json(asdict(self)))[:ID_LENGTH]

    @property
    def order(self) -> tuple[str, str]:
        """Events are read by instant, then by identifier: any order of writing reads the same."""
        return self.at, self.event_id


def utc_text(at: datetime) -> str:
    """An instant as the log writes it: UTC, microseconds, `Z`. Raises ValueError without a zone."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def landing_id_of(
    source_id: str, dataset: str, format_name: str, options: Mapping[str, str], sha256: str
) -> str:
    """The identity of a landing: who sent which bytes for what, to be read how."""
    identity = [source_id, dataset, format_name, dict(options), sha256]
    return sha256_text(canonical_json(identity))[:ID_LENGTH]


def record(home: Home, event: Event) -> bool:
    """Writes an event to the log; returns False if it stands there already."""
    path = home.log / business_day(event.instant).isoformat() / f"{event.event_id}.json"
    if path.exists():
        return False
    write_json(path, asdict(event))
    return True


def receive(
    home: Home,
    path: Path,
    *,
    source_id: str,
    dataset: str,
    format_name: str,
    options: Mapping[str, str],
    received_at: datetime,
    replaces: str | None = None,
) -> tuple[Event, bool]:
    """Takes a delivery: stores its bytes and its receipt. Returns the receipt and whether it is new.

    Raises Finding if the file cannot be read or `replaces` names no landing of that source and dataset.
    """
    if replaces is not None:
        replaces = _ending(home, replaces, received_at, source_id=source_id, dataset=dataset).landing_id
    with shared(home.locks / "landing"):
        return _receive(
            home, path, source_id, dataset, format_name, dict(sorted(options.items())), received_at, replaces
        )


def _receive(
    home: Home,
    path: Path,
    source_id: str,
    dataset: str,
    format_name: str,
    options: Mapping[str, str],
    received_at: datetime,
    replaces: str | None,
) -> tuple[Event, bool]:
    try:
        sha256, size = store(home, path)
    except OSError as error:
        raise Finding(f"{path} cannot be read or kept: {error.strerror}. Nothing was landed.") from error
    landing_id = landing_id_of(source_id, dataset, format_name, options, sha256)
    if replaces == landing_id:
        raise Finding(f"{path.name} is the landing {landing_id} itself: a delivery cannot replace itself.")
    event = Event(
        act="receipt",
        at=utc_text(received_at),
        landing_id=landing_id,
        source_id=source_id,
        dataset=dataset,
        format=format_name,
        options=options,
        name=path.name.encode(errors="surrogateescape").decode(errors="backslashreplace"),
        content_sha256=sha256,
        size_bytes=size,
        replaces=replaces,
    )
    return event, record(home, event)


def store(home: Home, path: Path) -> tuple[str, int]:
    """Keeps a file's bytes under their sha256; returns it and their number. Raises OSError if they cannot be read."""
    home.objects.mkdir(parents=True, exist_ok=True)
    aside = home.objects / f".incoming.{os.getpid()}.tmp"
    try:
        sha256, size = copy_hashed(path, aside)
        target = home.object(sha256)
        if not target.exists():
            settle(aside, target)
    finally:
        aside.unlink(missing_ok=True)
    return sha256, size


def withdraw(home: Home, landing_id: str, reason: str, at: datetime) -> Event:
    """Takes a delivery back from the instant `at`. Raises Finding if no such landing was received by then."""
    landing = _ending(home, landing_id, at)
    event = Event(
        "withdrawal", utc_text(at), landing.landing_id, landing.source_id, landing.dataset, reason=reason
    )
    with shared(home.locks / "landing"):
        record(home, event)
    return event


def _ending(home: Home, prefix: str, at: datetime, **where: str) -> Event:
    """The landing that an act at an instant ends. Raises Finding if it was received only later: nothing would end."""
    landing = resolve(read_events(home), prefix, **where)
    if utc_text(at) < landing.at:
        raise Finding(
            f"Landing {landing.landing_id} was received at {landing.at}: no act of {utc_text(at)} ends it."
        )
    return landing


def resolve(events: Iterable[Event], prefix: str, **where: str) -> Event:
    """The first receipt of the landing whose identifier begins with `prefix`. Raises Finding unless one fits."""
    found: dict[str, Event] = {}
    for event in events:
        if event.act == "receipt" and event.landing_id.startswith(prefix):
            found.setdefault(event.landing_id, event)
    if len(found) != 1 or len(prefix) < 6:
        names = f"{len(found)} landings" if found else "no landing"
        raise Finding(
            f"'{prefix}' names {names}; write at least six characters of one that is there: "
            'suanzhang sql "select landing_id, name from landings"'
        )
    receipt = next(iter(found.values()))
    for key, value in where.items():
        if getattr(receipt, key) != value:
            raise Finding(f"Landing {receipt.landing_id} is of {key} {getattr(receipt, key)}, not {value}.")
    return receipt


def read_events(home: Home) -> list[Event]:
    """The whole log in order."""
    return sorted((read_event(path) for path in home.log.glob("*/*.json")), key=lambda event: event.order)


def read_event(path: Path) -> Event:
    """One document of the log. Raises Finding if it is not as it was written."""
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        document["rows"] = tuple(document["rows"])
        return Event(**document)
    except (ValueError, TypeError, KeyError) as error:
        raise Finding(f"{path} in landing's log is damaged: bring it back from a backup.") from error
