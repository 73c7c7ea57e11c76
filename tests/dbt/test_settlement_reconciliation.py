"""What was declared, metered and billed, compared. Ten core-hours are 36,000 core-seconds; a difference of one in a
thousand is let pass.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.dbt.harness import Warehouse
from tests.dbt.settlement_cases import settled

pytestmark = pytest.mark.slow

RECORDED = """
insert into ledger.closed_metered_usage by name
select '2026-10' as period, date '2026-10-05' as day, 'short' as site_id, 'acct-1' as account,
    'micro-CNY' as unit, {micro_yuan} as quantity
"""


@pytest.fixture(scope="module")
def books() -> Warehouse:
    """The books of all cases."""
    return settled()


def compared(books: Warehouse, site: str, measure: str, period: str = "2026-10") -> tuple[Any, ...]:
    """Declared, metered, billed, difference and status of a site."""
    (row,) = books.rows("marts.reconciliation", site_id=site, measure=measure, period=period)
    return tuple(row[name] for name in ("declared", "metered", "billed", "difference", "status"))


def test_a_site_whose_totals_agree_is_matched(books: Warehouse) -> None:
    assert compared(books, "agrees", "records") == (1, 1, None, 0, "matched")
    assert compared(books, "agrees", "control_sum") == (36_000, 36_000, None, 0, "matched")


def test_a_record_that_was_declared_and_never_came_is_open(books: Warehouse) -> None:
    # two jobs of ten core-hours were declared
    assert compared(books, "differs", "records") == (2, 1, None, -1, "open")
    assert compared(books, "differs", "control_sum") == (72_000, 36_000, None, -36_000, "open")


def test_a_difference_within_the_tolerance_is_told_and_let_pass(books: Warehouse) -> None:
    # 36,000 − 35,980 = 20; a thousandth of 35,980 is 35.98
    assert compared(books, "nearly", "control_sum") == (35_980, 36_000, None, 20, "within_tolerance")
    (row,) = books.rows("marts.reconciliation", site_id="nearly", measure="control_sum")
    assert row["relative_difference"] == pytest.approx(20 / 35_980)
    assert row["tolerance_ppm"] == 1_000


def test_a_total_that_was_not_declared_is_unknown_not_zero(books: Warehouse) -> None:
    assert compared(books, "counts", "records") == (1, 1, None, 0, "matched")
    assert compared(books, "counts", "control_sum") == (None, None, None, None, "unknown")


def test_a_month_nothing_of_which_was_declared_is_unknown(books: Warehouse) -> None:
    assert compared(books, "paid", "records") == (None, None, None, None, "unknown")


def test_usage_that_nobody_is_billed_for_is_open(books: Warehouse) -> None:
    # ten hours billed, five of an account that nobody owns
    assert compared(books, "strangers", "quantity") == (None, 54_000, 36_000, -18_000, "open")


def test_usage_that_is_billed_whole_is_matched(books: Warehouse) -> None:
    assert compared(books, "agrees", "quantity") == (None, 36_000, 36_000, 0, "matched")


def test_a_record_of_unknown_quantity_leaves_the_month_unknown(books: Warehouse) -> None:
    assert compared(books, "unknown", "quantity") == (None, 36_000, 36_000, 0, "unknown")
    (row,) = books.rows("marts.reconciliation", site_id="unknown", measure="quantity")
    assert row["unknowns"] == 1


def test_a_difference_ages_from_the_end_of_its_month(books: Warehouse) -> None:
    # 2026-10-31 to 2027-01-10: 30 + 31 + 10
    (row,) = books.rows("marts.reconciliation", site_id="differs", measure="records")
    assert (row["as_of"], row["age_days"]) == (date(2027, 1, 10), 71)


def bill(books: Warehouse, currency: str, *recorded: int) -> tuple[Any, ...]:
    """What a bill in a currency is compared with, when so many micro-yuan were recorded of its account."""
    with books.connected() as connection:
        connection.begin()
        for micro_yuan in recorded:
            connection.execute(RECORDED.format(micro_yuan=micro_yuan))
        found = connection.execute(
            "select bill_lines, provider_billed, recorded, difference, status from marts.bill_reconciliation "
            "where billing_currency = ?",
            [currency],
        ).fetchall()
        connection.rollback()
    assert len(found) == 1
    return tuple(found[0])


def test_a_bill_of_which_nothing_was_recorded_is_unknown_and_keeps_its_decimals(books: Warehouse) -> None:
    # 0.100000000000000001 + 99.9
    assert bill(books, "CNY") == (2, Decimal("100.000000000000000001"), None, None, "unknown")


def test_a_bill_is_compared_at_its_own_scale(books: Warehouse) -> None:
    # 60 + 40 yuan recorded; 100 − 100.000000000000000001
    assert bill(books, "CNY", 60_000_000, 40_000_000) == (
        2,
        Decimal("100.000000000000000001"),
        Decimal(100),
        Decimal("-0.000000000000000001"),
        "within_tolerance",
    )


def test_a_bill_that_was_recorded_in_part_is_open(books: Warehouse) -> None:
    # a thousandth of 100 is 0.1
    assert bill(books, "CNY", 99_800_000)[3:] == (Decimal("-0.200000000000000001"), "open")


def test_a_bill_in_another_currency_is_not_compared_with_yuan(books: Warehouse) -> None:
    assert bill(books, "USD", 5_000_000) == (1, Decimal(5), None, None, "unknown")
