"""Providers' bills passed through with a markup: micro-yuan once by largest remainder, refunds, currencies, accounts.

Each site sells cloud at 1.05 for a yuan of the bill, before tax, unless told otherwise.
"""

from decimal import Decimal

from tests.dbt.rating_cases import START, Case, billed, books, charges, given, lines, parts, rows
from tests.dbt.unit_cases import bill_line, consumed, knows_its_tenant, resale_rule, resells_hours, sells
from tests.dbt.world import Row


def _resells(case: Case, price: str = "1.05") -> None:
    knows_its_tenant(case)
    sells(case, "cloud", price)


def _by_model(name: str) -> dict[str, tuple[int, str | None]]:
    """Quantity in micro-yuan and reason of a case's bill lines by service."""
    return {row["model"]: (row["quantity"], row["reason"]) for row in rows(name, "metered_usage")}


@given
def bill_with_a_markup(case: Case) -> None:
    _resells(case)
    bill_line(case, "a", "100.00")


def test_a_bill_is_passed_through_with_its_markup() -> None:
    # 100.00 × 1.05
    (charge,) = charges("bill_with_a_markup", "Usage")
    assert (charge["quantity"], charge["unit"]) == (100_000_000, "micro-CNY")
    assert charge["billed_cost_micro_yuan"] == 105_000_000


@given
def three_lines_of_a_third(case: Case) -> None:
    _resells(case)
    for line in ("a", "b", "c"):
        bill_line(case, line, "0.333333333333333333", service_name=line)


def test_three_thirds_of_a_yuan_are_a_yuan_by_largest_remainder() -> None:
    # the total 0.999999999999999999 is 1,000,000 micro-yuan half up; 333,333 each, the one left over goes to the first
    assert _by_model("three_lines_of_a_third") == {
        "a": (333_334, None),
        "b": (333_333, None),
        "c": (333_333, None),
    }


@given
def lines_with_unequal_remainders(case: Case) -> None:
    _resells(case)
    bill_line(case, "a", "1.0000002", service_name="a")
    bill_line(case, "b", "1.0000009", service_name="b")
    bill_line(case, "c", "1.0000003", service_name="c")


def test_the_greatest_remainder_takes_what_is_left_over() -> None:
    # the total 3.0000014 is 3,000,001 micro-yuan; floors 1,000,000 each; b has the greatest remainder
    assert {
        model: quantity for model, (quantity, _) in _by_model("lines_with_unequal_remainders").items()
    } == {
        "a": 1_000_000,
        "b": 1_000_001,
        "c": 1_000_000,
    }


@given
def refunds_with_remainders(case: Case) -> None:
    _resells(case)
    bill_line(case, "a", "-0.0000004", service_name="a")
    bill_line(case, "b", "-0.0000003", service_name="b")
    bill_line(case, "c", "-0.0000008", service_name="c")


def test_a_total_of_refunds_is_rounded_away_from_zero_and_shared_alike() -> None:
    # the total −1.5 micro-yuan is −2; floors are −1 each with remainders 0.6, 0.7 and 0.2: b gets one back
    assert {model: quantity for model, (quantity, _) in _by_model("refunds_with_remainders").items()} == {
        "a": -1,
        "b": 0,
        "c": -1,
    }


@given
def lines_of_two_accounts(case: Case) -> None:
    _resells(case)
    bill_line(case, "a", "0.0000005", service_name="a")
    bill_line(case, "b", "0.0000005", service_name="b", billing_account="another")


def test_each_billing_account_is_rounded_for_itself() -> None:
    # half a micro-yuan of each account is one, half up; together they would be one
    found = _by_model("lines_of_two_accounts")
    assert {model: quantity for model, (quantity, _) in found.items()} == {"a": 1, "b": 1}


@given
def refund_beside_a_cost(case: Case) -> None:
    _resells(case)
    bill_line(case, "a", "10.00", "2026-10-05")
    bill_line(case, "b", "-30.00", "2026-10-05")
    bill_line(case, "c", "5.00", "2026-10-06")


