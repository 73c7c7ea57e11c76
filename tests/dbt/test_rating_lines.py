"""Lines, splits, journal and positions, in fen. The arithmetic stands beside the number."""

from datetime import date

from tests.dbt.rating_cases import Case, billed, books, given, lines, parts


@given
def rounded_down(case: Case) -> None:
    case.sells(price="0.10")
    case.job(hours=7)


def test_a_line_is_the_half_up_of_its_charges_and_the_rest_is_an_adjustment() -> None:
    # usage 700,000 + tax 42,000 = 742,000 micro-yuan = 74.2 fen → 74; tax 4.2 → 4; net 70; 740,000 − 742,000 = −2,000
    (line,) = lines("rounded_down")
    assert (line["gross_fen"], line["tax_fen"], line["net_fen"]) == (74, 4, 70)
    assert billed("rounded_down", "Adjustment") == [-2_000]


@given
def rounded_at_the_half(case: Case) -> None:
    case.sells(price="0.005", rate="0")
    case.job(hours=1)


def test_half_a_fen_rounds_up() -> None:
    # 5,000 micro-yuan = 0.5 fen → 1; 10,000 − 5,000 = 5,000
    (line,) = lines("rounded_at_the_half")
    assert (line["gross_fen"], line["tax_fen"], line["net_fen"]) == (1, 0, 1)
    assert billed("rounded_at_the_half", "Adjustment") == [5_000]


@given
def rounded_at_the_half_above_an_even_number(case: Case) -> None:
    case.sells(price="0.025", rate="0")
    case.job(hours=1)


def test_half_a_fen_above_an_even_number_rounds_up_too() -> None:
    # 25,000 micro-yuan = 2.5 fen → 3 (half to even would say 2)
    (line,) = lines("rounded_at_the_half_above_an_even_number")
    assert line["gross_fen"] == 3


@given
def already_whole(case: Case) -> None:
    case.sells(price="1")
    case.job(hours=1)


def test_a_line_of_whole_fen_has_no_adjustment() -> None:
    # 1,000,000 + 60,000 = 106 fen
    (line,) = lines("already_whole")
    assert line["gross_fen"] == 106
    assert billed("already_whole", "Adjustment") == []


@given
def many_days(case: Case) -> None:
    case.sells(price="0.004", rate="0")
    for day in range(1, 11):
        case.job(hours=1, start=f"2026-10-{day:02} 08:00")


def test_the_charges_of_a_month_are_rounded_once() -> None:
    # 10 × 4,000 = 40,000 micro-yuan = 4 fen; each day alone would be 0.4 → 0
    (line,) = lines("many_days")
    assert line["gross_fen"] == 4
    assert line["quantity"] == 36_000


@given
def included_tax_on_a_line(case: Case) -> None:
    case.sells(price="1.00", included=True)
    case.job(hours=3)


def test_with_tax_included_the_gross_amount_is_the_price() -> None:
    # gross 3 yuan = 300 fen; tax = 3,000,000 × 60,000 ÷ 1,060,000 = 169,811.3 → 16.98 fen → 17; net 283
    (line,) = lines("included_tax_on_a_line")
    assert (line["gross_fen"], line["tax_fen"], line["net_fen"]) == (300, 17, 283)


@given
def two_tax_rates(case: Case) -> None:
    case.sells(price="1")
    case.taxes(rate="0.09", since=date(2026, 10, 16))
    case.job(hours=2, start="2026-10-15 23:00")


def test_a_new_tax_rate_begins_a_new_line() -> None:
    # one hour each: 100 fen + 6, 100 fen + 9
    assert [(line["tax_rate_ppm"], line["gross_fen"]) for line in lines("two_tax_rates")] == [
        (60_000, 106),
        (90_000, 109),
    ]


@given
def two_share_rules(case: Case) -> None:
    case.sells(price="1", rate="0")
    case.shares("0.50", "0.25", "0.25", since=date(2026, 10, 16))
    case.job(hours=2, start="2026-10-15 23:00")


def test_a_new_share_rule_begins_a_new_line_and_each_is_shared_by_its_own() -> None:
    before, after = lines("two_share_rules")
    assert (before["share_valid_from"], after["share_valid_from"]) == (date(2026, 1, 1), date(2026, 10, 16))
    amounts = [
        {row["role"]: row["amount_fen"] for row in books().rows("marts.line_splits", line_id=line["line_id"])}
        for line in (before, after)
    ]
    assert amounts == [
        {"tax": 0, "provider": 70, "operator": 20, "network_operator": 10},
        {"tax": 0, "provider": 50, "operator": 25, "network_operator": 25},
    ]


@given
def thirds(case: Case) -> None:
    case.sells(price="1", rate="0")
    case.reference["revenue_shares"].clear()
    case.shares("0.333333", "0.333333", "0.333334")
    case.job(hours=1)


def test_the_fen_left_over_goes_to_the_largest_remainder() -> None:
    # 100 × 0.333333 = 33.3333, 33.3333, 33.3334: floors 33 + 33 + 33, one fen left for the network operator
    assert parts("thirds") == {"tax": 0, "provider": 33, "operator": 33, "network_operator": 34}


@given
def two_fen_left_over(case: Case) -> None:
    case.sells(price="0.05", rate="0")
    case.reference["revenue_shares"].clear()
    case.shares("0.50", "0.34", "0.16")
    case.job(hours=1)


