"""Feeds past their service level: one notice, one recovery, whatever happens between; what is late when."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from pipelines.effective import LandingState, landings_as_of
from pipelines.home import Home
from pipelines.landing import Event, receive
from pipelines.lateness import LateFeed, late_feeds
from pipelines.sites_config import load_sources
from sensors.lateness import lateness

pytestmark = pytest.mark.slow

SOURCES = load_sources()
JOBS, TOTALS = "nscc-zz/job_records/slurm_sacct", "nscc-zz/feed_totals/table"


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


class Log:
    """Deliveries of one source and what each tells of, as landing and bronze would have them."""

    def __init__(self, source: str = "nscc-zz") -> None:
        self.source = source
        self.events: list[Event] = []
        self.tallies: dict[str, Any] = {}

    def receipt(
        self,
        at: str,
        last_event: str | None,
        dataset: str = "job_records",
        form: str = "slurm_sacct",
        bad: int = 0,
    ) -> str:
        name = f"landing-{len(self.events)}"
        self.events.append(
            Event("receipt", f"{shanghai(at):%Y-%m-%dT%H:%M:%SZ}", name, self.source, dataset, form)
        )
        told = shanghai(last_event).isoformat() if last_event else None
        self.tallies[name] = SimpleNamespace(last_event_at=told, quarantined=bad)
        return name

    def withdraw(self, name: str, at: str) -> None:
        self.events.append(
            Event("withdrawal", f"{shanghai(at):%Y-%m-%dT%H:%M:%SZ}", name, self.source, "job_records")
        )

    def late(self, at: str) -> list[LateFeed]:
        instant = shanghai(at)
        return late_feeds(self.states(instant), self.tallies.get, SOURCES, instant)

    def states(self, at: datetime) -> list[LandingState]:
        return landings_as_of(self.events, at)

    def awaited(self, at: str, feed: str = JOBS) -> date | None:
        return next((each.awaited for each in self.late(at) if each.key == feed), None)


def test_a_feed_is_late_from_the_instant_after_which_a_day_was_due() -> None:
    # job records are due at six in the morning of the day after
    log = Log()
    log.receipt("2026-10-02 02:00", "2026-10-01 23:59")
    assert log.awaited("2026-10-03 06:00") is None
    assert log.awaited("2026-10-03 06:00:01") == date(2026, 10, 2)
    (late,) = [each for each in log.late("2026-10-05 00:00") if each.key == JOBS]
    assert late.due_at == shanghai("2026-10-03 06:00")


def test_events_of_the_day_of_a_receipt_do_not_tell_of_that_day() -> None:
    # a dump at two in the morning holds jobs of that night: the day that it tells of is the one before
    log = Log()
    log.receipt("2026-10-02 02:00", "2026-10-02 01:30")
    assert log.awaited("2026-10-03 07:00") == date(2026, 10, 2)


def test_a_late_delivery_of_an_old_day_does_not_make_up_for_a_new_one() -> None:
    log = Log()
    log.receipt("2026-10-02 02:00", "2026-10-01 23:00")
    log.receipt("2026-10-03 05:00", "2026-09-28 23:00")
    assert log.awaited("2026-10-03 07:00") == date(2026, 10, 2)


def test_what_is_withdrawn_tells_of_nothing_and_what_cannot_be_read_neither() -> None:
    log = Log()
    log.receipt("2026-10-02 02:00", "2026-10-01 23:00")
    name = log.receipt("2026-10-03 02:00", "2026-10-02 23:00")
    log.receipt("2026-10-03 02:30", None, bad=1)
    assert log.awaited("2026-10-03 07:00") is None
    log.withdraw(name, "2026-10-03 08:00")
    assert log.awaited("2026-10-03 09:00") == date(2026, 10, 2)


def test_an_empty_delivery_says_that_there_was_nothing() -> None:
    log = Log()
    log.receipt("2026-10-02 02:00", "2026-10-01 23:00")
    log.receipt("2026-10-03 02:00", None)
    assert log.awaited("2026-10-03 07:00") is None


def test_a_feed_that_never_came_is_awaited_since_its_source_sends_and_one_without_service_level_never() -> (
    None
):
    log = Log()
    log.receipt("2026-10-02 02:00", "2026-10-01 23:00")
    assert log.awaited("2026-10-03 09:00", TOTALS) == date(2026, 10, 2)
    assert {each.source_id for each in log.late("2026-12-01 00:00")} == {"nscc-zz"}
    assert not {"outages", "capacity_inventory"} & {each.dataset for each in log.late("2026-12-01 00:00")}


def test_a_monthly_bill_is_awaited_by_the_month() -> None:
    feed = next(each for each in SOURCES["aliyun"].feeds if each.service_level)
    assert feed.service_level
    assert feed.service_level.day_of_month
    last = feed.service_level.day_of_month
    log = Log("aliyun")
    log.receipt("2026-10-03 10:00", "2026-09-28 10:00", feed.dataset, feed.format)
    assert log.late(f"2026-11-{last:02} 23:00") == []
    (late,) = log.late(f"2026-11-{last + 1:02} 00:00:01")
    assert late.awaited == date(2026, 10, 1)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("SUANZHANG_HOME", str(tmp_path / "home"))
    return Home.from_environment()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as made:
        yield made


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A webhook on this machine: `documents` that it took, and the `status` that it answers."""
    state: dict[str, Any] = {"documents": [], "status": 200}

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if state["status"] == 200:
                state["documents"].append((document["feed"], document["event"]))
            self.send_response(state["status"])
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Webhook)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("SUANZHANG_ALERT_WEBHOOK", f"http://127.0.0.1:{server.server_port}/hook")
    yield state
    server.shutdown()
    server.server_close()


