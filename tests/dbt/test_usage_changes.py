"""What a build computes again: only the days that new knowledge touches, and the result equals a rebuild."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.dbt.harness import Warehouse
from tests.dbt.usage_cases import Site
from tests.dbt.world import World, shanghai

SELECT = "+path:models/marts/utilisation +int_conflicts"
FACTS = (
    "intermediate.int_jobs",
    "intermediate.int_usage_days",
    "intermediate.int_usage_hours",
    "intermediate.int_meter_readings",
    "intermediate.int_meter_days",
    "intermediate.int_conflicts",
    "intermediate.int_feed_horizon",
    "marts.utilisation_hourly",
    "marts.utilisation_daily",
    "marts.pflops_hours_daily",
    "marts.capacity_statement",
    "marts.energy_daily",
)
Rebuild = Callable[[World], Warehouse]
INVENTORY, FIRST_FIVE, LAST = "inventory", "first-five", "last"


def network() -> World:
    """A site that ran a job a day from the 1st to the 10th of March, and one that is running on the 10th."""
    world = World()
    site = Site(world, "a")
    jobs = [
        site.record(
            f"2026-03-{day:02} 10:00", hours=2, job=str(day), submit_time=shanghai(f"2026-03-{day:02} 09:00")
        )
        for day in range(1, 11)
    ]
    runs = site.record(
        "2026-03-09 20:00", state="RUNNING", job="runs", submit_time=shanghai("2026-03-09 09:00")
    )
    world.deliver("a", "job_records", shanghai("2026-03-06 06:00"), jobs[:5], FIRST_FIVE)
    world.deliver("a", "job_records", shanghai("2026-03-11 06:00"), jobs[5:9])
    world.deliver("a", "job_records", shanghai("2026-03-11 06:00"), [jobs[9], runs], LAST)
    world.deliver(
        "a", "capacity_inventory", shanghai("2026-03-01 00:00"), [site.stated("2026-01-01 00:00")], INVENTORY
    )
    site.meter("2026-03-02 00:00", [number * 10 for number in range(200)])
    world.deliver(
        "network-ops", "tenant_accounts", shanghai("2026-03-01 00:00"), [account("t1", date(2026, 1, 1))]
    )
    return world


def account(tenant: str, since: date) -> dict[str, object]:
    """A row of tenant_accounts."""
    return {"site_id": "a", "account": "acc", "valid_from": since, "tenant_id": tenant, "valid_to": None}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    built = Warehouse(tmp_path_factory.mktemp("changes"), SELECT)
    built.build(network())
    return built


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Rebuild:
    """Builds a world from nothing."""

    def build(world: World) -> Warehouse:
        fresh = Warehouse(tmp_path_factory.mktemp("rebuilt"), SELECT)
        fresh.build(world)
        return fresh

    return build


def changed_days(warehouse: Warehouse) -> list[int]:
    """Days of March that the last build computed again."""
    return [row["day"].day for row in warehouse.rows("intermediate.int_changed_days")]


def assert_same(warehouse: Warehouse, fresh: Warehouse) -> None:
    """All facts are equal, row by row."""
    for table in FACTS:
        assert warehouse.rows(table) == fresh.rows(table), table


def next_world(warehouse: Warehouse) -> Site:
    """The site in a world that so far is the one built last."""
    assert warehouse.world is not None
    return Site(warehouse.world.copy(), "a", new=False)


def test_the_same_inventory_and_accounts_sent_again_change_no_day(warehouse: Warehouse) -> None:
    site = next_world(warehouse)
    site.pool("2026-01-01 00:00", known="2026-03-11 07:00")
    site.world.deliver(
        "network-ops", "tenant_accounts", shanghai("2026-03-11 07:00"), [account("t1", date(2026, 1, 1))]
    )
    warehouse.build(site.world)
    assert changed_days(warehouse) == []


def test_a_late_job_is_computed_on_its_two_days_and_nothing_else(warehouse: Warehouse) -> None:
    # with cards that nobody knew of: their hours appear in all of the horizon, without computing usage again
    site = next_world(warehouse)
    late = {"job": "late", "submit_time": shanghai("2026-03-03 09:00"), "cards": 1}
    site.job("2026-03-03 22:00", hours=5, known="2026-03-11 08:00", **late)
    warehouse.build(site.world)
    assert changed_days(warehouse) == [3, 4]


def test_days_that_became_empty_vanish_and_the_horizon_shrinks(
    warehouse: Warehouse, rebuilt: Rebuild
) -> None:
    site = next_world(warehouse)
    site.world.withdraw(FIRST_FIVE)
    site.world.withdraw(LAST)
    warehouse.build(site.world)
    # days 1 to 5 lost their jobs, 10 its job, 9 and 10 the running one
    assert changed_days(warehouse) == [1, 2, 3, 4, 5, 9, 10]
    days = {row["day"].day for row in warehouse.rows("marts.utilisation_daily")}
    assert days == {3, 4, 5, 6, 7, 8, 9}
    assert_same(warehouse, rebuilt(site.world))


def test_a_running_job_grows_with_the_watermark_and_then_ends(warehouse: Warehouse, rebuilt: Rebuild) -> None:
    site = next_world(warehouse)
    site.world.deliveries[LAST] = network().deliveries[LAST]
    site.job("2026-03-12 10:00", hours=1, job="12", known="2026-03-13 06:00")
    warehouse.build(site.world)
    # the running job's days, and from the old watermark, noon of the 9th, to the new one
    assert changed_days(warehouse) == [9, 10, 11, 12]

    ended = {"job": "runs", "submit_time": shanghai("2026-03-09 09:00")}
    site.job("2026-03-09 20:00", hours=5, known="2026-03-14 06:00", **ended)
    warehouse.build(site.world)
    assert changed_days(warehouse) == [9, 10, 11, 12]
    assert_same(warehouse, rebuilt(site.world))


def test_knowledge_by_dates_counts_from_its_first_day_and_a_reading_for_its_neighbours(
    warehouse: Warehouse,
) -> None:
    site = next_world(warehouse)
    site.world.deliver(
        "network-ops", "tenant_accounts", shanghai("2026-03-14 07:00"), [account("t2", date(2026, 3, 11))]
    )
    site.send(
        site.reading(shanghai("2026-03-04 10:10"), 1205),
        dataset="facility_readings",
        known="2026-03-14 08:00",
    )
    site.pool("2026-03-08 12:00", cores=50, known="2026-03-14 09:00")
    warehouse.build(site.world)
    spans = {
        row["reason"]: (row["first_day"].day, row["last_day"].day)
        for row in warehouse.rows("intermediate.int_changed_spans")
    }
    assert spans == {"tenant_accounts": (11, 12), "facility_readings": (3, 5), "capacity_inventory": (8, 12)}


def test_an_old_statement_that_arrives_again_turns_back_what_counts(
    warehouse: Warehouse, rebuilt: Rebuild
) -> None:
    site = next_world(warehouse)
    site.pool("2026-01-01 00:00", cores=70, known="2026-03-14 10:00")
    warehouse.build(site.world)
    assert changed_days(warehouse) == list(range(3, 13))

    # its payload was known before, but counts otherwise; the first delivery of it is withdrawn, which changes nothing
    site.pool("2026-01-01 00:00", known="2026-03-14 11:00")
    site.world.withdraw(INVENTORY)
    warehouse.build(site.world)
    assert changed_days(warehouse) == list(range(3, 13))
    assert_same(warehouse, rebuilt(site.world))


def test_forced_days_are_computed_again(warehouse: Warehouse) -> None:
    assert warehouse.world is not None
    warehouse.build(warehouse.world, forced=(date(2026, 3, 5), date(2026, 3, 6)))
    assert changed_days(warehouse) == [5, 6]


def test_a_build_as_known_at_an_instant_does_not_see_what_a_replay_released_later(tmp_path: Path) -> None:
    site = Site(World(known_at=shanghai("2026-03-12 00:00")), "a")
    replayed = site.record("2026-03-10 10:00", hours=3, job="2", received_at=shanghai("2026-03-13 00:00"))
    site.send(site.record("2026-03-10 10:00", hours=1), replayed, known="2026-03-11 06:00")
    warehouse = Warehouse(tmp_path, "+int_usage_days")
    warehouse.build(site.world)
    assert [row["quantity"] for row in warehouse.rows("intermediate.int_usage_days")] == [3600]
