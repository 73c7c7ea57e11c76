"""Spans of time: aligned, in order, each once, and only when they are over."""

from pipelines.transports.windows import MOST, bounds, windows

SINCE = {"since": "2026-11-01T00:10:00Z", "window_minutes": 60, "lag_seconds": 300}
START = 1_793_491_200
"""2026-11-01T00:00:00Z"""


def test_spans_begin_at_whole_hours_and_end_before_the_lag() -> None:
    now = START + 2 * 3600 + 299
    (only,) = windows(SINCE, "", now, "jobs.json", 60, 0)
    assert only.name == "jobs_20261101T000000Z_20261101T010000Z.json"
    assert only.key == "2026-11-01T00:00:00Z/2026-11-01T01:00:00Z"
    assert only.cursor == "2026-11-01T01:00:00Z"
    assert bounds(only) == (START, START + 3600)
    assert len(list(windows(SINCE, "", now + 1, "jobs.json", 60, 0))) == 2


def test_spans_go_on_from_the_cursor() -> None:
    now = START + 5 * 3600
    keys = [entry.key[:13] for entry in windows(SINCE, "2026-11-01T03:00:00Z", now, "jobs.json", 60, 0)]
    assert keys == ["2026-11-01T03"]


def test_a_long_time_is_taken_in_parts() -> None:
    far = START + 10 * MOST * 3600
    entries = list(windows(SINCE, "", far, "jobs.json", 60, 0))
    assert len(entries) == MOST
    assert next(iter(windows(SINCE, entries[-1].cursor, far, "jobs.json", 60, 0))).key.startswith(
        entries[-1].cursor
    )