def test_a_refund_beyond_the_costs_of_its_day_is_a_charge_below_zero() -> None:
    name = "refund_beside_a_cost"
    # the 5th: (10 − 30) × 1.05 = −21.00; the 6th: 5.25; the line: −15.75 and 6 % of it, −0.945 → −0.95 half away
    assert billed(name, "Usage") == [-21_000_000, 5_250_000]
    (line,) = lines(name)
    assert (line["net_fen"], line["tax_fen"], line["gross_fen"], line["quantity"]) == (
        -1575,
        -95,
        -1670,
        -15_000_000,
    )
    assert sum(parts(name).values()) == -1670


@given
def refund_of_all_that_the_day_cost(case: Case) -> None:
    _resells(case)
    bill_line(case, "a", "10.00")
    bill_line(case, "b", "-10.00")
    bill_line(case, "c", "1.00", "2026-10-06")


def test_a_day_whose_refunds_are_its_costs_has_no_charge() -> None:
    assert billed("refund_of_all_that_the_day_cost", "Usage") == [1_050_000]


@given
def bill_under_an_allowance(case: Case) -> None:
    _resells(case)
    case.add(
        "service_contracts",
        contract_id="allowance-of-a-bill",
        valid_from=START,
        tenant_id=case.tenant,
        kind="allowance",
        sku_id=f"{case.sku}-cloud-any",
        quantity=Decimal("1000"),
    )
    bill_line(case, "a", "10.00")
    bill_line(case, "b", "-4.00", "2026-10-06")


def test_nothing_covers_a_bill_that_is_passed_through() -> None:
    # 10 × 1.05 and −4 × 1.05
    assert billed("bill_under_an_allowance", "Usage") == [10_500_000, -4_200_000]


@given
def bill_of_a_volume_tier(case: Case) -> None:
    knows_its_tenant(case)
    sku = "sku-cloud-tiers"
    case.offers(sku, kind="cloud", unit="CNY")
    for first, price in ((0, "1.05"), (5, "1.01")):
        case.prices(price, sku=sku, unit="CNY", band_from=first, price_model="volume")
    bill_line(case, "a", "10.00", "2026-10-05")
    bill_line(case, "b", "-4.00", "2026-10-06")


def test_a_bill_has_no_part_in_tiers() -> None:
    # (10 − 4) × 1.05: the first band, whatever the month's total
    assert billed("bill_of_a_volume_tier", "Usage") == [6_300_000]


@given
def bill_in_dollars(case: Case) -> None:
    _resells(case)
    case.add("fx_rates", currency="USD", month="2026-10", rate=Decimal("7.10823456"), source="test")
    bill_line(case, "a", "10.00", service_name="a", billing_currency="USD")
    bill_line(case, "b", "-0.000000000000000001", service_name="b", billing_currency="USD")
    bill_line(case, "c", "10.00", service_name="c", billing_currency="JPY")
    bill_line(case, "d", "10.00", service_name="d")


def test_dollars_become_yuan_at_the_rate_of_the_months_bill_and_what_has_no_rate_is_listed() -> None:
    # 10 × 7.10823456 = 71.0823456 yuan less next to nothing: 71,082,346 in all, half up; a's floor is 71,082,345 with
    # remainder 0.6, b's −1 with a remainder next to one: both go up
    name = "bill_in_dollars"
    assert _by_model(name) == {
        "a": (71_082_346, None),
        "b": (0, None),
        "c": (0, "currency_unknown"),
        "d": (10_000_000, None),
    }
    listed = rows(name, "unattributed_usage")
    assert [(row["model"], row["reason"]) for row in listed] == [("c", "currency_unknown")]


@given
def bill_of_an_unmapped_account(case: Case) -> None:
    _resells(case)
    case.maps(account=f"payer-{case.site}")
    bill_line(case, "a", "10.00", sub_account_id="stranger")
    bill_line(case, "b", "20.00", sub_account_id=None)


