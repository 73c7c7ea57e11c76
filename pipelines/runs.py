"""Dagster runs in this process, for the commands and the sensor: what is due, from the inbox to a release.

Each run covers assets of one partitioning: landing and bronze by received day, models, day facts by business day,
settlement by period, then the release. Their events are in the home's Dagster instance, which `make dev` shows.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import dagster as dg

from pipelines.abandoned import end_abandoned
from pipelines.arrivals import Arrival, take
from pipelines.certifying import all_tallies, uncertified
from pipelines.defs.resources import REPORT
from pipelines.defs.warehouse import FORCED
from pipelines.effective import landings_as_of
from pipelines.errors import Finding
from pipelines.files import write_text
from pipelines.home import Home, business_day
from pipelines.lake import due, refresh
from pipelines.landing import Event, read_events
from pipelines.orchestrate import changed_days, is_due
from pipelines.partitions import billing_periods, business_days, consecutive, known_days
from pipelines.release import Release, current, current_release
from pipelines.sites_config import Source

Progress = Callable[[str], None]
RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
INSTANCE = """# Written once for this home; change it as you like, or delete it to have it written anew.
telemetry:
  enabled: false
nux:
  enabled: false
event_log_storage:
  module: pipelines.event_log
  class: EventLog
  config: {}
run_monitoring:
  enabled: true
  start_timeout_seconds: 300
  poll_interval_seconds: 60
"""


@dataclass(frozen=True)
class Done:
    """What a materialisation did: what it took from the inbox, what it left there, the days recomputed, the release."""

    taken: Sequence[Event]
    left: Sequence[Arrival]
    deliveries: int
    days: Sequence[date]
    release: Release


def instance_of(home: Home) -> dg.DagsterInstance:
    """The Dagster instance of a home, made if it is not there."""
    os.environ["SUANZHANG_HOME"] = str(home.root)
    config = home.dagster / "dagster.yaml"
    if not config.exists():
        write_text(config, INSTANCE)
    return dg.DagsterInstance.from_config(str(home.dagster))


def materialise(
    home: Home,
    sources: dict[str, Source],
    progress: Progress,
    forced: tuple[date, date] | None = None,
    instance: dg.DagsterInstance | None = None,
) -> Done:
    """Takes everything that is due to a release. Raises Finding with the first failure of a run."""
    os.environ["SUANZHANG_HOME"] = str(home.root)
    taken, left = take(home, sources, datetime.now(UTC))
    before = current(home)
    with nullcontext(instance) if instance else instance_of(home) as held:
        end_abandoned(home, held)
        token = REPORT.set(progress)
        try:
            runner = _Runner(home, held, progress)
            deliveries = runner.bronze(sources)
            days = runner.models(sources, forced)
            release = runner.release()
            new = before is None or before.name != release.release_id
            return Done(taken, left, deliveries, days, replace(release, new=new))
        finally:
            REPORT.reset(token)


class _Runner:
    """Runs selections of the code location's assets in one instance."""

    def __init__(self, home: Home, instance: dg.DagsterInstance, progress: Progress) -> None:
        from pipelines.definitions import defs

        self._home, self._instance, self._progress = home, instance, progress
        self._specs = defs.resolve_all_asset_specs()
        self._job = defs.resolve_implicit_global_asset_job_def()

    def bronze(self, sources: Mapping[str, Source]) -> int:
        """Reads the deliveries that are due and certifies what `land` had read; returns how many were due."""
        work = due(self._home, landings_as_of(read_events(self._home)))
        days: defaultdict[str, set[date]] = defaultdict(set)
        for each in work:
            days[each.state.receipt.dataset].add(each.received_day)
        for tally in uncertified(self._home, all_tallies(self._home)):
            days[tally.dataset].add(business_day(datetime.fromisoformat(tally.received_at)))
        spans: dict[tuple[date, date], list[str]] = {}
        for dataset, received in sorted(days.items()):
            known = known_days(received)
            if len(known) < len(received):
                refresh(self._home, sources, datasets=[dataset], progress=self._progress)
            if known:
                spans.setdefault((known[0], known[-1]), []).append(dataset)
        for (first, last), datasets in spans.items():
            self._progress(f"Reading {', '.join(datasets)} received from {first} to {last} …")
            keys = [
                dg.AssetKey(["landing", "deliveries"]),
                *(dg.AssetKey(["bronze", name]) for name in datasets),
            ]
            self._run(keys, {RANGE_START: first.isoformat(), RANGE_END: last.isoformat()})
        return len(work)

    def models(self, sources: Mapping[str, Source], forced: tuple[date, date] | None) -> list[date]:
        """Builds the models that are due; returns the business days that were computed again."""
        if not is_due(self._home, sources, forced, self._progress):
            return []
        self._progress("Building the models …")
        groups = self._groups()
        tags = {FORCED: f"{forced[0]}/{forced[1]}"} if forced else {}
        self._run(groups[None], tags)
        days = changed_days(self._home)
        for first, last in consecutive(known_days(days)):
            self._run(groups[business_days], {RANGE_START: first.isoformat(), RANGE_END: last.isoformat()})
        periods = sorted({day.strftime("%Y-%m-01") for day in known_days(days)})
        if periods:
            self._run(groups[billing_periods], {RANGE_START: periods[0], RANGE_END: periods[-1]})
        return days

    def release(self) -> Release:
        """Publishes and shows the pages; returns the release that is current then."""
        self._progress("Publishing …")
        self._run([spec.key for spec in self._specs if spec.key.path[0] == "published"], {})
        return current_release(self._home)

    def _groups(self) -> dict[dg.PartitionsDefinition | None, list[dg.AssetKey]]:
        groups: dict[dg.PartitionsDefinition | None, list[dg.AssetKey]] = {}
        for spec in self._specs:
            if spec.key.path[0] not in ("landing", "bronze", "published", "inputs", "ledger"):
                groups.setdefault(spec.partitions_def, []).append(spec.key)
        return groups

    def _run(self, keys: Sequence[dg.AssetKey], tags: Mapping[str, str]) -> None:
        result = self._job.execute_in_process(
            run_config=QUIET,
            instance=self._instance,
            asset_selection=keys,
            tags=tags,
            raise_on_error=False,
        )
        if not result.success:
            raise Finding(_reason(result))


def _reason(result: dg.ExecuteInProcessResult) -> str:
    """The innermost cause of the first failed step."""
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error and error.cause:
                error = error.cause
            if error:
                return " ".join(error.message.split(f"{error.cls_name}: ", 1)[-1].split())
    return "The run failed; `make dev` shows where."
