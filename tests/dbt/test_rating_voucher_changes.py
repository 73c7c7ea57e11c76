"""Vouchers when something becomes known later: what they paid follows what is known, in every month."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.dbt.any_project import bad_nodes
from tests.dbt.harness import PROJECT, Warehouse
from tests.dbt.rating_cases import KNOWN_AT, SELECT, Case, told
from tests.dbt.voucher_cases import programme, supported, voucher
from tests.dbt.world import World

pytestmark = pytest.mark.slow

LATER = KNOWN_AT + timedelta(days=1)
REDEEMED = "select period, redeemed_fen, cap_left_fen from marts.voucher_redemptions order by period, line_id"
SETTLED = ("voucher_redemptions", "charges", "statement_lines", "journal_entries", "settlement_positions")


def _world() -> World:
    """Ten core-hours at a yuan in October and in November; a voucher pays half of them, at most 9 yuan."""
    world = World()
    case = Case(world, "later")
    supported(case, share="0.5", cap="9.00")
    case.job(hours=10, job_id="october")
    case.job(hours=10, start="2026-11-05 10:00")
    return told(world, [case])


def _redeemed(warehouse: Warehouse) -> list[tuple[str, int, int]]:
    return [tuple(row.values()) for row in warehouse.sql(REDEEMED)]  # type: ignore[misc]


def _late(world: World, dataset: str, late: Case) -> World:
    after = world.copy()
    rows = late.jobs if dataset == "job_records" else late.reference[dataset]
    after.deliver("later" if dataset == "job_records" else "network-ops", dataset, LATER, rows)
    return after


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(tmp_path_factory.mktemp("first"), SELECT)
    warehouse.build(_world())
    assert _redeemed(warehouse) == [("2026-10", 500, 400), ("2026-11", 400, 0)]
    return warehouse


@pytest.fixture
def built(first: Warehouse, tmp_path: Path) -> Warehouse:
    warehouse = Warehouse(tmp_path / "changed", SELECT)
    shutil.copy(first.path, warehouse.path)
    warehouse.world = first.world
    return warehouse


def _equal_to_a_build_from_nothing(warehouse: Warehouse, world: World, folder: Path) -> None:
    whole = Warehouse(folder / "whole", SELECT)
    whole.build(world)
    for table in SETTLED:
        assert warehouse.rows(f"marts.{table}") == whole.rows(f"marts.{table}"), table


def test_a_voucher_that_is_lowered_takes_back_what_it_paid_beyond(built: Warehouse, tmp_path: Path) -> None:
    # a cap of 600: October 500, November 100
    late = Case(World(), "later")
    voucher(late, share="0.5", cap="6.00", revision=2)
    world = _late(_world(), "vouchers", late)
    built.build(world, test=True)
    assert _redeemed(built) == [("2026-10", 500, 100), ("2026-11", 100, 0)]
    _equal_to_a_build_from_nothing(built, world, tmp_path)


def test_a_job_that_is_corrected_downwards_frees_what_later_months_were_short_of(
    built: Warehouse, tmp_path: Path
) -> None:
    # October 6 hours: 300; of 900 are left 600, so that November is paid its 500
    late = Case(World(), "later")
    late.job(hours=6, job_id="october")
    world = _late(_world(), "job_records", late)
    built.build(world, test=True)
    assert _redeemed(built) == [("2026-10", 300, 600), ("2026-11", 500, 100)]
    _equal_to_a_build_from_nothing(built, world, tmp_path)


def test_a_budget_that_is_lowered_binds_as_a_cap_does(built: Warehouse) -> None:
    # a budget of 2 yuan: October 200, nothing after
    late = Case(World(), "later")
    programme(late, budget="2.00", revision=2)
    built.build(_late(_world(), "voucher_programmes", late), test=True)
    assert _redeemed(built) == [("2026-10", 200, 700), ("2026-11", 0, 700)]


def test_a_programme_of_two_minds_pays_nothing_and_is_listed(tmp_path: Path) -> None:
    late = Case(World(), "later")
    programme(late, budget="2.00")
    programme(late, budget="3.00")
    world = _late(_world(), "voucher_programmes", late)
    warehouse = Warehouse(tmp_path, f"+int_conflicts {SELECT}")
    warehouse.build(world)
    assert _redeemed(warehouse) == []
    assert {row["dataset"] for row in warehouse.rows("intermediate.int_conflicts")} == {"voucher_programmes"}


def test_a_line_below_zero_is_paid_nothing_and_gives_nothing_back(built: Warehouse, tmp_path: Path) -> None:
    # October turned to −1,000 fen: nothing is owed for it; November is paid its 500 of 900
    with built.connected() as connection:
        connection.execute(
            "update intermediate.int_sale_lines set net_fen = -net_fen, gross_fen = -gross_fen "
            "where period = '2026-10'"
        )
    models = ["run", "--select", "int_voucher_redemptions"]
    assert bad_nodes(PROJECT, built.path, tmp_path / "target", models) == set()
    assert _redeemed(built) == [("2026-11", 500, 400)]