def test_a_sub_account_that_nobody_owns_is_listed_and_a_line_without_one_is_the_payers() -> None:
    name = "bill_of_an_unmapped_account"
    assert billed(name, "Usage") == [21_000_000]
    listed = rows(name, "unattributed_usage")
    assert [(row["account"], row["quantity"], row["unit"], row["reason"]) for row in listed] == [
        ("stranger", 10_000_000, "micro-CNY", "account_unknown")
    ]


@given
def bill_without_a_charge_period(case: Case) -> None:
    _resells(case)
    bill_line(case, "a", "10.00", None)
    bill_line(case, "b", "10.00", "2026-11-01")


def test_a_line_without_a_charge_period_is_of_the_first_day_of_its_month() -> None:
    days = [
        row["charge_period_start"].isoformat() for row in charges("bill_without_a_charge_period", "Usage")
    ]
    assert days == ["2026-09-30T16:00:00+00:00", "2026-10-31T16:00:00+00:00"]


@given
def bill_by_service(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "cloud", "1.20", "compute")
    bill_line(case, "a", "10.00")
    bill_line(case, "b", "10.00", service_name="storage")


def test_a_service_has_its_own_markup_and_one_that_is_not_sold_is_listed() -> None:
    assert billed("bill_by_service", "Usage") == [12_000_000]
    assert _by_model("bill_by_service")["storage"] == (10_000_000, "sku_missing")


def _sold(name: str) -> dict[str, tuple[int, str | None]]:
    """Quantity in 10^-9 units and reason of what a case resells, by service."""
    found = [row for row in rows(name, "metered_usage") if row["resource_kind"] == "resale"]
    return {row["model"]: (row["quantity"], row["reason"]) for row in found}


def _line(name: str, debtor: str) -> tuple[int, int, int]:
    """Net, tax and gross of the only line of a case that somebody owes."""
    (line,) = [line for line in lines(name) if line["party_id"] == debtor]
    return line["net_fen"], line["tax_fen"], line["gross_fen"]


def _margin(name: str) -> tuple[int, int, int]:
    """Sold, owed and what is left of a case's resale, in fen."""
    (row,) = rows(name, "resale_margins")
    return row["sold_fen"], row["owed_fen"], row["margin_fen"]


def _owed_to_provider(name: str) -> Row:
    (row,) = books().rows("marts.settlement_positions", party_id=f"party-{name.replace('_', '-')}")
    return row


@given
def resold_hours(case: Case) -> None:
    resells_hours(case)
    resale_rule(case)
    consumed(case, "ecs", "15.00", "10.5")


def test_the_tenant_pays_our_price_for_what_it_consumed() -> None:
    # 10.5 × 2.00 = 21.00, and 6 % of it
    assert _sold("resold_hours") == {"ecs": (10_500_000_000, None)}
    assert _line("resold_hours", "tenant-resold-hours") == (2_100, 126, 2_226)
    (charge,) = [row for row in charges("resold_hours", "Usage") if row["tenant_id"] == "tenant-resold-hours"]
    assert (charge["quantity"], charge["unit"], charge["billed_cost_micro_yuan"]) == (
        10_500_000_000,
        "nano-unit",
        21_000_000,
    )


def test_the_provider_is_owed_what_it_billed() -> None:
    # 15.00 as billed, without tax of ours
    assert _line("resold_hours", "party-network") == (1_500, 0, 1_500)
    owed = _owed_to_provider("resold_hours")
    assert (owed["counterparty_id"], owed["receivable_fen"], owed["payable_fen"]) == (
        "party-network",
        1_500,
        0,
    )
    found = books().rows("marts.statements", party_id="party-resold-hours")
    assert [(row["direction"], row["gross_fen"]) for row in found] == [("receivable", 1_500)]


def test_what_is_bought_to_be_resold_is_a_cost_in_the_journal() -> None:
    (line,) = [line for line in lines("resold_hours") if line["party_id"] == "party-network"]
    found = books().rows("marts.journal_entries", entry_id=line["line_id"])
    assert {(row["account"], row["party_id"], row["debit_fen"], row["credit_fen"]) for row in found} == {
        ("6401", "party-network", 1_500, 0),
        ("2202", "party-resold-hours", 0, 1_500),
    }


