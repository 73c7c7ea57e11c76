"""Real runs on a small home: what they tell, that a range is one run, and what is said where upstream is missing."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.event_log.base import PartitionKeyFilter

from pipelines.certifying import all_tallies, certify_due, uncertified
from pipelines.event_log import OPEN_DATABASES
from pipelines.home import Home
from pipelines.lake import refresh
from pipelines.landing import receive
from pipelines.runs import RANGE_END, RANGE_START, instance_of
from pipelines.sites_config import load_sources
from tests.core.conftest import HEADER, sacct_line

pytestmark = pytest.mark.slow

JOBS = dg.AssetKey(["bronze", "job_records"])
DAYS = ("2026-10-02", "2026-10-03", "2026-10-04")
DELIVERIES = {
    "2026-10-02": [sacct_line(job="1"), sacct_line(job="2", elapsed=-5), sacct_line(job="3")],
    "2026-10-04": [sacct_line(job="4")],
}


def send(home: Home, path: Path, received_at: datetime) -> None:
    """Lands a file of nscc-zz's jobs."""
    receive(
        home,
        path,
        source_id="nscc-zz",
        dataset="job_records",
        format_name="slurm_sacct",
        options={},
        received_at=received_at,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    root = tmp_path_factory.mktemp("dagster")
    home = Home(root / "home")
    for day, lines in DELIVERIES.items():
        path = root / f"sacct_{day}.psv"
        path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
        send(home, path, datetime.fromisoformat(f"{day}T12:00:00+00:00"))
    return home


@pytest.fixture(scope="module")
def instance(home: Home) -> Any:
    patch = pytest.MonkeyPatch()
    patch.setenv("SUANZHANG_HOME", str(home.root))
    with instance_of(home) as instance:
        yield instance
    patch.undo()


def run(instance: dg.DagsterInstance, key: dg.AssetKey, tags: Mapping[str, str]) -> dg.ExecuteInProcessResult:
    """Materialises one asset as the UI does."""
    from pipelines.definitions import defs

    job = defs.resolve_implicit_global_asset_job_def()
    return job.execute_in_process(instance=instance, asset_selection=[key], tags=tags, raise_on_error=False)


def span(first: str, last: str) -> dict[str, str]:
    return {RANGE_START: first, RANGE_END: last}


def test_marts_say_which_upstream_is_missing(instance: dg.DagsterInstance) -> None:
    key = dg.AssetKey(["marts", "utilisation_daily"])
    result = run(instance, key, {"dagster/partition": "2026-10-01"})
    (failure,) = result.filter_events(lambda event: event.is_step_failure)
    cause = failure.step_failure_data.error
    while cause and cause.cause:
        cause = cause.cause
    assert cause
    assert "bronze/job_records (2 deliveries received 2026-10-02 to 2026-10-04)" in cause.message


@pytest.fixture(scope="module")
def ranged(instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return run(instance, JOBS, span(DAYS[0], DAYS[-1]))


def told(result: dg.ExecuteInProcessResult) -> dict[str, Mapping[str, dg.MetadataValue]]:
    events = result.asset_materializations_for_node("bronze__job_records")
    return {str(event.partition): event.metadata for event in events}


def test_a_range_of_days_is_one_run(ranged: dg.ExecuteInProcessResult) -> None:
    assert ranged.success
    assert list(told(ranged)) == list(DAYS)


def test_each_day_tells_its_own_figures_by_source(ranged: dg.ExecuteInProcessResult) -> None:
    of_day = told(ranged)
    assert [of_day[day]["rows_in"].value for day in DAYS] == [3, 0, 1]
    assert [of_day[day]["quarantined"].value for day in DAYS] == [1, 0, 0]
    by_source = of_day[DAYS[0]]["by_source"]
    assert isinstance(by_source, dg.TableMetadataValue)
    (row,) = by_source.records
    assert {name: row.data[name] for name in ("source", "rows_in", "accepted", "quarantined")} == {
        "source": "nscc-zz",
        "rows_in": 3,
        "accepted": 2,
        "quarantined": 1,
    }
    assert "elapsed_s" in str(row.data["top_reasons"])
    assert float(row.data["seconds"]) > 0
    preview = of_day[DAYS[0]]["preview"]
    assert isinstance(preview, dg.TableMetadataValue)
    assert [record.data["job_id"] for record in preview.records] == ["1", "3"]


@pytest.mark.usefixtures("ranged")
def test_each_day_has_its_own_verdicts(instance: dg.DagsterInstance) -> None:
    expected = {
        "certificate": ["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"],
        "on_time": ["FAILED", "SUCCEEDED", "FAILED"],  # both came after 06:00 on the day after their jobs
    }
    for check, statuses in expected.items():
        records = [
            instance.event_log_storage.get_asset_check_execution_history(
                dg.AssetCheckKey(JOBS, check), limit=1, partition_filter=PartitionKeyFilter(key=day)
            )[0]
            for day in DAYS
        ]
        assert [record.status.value for record in records] == statuses
        assert all(record.evaluation and record.evaluation.target_materialization_data for record in records)


@pytest.mark.usefixtures("ranged")
def test_a_run_that_certifies_nothing_new_still_shows_the_verdict(instance: dg.DagsterInstance) -> None:
    result = run(instance, JOBS, {"dagster/partition": DAYS[0]})
    verdicts = {each.check_name: each for each in result.get_asset_check_evaluations()}
    rows = verdicts["certificate"].metadata["rows"]
    assert isinstance(rows, dg.TableMetadataValue)
    assert [record.data["source"] for record in rows.records] == ["nscc-zz"]


def test_every_partitioned_asset_takes_a_range_in_one_run() -> None:
    from pipelines.definitions import defs

    many = [
        key.to_user_string()
        for asset in defs.resolve_asset_graph().assets_defs
        for key in asset.keys
        if asset.is_executable and asset.backfill_policy != dg.BackfillPolicy.single_run()
        if key.path[0] != "published"
    ]
    assert many == []


def test_events_are_there_for_another_process_and_for_more_runs_than_stay_open(home: Home) -> None:
    @dg.job
    def nothing() -> None:
        pass

    with instance_of(home) as writer, instance_of(home) as reader:
        runs = [nothing.execute_in_process(instance=writer).run_id for _ in range(OPEN_DATABASES + 2)]
        assert all(reader.all_logs(each) for each in runs)


def test_what_land_had_read_is_certified_by_the_next_run(tmp_path: Path) -> None:
    home, sources = Home(tmp_path / "home"), load_sources()
    path = tmp_path / "sacct.psv"
    path.write_text("\n".join([HEADER, sacct_line(job="1")]) + "\n", encoding="utf-8")
    send(home, path, datetime(2026, 10, 2, 12, tzinfo=UTC))
    refresh(home, sources)
    assert [tally.source_id for tally in uncertified(home, all_tallies(home))] == ["nscc-zz"]
    certify_due(home, sources, "job_records")
    assert uncertified(home, all_tallies(home)) == []
