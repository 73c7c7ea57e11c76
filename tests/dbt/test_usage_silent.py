"""A silent site: hours that it owes are estimated from the weeks before, labelled, and replaced when records come."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.harness import Warehouse
from tests.dbt.usage_cases import Site
from tests.dbt.world import World, shanghai

pytestmark = pytest.mark.slow
LAST = date(2026, 3, 24)
"""A Tuesday; silence begins at its noon."""


def heard(world: World, site: Site, day: date, cores: int, hours: int = 24, **columns: Any) -> None:
    """A job over a whole day unless told otherwise, known some hours after."""
    site.job(
        f"{day} 00:00",
        known=shanghai(f"{day} 00:00") + timedelta(hours=hours + 6),
        hours=hours,
        cores=cores,
        job=f"{day}",
        **columns,
    )


def network(due: date, others_until: date) -> World:
    """A site of 100 cores that held 10, 20 and 30 of them in three weeks and fell silent; another that goes on."""
    world = World()
    silent, other = Site(world, "silent"), Site(world, "other")
    silent.pool("2026-01-01 00:00", cores=100)
    for weeks, cores in ((1, 31), (2, 20), (3, 10)):
        for days in range(7):
            heard(world, silent, LAST - timedelta(days=7 * weeks - days), cores)
    heard(world, silent, LAST, 40, hours=12)
    # more than there is, in one hour three weeks before: no history
    silent.job("2026-03-04 20:00", hours=1, cores=200, job="too many")
    heard(world, other, date(2026, 3, 1), 1, hours=24 * ((others_until - date(2026, 3, 1)).days + 1) + 2)
    world.due = [
        {"source_id": "silent", "dataset": "job_records", "due_through": due},
        {"source_id": "silent", "dataset": "facility_readings", "due_through": due + timedelta(days=9)},
        {"source_id": "other", "dataset": "job_records", "due_through": due},
    ]
    return world


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(
        Path(tmp_path_factory.mktemp("silent")), "+path:models/marts/utilisation path:tests/usage"
    )
    warehouse.build(network(LAST + timedelta(days=1), LAST + timedelta(days=5)), test=True)
    return warehouse


def hours(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    """The silent site's hours of cores, by their start in Shanghai."""
    found = warehouse.rows("marts.utilisation_hourly", site_id="silent", resource_kind="cpu_core")
    return {f"{row['hour'] + timedelta(hours=8):%m-%d %H}": row for row in found}


def test_an_owed_hour_is_the_mean_of_its_hour_of_the_week_and_labelled(built: Warehouse) -> None:
    found = hours(built)
    assert (found["03-24 11"]["allocated_unit_seconds"], found["03-24 11"]["quality"]) == (
        40 * 3600,
        "measured",
    )
    # (31 + 20 + 10) ÷ 3 × 3600 = 73200
    for hour in ("03-24 12", "03-24 23", "03-25 00", "03-25 23"):
        row = found[hour]
        assert (row["allocated_unit_seconds"], row["estimated_unit_seconds"]) == (73_200, 73_200)
        assert (row["idle_unit_seconds"], row["quality"]) == (360_000 - 73_200, "estimated")


def test_what_contradicts_itself_is_no_history(built: Warehouse) -> None:
    # on the 4th 210 of 100 cores were held at 20:00: (31 + 20) ÷ 2 × 3600
    assert hours(built)["03-25 20"]["allocated_unit_seconds"] == 91_800


def test_a_day_that_is_not_due_yet_is_not_estimated(built: Warehouse) -> None:
    assert max(hours(built)) == "03-25 23"


def test_an_estimated_day_says_so_and_is_nowhere_billed(built: Warehouse) -> None:
    (day,) = built.rows("marts.utilisation_daily", site_id="silent", day=LAST, resource_kind="cpu_core")
    assert (day["quality"], day["estimated_unit_seconds"]) == ("estimated", 12 * 73_200)
    assert day["allocated_unit_seconds"] == 12 * 40 * 3600 + 12 * 73_200
    (region,) = built.rows(
        "marts.utilisation_region_daily",
        region="henan",
        day=LAST,
        compute_class="super",
        resource_kind="cpu_core",
    )
    assert region["quality"] == "capacity_unknown"
    assert region["estimated_unit_seconds"] == 12 * 73_200
    assert built.sql("select max(day) as day from intermediate.int_usage_days where site_id = 'silent'") == [
        {"day": LAST}
    ]


def test_nobody_owes_a_day_that_no_other_site_has_passed(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path, "+utilisation_hourly")
    warehouse.build(network(LAST + timedelta(days=9), LAST))
    assert max(hours(warehouse)) == "03-24 23"


def test_what_comes_replaces_the_estimate_like_a_rebuild(tmp_path: Path) -> None:
    world = network(LAST + timedelta(days=1), LAST + timedelta(days=5))
    changed, fresh = (Warehouse(tmp_path / name, "+path:models/marts/utilisation") for name in ("a", "b"))
    changed.build(world)
    late = world.copy()
    heard(late, Site(late, "silent", new=False), LAST + timedelta(days=1), 50, hours=13)
    changed.build(late)
    fresh.build(late)
    for table in ("hourly", "daily", "region_daily"):
        assert changed.rows(f"marts.utilisation_{table}") == fresh.rows(f"marts.utilisation_{table}")
    found = hours(changed)
    assert (found["03-25 12"]["allocated_unit_seconds"], found["03-25 12"]["quality"]) == (
        50 * 3600,
        "measured",
    )
    assert (found["03-24 13"]["allocated_unit_seconds"], found["03-24 13"]["quality"]) == (0, "measured")
    assert found["03-25 13"]["quality"] == "estimated"


def test_without_history_the_usage_is_unknown_not_none(tmp_path: Path) -> None:
    world = World()
    silent, other = Site(world, "silent"), Site(world, "other")
    silent.pool("2026-01-01 00:00")
    heard(world, silent, LAST, 1, hours=12)
    heard(world, other, LAST, 1, hours=40)
    world.due = [{"source_id": "silent", "dataset": "job_records", "due_through": LAST}]
    warehouse = Warehouse(tmp_path, "+path:models/marts/utilisation path:tests/usage")
    warehouse.build(world, test=True)
    row = hours(warehouse)["03-24 12"]
    assert (row["allocated_unit_seconds"], row["idle_unit_seconds"]) == (None, None)
    assert (row["installed_unit_seconds"], row["quality"]) == (360_000, "usage_unknown")