def test_two_fen_left_over_go_to_the_two_largest_remainders() -> None:
    # 5 × 0.50 = 2.5, 5 × 0.34 = 1.7, 5 × 0.16 = 0.8: floors 2 + 1 + 0; left over 2: to 0.8 and 0.7
    assert parts("two_fen_left_over") == {"tax": 0, "provider": 2, "operator": 2, "network_operator": 1}


@given
def tie_for_the_provider(case: Case) -> None:
    case.world.sites[-1] |= {"provider_party": "party-a", "operator_party": "party-b"}
    case.sells(price="0.05", rate="0")
    case.reference["revenue_shares"].clear()
    case.shares("0.50", "0.50", "0")
    case.job(hours=1)


@given
def tie_for_the_operator(case: Case) -> None:
    case.world.sites[-1] |= {"provider_party": "party-b", "operator_party": "party-a"}
    case.sells(price="0.05", rate="0")
    case.reference["revenue_shares"].clear()
    case.shares("0.50", "0.50", "0")
    case.job(hours=1)


def test_a_tie_goes_to_the_party_whose_id_comes_first() -> None:
    # 5 × 0.5 = 2.5 each: the fen left over goes to party-a, whatever its role
    assert parts("tie_for_the_provider") == {"tax": 0, "provider": 3, "operator": 2, "network_operator": 0}
    assert parts("tie_for_the_operator") == {"tax": 0, "provider": 2, "operator": 3, "network_operator": 0}


@given
def one_party_in_two_roles(case: Case) -> None:
    case.world.sites[-1] |= {"provider_party": "party-both", "operator_party": "party-both"}
    case.sells(price="1", rate="0")
    case.job(hours=1)


def test_a_party_in_two_roles_has_two_parts() -> None:
    (line,) = lines("one_party_in_two_roles")
    found = books().rows("marts.line_splits", line_id=line["line_id"])
    assert sorted((row["party_id"], row["role"], row["amount_fen"]) for row in found) == [
        ("party-both", "operator", 20),
        ("party-both", "provider", 70),
        ("party-network", "network_operator", 10),
        ("party-tax", "tax", 0),
    ]


@given
def booked(case: Case) -> None:
    case.sells(price="1")
    case.job(hours=10)


def test_a_line_is_one_balanced_entry() -> None:
    # net 1,000 fen, tax 60, gross 1,060; shares 700, 200, 100
    (line,) = lines("booked")
    found = books().rows("marts.journal_entries", entry_id=line["line_id"])
    assert [
        (row["line_no"], row["account"], row["party_id"], row["debit_fen"], row["credit_fen"])
        for row in sorted(found, key=lambda row: row["line_no"])
    ] == [
        (1, "1122", "tenant-booked", 1_060, 0),
        (2, "2221", "party-tax", 0, 60),
        (3, "2202", "party-booked", 0, 700),
        (4, "2202", "party-zhengsuan", 0, 200),
        (5, "6001", "party-network", 0, 100),
    ]
    assert {row["account_name_zh"] for row in found} == {"应收账款", "应交税费", "应付账款", "主营业务收入"}


def test_an_amount_of_zero_is_a_part_but_is_not_booked() -> None:
    # no tax, and nothing for the network operator
    (line,) = lines("tie_for_the_provider")
    found = books().rows("marts.journal_entries", entry_id=line["line_id"])
    assert [(row["line_no"], row["account"]) for row in sorted(found, key=lambda row: row["line_no"])] == [
        (1, "1122"),
        (2, "2202"),
        (3, "2202"),
    ]


def test_a_statement_sums_the_lines_of_a_tenant() -> None:
    # 106 and 109 fen
    (statement,) = books().rows("marts.statements", party_id="tenant-two-tax-rates")
    assert statement == {
        "period": "2026-10",
        "party_id": "tenant-two-tax-rates",
        "counterparty_id": "party-network",
        "direction": "payable",
        "lines": 2,
        "net_fen": 200,
        "tax_fen": 15,
        "gross_fen": 215,
        "state": "draft",
    }


def test_positions_show_every_debt_from_both_sides() -> None:
    # the tenant owes 1,060; the provider of the site is owed 700
    (tenant,) = books().rows("marts.settlement_positions", party_id="tenant-booked")
    assert (
        tenant["counterparty_id"],
        tenant["receivable_fen"],
        tenant["payable_fen"],
        tenant["net_fen"],
    ) == (
        "party-network",
        0,
        1_060,
        -1_060,
    )
    (mirrored,) = books().rows("marts.settlement_positions", counterparty_id="tenant-booked")
    assert (mirrored["party_id"], mirrored["net_fen"]) == ("party-network", 1_060)
    (provider,) = books().rows("marts.settlement_positions", party_id="party-booked")
    assert (provider["counterparty_id"], provider["net_fen"]) == ("party-network", 700)


def test_nobody_owes_itself() -> None:
    assert books().sql("select * from marts.settlement_positions where party_id = counterparty_id") == []


def test_lines_name_what_was_billed_and_leave_invoices_to_finance() -> None:
    (line,) = lines("booked")
    assert (line["quantity"], line["unit"], line["charge_period"]) == (36_000, "core-second", "2026-10")
    assert (line["invoice_no"], line["red_invoice_of"], line["charge_class"]) == (None, None, None)