def test_the_margin_is_what_was_sold_less_what_is_owed_and_is_shared_as_the_sale_is() -> None:
    # 21.00 − 15.00 = 6.00; of the sale the operator gets 10 %
    assert _margin("resold_hours") == (2_100, 1_500, 600)
    (line,) = [line for line in lines("resold_hours") if line["party_id"] == "tenant-resold-hours"]
    found = books().rows("marts.line_splits", line_id=line["line_id"])
    shares = {row["role"]: row["amount_fen"] for row in found}
    assert shares == {"provider": 0, "operator": 210, "network_operator": 1_890, "tax": 126}


def test_a_resold_bill_is_still_recorded_in_full() -> None:
    (row,) = rows("resold_hours", "bill_reconciliation")
    assert (row["provider_billed"], row["recorded"], row["status"]) == (15, 15, "matched")


@given
def resold_decimals(case: Case) -> None:
    resells_hours(case, price="1000")
    resale_rule(case)
    consumed(case, "exact", "1", "1.123456789")
    consumed(case, "third", "1", "0.333333333333333333")
    consumed(case, "half", "1", "0.0000000005")
    consumed(case, "less", "1", "0.000000000499999999")


def test_quantities_are_exact_to_nine_decimals_and_half_up_beyond() -> None:
    assert _sold("resold_decimals") == {
        "exact": (1_123_456_789, None),
        "third": (333_333_333, None),
        "half": (1, None),
        "less": (0, None),
    }
    # 1.456790123 units × 1,000 yuan
    assert sum(billed("resold_decimals", "Usage")) == 1_456_790_123 + 4 * 1_000_000


@given
def resold_seconds(case: Case) -> None:
    resells_hours(case)
    resale_rule(case)
    resale_rule(case, "Seconds", consumed_units=3600)
    resale_rule(case, "Days", sold_units=24)
    consumed(case, "seconds", "1", "5400", "Seconds")
    consumed(case, "one", "1", "1", "Seconds")
    consumed(case, "days", "1", "0.5", "Days")
    consumed(case, "hours", "1", "3")


def test_units_are_converted_as_the_rule_of_the_unit_says() -> None:
    # 5,400 ÷ 3,600 = 1.5; 1 ÷ 3,600 = 0.000277777777… → …778; 0.5 × 24 = 12
    assert _sold("resold_seconds") == {
        "seconds": (1_500_000_000, None),
        "one": (277_778, None),
        "days": (12_000_000_000, None),
        "hours": (3_000_000_000, None),
    }


@given
def resold_refunds(case: Case) -> None:
    resells_hours(case)
    resale_rule(case)
    consumed(case, "ecs", "3.00", "2")
    consumed(case, "again", "-7.50", "-5", **{"charge_period_start": None})


def test_a_refund_of_what_was_resold_goes_back_at_our_price_and_is_owed_no_more() -> None:
    # (2 − 5) × 2.00 = −6.00 and 6 % of it; 3.00 − 7.50 = −4.50: what was refunded is more than what was used
    assert _line("resold_refunds", "tenant-resold-refunds") == (-600, -36, -636)
    assert _line("resold_refunds", "party-network") == (-450, 0, -450)
    assert _margin("resold_refunds") == (-600, -450, -150)


@given
def resold_unknown(case: Case) -> None:
    resells_hours(case)
    resale_rule(case)
    consumed(case, "unsaid", "4.00", None)
    consumed(case, "another-unit", "5.00", "2", "Bananas")
    consumed(case, "no-unit", "6.00", "2", None)


