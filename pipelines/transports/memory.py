"""What was fetched from one place: plain lines of JSON that may be deleted at any time.

Then everything is listed and fetched again; bytes whose landing has a receipt of the same name add nothing, not even
a receipt, for a further receipt would bring back a delivery that was withdrawn. A line that a killed process left half
written is passed over.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.files import canonical_json, sha256_text
from pipelines.home import Home
from pipelines.sites_config import Feed
from pipelines.transports.base import Entry

HOW = frozenset(
    ("user", "host_key", "ca_file", "done", "settle_seconds", "match", "recursive", "lag_seconds", "region")
)
"""Settings that say how to get there and when; all others, but for credentials, say where and what."""


class Memory:
    """The entries fetched for one feed, by key; or, of spans of time, how far it got."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cursor = ""
        self._fetched: dict[str, list[Any]] = {}
        for line in path.read_bytes().splitlines() if path.exists() else []:
            try:
                document = json.loads(line)
                self.cursor = document["cursor"]
                self._fetched[document["key"]] = [document["size"], document["version"]]
            except (ValueError, KeyError, TypeError):
                continue

    @property
    def is_new(self) -> bool:
        """Whether nothing is remembered."""
        return not self._fetched

    def holds(self, entry: Entry) -> bool:
        """Whether an entry was fetched as it is now."""
        return self._fetched.get(entry.key) == [entry.size, entry.version]

    def keep(self, entry: Entry, sha256: str | None) -> None:
        """Remembers that an entry was fetched; without a hash where there was nothing in it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = {
            "key": entry.key,
            "size": entry.size,
            "version": entry.version,
            "sha256": sha256,
            "cursor": entry.cursor,
        }
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(f"{'' if self._ends_whole() else chr(10)}{json.dumps(line, sort_keys=True)}\n")
        self._fetched[entry.key] = [entry.size, entry.version]
        self.cursor = entry.cursor

    def _ends_whole(self) -> bool:
        """Whether the last line was written to its end."""
        if not self.path.exists() or not self.path.stat().st_size:
            return True
        with self.path.open("rb") as stream:
            stream.seek(-1, 2)
            return stream.read(1) == b"\n"


def folder_of(home: Home, source_id: str, feed: Feed) -> Path:
    """Where a feed's state is: another place to fetch from, or another question, is another folder."""
    asked = canonical_json([feed.transport, _asked(feed.settings)])
    return home.transports / source_id / feed.dataset / f"{feed.format}-{sha256_text(asked)[:12]}"


def _asked(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key not in HOW and not key.endswith("_env")}
