"""Spans of time as entries: sources that answer questions about a time have no files to list.

Spans begin at whole multiples of their length since 1970, so that the same span is always the same file. One is
offered when its end is `lag_seconds` ago, each once and in order: one that failed is the first of the next time.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pipelines.transports.base import Entry

MOST = 1000
"""Spans offered at a time; the rest follows the next time."""


def windows(
    settings: Mapping[str, Any], cursor: str, now: float, name: str, minutes: int, lag: int
) -> Iterator[Entry]:
    """The spans that are due from `cursor` (or from `since`) on; `minutes` and `lag` hold where nothing is set."""
    length = settings.get("window_minutes", minutes) * 60
    latest = now - settings.get("lag_seconds", lag)
    begin = int(datetime.fromisoformat(cursor or settings["since"]).timestamp()) // length * length
    stem, dot, suffix = name.partition(".")
    for _ in range(MOST):
        end = begin + length
        if end > latest:
            return
        span = f"{_text(begin)}/{_text(end)}"
        compact = span.replace("-", "").replace(":", "").replace("/", "_")
        yield Entry(span, f"{stem}_{compact}{dot}{suffix}", cursor=_text(end))
        begin = end


def bounds(entry: Entry) -> tuple[int, int]:
    """The seconds since 1970 in which a span begins and before which it ends."""
    begin, end = (int(datetime.fromisoformat(text).timestamp()) for text in entry.key.split("/"))
    return begin, end


def _text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
