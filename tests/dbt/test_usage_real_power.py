"""A real GPU node's hourly power over 21 months as a meter's momentary readings: days of 23 and 25 hours are whole."""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipelines.formats import FORMATS
from pipelines.formats.base import ReadContext, Tally
from tests.conftest import REAL_DATA
from tests.dbt.harness import Warehouse
from tests.dbt.world import World, shanghai

NEW_YORK = ZoneInfo("America/New_York")
FILE = REAL_DATA / "facility" / "gpu_node_hourly_power.tsv"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FILE.is_file(), reason=f"needs the real node's hours in {REAL_DATA}"),
]
HOUR = timedelta(hours=1)
Hours = dict[datetime, tuple[int, int]]
"""Watt-hours and their measured part by hour."""


@pytest.fixture(scope="module")
def hours(tmp_path_factory: pytest.TempPathFactory) -> Hours:
    """What the models make of each hour of the file."""
    context = ReadContext(
        source_id="node",
        site_id="node",
        time_zone="America/New_York",
        dataset="device_samples",
        options={},
        columns=(),
        currency="USD",
    )
    world = World()
    world.site("node")
    for batch in FORMATS["node_power"].read(FILE, context, Tally()):
        readings = [
            {
                "site_id": "node",
                "meter_id": row["node"],
                "read_at": row["sampled_at"],
                "meter_kind": "it",
                "reading_type": "gauge",
                "value": Decimal(row["power_w"]),
                "unit": "W",
            }
            for row in batch.iter_rows(named=True)
        ]
        world.deliver("node", "facility_readings", shanghai("2026-01-01 00:00"), readings)
    warehouse = Warehouse(tmp_path_factory.mktemp("power"), "+int_meter_hours")
    warehouse.build(world, test=True)
    found = warehouse.sql(
        "select make_timestamptz(hour_s * 1000000) as hour, quantity, measured from intermediate.int_meter_hours "
        "where covered_us = 3600000000"
    )
    return {row["hour"]: (row["quantity"], row["measured"]) for row in found}


def stated(path: Path) -> list[tuple[datetime, int]]:
    """The file's own hours, by the local time that they name, and their means in whole watts, oldest first."""
    found = []
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        fields = line.split("\t")
        if len(fields) > 2 and fields[1][:2] == "20":
            mean = int(Decimal(fields[2]).quantize(Decimal(1), ROUND_HALF_UP))
            found.append((datetime.fromisoformat(fields[1]), mean))
    return sorted(found)


def stated_on(day: date) -> dict[int, int]:
    """The means of a local day by the hour that the file names."""
    return {local.hour: mean for local, mean in stated(FILE) if local.date() == day}


def local_day(hours: Hours, day: date) -> list[tuple[int, int]]:
    """The hours of a day in New York, in order."""
    return [found for hour, found in sorted(hours.items()) if hour.astimezone(NEW_YORK).date() == day]


@pytest.mark.parametrize(
    ("day", "length", "twice"),
    [(date(2024, 3, 10), 23, 0), (date(2024, 11, 3), 25, 1), (date(2025, 3, 9), 23, 0)],
)
def test_the_days_on_which_clocks_change_have_all_of_their_hours(
    hours: Hours, day: date, length: int, twice: int
) -> None:
    """The file lacks one hour of each: the mean before it holds for two, which are estimated."""
    found, means = local_day(hours, day), stated_on(day)
    assert (len(found), len(means)) == (length, length - 1)
    assert sum(wh for wh, _ in found) == sum(means.values()) + means[twice]
    assert sum(wh - measured for wh, measured in found) == 2 * means[twice]


def test_an_ordinary_day_is_the_sum_of_its_hours_and_measured(hours: Hours) -> None:
    found, means = local_day(hours, date(2024, 11, 2)), stated_on(date(2024, 11, 2))
    assert (len(found), sum(wh for wh, _ in found)) == (24, sum(means.values()))
    assert all(wh == measured for wh, measured in found)


def test_all_that_is_measured_is_the_files_own_and_its_gaps_are_estimated(hours: Hours) -> None:
    points = [(local.replace(tzinfo=NEW_YORK).astimezone(UTC), mean) for local, mean in stated(FILE)]
    gaps = [(after - at, mean) for (at, mean), (after, _) in pairwise(points)]
    assert sum(measured for _, measured in hours.values()) == sum(mean for gap, mean in gaps if gap == HOUR)
    bridged = [(gap // HOUR, mean) for gap, mean in gaps]
    assert max(number for number, _ in bridged) == 14
    assert sum(wh for wh, _ in hours.values()) == sum(number * mean for number, mean in bridged)
    assert len(hours) == sum(number for number, _ in bridged)
