"""Capacity against usage: steps, what is down, what is unknown, what is sold, over-allocation, peaks."""

import pytest

from tests.dbt.usage_cases import Site, daily, given, hourly, metered, rows


def parts(name: str, hour: str, kind: str = "cpu_core") -> dict[str, int | None]:
    """Installed, down, allocated, idle, sellable and reserved unit-seconds of an hour."""
    names = ("installed", "down", "allocated", "idle", "sellable", "reserved")
    return {each: hourly(name, kind, f"{each}_unit_seconds")[hour] for each in names}


@given
def step_in_mid_hour(site: Site) -> None:
    site.pool("2026-01-01 00:00", cores=100)
    site.pool("2026-03-10 10:15", cores=200)
    site.job("2026-03-10 10:00", hours=2, cores=10)


def test_a_step_within_an_hour_counts_by_the_second() -> None:
    # 15 minutes with 100 cores, 45 with 200: 100 × 900 + 200 × 2700
    found = hourly("step_in_mid_hour", column="installed_unit_seconds")
    assert found == {"03-10 10": 630_000, "03-10 11": 720_000}


@given
def some_are_down(site: Site) -> None:
    site.pool("2026-01-01 00:00", cores=90, sellable=80, reserved=20)
    site.pool("2026-01-01 00:00", cores=10, state="down")
    site.job("2026-03-10 10:00", hours=1, cores=45)


def test_what_is_down_is_installed_but_not_available() -> None:
    assert parts("some_are_down", "03-10 10") == {
        "installed": 100 * 3600,
        "down": 10 * 3600,
        "allocated": 45 * 3600,
        "idle": 45 * 3600,
        "sellable": 80 * 3600,
        "reserved": 20 * 3600,
    }


def test_shares_are_of_what_is_installed_available_sellable_and_reserved() -> None:
    (row,) = rows("some_are_down", "marts.utilisation_hourly")
    assert row["utilisation_installed"] == pytest.approx(45 / 100)
    assert row["utilisation_available"] == pytest.approx(45 / 90)
    assert row["utilisation_sellable"] == pytest.approx(45 / 80)
    assert row["utilisation_reserved"] == pytest.approx(45 / 20)
    assert (row["installed_hours"], row["allocated_hours"], row["active_hours"]) == (100, 45, None)


@given
def capacity_from_half_past_ten(site: Site) -> None:
    site.pool("2026-03-10 10:30", cores=100)
    site.job("2026-03-10 09:00", hours=3, cores=10)


def test_capacity_is_unknown_in_hours_that_begin_before_its_first_statement() -> None:
    found = hourly("capacity_from_half_past_ten", column="installed_unit_seconds")
    assert found == {"03-10 09": None, "03-10 10": None, "03-10 11": 360_000}
    assert hourly("capacity_from_half_past_ten")["03-10 09"] == 36_000


def test_a_day_with_an_unknown_hour_is_unknown() -> None:
    assert daily("capacity_from_half_past_ten", column="installed_unit_seconds") == {"2026-03-10": None}
    assert daily("capacity_from_half_past_ten", column="idle_unit_seconds") == {"2026-03-10": None}
    assert daily("capacity_from_half_past_ten", column="quality") == {"2026-03-10": "capacity_unknown"}
    assert daily("capacity_from_half_past_ten") == {"2026-03-10": 3 * 36_000}


@given
def over_allocated(site: Site) -> None:
    site.pool("2026-01-01 00:00", cores=10)
    site.job("2026-03-10 10:00", hours=1, cores=16)


def test_more_allocated_than_installed_is_shown_not_clipped() -> None:
    assert hourly("over_allocated", column="idle_unit_seconds") == {"03-10 10": -6 * 3600}
    assert hourly("over_allocated", column="quality") == {"03-10 10": "over_allocated"}
    assert hourly("over_allocated", column="utilisation_installed") == {"03-10 10": 1.6}


@given
def cards_and_cores(site: Site) -> None:
    site.pool(
        "2026-01-01 00:00",
        resource_pool="gpu",
        model="nvidia-h20",
        compute_class="intelligent",
        devices=8,
        cores=64,
        sellable=6,
        reserved=2,
    )
    site.pool("2026-01-01 00:00", compute_class="intelligent", cores=100, sellable=70)
    site.job("2026-03-10 10:00", hours=1, cores=16, cards=2)


def test_a_pool_of_cards_has_cores_too_and_sells_its_cards() -> None:
    cards = parts("cards_and_cores", "03-10 10", "accelerator")
    assert (cards["installed"], cards["allocated"], cards["idle"]) == (28_800_000, 7_200_000, 21_600_000)
    assert (cards["sellable"], cards["reserved"]) == (6 * 3_600_000, 2 * 3_600_000)
    cores = parts("cards_and_cores", "03-10 10", "cpu_core")
    assert (cores["installed"], cores["allocated"]) == (164 * 3600, 16 * 3600)
    # of the cores only the other pool's are sold, and it does not say how many are reserved
    assert (cores["sellable"], cores["reserved"]) == (70 * 3600, None)


