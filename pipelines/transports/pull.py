"""Fetching what is new: list, leave what is not whole or known, fetch aside, land, remember.

Sources are fetched at the same time, a source's feeds one after another: who is down delays nobody else. What went
wrong is one sentence per feed, with no secret in it.
"""

import shutil
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from pipelines.errors import Finding
from pipelines.files import alone, sha256_file, sha256_text
from pipelines.home import Home
from pipelines.landing import landing_id_of, read_events, receive
from pipelines.sites_config import Feed, Source
from pipelines.transports.base import (
    Changed,
    Entry,
    Refused,
    Secrets,
    Transport,
    Unavailable,
    bytes_of,
    reason,
)
from pipelines.transports.memory import Memory, folder_of
from pipelines.transports.patience import Sleep, patiently
from pipelines.transports.ready import SETTLE_SECONDS, ready, settled, unsafe

T = TypeVar("T")
AT_A_TIME = 8
_landing = threading.Lock()
"""One file is landed at a time in a process: landing writes aside under the process's name."""


@dataclass
class Pulled:
    """What one feed brought: entries listed, landings with a new receipt, contents that were known although their
    fetching was forgotten, entries left because they changed meanwhile, what went wrong."""

    source_id: str
    dataset: str
    format: str
    transport: str
    listed: int = 0
    landed: list[str] = field(default_factory=list)
    known: int = 0
    left: int = 0
    findings: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The figures for a person."""
        counts = {"listed": self.listed, "landed": len(self.landed)}
        more = {"known already": self.known, "changing, left for the next time": self.left}
        said = {**counts, **{name: count for name, count in more.items() if count}}
        figures = ", ".join(f"{count:,} {name}" for name, count in said.items())
        return f"{self.source_id} {self.dataset} ({self.format} by {self.transport}): {figures}"


def _connect(feed: Feed, secrets: Secrets) -> Transport:
    module: Any = import_module(f"pipelines.transports.{feed.transport}")
    transport: Transport = module.connect(feed.settings, secrets)
    return transport


@dataclass
class Puller:
    """How to fetch: the home, the credentials, and how to wait."""

    home: Home
    secrets: Secrets = field(default_factory=Secrets)
    sleep: Sleep = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    connect: Callable[[Feed, Secrets], Transport] = _connect

    def pull(self, work: Sequence[tuple[Source, Sequence[Feed]]]) -> list[Pulled]:
        """Fetches the feeds of several sources. A bug in one comes up only when the others are done."""
        with ThreadPoolExecutor(max_workers=AT_A_TIME) as pool:
            futures = [pool.submit(self._source, source, feeds) for source, feeds in work]
        return [pulled for future in futures for pulled in future.result()]

    def _source(self, source: Source, feeds: Sequence[Feed]) -> list[Pulled]:
        with alone(self.home.locks / f"fetch-{source.source_id}") as mine:
            return [self._feed(source, feed, mine) for feed in feeds]

    def _feed(self, source: Source, feed: Feed, mine: bool) -> Pulled:
        pulled = Pulled(source.source_id, feed.dataset, feed.format, feed.transport)
        if not mine:
            pulled.findings.append("another process is fetching from it")
            return pulled
        folder = folder_of(self.home, source.source_id, feed)
        try:
            with _Line(self, feed, f"{source.source_id}/{feed.dataset}/{feed.format}") as line:
                _Pull(self, source, feed, folder, line, pulled).run()
        except (Unavailable, Refused, Finding) as error:
            pulled.findings.append(self.secrets.hide(reason(error)))
        return pulled


class _Line:
    """A connection that is made when it is needed, and anew after it broke off."""

    def __init__(self, puller: Puller, feed: Feed, seed: str) -> None:
        self._puller, self._feed, self._seed = puller, feed, seed
        self._transport: Transport | None = None

    def use(self, action: Callable[[Transport], T]) -> T:
        """What an action gives, tried again as often as patience allows."""

        def attempt() -> T:
            try:
                if self._transport is None:
                    self._transport = self._puller.connect(self._feed, self._puller.secrets)
                return action(self._transport)
            except Unavailable:
                self.close()
                raise

        return patiently(attempt, self._seed, self._puller.sleep)

    def close(self) -> None:
        """Ends the connection, if there is one."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()

    def __enter__(self) -> "_Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class _Pull:
    """One feed's turn."""

    puller: Puller
    source: Source
    feed: Feed
    folder: Path
    line: _Line
    pulled: Pulled

    def run(self) -> None:
        memory = Memory(self.folder / "fetched.jsonl")
        new = self._new(memory)
        received = self._received() if memory.is_new and new else frozenset()
        self._forget_others(new)
        refused: list[str] = []
        try:
            for entry in new:
                self._try(entry, memory, received, refused)
        finally:
            if refused:
                more = f" (and {len(refused) - 1:,} more)" if refused[1:] else ""
                self.pulled.findings.append(self.puller.secrets.hide(refused[0] + more))

    def _try(
        self, entry: Entry, memory: Memory, received: frozenset[tuple[str, str]], refused: list[str]
    ) -> None:
        """Takes one entry; a file that is refused or changes stops no other, a span of time does."""
        try:
            if objection := unsafe(entry.name):
                raise Refused(objection)
            self._take(entry, memory, received)
        except Changed:
            self.pulled.left += 1
        except Refused as error:
            if entry.cursor:
                raise
            refused.append(f"{_shown(entry.name)}: {reason(error)}")

    def _new(self, memory: Memory) -> list[Entry]:
        """What is there, whole and not known."""
        settings = self.feed.settings
        there = self._look(memory.cursor)
        self.pulled.listed = len(there)
        new = [entry for entry in there if not memory.holds(entry)]
        if new and settings.get("done") == "settled":
            self.puller.sleep(settings.get("settle_seconds", SETTLE_SECONDS))
            new = settled(new, self._look(memory.cursor))
        return new

    def _look(self, cursor: str) -> list[Entry]:
        return ready(self.line.use(lambda transport: list(transport.entries(cursor))), self.feed.settings)

    def _take(self, entry: Entry, memory: Memory, received: frozenset[tuple[str, str]]) -> None:
        """Fetches one entry, lands it and remembers it, in this order: killed between, it is fetched again."""
        part = self._part(entry)
        part.parent.mkdir(parents=True, exist_ok=True)
        if not self.line.use(lambda transport: _whole(transport, entry, part)):
            memory.keep(entry, None)
        else:
            sha256 = sha256_file(part)
            if entry.sha256 not in (None, sha256):
                part.unlink()
                raise Refused("its content is not what the listing's SHA-256 says")
            memory.keep(entry, self._land(part, sha256, received))
        shutil.rmtree(part.parent, ignore_errors=True)

    def _land(self, part: Path, sha256: str, received: frozenset[tuple[str, str]]) -> str:
        feed, source_id = self.feed, self.source.source_id
        options = dict(sorted(feed.options.items()))
        landing_id = landing_id_of(source_id, feed.dataset, feed.format, options, sha256)
        if (landing_id, _shown(part.name)) in received:
            self.pulled.known += 1
            return sha256
        with _landing:
            event, new = receive(
                self.puller.home,
                part,
                source_id=source_id,
                dataset=feed.dataset,
                format_name=feed.format,
                options=options,
                received_at=self.puller.now(),
            )
        if new:
            self.pulled.landed.append(event.landing_id)
        return event.content_sha256

    def _received(self) -> frozenset[tuple[str, str]]:
        """The landings of this feed with the names that they came under: known even if their memory is lost."""
        return frozenset(
            (event.landing_id, event.name)
            for event in read_events(self.puller.home)
            if event.act == "receipt" and (event.source_id, event.dataset) == self._of
        )

    @property
    def _of(self) -> tuple[str, str]:
        return self.source.source_id, self.feed.dataset

    def _part(self, entry: Entry) -> Path:
        """Where an entry is written to: another version of it begins anew."""
        identity = sha256_text(
            f"{entry.key}\n{entry.size}\n{entry.version}".encode(errors="replace").decode()
        )
        return self.folder / "parts" / identity[:32] / entry.name

    def _forget_others(self, new: Iterable[Entry]) -> None:
        """Removes what was begun of entries that are gone, or are others by now."""
        wanted = {self._part(entry).parent.name for entry in new}
        parts = self.folder / "parts"
        for begun in parts.iterdir() if parts.exists() else []:
            if begun.name not in wanted:
                shutil.rmtree(begun, ignore_errors=True)


def _whole(transport: Transport, entry: Entry, part: Path) -> bool:
    """Fetches an entry to its end. Raises Changed if it came shorter or longer than listed."""
    if not transport.fetch(entry, part):
        return False
    size = bytes_of(part)
    if entry.size is not None and size != entry.size:
        if size > entry.size:
            part.unlink()
        raise Changed(f"{entry.name} came with {size:,} of {entry.size:,} bytes")
    return True


def _shown(name: str) -> str:
    """A name as a receipt writes it."""
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def fetched_feeds(
    sources: Mapping[str, Source], source_id: str | None = None, dataset: str | None = None
) -> list[tuple[Source, list[Feed]]]:
    """The feeds that are fetched, by source: all, or those of one source or dataset."""
    work = [
        (source, [feed for feed in source.feeds if feed.is_fetched and dataset in (None, feed.dataset)])
        for source in sources.values()
        if source_id in (None, source.source_id)
    ]
    return [(source, feeds) for source, feeds in work if feeds]
