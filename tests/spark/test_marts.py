"""Every published mart on Spark equals DuckDB's, row by row: built whole, and brought up to what changed."""

import pytest

from data_contracts.contract import load_contracts
from tests.spark.comparing import compare
from tests.spark.conftest import Exported

pytestmark = pytest.mark.spark

FIRST = ("utilisation_hourly", "utilisation_daily", "statement_lines")
ONCE_CLOSED = ("adjustments",)
"""What has no rows before a period is closed."""
EMPTY = ("disputes", "resale_margins")
"""What the network has none of: disputes, which the models copy from the ledger as they are, and rules of resale."""
OTHERS = tuple(
    contract.name for contract in load_contracts("published") if contract.name not in FIRST + ONCE_CLOSED
)


def _assert_equal(name: str, exported: Exported) -> None:
    comparison = compare(name, exported.of_duckdb[name], exported.of_spark[name])
    assert comparison, str(comparison)
    assert comparison.rows or name in EMPTY, f"{name} is empty: nothing was compared"


def test_utilisation_by_the_hour_is_equal(whole: Exported) -> None:
    _assert_equal("utilisation_hourly", whole)


def test_utilisation_by_the_day_is_equal(whole: Exported) -> None:
    _assert_equal("utilisation_daily", whole)


def test_statement_lines_are_equal(whole: Exported) -> None:
    _assert_equal("statement_lines", whole)


@pytest.mark.parametrize("name", OTHERS)
def test_every_other_mart_is_equal(whole: Exported, name: str) -> None:
    _assert_equal(name, whole)


@pytest.mark.parametrize("name", [*FIRST, *OTHERS, *ONCE_CLOSED])
def test_after_a_close_and_a_withdrawal_the_marts_are_equal(changed: Exported, name: str) -> None:
    _assert_equal(name, changed)