@given
def two_pools(site: Site) -> None:
    site.pool("2026-01-01 00:00", cores=100, sellable=90)
    site.pool("2026-01-01 00:00", cores=50, resource_pool="debug")
    site.job("2026-03-10 10:00", hours=1)


def test_what_one_pool_does_not_state_is_unknown_for_all() -> None:
    found = parts("two_pools", "03-10 10")
    assert (found["installed"], found["sellable"]) == (150 * 3600, None)


@given
def nothing_runs_on_the_cards(site: Site) -> None:
    site.pool("2026-01-01 00:00", model="nvidia-h20", compute_class="intelligent", devices=4, cores=0)
    site.job("2026-03-10 10:00", hours=1)


def test_what_nobody_uses_is_idle_and_what_nobody_stated_is_unknown() -> None:
    assert hourly("nothing_runs_on_the_cards", "accelerator", "idle_unit_seconds") == {"03-10 10": 14_400_000}
    assert hourly("nothing_runs_on_the_cards", "accelerator") == {"03-10 10": 0}
    assert hourly("nothing_runs_on_the_cards", "cpu_core", "installed_unit_seconds") == {"03-10 10": None}
    assert hourly("nothing_runs_on_the_cards", "cpu_core", "quality") == {"03-10 10": "capacity_unknown"}


@given
def corrected_inventory(site: Site) -> None:
    site.pool("2026-01-01 00:00", cores=100, known="2026-01-02 00:00")
    site.pool("2026-01-01 00:00", cores=120, known="2026-03-20 00:00")
    site.job("2026-03-10 10:00", hours=1)


def test_the_newest_knowledge_of_an_inventory_wins() -> None:
    assert hourly("corrected_inventory", column="installed_unit_seconds") == {"03-10 10": 120 * 3600}


@given
def contradicting_inventory(site: Site) -> None:
    site.pool("2026-01-01 00:00", cores=100)
    site.send(
        site.stated("2026-03-01 00:00", cores=200),
        site.stated("2026-03-01 00:00", cores=300),
        dataset="capacity_inventory",
    )
    site.job("2026-03-10 10:00", hours=1)


def test_a_contradicting_statement_counts_for_nothing_and_is_listed() -> None:
    assert hourly("contradicting_inventory", column="installed_unit_seconds") == {"03-10 10": 100 * 3600}
    found = metered().sql(
        "select count(distinct record_hash) as records from intermediate.int_conflicts "
        "where dataset = 'capacity_inventory' and site_id = 'contradicting_inventory' and day = date '2026-03-10'"
    )
    assert found == [{"records": 2}]


@given
def moved_to_another_class(site: Site) -> None:
    site.pool("2026-01-01 00:00", cores=100)
    site.pool("2026-03-10 11:00", cores=100, compute_class="general")
    site.job("2026-03-10 10:00", hours=2)


def test_a_pool_that_moves_to_another_class_leaves_the_first() -> None:
    moved, column = "moved_to_another_class", "installed_unit_seconds"
    assert hourly(moved, column=column, compute_class="super") == {"03-10 10": 360_000, "03-10 11": 0}
    assert hourly(moved, column=column, compute_class="general") == {"03-10 10": None, "03-10 11": 360_000}


def peaks(name: str, table: str, column: str) -> dict[str, float | None]:
    """One column by precision."""
    return {row["precision"]: row[column] for row in rows(name, f"marts.{table}")}


def test_card_hours_times_the_dense_peak_are_pflops_hours() -> None:
    # H20: fp16 148 TFLOPS dense; 2 cards for an hour allocated, 8 installed
    assert peaks("cards_and_cores", "pflops_hours_daily", "allocated_pflops_hours")["fp16"] == pytest.approx(
        0.296
    )
    assert peaks("cards_and_cores", "pflops_hours_daily", "installed_pflops_hours")["fp16"] == pytest.approx(
        1.184
    )


@given
def cards_of_one_model(site: Site) -> None:
    site.pool("2026-01-01 00:00", model="nvidia-h20", compute_class="intelligent", devices=8, cores=64)
    site.pool("2026-03-11 00:00", model="nvidia-h20", compute_class="intelligent", devices=16, cores=128)
    site.job("2026-03-10 10:00", hours=1)


def test_a_capacity_statement_is_of_the_end_of_its_day() -> None:
    found = {
        str(row["as_of"]): row["pflops"]
        for row in rows("cards_of_one_model", "marts.capacity_statement", precision="fp16")
    }
    # 8 cards × 0.148 on the 10th; the 16 of the 11th begin when the 10th has ended
    assert found["2026-03-10"] == pytest.approx(1.184)
    assert found["2026-03-11"] == pytest.approx(2.368)


def test_a_peak_that_nobody_published_leaves_the_class_unknown() -> None:
    row = rows("some_are_down", "marts.capacity_statement", precision="fp64")[0]
    assert (row["pflops"], row["basis"]) == (None, "no public dense peak of hygon-7285")
