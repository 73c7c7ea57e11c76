"""Runs whose process died: Dagster would show them as running for ever.

A run holds an operating-system lock while it executes; the kernel frees it on death. Whoever comes next finds a run
that is said to be running and whose lock is free, and reports it failed.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from pipelines.files import exclusive, is_held
from pipelines.home import Home

GRACE_SECONDS = 60.0
"""A run that began less than this ago may not have come to its lock yet."""


def _lock(home: Home, run_id: str) -> Path:
    return home.locks / "runs" / run_id


@contextmanager
def alive(home: Home, run_id: str) -> Iterator[None]:
    """Marks a run as being executed by this process."""
    path = _lock(home, run_id)
    with exclusive(path):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def end_abandoned(home: Home, instance: dg.DagsterInstance) -> list[str]:
    """Reports the runs as failed that nobody executes any more; returns their ids."""
    ended = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        run = record.dagster_run
        path = _lock(home, run.run_id)
        young = time.time() - (record.start_time or 0.0) < GRACE_SECONDS
        if is_held(path) or (young and not path.exists()):
            continue
        instance.report_run_failed(
            run, "The process of this run is gone; what it did not finish is still due."
        )
        path.unlink(missing_ok=True)
        ended.append(run.run_id)
    return ended
