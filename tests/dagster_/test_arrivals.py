"""The inbox: a settled file is taken once; one that is being written, or belongs nowhere, is left."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import DagsterEvent, DagsterEventType

from pipelines.abandoned import alive
from pipelines.arrivals import take, waiting
from pipelines.home import Home
from pipelines.landing import read_events
from pipelines.sites_config import load_sources
from sensors.arrivals import arrivals, arrivals_job, pause_after

NOW = datetime(2026, 10, 2, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("SUANZHANG_HOME", str(tmp_path))
    return Home.from_environment()


def put(
    home: Home, name: str, source: str = "nscc-zz", dataset: str = "job_records", age: float = 60
) -> Path:
    path = home.inbox / source / dataset / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{name}\n")
    moment = time.time() - age
    os.utime(path, (moment, moment))
    return path


def test_a_settled_file_is_landed_and_leaves_the_inbox(home: Home) -> None:
    path = put(home, "jobs.psv")
    taken, left = take(home, load_sources(), NOW)
    assert [event.name for event in taken] == ["jobs.psv"]
    assert not left
    assert not path.exists()
    assert home.object(taken[0].content_sha256).read_text() == "jobs.psv\n"


@pytest.mark.parametrize("name", [".jobs.psv", "jobs.psv.part", "jobs.psv.tmp"])
def test_a_file_that_is_being_written_is_left(home: Home, name: str) -> None:
    put(home, name)
    put(home, "young.psv", age=0)
    assert waiting(home, load_sources()) == []


def test_what_belongs_nowhere_stays_with_a_reason(home: Home) -> None:
    put(home, "a.psv", source="atlantis")
    put(home, "b.psv", dataset="parties")
    taken, left = take(home, load_sources(), NOW)
    assert not taken
    assert [arrival.reason for arrival in left] == [
        "there is no source 'atlantis'",
        "nscc-zz has no feed of parties in its configuration",
    ]
    assert all(arrival.path.exists() for arrival in left)


def test_killed_before_the_file_left_the_inbox_it_is_landed_once_with_two_receipts(home: Home) -> None:
    put(home, "jobs.psv")
    take(home, load_sources(), NOW)
    put(home, "jobs.psv")
    take(home, load_sources(), NOW.replace(hour=1))
    events = read_events(home)
    assert len(events) == 2
    assert len({event.landing_id for event in events}) == 1


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as made:
        yield made


def tick(instance: dg.DagsterInstance) -> dg.SensorResult:
    result = arrivals(dg.build_sensor_context(instance=instance))
    assert isinstance(result, dg.SensorResult)
    return result


def asked(instance: dg.DagsterInstance) -> dg.DagsterRun:
    """The run that the sensor asks for, as the daemon makes it."""
    (request,) = tick(instance).run_requests or []
    return instance.create_run_for_job(
        arrivals_job, tags={**request.tags, "dagster/run_key": str(request.run_key)}
    )


def end(instance: dg.DagsterInstance, run: dg.DagsterRun, event: DagsterEventType) -> None:
    """Ends a run as Dagster would."""
    ended = DagsterEvent(event_type_value=event.value, job_name=run.job_name)
    instance.report_dagster_event(ended, run.run_id)


def test_the_sensor_asks_once_while_a_run_is_under_way(home: Home, instance: dg.DagsterInstance) -> None:
    put(home, "jobs.psv")
    asked(instance)
    assert "under way" in str(tick(instance).skip_reason)


def test_an_unanswered_request_is_repeated_under_the_same_key(
    home: Home, instance: dg.DagsterInstance
) -> None:
    put(home, "jobs.psv")
    keys = [request.run_key for _ in range(2) for request in tick(instance).run_requests or []]
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_a_file_that_was_taken_is_not_asked_for_again_and_one_sent_again_is(
    home: Home, instance: dg.DagsterInstance
) -> None:
    path = put(home, "jobs.psv")
    stat = path.stat()
    first = asked(instance)
    path.rename(home.root / "kept")
    end(instance, first, DagsterEventType.PIPELINE_SUCCESS)
    assert "empty" in str(tick(instance).skip_reason)
    (home.root / "kept").rename(path)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    again = asked(instance)
    assert again.tags["dagster/run_key"] != first.tags["dagster/run_key"]


@pytest.mark.parametrize("taken", [False, True])
def test_a_failed_run_is_tried_again_later_whether_or_not_it_had_taken_the_file(
    home: Home, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    path = put(home, "jobs.psv")
    first = asked(instance)
    end(instance, first, DagsterEventType.PIPELINE_FAILURE)
    if taken:
        path.unlink()
    assert "tried again in 1 minutes" in str(tick(instance).skip_reason)
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    again = asked(instance)
    assert again.tags["dagster/run_key"] != first.tags["dagster/run_key"]
    end(instance, again, DagsterEventType.PIPELINE_SUCCESS)
    path.unlink(missing_ok=True)
    assert "empty" in str(tick(instance).skip_reason)


def test_what_arrives_after_a_failure_does_not_wait(home: Home, instance: dg.DagsterInstance) -> None:
    put(home, "jobs.psv")
    end(instance, asked(instance), DagsterEventType.PIPELINE_FAILURE)
    put(home, "more.psv")
    assert tick(instance).run_requests


def test_pauses_double_up_to_an_hour() -> None:
    minutes = [pause_after(failures).total_seconds() / 60 for failures in (1, 2, 3, 6, 7, 50)]
    assert minutes == [1, 2, 4, 32, 60, 60]


def test_a_run_whose_process_died_is_reported_failed_and_tried_again(
    home: Home, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home, "jobs.psv")
    run = asked(instance)
    end(instance, run, DagsterEventType.PIPELINE_START)
    with alive(home, run.run_id):
        assert "under way" in str(tick(instance).skip_reason)
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert "tried again" in str(tick(instance).skip_reason)
    ended = instance.get_run_by_id(run.run_id)
    assert ended is not None
    assert ended.status == dg.DagsterRunStatus.FAILURE


def test_the_sensor_says_why_it_asks_for_nothing(home: Home, instance: dg.DagsterInstance) -> None:
    put(home, "a.psv", source="atlantis")
    assert "there is no source 'atlantis'" in str(tick(instance).skip_reason)
