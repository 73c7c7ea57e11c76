"""The arrivals sensor: when settled files lie in the inbox, one run takes them all the way to a release.

A taken file leaves the inbox, so that it is materialised once, also after a restart; the same bytes sent again are a
new arrival. A run that failed or was killed is tried again, each time later, even if it had emptied the inbox: what it
landed is still due. All of this is read from the inbox and from the runs themselves; there is no other memory.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster._core.storage.dagster_run import IN_PROGRESS_RUN_STATUSES

from pipelines.abandoned import end_abandoned
from pipelines.arrivals import Arrival, waiting
from pipelines.defs.resources import Platform
from pipelines.errors import Finding
from pipelines.files import canonical_json, sha256_text
from pipelines.home import Home, business_day
from pipelines.sites_config import load_sources

INTERVAL_SECONDS = 30
INBOX = "suanzhang/inbox"
"""Run tag: a digest of the files that a run was asked for."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
RUNS_READ = 20
UNDER_WAY = (dg.DagsterRunStatus.NOT_STARTED, *IN_PROGRESS_RUN_STATUSES)


@dg.op
def materialise_arrivals(context: dg.OpExecutionContext, platform: Platform) -> None:
    """Lands what waits and brings everything to a release, as `suanzhang materialize` does."""
    from pipelines.runs import materialise

    try:
        done = materialise(platform.home, platform.sources, context.log.info, instance=context.instance)
    except Finding as finding:
        raise dg.Failure(str(finding)) from finding
    context.add_output_metadata(
        {
            "received_day": str(business_day(datetime.now(UTC))),
            "landed_from_inbox": len(done.taken),
            "deliveries_read": done.deliveries,
            "days_recomputed": len(done.days),
            "release_id": done.release.release_id,
            "new": done.release.new,
        }
    )


@dg.job(
    description=(
        "Lands what waits in the inbox and materialises what it changes, up to a release. "
        "收取收件箱中的文件，重算受影响的内容并发布。"
    )
)
def arrivals_job() -> None:
    """One step: the runs that it starts are beside it in the list of runs."""
    materialise_arrivals()


@dg.sensor(
    job=arrivals_job,
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Looks into the inbox and asks for one run that takes what waits. 监视收件箱，有新文件即运行。",
)
def arrivals(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Asks for one run per set of settled files, and again after a failure."""
    home = Home.from_environment()
    end_abandoned(home, context.instance)
    runs = context.instance.get_run_records(dg.RunsFilter(job_name=arrivals_job.name), limit=RUNS_READ)
    if any(record.dagster_run.status in UNDER_WAY for record in runs):
        return dg.SensorResult(skip_reason="The run for earlier arrivals is under way.")
    found = waiting(home, load_sources())
    ready = [arrival for arrival in found if arrival.reason is None]
    left = " ".join(f"{each.path.name} stays in the inbox: {each.reason}." for each in found if each.reason)
    failures = failed_since(runs)
    if not ready and not failures:
        return dg.SensorResult(skip_reason=left or "The inbox is empty.")
    what = digest(ready)
    if failures and (not ready or failures[0].dagster_run.tags.get(INBOX) == what):
        wait = (failures[0].end_time or 0.0) + pause_after(len(failures)).total_seconds() - time.time()
        if wait > 0:
            text = f"The last run failed; it is tried again in {wait / 60:.0f} minutes. {left}"
            return dg.SensorResult(skip_reason=text.strip())
    asked = context.instance.get_runs_count(dg.RunsFilter(job_name=arrivals_job.name, tags={INBOX: what}))
    request = dg.RunRequest(run_key=f"{what}-{asked}", tags={INBOX: what})
    return dg.SensorResult(run_requests=[request])


def digest(ready: Sequence[Arrival]) -> str:
    """What a set of files is known by: where they lie, and when and how long they were written."""
    stats = [(each.source_id, each.dataset, each.path.name, each.path.stat()) for each in ready]
    return sha256_text(
        canonical_json([[*where, st.st_mtime_ns, st.st_ino, st.st_size] for *where, st in stats])
    )


def failed_since(runs: Sequence[dg.RunRecord]) -> list[dg.RunRecord]:
    """The failed runs since the last that did not fail, newest first. One that a person cancelled ends the row."""
    failed = []
    for record in runs:
        if record.dagster_run.status != dg.DagsterRunStatus.FAILURE:
            break
        failed.append(record)
    return failed


def pause_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: twice as long each time, up to an hour."""
    doublings = min(failures, RUNS_READ) - 1
    return min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE)


defs = dg.Definitions(jobs=[arrivals_job], sensors=[arrivals])
