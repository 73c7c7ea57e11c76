"""The arrivals sensor: when settled files lie in the inbox, one run takes them all the way to a release.

What it asked for is remembered by content in the run key, so that a file is materialised once, also after a restart.
"""

from datetime import UTC, datetime

import dagster as dg

from pipelines.arrivals import waiting
from pipelines.errors import Finding
from pipelines.files import canonical_json, sha256_file, sha256_text
from pipelines.home import Home, business_day
from pipelines.sites_config import load_sources

INTERVAL_SECONDS = 30


@dg.op
def materialise_arrivals(context: dg.OpExecutionContext) -> None:
    """Lands what waits and brings everything to a release, as `suanzhang materialize` does."""
    from pipelines.runs import materialise

    home = Home.from_environment()
    try:
        done = materialise(home, load_sources(), context.log.info, instance=context.instance)
    except Finding as finding:
        raise dg.Failure(str(finding)) from finding
    context.add_output_metadata(
        {"release_id": done.release.release_id, "received_day": str(business_day(datetime.now(UTC)))}
    )


@dg.job(description="Lands what waits in the inbox and materialises what it changes, up to a release.")
def arrivals_job() -> None:
    materialise_arrivals()


@dg.sensor(
    job=arrivals_job, minimum_interval_seconds=INTERVAL_SECONDS, default_status=dg.DefaultSensorStatus.RUNNING
)
def arrivals() -> dg.SensorResult:
    """Looks into the inbox; asks for one run per set of settled files."""
    home = Home.from_environment()
    found = waiting(home, load_sources())
    ready = [arrival for arrival in found if arrival.reason is None]
    left = [
        f"{arrival.path.name} stays in the inbox: {arrival.reason}." for arrival in found if arrival.reason
    ]
    if not ready:
        return dg.SensorResult(skip_reason=" ".join(left) or "The inbox is empty.")
    what = [
        [a.source_id, a.dataset, a.path.name, a.path.stat().st_mtime_ns, sha256_file(a.path)] for a in ready
    ]
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=sha256_text(canonical_json(what)))])


defs = dg.Definitions(jobs=[arrivals_job], sensors=[arrivals])
