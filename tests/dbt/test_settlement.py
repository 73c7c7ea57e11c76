"""Guarantees, statements of every party, payments, ages and the journal. The arithmetic stands beside the number.

Ten core-hours at 1.00 are net 1,000 fen, tax 60, gross 1,060; the shares are 700, 200 and 100.
"""

from datetime import date
from typing import Any

import pytest

from tests.dbt.harness import Warehouse
from tests.dbt.settlement_cases import NETWORK, settled
from tests.dbt.world import Row

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def books() -> Warehouse:
    """The books of all cases."""
    return settled()


def topups(books: Warehouse, party: str) -> list[tuple[Any, ...]]:
    """Period, role, guaranteed, earned and topped up of a party."""
    columns = ("period", "role", "guaranteed_fen", "earned_fen", "topup_fen")
    found = books.rows("marts.guarantee_topups", party_id=party)
    return sorted(tuple(row[column] for column in columns) for row in found)


def test_a_provider_whose_parts_fall_short_is_topped_up_to_its_guarantee(books: Warehouse) -> None:
    # 50.00 guaranteed; 700 fen earned in October: 5,000 − 700 = 4,300
    assert ("2026-10", "provider", 5_000, 700, 4_300) in topups(books, "party-short")


def test_a_running_month_shows_no_shortfall(books: Warehouse) -> None:
    # usage reaches 2026-12-20 only: December's 70 fen may still grow
    assert {period for period, *_ in topups(books, "party-short")} == {
        "2026-08",
        "2026-09",
        "2026-10",
        "2026-11",
    }


def test_an_operator_whose_parts_reach_the_guarantee_is_not_topped_up(books: Warehouse) -> None:
    # 1.50 guaranteed; 200 fen earned in October, nothing in the other months: 150 each
    assert topups(books, "party-zhengsuan") == [
        ("2026-08", "operator", 150, 0, 150),
        ("2026-09", "operator", 150, 0, 150),
        ("2026-11", "operator", 150, 0, 150),
    ]


def test_a_provider_without_any_usage_is_topped_up_by_the_whole_guarantee(books: Warehouse) -> None:
    assert topups(books, "party-unused") == [
        (period, "provider", 2_000, 0, 2_000) for period in ("2026-08", "2026-09", "2026-10", "2026-11")
    ]


def test_a_guarantee_that_is_met_to_the_fen_owes_nothing(books: Warehouse) -> None:
    # 7.00 guaranteed, 700 fen earned in October
    assert "2026-10" not in {period for period, *_ in topups(books, "party-exact")}


def test_a_guarantee_begins_with_the_first_whole_month(books: Warehouse) -> None:
    # the rule holds from 2026-10-10: nothing for October, 30.00 for November
    assert topups(books, "party-begun") == [("2026-11", "provider", 3_000, 0, 3_000)]


def test_the_parts_of_all_sites_of_a_party_under_one_rule_count_together(books: Warehouse) -> None:
    # 10.00 guaranteed; 700 + 210 = 910: 90 are missing
    assert ("2026-10", "provider", 1_000, 910, 90) in topups(books, "party-first")


def test_a_top_up_is_in_the_position_and_in_the_journal(books: Warehouse) -> None:
    # October: 700 + 4,300
    (position,) = books.rows("marts.settlement_positions", party_id="party-short", period="2026-10")
    assert (position["receivable_fen"], position["payable_fen"]) == (5_000, 0)
    (topup,) = books.rows("marts.guarantee_topups", party_id="party-short", period="2026-10")
    assert entry(books, topup["topup_id"]) == [
        ("6401", NETWORK, 4_300, 0, "2026-10"),
        ("2202", "party-short", 0, 4_300, "2026-10"),
    ]


def entry(books: Warehouse, reference: str) -> list[tuple[Any, ...]]:
    """The postings made from something: account, party, debit, credit, period."""
    columns = ("account", "party_id", "debit_fen", "credit_fen", "period")
    found = books.sql(
        "select * from marts.journal_entries where reference = ? order by period, entry_id, line_no",
        [reference],
    )
    return [tuple(row[column] for column in columns) for row in found]


