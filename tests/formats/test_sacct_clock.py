"""Local times of jobs: zones, and the hour that clocks repeat or skip."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.formats.reading import read_text, rules
from tests.formats.sacct import COLUMNS, row, text

BERLIN = {"time_zone": "Europe/Berlin"}
SUSPENDED = (*COLUMNS[:-1], "Suspended", "JobName")


def times(
    folder: Path, columns: tuple[str, ...] = COLUMNS, **values: str
) -> tuple[list[datetime | None], dict[str, int]]:
    """Submit, start and end of one job of Berlin, and the file's labels."""
    rows, tally = read_text(folder, text(row(columns, **values), columns=columns), BERLIN)
    assert rules(rows) == [[]]
    return list(rows.select("submit_time", "start_time", "end_time").row(0)), tally.labels


def utc(hour: int, minute: int, second: int) -> datetime:
    return datetime(2026, 10, 25, hour, minute, second, tzinfo=UTC)


def at(clock: str) -> str:
    return f"2026-10-25T{clock}"


def test_an_end_before_its_start_is_the_second_of_the_two_hours(tmp_path: Path) -> None:
    found, labels = times(
        tmp_path,
        Submit=at("02:59:34"),
        Eligible=at("02:59:34"),
        Start=at("02:59:34"),
        End=at("02:00:04"),
        Elapsed="00:00:30",
    )
    assert found == [utc(0, 59, 34), utc(0, 59, 34), utc(1, 0, 4)]
    assert labels == {}


def test_a_start_is_proven_by_an_end_that_is_certain(tmp_path: Path) -> None:
    found, labels = times(
        tmp_path,
        Submit=at("01:00:00"),
        Eligible=at("01:00:00"),
        Start=at("02:30:00"),
        End=at("04:00:00"),
        Elapsed="01:30:00",
    )
    assert found[1] == utc(1, 30, 0)
    assert labels == {}
    found, _ = times(
        tmp_path,
        Submit=at("01:00:00"),
        Eligible=at("01:00:00"),
        Start=at("02:30:00"),
        End=at("04:00:00"),
        Elapsed="02:30:00",
    )
    assert found[1] == utc(0, 30, 0)


def test_suspension_is_part_of_the_proof(tmp_path: Path) -> None:
    found, labels = times(
        tmp_path,
        SUSPENDED,
        Submit=at("01:00:00"),
        Eligible=at("01:00:00"),
        Start=at("02:30:00"),
        End=at("04:00:00"),
        Elapsed="01:00:00",
        Suspended="00:30:00",
    )
    assert (found[1], labels) == (utc(1, 30, 0), {})


def test_a_start_within_the_hour_that_nothing_proves_is_the_first_and_labelled(tmp_path: Path) -> None:
    found, labels = times(
        tmp_path,
        Submit=at("01:00:00"),
        Eligible=at("01:00:00"),
        Start=at("02:30:00"),
        End=at("02:30:10"),
        Elapsed="00:00:10",
    )
    assert found[1:] == [utc(0, 30, 0), utc(0, 30, 10)]
    assert labels == {"ambiguous local time": 1}
    found, labels = times(tmp_path, Start=at("02:30:00"), End="Unknown", State="RUNNING", Elapsed="03:00:00")
    assert (found[1:], labels) == ([utc(0, 30, 0), None], {"ambiguous local time": 1})


def test_an_end_after_a_suspension_is_not_before_the_job_can_have_ended(tmp_path: Path) -> None:
    found, labels = times(
        tmp_path,
        Submit=at("01:00:00"),
        Eligible=at("01:00:00"),
        Start=at("01:59:00"),
        End=at("02:30:00"),
        Elapsed="00:40:00",
    )
    assert found[1:] == [datetime(2026, 10, 24, 23, 59, tzinfo=UTC), utc(1, 30, 0)]
    assert labels == {"ambiguous local time": 1}


def test_a_time_that_the_clock_skips_rejects_the_row(tmp_path: Path) -> None:
    rows, _ = read_text(tmp_path, text(row(Start="2026-03-29T02:30:00", End="2026-03-29T03:30:00")), BERLIN)
    assert rules(rows) == [["start_time.nonexistent"]]


@pytest.mark.parametrize(("zone", "hour"), [("UTC", 8), ("Asia/Shanghai", 0), ("America/New_York", 13)])
def test_the_feeds_zone_holds_unless_the_delivery_names_one(tmp_path: Path, zone: str, hour: int) -> None:
    said, _ = read_text(tmp_path, text(row()), {"time_zone": zone})
    known, _ = read_text(tmp_path, text(row()), zone=zone)
    assert said["submit_time"][0] == known["submit_time"][0] == datetime(2026, 3, 1, hour, tzinfo=UTC)


def test_epoch_seconds_and_offsets_need_no_zone(tmp_path: Path) -> None:
    sent = text(row(Submit="1772323200", Start="2026-03-01T00:00:10Z", End="2026-03-01T08:00:20+0800"))
    rows, _ = read_text(tmp_path, sent, {"time_zone": "America/New_York"})
    assert [value.hour for value in rows.select("submit_time", "start_time", "end_time").row(0)] == [0, 0, 0]
