"""The fetching sensor: one run per source, each with its own time to be asked again."""

import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import DagsterEvent, DagsterEventType

from pipelines.home import Home
from sensors.fetching import SOURCE, fetching, fetching_job
from tests.transports.test_fetch_command import share

pytestmark = pytest.mark.slow

__all__ = ["share"]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as made:
        yield made


def tick(instance: dg.DagsterInstance) -> dg.SensorResult:
    result = fetching(dg.build_sensor_context(instance=instance))
    assert isinstance(result, dg.SensorResult)
    return result


def asked(instance: dg.DagsterInstance) -> dict[str, dg.DagsterRun]:
    """The runs that the sensor asks for, by source, as the daemon makes them."""
    return {
        request.tags[SOURCE]: instance.create_run_for_job(
            fetching_job, tags=request.tags, run_config=request.run_config
        )
        for request in tick(instance).run_requests or []
    }


def end(instance: dg.DagsterInstance, run: dg.DagsterRun, event: DagsterEventType) -> None:
    instance.report_dagster_event(
        DagsterEvent(event_type_value=event.value, job_name=run.job_name), run.run_id
    )


def test_without_transports_nothing_is_asked(home: Home, instance: dg.DagsterInstance) -> None:
    assert "come to the inbox" in str(tick(instance).skip_reason)


def test_each_source_is_asked_once_at_a_time(share: Path, instance: dg.DagsterInstance) -> None:
    assert sorted(asked(instance)) == ["north", "south"]
    assert asked(instance) == {}


def test_a_failing_source_waits_longer_each_time_and_no_other_does(
    share: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    runs = asked(instance)
    end(instance, runs["south"], DagsterEventType.PIPELINE_FAILURE)
    end(instance, runs["north"], DagsterEventType.PIPELINE_SUCCESS)
    monkeypatch.setattr(time, "time", lambda: now + 70)
    again = asked(instance)
    assert list(again) == ["south"]
    end(instance, again["south"], DagsterEventType.PIPELINE_FAILURE)
    assert "south in 2 minutes" in str(tick(instance).skip_reason)
    monkeypatch.setattr(time, "time", lambda: now + 16 * 60)
    assert sorted(asked(instance)) == ["north", "south"]


def test_a_run_lands_what_is_new_and_fails_with_the_source_s_sentence(
    share: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.defs.resources import Platform

    monkeypatch.setattr("pipelines.lake.due", lambda *_: [])
    (share / "jobs.psv").write_text("JobID|State\n")
    for name, success in (("north", True), ("south", False)):
        config = {"ops": {"fetch_source": {"config": {"source": name}}}}
        done = fetching_job.execute_in_process(
            run_config=config, resources={"platform": Platform()}, raise_on_error=False
        )
        assert done.success is success
    (failure,) = [event for event in done.all_events if event.is_step_failure]
    assert "unmounted: No such file or directory." in str(failure.step_failure_data.error)