def send(home: Home, dataset: str, form: str, at: datetime) -> None:
    """Lands a delivery that nobody reads: it tells of all that was over when it came."""
    path = home.root / "sent" / f"{dataset}-{at:%Y%m%d%H}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(path.name)
    receive(home, path, source_id="nscc-zz", dataset=dataset, format_name=form, options={}, received_at=at)


def tick(instance: dg.DagsterInstance, cursor: str | None) -> str | None:
    """A tick of a sensor that was started anew; returns the cursor that it leaves."""
    result = lateness(dg.build_sensor_context(instance=instance, cursor=cursor))
    assert isinstance(result, dg.SensorResult)
    return result.cursor


def test_one_notice_and_one_recovery(
    home: Home, instance: dg.DagsterInstance, posted: dict[str, Any]
) -> None:
    now = datetime.now(UTC)
    send(home, "job_records", "slurm_sacct", now - timedelta(days=9))
    cursor = tick(instance, None)
    assert (JOBS, "late") in posted["documents"]
    told = list(posted["documents"])
    cursor = tick(instance, cursor)
    send(home, "job_records", "slurm_sacct", now - timedelta(days=5))
    cursor = tick(instance, cursor)
    assert posted["documents"] == told
    send(home, "job_records", "slurm_sacct", now - timedelta(seconds=1))
    tick(instance, tick(instance, cursor))
    assert posted["documents"] == [*told, (JOBS, "recovered")]
    assert len(set(told)) == len(told)


def test_a_notice_that_was_not_taken_is_given_again(
    home: Home, instance: dg.DagsterInstance, posted: dict[str, Any]
) -> None:
    send(home, "job_records", "slurm_sacct", datetime.now(UTC) - timedelta(days=9))
    posted["status"] = 503
    assert tick(instance, None) == "{}"
    posted["status"] = 200
    cursor = tick(instance, "{}")
    assert JOBS in json.loads(cursor or "{}")
    assert posted["documents"].count((JOBS, "late")) == 1


def test_without_a_webhook_notices_are_logged(
    home: Home, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SUANZHANG_ALERT_WEBHOOK", raising=False)
    send(home, "job_records", "slurm_sacct", datetime.now(UTC) - timedelta(days=9))
    assert JOBS in json.loads(tick(instance, None) or "{}")


def test_a_feed_that_is_no_longer_configured_is_forgotten(home: Home, instance: dg.DagsterInstance) -> None:
    assert tick(instance, json.dumps({"gone/job_records/slurm_sacct": "2026-10-01"})) == "{}"
