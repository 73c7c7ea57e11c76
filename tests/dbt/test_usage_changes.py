"""What a build computes again: only the days that new knowledge touches, and the result equals a rebuild.

One warehouse lives through all steps, in the order in which they are written; the tests read what each step did.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from tests.dbt.harness import Warehouse
from tests.dbt.usage_cases import Site
from tests.dbt.world import World, shanghai

pytestmark = pytest.mark.slow

SELECT = "+path:models/marts/utilisation +int_conflicts"
FACTS = (
    "intermediate.int_jobs",
    "intermediate.int_usage_days",
    "intermediate.int_usage_hours",
    "intermediate.int_meter_readings",
    "intermediate.int_meter_hours",
    "intermediate.int_energy_hours",
    "intermediate.int_job_energy_days",
    "intermediate.int_conflicts",
    "intermediate.int_feed_horizon",
    "marts.utilisation_hourly",
    "marts.utilisation_daily",
    "marts.pflops_hours_daily",
    "marts.capacity_statement",
    "marts.energy_daily",
    "marts.energy_by_job_daily",
    "marts.pue_rolling",
)
INVENTORY, FIRST_FIVE, LAST = "inventory", "first-five", "last"


@dataclass(frozen=True)
class Step:
    """What a build did: days of March computed again, those whose meters were, spans by reason, days in utilisation;
    and which facts differ from a rebuild, None where nobody looked."""

    computed: list[int]
    metered: list[int]
    spans: dict[str, tuple[int, int]]
    held: list[int]
    differing: list[str] | None


STEPS: dict[str, tuple[Callable[[Site], None], bool]] = {}


def step(change: Callable[[Site], None], compared: bool = False) -> Callable[[Site], None]:
    """Registers what happens before the next build; `compared` with a rebuild after it."""
    STEPS[change.__name__] = (change, compared)
    return change


compared_step = partial(step, compared=True)


def network() -> World:
    """A site that ran a job a day from the 1st to the 10th of March, and one that is running on the 10th."""
    world = World()
    site = Site(world, "a")
    jobs = [
        site.record(
            f"2026-03-{day:02} 10:00",
            hours=2,
            job=str(day),
            submit_time=shanghai(f"2026-03-{day:02} 09:00"),
            energy_j=36_000 * day,
        )
        for day in range(1, 11)
    ]
    runs = site.record(
        "2026-03-09 20:00", state="RUNNING", job="runs", submit_time=shanghai("2026-03-09 09:00")
    )
    world.deliver("a", "job_records", shanghai("2026-03-06 06:00"), jobs[:5], FIRST_FIVE)
    world.deliver("a", "job_records", shanghai("2026-03-11 06:00"), jobs[5:9])
    world.deliver("a", "job_records", shanghai("2026-03-11 06:00"), [jobs[9], runs], LAST)
    statement = site.stated("2026-01-01 00:00")
    world.deliver("a", "capacity_inventory", shanghai("2026-03-01 00:00"), [statement], INVENTORY)
    site.meter("2026-03-02 00:00", [number * 10 for number in range(200)])
    site.meter("2026-03-02 00:00", [number * 8 for number in range(200)], kind="it")
    maps(site, "t1", date(2026, 1, 1), known="2026-03-01 00:00")
    return world


def maps(site: Site, tenant: str, since: date, known: str) -> None:
    """A delivery of one row of tenant_accounts."""
    row = {"site_id": "a", "account": "acc", "valid_from": since, "tenant_id": tenant, "valid_to": None}
    site.world.deliver("network-ops", "tenant_accounts", shanghai(known), [row])


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Step]:
    """What each step did, by its name."""
    warehouse = Warehouse(tmp_path_factory.mktemp("changes"), SELECT)
    world = network()
    warehouse.build(world)
    found = {}
    for name, (change, compared) in STEPS.items():
        world = world.copy()
        change(Site(world, "a", new=False))
        warehouse.build(world)
        spans = warehouse.rows("intermediate.int_changed_spans")
        found[name] = Step(
            computed=[row["day"].day for row in warehouse.rows("intermediate.int_changed_days")],
            metered=[row["day"].day for row in warehouse.rows("intermediate.int_changed_meter_days")],
            spans={row["reason"]: (row["first_day"].day, row["last_day"].day) for row in spans},
            held=sorted({row["day"].day for row in warehouse.rows("marts.utilisation_daily")}),
            differing=_differing(warehouse, world, tmp_path_factory.mktemp(name)) if compared else None,
        )
    return found


def _differing(warehouse: Warehouse, world: World, folder: Path) -> list[str]:
    fresh = Warehouse(folder, SELECT)
    fresh.build(world)
    return [table for table in FACTS if warehouse.rows(table) != fresh.rows(table)]


@step
def inventory_and_accounts_are_sent_again(site: Site) -> None:
    site.pool("2026-01-01 00:00", known="2026-03-11 07:00")
    maps(site, "t1", date(2026, 1, 1), known="2026-03-11 07:00")


def test_what_was_known_and_is_sent_again_changes_no_day(story: dict[str, Step]) -> None:
    assert story["inventory_and_accounts_are_sent_again"].computed == []


@step
def a_job_comes_late(site: Site) -> None:
    # with cards that nobody knew of: their hours appear in all of the horizon, without computing usage again
    late = {"job": "late", "submit_time": shanghai("2026-03-03 09:00"), "cards": 1}
    site.job("2026-03-03 22:00", hours=5, known="2026-03-11 08:00", **late)


def test_a_late_job_is_computed_on_its_two_days_and_nothing_else(story: dict[str, Step]) -> None:
    assert story["a_job_comes_late"].computed == [3, 4]


@compared_step
def deliveries_are_withdrawn(site: Site) -> None:
    site.world.withdraw(FIRST_FIVE)
    site.world.withdraw(LAST)


def test_days_that_became_empty_vanish_and_the_horizon_shrinks(story: dict[str, Step]) -> None:
    # days 1 to 5 lost their jobs, 10 its job, 9 and 10 the running one; the late job keeps the 3rd
    assert story["deliveries_are_withdrawn"].computed == [1, 2, 3, 4, 5, 9, 10]
    assert story["deliveries_are_withdrawn"].held == [3, 4, 5, 6, 7, 8, 9]
    assert story["deliveries_are_withdrawn"].differing == []


@step
def a_job_runs_on(site: Site) -> None:
    site.world.deliveries[LAST] = network().deliveries[LAST]
    site.job("2026-03-12 10:00", hours=1, job="12", known="2026-03-13 06:00")


def test_a_running_job_grows_with_the_watermark(story: dict[str, Step]) -> None:
    # the running job's days, and from the old watermark, noon of the 9th, to the new one
    assert story["a_job_runs_on"].computed == [9, 10, 11, 12]


@compared_step
def the_running_job_ended(site: Site) -> None:
    ended = {"job": "runs", "submit_time": shanghai("2026-03-09 09:00")}
    site.job("2026-03-09 20:00", hours=5, known="2026-03-14 06:00", **ended)


def test_the_days_on_which_an_ended_job_was_thought_to_run_are_computed_again(story: dict[str, Step]) -> None:
    assert story["the_running_job_ended"].computed == [9, 10, 11, 12]
    assert story["the_running_job_ended"].differing == []


@step
def reference_data_and_a_reading_change(site: Site) -> None:
    maps(site, "t2", date(2026, 3, 11), known="2026-03-14 07:00")
    site.send(
        site.reading(shanghai("2026-03-04 10:10"), 1205),
        dataset="facility_readings",
        known="2026-03-14 08:00",
    )
    site.pool("2026-03-08 12:00", cores=50, known="2026-03-14 09:00")


def test_a_reading_counts_for_the_days_beside_it_and_for_energy_alone(story: dict[str, Step]) -> None:
    assert story["reference_data_and_a_reading_change"].metered == [3, 4, 5]
    assert story["the_inventory_is_corrected"].metered == []


def test_dated_knowledge_counts_from_its_first_day(story: dict[str, Step]) -> None:
    assert story["reference_data_and_a_reading_change"].spans == {
        "tenant_accounts": (11, 12),
        "capacity_inventory": (8, 12),
    }


@step
def the_inventory_is_corrected(site: Site) -> None:
    site.pool("2026-01-01 00:00", cores=70, known="2026-03-14 10:00")


@compared_step
def the_old_inventory_arrives_again(site: Site) -> None:
    # its first delivery is withdrawn too, which changes nothing more
    site.pool("2026-01-01 00:00", known="2026-03-14 11:00")
    site.world.withdraw(INVENTORY)


def test_an_old_statement_that_arrives_again_turns_back_what_counts(story: dict[str, Step]) -> None:
    assert story["the_inventory_is_corrected"].computed == list(range(3, 13))
    assert story["the_old_inventory_arrives_again"].computed == list(range(3, 13))
    assert story["the_old_inventory_arrives_again"].differing == []


def test_forced_days_are_computed_again(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path, "+int_changed_days")
    warehouse.build(network())
    warehouse.build(network(), forced=(date(2026, 3, 5), date(2026, 3, 6)))
    assert [row["day"].day for row in warehouse.rows("intermediate.int_changed_days")] == [5, 6]


def test_a_build_as_known_at_an_instant_does_not_see_what_a_replay_released_later(tmp_path: Path) -> None:
    site = Site(World(known_at=shanghai("2026-03-12 00:00")), "a")
    replayed = site.record("2026-03-10 10:00", hours=3, job="2", received_at=shanghai("2026-03-13 00:00"))
    site.send(site.record("2026-03-10 10:00", hours=1), replayed, known="2026-03-11 06:00")
    warehouse = Warehouse(tmp_path, "+int_usage_days")
    warehouse.build(site.world)
    assert [row["quantity"] for row in warehouse.rows("intermediate.int_usage_days")] == [3600]