def statements(books: Warehouse, party: str, period: str = "2026-10") -> list[tuple[Any, ...]]:
    """Counterparty, direction, lines, net, tax and gross of a party's statements."""
    columns = ("counterparty_id", "direction", "lines", "net_fen", "tax_fen", "gross_fen")
    found = books.rows("marts.statements", party_id=party, period=period)
    return [tuple(row[column] for column in columns) for row in found]


def test_a_tenant_has_a_statement_of_what_it_owes(books: Warehouse) -> None:
    assert statements(books, "tenant-paid") == [(NETWORK, "payable", 1, 1_000, 60, 1_060)]


def test_a_provider_has_a_statement_of_its_parts_and_its_top_up(books: Warehouse) -> None:
    # one part of 700 and a top-up of 4,300
    assert statements(books, "party-short") == [(NETWORK, "receivable", 2, 5_000, 0, 5_000)]


def test_the_tax_authority_has_a_statement_of_tax_alone(books: Warehouse) -> None:
    # November: one line of the tenant of every month, 60 fen
    assert statements(books, "party-tax", "2026-11") == [(NETWORK, "receivable", 1, 0, 60, 60)]


def test_the_network_operator_has_a_statement_against_each_of_them(books: Warehouse) -> None:
    # November: the tenant's 1,060; 700 to its site; 200 and a guarantee of 150 to the operator; 60 of tax; the top-ups
    # of party-short 5,000, unused 2,000, exact 700, begun 3,000, first 1,000
    assert statements(books, NETWORK, "2026-11") == [
        ("party-begun", "payable", 1, 3_000, 0, 3_000),
        ("party-exact", "payable", 1, 700, 0, 700),
        ("party-first", "payable", 1, 1_000, 0, 1_000),
        ("party-months", "payable", 1, 700, 0, 700),
        ("party-short", "payable", 1, 5_000, 0, 5_000),
        ("party-tax", "payable", 1, 0, 60, 60),
        ("party-unused", "payable", 1, 2_000, 0, 2_000),
        ("party-zhengsuan", "payable", 2, 350, 0, 350),
        ("tenant-months", "receivable", 1, 1_000, 60, 1_060),
    ]


def receivable(books: Warehouse, party: str, other: str, period: str = "2026-10") -> Row:
    """What a party and another have settled of a period."""
    (row,) = books.rows("marts.receivables", party_id=party, counterparty_id=other, period=period)
    return row


def amounts(row: Row) -> tuple[Any, ...]:
    """Due, paid, outstanding, status and ageing."""
    return tuple(row[name] for name in ("due_fen", "paid_fen", "outstanding_fen", "status", "ageing"))


def test_payments_in_parts_settle_what_is_due(books: Warehouse) -> None:
    # 5.00 + 5.60 of 10.60
    assert amounts(receivable(books, NETWORK, "tenant-paid")) == (1_060, 1_060, 0, "settled", None)


def test_what_is_left_to_pay_is_as_old_as_its_due_day(books: Warehouse) -> None:
    # 10.60 − 4.00; due 30 days after 2026-10-31, on 11-30; the newest delivery is of 2027-01-10: 31 + 10 days
    row = receivable(books, NETWORK, "tenant-partly")
    assert amounts(row) == (1_060, 400, 660, "open", "days_31_60")
    assert (row["due_on"], row["as_of"], row["days_since_due"]) == (date(2026, 11, 30), date(2027, 1, 10), 41)


def test_a_debt_is_seen_from_both_sides(books: Warehouse) -> None:
    assert receivable(books, "tenant-partly", NETWORK)["must_act"] is None
    assert amounts(receivable(books, "tenant-partly", NETWORK)) == (-1_060, -400, -660, "open", "days_31_60")


def test_an_overpayment_is_shown_and_proposed_to_be_paid_back(books: Warehouse) -> None:
    # 10.60 − 12.00
    assert amounts(receivable(books, NETWORK, "tenant-over")) == (1_060, 1_200, -140, "overpaid", None)
    assert proposals(books, "tenant-over") == [(NETWORK, "tenant-over", "2026-10", 140)]