def test_what_has_no_quantity_is_listed_and_not_sold_for_nothing_while_its_bill_is_owed() -> None:
    unknown = {"unsaid", "another-unit", "no-unit"}
    assert _sold("resold_unknown") == dict.fromkeys(unknown, (0, "quantity_unknown"))
    listed = rows("resold_unknown", "unattributed_usage")
    assert {(row["model"], row["must_act"]) for row in listed} == {
        (name, "site_operator") for name in unknown
    }
    # 4 + 5 + 6
    assert _margin("resold_unknown") == (0, 1_500, -1_500)


@given
def resold_with_tax_inside(case: Case) -> None:
    resells_hours(case, price="2.12", included=True)
    resale_rule(case)
    consumed(case, "ecs", "15.00", "10", tax_included=False)
    consumed(case, "vat", "0.90", None, None, charge_category="Tax")
    consumed(case, "goodwill", "-1.00", None, None, charge_category="Credit")


def test_a_price_with_tax_inside_holds_and_the_providers_own_tax_and_credits_are_its_bill_alone() -> None:
    # 10 × 2.12 = 21.20, of which 21.20 × 6 ÷ 106 = 1.20 is tax; 15.00 + 0.90 − 1.00 = 14.90 is owed
    name = "resold_with_tax_inside"
    assert _sold(name) == {"ecs": (10_000_000_000, None)}
    assert _line(name, "tenant-resold-with-tax-inside") == (2_000, 120, 2_120)
    assert _margin(name) == (2_000, 1_490, 510)


@given
def resold_by_the_particular_rule(case: Case) -> None:
    resells_hours(case)
    resale_rule(case, sold_units=7)
    resale_rule(case, service_name="ecs", sold_units=3)
    resale_rule(case, service_name="ecs", provider_sku_id="big", sold_units=2)
    resale_rule(case, service_name="twice")
    resale_rule(case, service_name="twice")
    consumed(case, "ecs", "1", "1", sku_id="big", service_name="ecs")
    consumed(case, "small", "1", "10", sku_id="small", service_name="ecs")
    consumed(case, "other", "1", "1")
    consumed(case, "twice", "1", "1")


def test_the_rule_of_the_providers_sku_holds_before_that_of_its_service_and_that_before_any() -> None:
    # 1 × 2 + 10 × 3 of the service, 1 × 7 of another; two rules alike are a conflict
    found = [
        (row["model"], row["quantity"], row["reason"])
        for row in rows("resold_by_the_particular_rule", "metered_usage")
        if row["resource_kind"] == "resale"
    ]
    assert sorted(found) == [
        ("ecs", 2_000_000_000, None),
        ("ecs", 30_000_000_000, None),
        ("other", 7_000_000_000, None),
        ("twice", 1_000_000_000, "sku_conflict"),
    ]


@given
def resold_to_a_stranger(case: Case) -> None:
    resells_hours(case)
    resale_rule(case, service_name="ecs")
    sells(case, "cloud", "1.05")
    consumed(case, "ecs", "15.00", "10", sub_account_id="stranger")
    consumed(case, "oss", "8.00", "10")


def test_the_provider_is_owed_its_bill_whoever_consumed_it_and_no_rule_means_pass_through() -> None:
    # nobody owns the account; storage has no rule: 8.00 × 1.05 to the tenant
    name = "resold_to_a_stranger"
    assert _sold(name) == {"ecs": (10_000_000_000, "account_unknown")}
    assert _line(name, "party-network") == (1_500, 0, 1_500)
    assert _line(name, "tenant-resold-to-a-stranger") == (840, 50, 890)


@given
def resold_without_a_price(case: Case) -> None:
    resells_hours(case)
    resale_rule(case, sku_id="sku-of-nobody", cost_sku_id="sku-of-nobody")
    consumed(case, "ecs", "15.00", "10")


def test_a_rule_that_names_a_sku_of_nobody_leaves_both_sides_listed() -> None:
    listed = rows("resold_without_a_price", "unattributed_usage")
    assert {(row["resource_kind"], row["quantity"], row["reason"]) for row in listed} == {
        ("resale", 10_000_000_000, "sku_missing"),
        ("cloud_cost", 15_000_000, "sku_missing"),
    }
