"""Amounts below zero, which corrections will bring: a credit is divided and booked as the mirror of its debit."""

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.dbt.any_project import bad_nodes
from tests.dbt.harness import PROJECT, Warehouse
from tests.dbt.rating_cases import Case, told
from tests.dbt.world import World

pytestmark = pytest.mark.slow

PARTS = "select line_id, role, party_id, amount_fen from intermediate.int_line_splits order by all"
POSTINGS = (
    "select entry_id, line_no, account, party_id, debit_fen, credit_fen "
    "from intermediate.int_journal_entries order by all"
)


@pytest.fixture(scope="module")
def debit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One line of 105 fen net, of which a remainder is left over."""
    world = World()
    case = Case(world, "credit")
    case.sells(price="1.05")
    case.job(hours=1)
    warehouse = Warehouse(tmp_path_factory.mktemp("credit"), "+int_journal_entries")
    warehouse.build(told(world, [case]))
    return warehouse.path


@pytest.fixture(scope="module")
def credit(debit: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same line with the sign turned."""
    folder = tmp_path_factory.mktemp("turned")
    path = folder / "warehouse.duckdb"
    shutil.copy(debit, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "update intermediate.int_sale_lines "
            "set net_fen = -net_fen, tax_fen = -tax_fen, gross_fen = -gross_fen, quantity = -quantity"
        )
    models = ["int_line_splits", "int_journal_entries"]
    assert bad_nodes(PROJECT, path, folder / "target", ["run", "--select", *models]) == set()
    return path


def _rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.sql(query).fetchall()


def test_a_debit_is_divided_by_largest_remainder(debit: Path) -> None:
    # net 105: 73.5, 21.0, 10.5 → 73 + 21 + 10, one fen left over: a tie between the network's operator (party-network)
    # and the provider (party-credit), whose id comes first
    assert [(role, fen) for _, role, _, fen in _rows(debit, PARTS)] == [
        ("network_operator", 10),
        ("operator", 21),
        ("provider", 74),
        ("tax", 6),
    ]


def test_the_parts_of_a_credit_are_those_of_its_debit_with_the_sign_turned(debit: Path, credit: Path) -> None:
    turned = [(line, role, party, -fen) for line, role, party, fen in _rows(debit, PARTS)]  # type: ignore[operator]
    assert _rows(credit, PARTS) == turned


def test_a_credit_is_booked_on_the_other_side(debit: Path, credit: Path) -> None:
    swapped = [(*row[:4], row[5], row[4]) for row in _rows(debit, POSTINGS)]
    assert _rows(credit, POSTINGS) == swapped
    assert all(row[4] >= 0 and row[5] >= 0 for row in swapped)  # type: ignore[operator]