def test_a_payment_of_nobody_known_is_shown_and_proposed_to_nobody(books: Warehouse) -> None:
    row = receivable(books, NETWORK, "a-stranger")
    assert amounts(row) == (0, 300, -300, "unknown_party", None)
    assert row["must_act"] == "network_operations"
    assert proposals(books, "a-stranger") == []


def test_a_payment_for_which_nothing_is_due_is_shown(books: Warehouse) -> None:
    assert amounts(receivable(books, NETWORK, "tenant-outside")) == (0, 200, -200, "nothing_due", None)


def test_a_payment_between_two_others_is_shown_but_is_not_in_the_network_operators_books(
    books: Warehouse,
) -> None:
    assert amounts(receivable(books, "party-paid", "party-over")) == (0, 900, -900, "nothing_due", None)
    assert entry(books, "p9") == []


def test_two_payments_of_one_name_count_for_nothing_and_are_in_conflict(books: Warehouse) -> None:
    assert entry(books, "twice") == []
    found = books.rows("intermediate.int_conflicts", dataset="payments")
    assert [row["day"] for row in found] == [date(2026, 11, 5)] * 2


def test_a_day_that_the_calendar_names_twice_is_in_conflict(books: Warehouse) -> None:
    found = books.rows("intermediate.int_conflicts", dataset="calendar_days")
    assert [row["day"] for row in found] == [date(2026, 11, 6)] * 2


def proposals(books: Warehouse, party: str) -> list[tuple[Any, ...]]:
    """What a party has still to pay or to be paid: payer, payee, period, amount."""
    columns = ("payer_party_id", "payee_party_id", "period", "amount_fen")
    found = books.sql(
        "select * from marts.payment_proposals where ? in (payer_party_id, payee_party_id) order by all",
        [party],
    )
    return [tuple(row[column] for column in columns) for row in found]


def test_what_is_left_to_pay_is_proposed_once(books: Warehouse) -> None:
    assert proposals(books, "tenant-partly") == [("tenant-partly", NETWORK, "2026-10", 660)]
    assert proposals(books, "party-partly") == [(NETWORK, "party-partly", "2026-10", 700)]


def test_what_is_paid_is_not_proposed(books: Warehouse) -> None:
    assert proposals(books, "tenant-paid") == []
    assert proposals(books, "party-paid") == [("party-paid", "party-over", "2026-10", 900)]


@pytest.mark.parametrize(
    ("period", "days", "bucket"),
    [
        ("2026-08", 102, "over_90_days"),  # due 09-30: 31 + 30 + 31 + 10
        ("2026-09", 72, "days_61_90"),  # due 10-30: 1 + 30 + 31 + 10
        ("2026-10", 41, "days_31_60"),  # due 11-30: 31 + 10
        ("2026-11", 11, "days_1_30"),  # due 12-30: 1 + 10
        ("2026-12", -20, "current"),  # due 01-30
    ],
)
def test_debts_age_by_the_end_of_their_own_month(
    books: Warehouse, period: str, days: int, bucket: str
) -> None:
    row = receivable(books, NETWORK, "tenant-months", period)
    assert (row["days_since_due"], row["ageing"]) == (days, bucket)


@pytest.mark.parametrize(
    ("case", "period", "due_on", "days"),
    [
        ("own", "2026-10", date(2026, 12, 30), 11),  # 60 days: 30 of November, 30 of December; then 1 + 10
        ("both", "2026-10", date(2026, 12, 15), 26),  # the longer of two: 45 = 30 + 15; then 16 + 10
        (
            "ended",
            "2026-10",
            date(2026, 11, 30),
            41,
        ),  # ends before 10-31: 30 as without a contract; then 31 + 10
        (
            "renewed",
            "2026-10",
            date(2026, 12, 30),
            11,
        ),  # in force on the last day, whatever it is from 11-01 on
        ("renewed", "2026-12", date(2026, 12, 31), 10),  # no day: due on the last of the month; then 10
        ("segment", "2026-10", date(2027, 1, 29), -19),  # 90 days: 30 + 31 + 29; 10 − 29
        ("none", "2026-10", date(2026, 11, 15), 56),  # its own 15 before its segment's 90; then 15 + 31 + 10
    ],
)
def test_a_debt_is_due_as_many_days_after_its_month_as_the_contract_says(
    books: Warehouse, case: str, period: str, due_on: date, days: int
) -> None:
    for row in (
        receivable(books, NETWORK, f"tenant-{case}", period),
        receivable(books, f"tenant-{case}", NETWORK, period),
    ):
        assert (row["due_on"], row["days_since_due"]) == (due_on, days)


