"""The fetching sensor: sources that have their deliveries elsewhere are asked in turn, each for itself.

One run per source: what it brings is landed and taken to a release. A source whose run failed is asked again, each
time later, and no other waits for it. When a source was last asked is read from its runs; there is no other memory.
"""

import time
from collections.abc import Sequence
from datetime import timedelta

import dagster as dg

from pipelines.abandoned import end_abandoned
from pipelines.defs.resources import Platform
from pipelines.errors import Finding
from pipelines.home import Home
from pipelines.sites_config import load_sources
from pipelines.transports.pull import Puller, fetched_feeds
from sensors.arrivals import RUNS_READ, UNDER_WAY, failed_since, pause_after

INTERVAL_SECONDS = 60
ASKED_EVERY = timedelta(minutes=15)
SOURCE = "suanzhang/source"
"""Run tag: the source that a run fetches from."""


@dg.op(config_schema={"source": str})
def fetch_source(context: dg.OpExecutionContext, platform: Platform) -> None:
    """Fetches from one source, as `suanzhang fetch` does, and materialises what is due then."""
    from pipelines.effective import landings_as_of
    from pipelines.lake import due
    from pipelines.landing import read_events
    from pipelines.runs import materialise

    pulled = Puller(platform.home).pull(fetched_feeds(platform.sources, context.op_config["source"]))
    for each in pulled:
        context.log.info(each.text())
    findings = [f"{each.dataset}: {text}." for each in pulled for text in each.findings]
    if due(platform.home, landings_as_of(read_events(platform.home))):
        try:
            materialise(platform.home, platform.sources, context.log.info, instance=context.instance)
        except Finding as finding:
            findings.append(str(finding))
    if findings:
        raise dg.Failure(" ".join(findings))
    context.add_output_metadata({"landed": sum(len(each.landed) for each in pulled)})


@dg.job(
    description=(
        "Fetches what is new from one source and materialises what it changes, up to a release. "
        "从一个来源拉取新文件，重算受影响的内容并发布。"
    )
)
def fetching_job() -> None:
    """One step: the runs that it starts are beside it in the list of runs."""
    fetch_source()


@dg.sensor(
    job=fetching_job,
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Asks for one run per source whose deliveries are to be fetched and whose time has come. "
        "对需要主动拉取的每个来源定时各运行一次。"
    ),
)
def fetching(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Asks for a run of each source that is not being fetched and was not asked lately."""
    end_abandoned(Home.from_environment(), context.instance)
    requests, waits = [], []
    for source, _ in fetched_feeds(load_sources()):
        tags = {SOURCE: source.source_id}
        filters = dg.RunsFilter(job_name=fetching_job.name, tags=tags)
        runs = context.instance.get_run_records(filters, limit=RUNS_READ)
        wait = seconds_to_wait(runs, time.time())
        if wait > 0:
            waits.append(f"{source.source_id} in {wait / 60:.0f} minutes")
            continue
        run_key = f"{source.source_id}-{context.instance.get_runs_count(filters)}"
        config = {"ops": {fetch_source.name: {"config": {"source": source.source_id}}}}
        requests.append(dg.RunRequest(run_key=run_key, tags=tags, run_config=config))
    if requests:
        return dg.SensorResult(run_requests=requests)
    said = f"Next: {', '.join(waits)}." if waits else "No source is fetched: all feeds come to the inbox."
    return dg.SensorResult(skip_reason=said)


def seconds_to_wait(runs: Sequence[dg.RunRecord], now: float) -> float:
    """How long not to ask a source, after its runs, newest first; more than nothing while one is under way."""
    if not runs:
        return 0.0
    if runs[0].dagster_run.status in UNDER_WAY:
        return ASKED_EVERY.total_seconds()
    failures = len(failed_since(runs))
    pause = pause_after(failures) if failures else ASKED_EVERY
    return (runs[0].end_time or 0.0) + pause.total_seconds() - now


defs = dg.Definitions(jobs=[fetching_job], sensors=[fetching])
