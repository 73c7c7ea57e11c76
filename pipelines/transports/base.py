"""What every transport shares: what a source offers, what may go wrong, and secrets that are never shown."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

CONNECT_SECONDS, ANSWER_SECONDS = 10.0, 120.0
BLOCK = 1 << 20
HIDDEN = "***"


class Unavailable(Exception):
    """A source that did not answer, or not to the end: asking again may help."""


class Refused(Exception):
    """What asking again does not change: a wrong key, a missing folder, an answer that is an error."""


class Changed(Exception):
    """An entry that is not what was listed any more: it is left for the next time."""


@dataclass(frozen=True)
class Entry:
    """Something that a source offers. `key` finds it there; `name` is what its receipt says.

    `version` changes when the content does (an ETag, a time of change); `sha256` is what the source says of the
    content. A span of time instead of a file has the `cursor` from which the list goes on after it.
    """

    key: str
    name: str
    size: int | None = None
    version: str = ""
    sha256: str | None = None
    cursor: str = ""


class Transport(Protocol):
    """A connection to one place. Everything raises Unavailable or Refused, fetching also Changed, and nothing else."""

    def entries(self, cursor: str) -> Iterable[Entry]:
        """What is there, in the order in which to fetch it; spans of time from the cursor on."""

    def fetch(self, entry: Entry, part: Path) -> bool:
        """Writes an entry to `part`, going on where it ends; False where there turns out to be nothing to write.

        Returns only when `part` is whole. What is written stays for a next time that is asked for the same entry.
        """

    def close(self) -> None:
        """Ends the connection."""


@dataclass
class Secrets:
    """Credentials, taken by name from the environment when they are needed, and hidden from every text."""

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    _given: set[str] = field(default_factory=set)

    def of(self, settings: Mapping[str, Any], key: str) -> str | None:
        """The secret whose variable `settings[key]` names; None where none is named. Raises Refused if unset."""
        name = settings.get(key)
        if name is None:
            return None
        value = self.environment.get(name, "")
        if not value:
            raise Refused(f"the environment variable {name} is not set")
        self._given.update(line for line in [value, *value.splitlines()] if line.strip())
        return value

    def hide(self, text: str) -> str:
        """The text without any secret that was given out."""
        for secret in sorted(self._given, key=len, reverse=True):
            for form in (secret, quote(secret, safe=""), repr(secret)[1:-1]):
                text = text.replace(form, HIDDEN)
        return text


def reason(error: BaseException) -> str:
    """The first line of what an error says, without a full stop; its kind where it says nothing."""
    said = str(error).strip().splitlines()
    return said[0].rstrip(". ") if said else type(error).__name__


def bytes_of(part: Path) -> int:
    """How much of an entry is there already."""
    return part.stat().st_size if part.exists() else 0
