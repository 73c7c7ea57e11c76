"""Which entries are whole: a file that its sender still writes is left for a next time.

`done: rename` (the default) leaves names that say so; `settled` also what changed between two looks; `marker` takes
a file only when `<name>.done` lies beside it.
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from pipelines.arrivals import UNFINISHED
from pipelines.transports.base import Entry

MARKER = ".done"
SETTLE_SECONDS = 5.0
LONGEST_NAME = 200


def ready(entries: Iterable[Entry], settings: Mapping[str, Any]) -> list[Entry]:
    """The entries that may be fetched, by their names alone."""
    there = list(entries)
    keys = {entry.key for entry in there}
    marked = settings.get("done") == "marker"
    return [
        entry
        for entry in there
        if not entry.name.startswith(".")
        and not entry.name.endswith((*UNFINISHED, ".filepart"))
        and fnmatchcase(entry.name, settings.get("match", "*"))
        and not (marked and entry.name.endswith(MARKER))
        and (not marked or entry.key + MARKER in keys)
    ]


def settled(first: Iterable[Entry], second: Iterable[Entry]) -> list[Entry]:
    """What two looks saw alike."""
    again = set(second)
    return [entry for entry in first if entry in again]


def unsafe(name: str) -> str | None:
    """Why an entry's name cannot be a file's name here; None if it can."""
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        return "its name is no file name"
    if len(name.encode(errors="surrogateescape")) > LONGEST_NAME:
        return f"its name is longer than {LONGEST_NAME} bytes"
    return None
