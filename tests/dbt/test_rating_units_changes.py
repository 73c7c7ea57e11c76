"""What later deliveries do to what is sold besides cores and cards: only the days that they touch are computed again,
and the result equals a rebuild. Each case lives in a month of its own, so that none is helped by what others touch.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.dbt.harness import Warehouse
from tests.dbt.rating_cases import Case, told
from tests.dbt.unit_cases import (
    bill_line,
    consumed,
    knows_its_tenant,
    machine,
    resale_rule,
    resells_hours,
    sells,
    traffic,
    volume,
)
from tests.dbt.world import Row, World, shanghai

pytestmark = pytest.mark.slow

SELECT = "+charges +statement_lines +metered_usage +unknown_usage +int_conflicts +lineage +periods"
FACTS = (
    "intermediate.int_sold_holdings",
    "intermediate.int_sold_usage",
    "intermediate.int_billable_usage",
    "intermediate.int_charge_pieces",
    "intermediate.int_conflicts",
    "marts.metered_usage",
    "marts.unknown_usage",
    "marts.charges",
    "marts.statement_lines",
    "marts.lineage",
    "marts.periods",
)
LATER = shanghai("2027-01-12 00:00")
CASES: dict[str, tuple[Callable[[Case], None], Callable[[World, Case], None]]] = {}


def _case(
    change: Callable[[World, Case], None],
) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
    """Registers what a case begins with, and what changes then."""

    def register(describe: Callable[[Case], None]) -> Callable[[Case], None]:
        CASES[describe.__name__] = (describe, change)
        return describe

    return register


def _arrives(world: World, case: Case, dataset: str, sender: str | None = None) -> None:
    """Delivers what the case was told since its first delivery."""
    rows: list[Row] = case.sent.pop(dataset, []) or case.reference.pop(dataset, [])
    world.deliver(sender or case.site, dataset, LATER, rows, f"later-{case.site}-{dataset}")


def _goes(world: World, case: Case, dataset: str) -> None:
    for landing_id, each in list(world.deliveries.items()):
        if (each.source_id, each.dataset) == (case.site, dataset):
            world.deliveries[landing_id] = replace(each, effective=False)


def _a_gap_ends(world: World, case: Case) -> None:
    volume(case, "2026-01-20 12:00", 62)
    _arrives(world, case, "storage_records")


@_case(_a_gap_ends)
def volume_seen_again(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "storage", "0.30")
    volume(case, "2026-01-10 12:00", 31)


def _an_observation_is_contradicted(world: World, case: Case) -> None:
    volume(case, "2026-02-12 12:00", 1)
    volume(case, "2026-02-12 12:00", 2)
    _arrives(world, case, "storage_records")


@_case(_an_observation_is_contradicted)
def volume_in_conflict(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "storage", "0.30")
    for day in (10, 12, 14):
        volume(case, f"2026-02-{day} 12:00", 31)


def _traffic_is_corrected(world: World, case: Case) -> None:
    traffic(case, "2026-03-10 12:00", 10**9, 10**9, committed_mbps=5)
    _arrives(world, case, "network_usage")


@_case(_traffic_is_corrected)
def line_corrected(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "traffic", "0.50")
    sells(case, "bandwidth", "30.00")
    traffic(case, "2026-03-10 12:00", 10**9, 0, committed_mbps=20)
    traffic(case, "2026-03-11 12:00", 10**9, 0, committed_mbps=20)


def _a_line_of_the_bill_is_corrected(world: World, case: Case) -> None:
    bill_line(case, "a", "0.0000001", "2026-04-03", billing_period="2026-04", billing_account="april")
    _arrives(world, case, "cloud_charges")


@_case(_a_line_of_the_bill_is_corrected)
def bill_corrected(case: Case) -> None:
    # before: 0.4 + 0.4 micro-yuan are one, which goes to a; then 0.1 + 0.4 are one as well: it goes to b, on the 20th
    knows_its_tenant(case)
    sells(case, "cloud", "1.05")
    for line, day in (("a", "03"), ("b", "20")):
        bill_line(
            case, line, "0.0000004", f"2026-04-{day}", billing_period="2026-04", billing_account="april"
        )


def _a_rate_arrives(world: World, case: Case) -> None:
    case.add("fx_rates", currency="USD", month="2026-05", rate=Decimal("7.1"), source="test")
    _arrives(world, case, "fx_rates", "network-ops")


@_case(_a_rate_arrives)
def bill_in_dollars(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "cloud", "1.05")
    for day in ("2026-05-03", "2026-06-01"):
        bill_line(case, day, "10", day, billing_period="2026-05", billing_currency="USD")


def _all_of_a_month_goes(world: World, case: Case) -> None:
    _goes(world, case, "job_records")


@_case(_all_of_a_month_goes)
def only_jobs_of_december(case: Case) -> None:
    case.sells()
    case.job(hours=3, start="2026-12-24 10:00")


def _a_volume_goes(world: World, case: Case) -> None:
    _goes(world, case, "storage_records")


@_case(_a_volume_goes)
def volume_withdrawn(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "storage", "0.30")
    volume(case, "2026-07-10 12:00", 31)
    volume(case, "2026-07-13 12:00", 31)


def _a_resold_line_is_corrected(world: World, case: Case) -> None:
    august = {"billing_period": "2026-08", "billing_account": "august"}
    consumed(case, "a", "15.00", "9", charge_period_start=shanghai("2026-08-03 00:00"), **august)
    _arrives(world, case, "cloud_charges")


@_case(_a_resold_line_is_corrected)
def resold_bill_corrected(case: Case) -> None:
    resells_hours(case)
    resale_rule(case)
    august = {"billing_period": "2026-08", "billing_account": "august"}
    for line, day in (("a", "03"), ("b", "20")):
        consumed(case, line, "15.00", "10", charge_period_start=shanghai(f"2026-08-{day} 00:00"), **august)


def _a_sunday_is_worked(world: World, case: Case) -> None:
    case.add("calendar_days", day=date(2026, 9, 20), kind="workday", name_en="worked", name_zh="调休上班")
    _arrives(world, case, "calendar_days", "network-ops")


@_case(_a_sunday_is_worked)
def sunday_in_windows(case: Case) -> None:
    case.sells()
    case.reference["tariff_rates"].clear()
    for window, price in (("workday.00-24", "1.00"), ("restday.00-24", "0.40")):
        case.prices(price, window=window)
    case.job(hours=30, start="2026-09-19 20:00")


def _the_flavor_is_sold_from_now_on(world: World, case: Case) -> None:
    sells(case, "instance", "2.00", valid_from=date(2026, 11, 3))
    for dataset in ("skus", "tariff_rates"):
        _arrives(world, case, dataset, "network-ops")


@_case(_the_flavor_is_sold_from_now_on)
def machine_sold_later(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "cpu_core", "0.10")
    machine(case, "2026-11-02 20:00", hours=10)


@pytest.fixture(scope="module")
def worlds() -> tuple[World, World]:
    """The world before and after all changes."""
    world = World()
    cases = [(Case(world, name), *pair) for name, pair in CASES.items()]
    for case, describe, _ in cases:
        describe(case)
    told(world, [case for case, *_ in cases])
    before = world.copy()
    for case, _, change in cases:
        case.sent, case.reference = {}, {}
        change(world, case)
    return before, world


@pytest.fixture(scope="module")
def built(
    worlds: tuple[World, World], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Warehouse, Warehouse]:
    """The warehouse that was brought up to the changes, and one built anew."""
    before, after = worlds
    living = Warehouse(tmp_path_factory.mktemp("living"), SELECT)
    living.build(before)
    living.build(after)
    anew = Warehouse(tmp_path_factory.mktemp("anew"), SELECT)
    anew.build(after)
    return living, anew


@pytest.mark.parametrize("fact", FACTS)
def test_after_the_changes_a_fact_equals_a_rebuild(built: tuple[Warehouse, Warehouse], fact: str) -> None:
    living, anew = built
    assert living.rows(fact) == anew.rows(fact)
    assert anew.rows(fact)


def test_each_change_touches_its_own_days(built: tuple[Warehouse, Warehouse]) -> None:
    spans = built[0].rows("intermediate.int_changed_sold_spans")
    assert sorted({(f"{row['first_day']:%m-%d}", f"{row['last_day']:%m-%d}") for row in spans}) == [
        ("01-11", "01-12"),  # the days without an observation that the one of the 20th makes known
        ("01-20", "01-22"),
        ("02-11", "02-11"),
        ("02-12", "02-14"),
        ("03-10", "03-10"),
        ("04-03", "04-03"),  # all days of the bill
        ("04-20", "04-20"),
        ("05-03", "05-03"),
        ("06-01", "06-01"),
        ("07-10", "07-12"),
        ("07-11", "07-12"),
        ("07-13", "07-15"),
        ("08-03", "08-03"),  # all days of the bill
        ("08-20", "08-20"),
    ]


def test_a_month_without_usage_has_no_charges_left(built: tuple[Warehouse, Warehouse]) -> None:
    assert built[0].rows("marts.charges", billing_period="2026-12") == []


def test_a_day_that_turns_out_to_be_worked_is_priced_anew(built: tuple[Warehouse, Warehouse]) -> None:
    found = built[0].rows("marts.charges", site_id="sunday-in-windows", charge_category="Usage")
    # Saturday 20 h to midnight 4 × 0.40, the worked Sunday 24 × 1.00, Monday 2 × 1.00
    assert [
        row["billed_cost_micro_yuan"] for row in sorted(found, key=lambda row: row["charge_period_start"])
    ] == [
        1_600_000,
        24_000_000,
        2_000_000,
    ]


def test_machines_are_sold_as_such_from_the_day_on_which_their_sku_begins(
    built: tuple[Warehouse, Warehouse],
) -> None:
    found = built[0].rows("marts.metered_usage", site_id="machine-sold-later")
    # 4 h on the 2nd by the core, 6 h on the 3rd by the machine
    assert [(row["day"].day, row["resource_kind"], row["quantity"], row["reason"]) for row in found] == [
        (2, "cpu_core", 14_400, None),
        (3, "cpu_core", 21_600, "sold_as_instance"),
        (3, "instance", 21_600, None),
    ]


def test_records_in_conflict_are_listed_on_the_days_that_they_bear_on(
    built: tuple[Warehouse, Warehouse],
) -> None:
    found = built[0].rows("intermediate.int_conflicts", site_id="volume-in-conflict")
    # the observation of the 12th stands for the 13th too
    assert sorted((row["dataset"], row["day"].day) for row in found) == [
        ("storage_records", day) for day in (12, 12, 13, 13)
    ]