def test_what_is_owed_to_others_than_tenants_is_due_after_30_days(books: Warehouse) -> None:
    row = receivable(books, "party-own", NETWORK)
    assert (row["due_on"], row["payment_days"]) == (date(2026, 11, 30), 30)


@pytest.mark.parametrize(
    ("known_on", "bucket"),
    [
        ("2026-11-30", "current"),
        ("2026-12-01", "days_1_30"),
        ("2026-12-30", "days_1_30"),
        ("2026-12-31", "days_31_60"),
        ("2027-01-29", "days_31_60"),
        ("2027-01-30", "days_61_90"),
        ("2027-02-28", "days_61_90"),
        ("2027-03-01", "over_90_days"),
    ],
)
def test_a_debt_passes_into_the_next_bucket_after_the_30th_60th_and_90th_day(
    books: Warehouse, known_on: str, bucket: str
) -> None:
    # due 2026-11-30; + 30 = 12-30, + 60 = 01-29, + 90 = 02-28
    with books.connected() as connection:
        connection.begin()
        connection.execute(
            "update inputs.landings set known_at = ?::timestamptz", [f"{known_on} 12:00:00+08"]
        )
        found = connection.execute(
            "select ageing from marts.receivables where party_id = ? and counterparty_id = 'tenant-partly'",
            [NETWORK],
        ).fetchall()
        connection.rollback()
    assert found == [(bucket,)]


def test_a_tenants_payment_moves_its_debt_to_the_bank_in_the_month_of_payment(books: Warehouse) -> None:
    assert entry(books, "p1") == [
        ("1002", NETWORK, 500, 0, "2026-11"),
        ("1122", "tenant-paid", 0, 500, "2026-11"),
    ]
    assert {row[4] for row in entry(books, "p2")} == {"2026-12"}


def test_what_is_paid_to_a_provider_leaves_the_bank(books: Warehouse) -> None:
    assert entry(books, "p3") == [
        ("2202", "party-paid", 700, 0, "2026-11"),
        ("1002", NETWORK, 0, 700, "2026-11"),
    ]


def test_what_is_paid_to_the_tax_authority_goes_off_taxes_payable(books: Warehouse) -> None:
    assert [row[:4] for row in entry(books, "p4")] == [("2221", "party-tax", 60, 0), ("1002", NETWORK, 0, 60)]


def test_money_of_a_stranger_stands_on_other_payables(books: Warehouse) -> None:
    assert [row[:4] for row in entry(books, "p7")] == [
        ("1002", NETWORK, 300, 0),
        ("2241", "a-stranger", 0, 300),
    ]


def test_the_journal_names_its_accounts(books: Warehouse) -> None:
    found = books.sql("select distinct account, account_name_zh from marts.journal_entries order by all")
    assert [tuple(row.values()) for row in found] == [
        ("1002", "银行存款"),
        ("1122", "应收账款"),
        ("2202", "应付账款"),
        ("2221", "应交税费"),
        ("2241", "其他应付款"),
        ("6001", "主营业务收入"),
        ("6401", "主营业务成本"),
    ]


def test_what_a_segment_pays_flows_to_each_role_by_site_and_class(books: Warehouse) -> None:
    # ten core-hours at 1.00: 700, 200 and 100 of the net, and 6 % tax of 1,000
    found = books.rows("marts.settlement_flows", site_id="agrees", period="2026-10")
    assert {(row["role"], row["party_id"]): row["amount_fen"] for row in found} == {
        ("provider", "party-agrees"): 700,
        ("operator", "party-zhengsuan"): 200,
        ("network_operator", NETWORK): 100,
        ("tax", "party-tax"): 60,
    }
    assert {(row["segment"], row["compute_class"], row["correction_fen"]) for row in found} == {
        ("campus", "super", 0)
    }
