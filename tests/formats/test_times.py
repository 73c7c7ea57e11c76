"""Instants from texts: forms, zones, hours that a clock change skips or repeats."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.formats.base import Unreadable
from pipelines.formats.lines import RULES
from pipelines.formats.times import constant_offset, read_instants, zone_option
from tests.formats.reading import context


def one(text: str, zone: str = "Asia/Shanghai") -> tuple[datetime | None, datetime | None, bool, bool]:
    read = read_instants(pl.Series([text], dtype=pl.String), zone)
    return read.earliest[0], read.latest[0], read.unreadable[0], read.nonexistent[0]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T08:00:00",
        "2026-03-01 08:00:00",
        "2026-03-01T08:00:00.000",
        "2026-03-01T00:00:00Z",
        "2026-03-01 00:00:00 Z",
        "2026-03-01T08:00:00+08:00",
        "2026-03-01T08:00:00+0800",
        "2026-02-28T19:00:00-05",
        "1772323200",
    ],
)
def test_every_form_of_one_instant(text: str) -> None:
    instant = datetime(2026, 3, 1, tzinfo=UTC)
    assert one(text) == (instant, instant, False, False)


@pytest.mark.parametrize(
    "text",
    ["soon", "2026-02-30T00:00:00", "2026-03-01", "26-03-01 08:00:00", "2026-3-1T8:00:00", "-1", "1" * 12],
)
def test_what_is_no_time_is_unreadable(text: str) -> None:
    assert one(text) == (None, None, True, False)


def test_nothing_sent_is_nothing_wrong() -> None:
    assert one("") == (None, None, False, False)


def test_an_hour_that_the_clock_skips_does_not_exist() -> None:
    assert one("2026-03-29T02:30:00", "Europe/Berlin") == (None, None, False, True)


def test_an_hour_that_comes_twice_has_two_instants() -> None:
    early, late, *_ = one("2026-10-25T02:30:00", "Europe/Berlin")
    assert (early, late) == (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    )


@given(
    st.lists(
        st.datetimes(datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2040-01-01")),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]),
)
def test_instants_are_those_of_the_zone_database(locals_: list[datetime], zone: str) -> None:
    place = ZoneInfo(zone)
    moments = [moment.replace(microsecond=0) for moment in locals_]
    read = read_instants(pl.Series([moment.isoformat() for moment in moments]), zone)
    for moment, early, late in zip(moments, read.earliest, read.latest, strict=True):
        folds = [moment.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1)]
        exists = [instant for instant in folds if instant.astimezone(place).replace(tzinfo=None) == moment]
        assert (early, late) == ((min(exists), max(exists)) if exists else (None, None))


def test_an_offset_is_constant_only_where_no_change_is_near() -> None:
    day = datetime(2026, 1, 10, tzinfo=UTC).date()
    assert constant_offset("Europe/Berlin", day, day) == timedelta(hours=1)
    assert constant_offset("Europe/Berlin", day, day + timedelta(days=90)) is None


def test_a_zone_that_nobody_knows_is_refused() -> None:
    with pytest.raises(Unreadable, match="Asia/Nowhere"):
        zone_option(context("job_records", {"time_zone": "Asia/Nowhere"}), RULES)
    assert zone_option(context("job_records", {"time_zone": "UTC"}), RULES) == "UTC"
