"""Providers' bills passed through with a markup: micro-yuan once by largest remainder, refunds, currencies, accounts.

Each site sells cloud at 1.05 for a yuan of the bill, before tax, unless told otherwise.
"""

from decimal import Decimal

from tests.dbt.rating_cases import START, Case, billed, charges, given, lines, parts, rows
from tests.dbt.unit_cases import bill_line, knows_its_tenant, sells


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
