"""The inbox: a settled file is taken once; one that is being written, or belongs nowhere, is left."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from pipelines.arrivals import take, waiting
from pipelines.home import Home
from pipelines.landing import read_events
from pipelines.sites_config import load_sources
from sensors.arrivals import arrivals

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


def test_the_sensor_asks_once_for_one_set_of_files_also_after_a_restart(home: Home) -> None:
    put(home, "jobs.psv")
    with dg.instance_for_test() as instance:
        first = arrivals(dg.build_sensor_context(instance=instance))
        again = arrivals(dg.build_sensor_context(instance=instance))
    assert isinstance(first, dg.SensorResult)
    assert isinstance(again, dg.SensorResult)
    keys = [request.run_key for result in (first, again) for request in result.run_requests or []]
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_the_sensor_says_why_it_asks_for_nothing(home: Home) -> None:
    put(home, "a.psv", source="atlantis")
    with dg.instance_for_test() as instance:
        result = arrivals(dg.build_sensor_context(instance=instance))
    assert isinstance(result, dg.SensorResult)
    assert "there is no source 'atlantis'" in str(result.skip_reason)
