"""Charges: price × quantity, half up to the micro-yuan, and its tax. The arithmetic stands beside the number."""

from datetime import date

from tests.dbt.rating_cases import Case, billed, books, charges, given
from tests.dbt.world import shanghai


@given
def price_without_tax(case: Case) -> None:
    case.sells(price="0.10")
    case.job(hours=7)


def test_a_price_without_tax_is_the_usage_charge_and_tax_comes_on_top() -> None:
    # 7 core-hours × 100,000 = 700,000 micro-yuan; tax 700,000 × 6 % = 42,000
    assert billed("price_without_tax", "Usage") == [700_000]
    assert billed("price_without_tax", "Tax") == [42_000]


@given
def price_with_tax(case: Case) -> None:
    case.sells(price="0.10", included=True)
    case.job(hours=7)


def test_a_price_with_tax_is_divided_into_usage_and_tax() -> None:
    # total 700,000; tax = 700,000 × 60,000 ÷ 1,060,000 = 39,622.64… → 39,623; usage = 700,000 − 39,623
    assert billed("price_with_tax", "Usage") == [660_377]
    assert billed("price_with_tax", "Tax") == [39_623]


@given
def half_a_micro_yuan(case: Case) -> None:
    case.sells(price="0.000001")
    case.job(seconds=1800)


def test_half_a_micro_yuan_rounds_up() -> None:
    # 1 × 1,800 ÷ 3,600 = 0.5 → 1
    assert billed("half_a_micro_yuan", "Usage") == [1]


@given
def less_than_half_a_micro_yuan(case: Case) -> None:
    case.sells(price="0.000001")
    case.job(seconds=1799)


def test_less_than_half_a_micro_yuan_is_a_charge_of_zero() -> None:
    # 1 × 1,799 ÷ 3,600 = 0.4997… → 0; the charges exist, for the usage is billed
    assert billed("less_than_half_a_micro_yuan", "Usage") == [0]
    assert billed("less_than_half_a_micro_yuan", "Tax") == [0]


@given
def half_of_a_tax(case: Case) -> None:
    case.sells(price="0.000025")
    case.job(hours=1)


def test_half_a_micro_yuan_of_tax_rounds_up() -> None:
    # 25 × 6 % = 1.5 → 2 (half to even would say 2 as well; the next case tells them apart)
    assert billed("half_of_a_tax", "Tax") == [2]


@given
def half_of_a_tax_above_an_even_number(case: Case) -> None:
    case.sells(price="0.000075")
    case.job(hours=1)


def test_half_a_micro_yuan_of_tax_above_an_even_number_rounds_up_too() -> None:
    # 75 × 6 % = 4.5 → 5
    assert billed("half_of_a_tax_above_an_even_number", "Tax") == [5]


@given
def half_of_an_included_tax(case: Case) -> None:
    case.sells(price="0.000001", included=True, rate="1")
    case.job(hours=1)


def test_an_included_tax_of_half_a_micro_yuan_rounds_up_and_leaves_the_rest_to_usage() -> None:
    # total 1; tax = 1 × 1,000,000 ÷ 2,000,000 = 0.5 → 1; usage = 1 − 1
    assert billed("half_of_an_included_tax", "Tax") == [1]
    assert billed("half_of_an_included_tax", "Usage") == [0]


@given
def card_hours(case: Case) -> None:
    case.sells(price="12.50", kind="accelerator")
    case.job(seconds=1200, cards=3)


def test_cards_are_billed_by_the_card_hour() -> None:
    # 3 cards × 1,200 s = 3,600,000 milli-card-seconds = 1 card-hour × 12,500,000
    (charge,) = charges("card_hours", "Usage")
    assert charge["quantity"] == 3_600_000
    assert charge["unit"] == "milli-card-second"
    assert charge["billed_cost_micro_yuan"] == 12_500_000


def test_cores_that_nobody_sells_beside_the_cards_are_not_billed() -> None:
    held = books().sql("select * from marts.unattributed_usage where site_id = 'card-hours'")
    assert [(row["resource_kind"], row["reason"], row["quantity"]) for row in held] == [
        ("cpu_core", "sku_missing", 1200)
    ]


@given
def many_small_jobs(case: Case) -> None:
    case.sells(price="0.000001")
    case.job(seconds=900)
    case.job(seconds=900)


def test_the_usage_of_a_day_is_summed_before_it_is_rounded() -> None:
    # (900 + 900) ÷ 3,600 = 0.5 → 1; rounded job by job it would be 0.25 → 0 twice
    assert billed("many_small_jobs", "Usage") == [1]


@given
def over_the_month_end(case: Case) -> None:
    case.sells(price="3.60")
    case.job(hours=2, start="2026-10-31 23:30")


def test_a_job_over_the_month_end_is_charged_in_both_months() -> None:
    # 23:30 to midnight: 1,800 s × 3,600,000 ÷ 3,600 = 1,800,000; midnight to 01:30: 5,400,000
    found = charges("over_the_month_end", "Usage")
    assert [(row["billing_period"], row["billed_cost_micro_yuan"]) for row in found] == [
        ("2026-10", 1_800_000),
        ("2026-11", 5_400_000),
    ]


def test_a_charge_covers_its_business_day_in_shanghai() -> None:
    first, second = charges("over_the_month_end", "Usage")
    assert (first["charge_period_start"], first["charge_period_end"]) == (
        shanghai("2026-10-31 00:00"),
        shanghai("2026-11-01 00:00"),
    )
    assert second["charge_period_start"] == shanghai("2026-11-01 00:00")


@given
def new_version_in_mid_month(case: Case) -> None:
    case.sells(price="0.10")
    case.prices("0.12", version="v2", valid_from=date(2026, 10, 16))
    case.job(hours=10, start="2026-10-15 20:00")


def test_a_new_tariff_version_prices_from_its_first_day_on() -> None:
    # 15 October, 20:00 to midnight: 4 × 100,000; 16 October, midnight to 06:00: 6 × 120,000
    found = charges("new_version_in_mid_month", "Usage")
    assert [(row["tariff_version"], row["billed_cost_micro_yuan"]) for row in found] == [
        ("v1", 400_000),
        ("v2", 720_000),
    ]


@given
def promotion_that_ends(case: Case) -> None:
    case.sells(price="0.10")
    case.prices("0.05", version="autumn", valid_from=date(2026, 10, 10), valid_to=date(2026, 10, 12))
    for day in (9, 10, 11, 12):
        case.job(hours=1, start=f"2026-10-{day:02} 08:00")


def test_after_a_version_has_ended_the_one_before_it_holds_again() -> None:
    assert billed("promotion_that_ends", "Usage") == [100_000, 50_000, 50_000, 100_000]


@given
def sku_of_one_model(case: Case) -> None:
    case.sells(price="10", kind="accelerator")
    case.offers(sku="sku-of-card-b", kind="accelerator", model="card-b")
    case.prices("25", sku="sku-of-card-b", unit="card-hour")
    case.job(hours=1, cards=1, partition="gpu")
    case.job(hours=1, cards=1, partition="npu")


def test_the_sku_of_a_model_goes_before_the_sku_of_any_model() -> None:
    # the partition gpu holds card-a, which only the SKU without a model fits; npu holds card-b
    found = {row["sku_id"]: row["billed_cost_micro_yuan"] for row in charges("sku_of_one_model", "Usage")}
    assert found == {"sku-of-card-b": 25_000_000, "sku-sku-of-one-model": 10_000_000}


@given
def price_of_nothing(case: Case) -> None:
    case.sells(price="0")
    case.job(hours=3)


def test_a_price_of_zero_is_billed_as_zero() -> None:
    assert billed("price_of_nothing", "Usage") == [0]
    assert billed("price_of_nothing", "Tax") == [0]


@given
def many_digits(case: Case) -> None:
    case.sells(price="999.999999", rate="0.13")
    case.job(hours=14, cores=50_000)


def test_large_amounts_keep_every_digit() -> None:
    # 999,999,999 × 14 h × 50,000 cores = 699,999,999,300,000; × 13 % = 90,999,999,909,000
    assert billed("many_digits", "Usage") == [699_999_999_300_000]
    assert billed("many_digits", "Tax") == [90_999_999_909_000]


@given
def two_tenants(case: Case) -> None:
    case.sells(price="0.10")
    case.tenant_is_known("tenant-other")
    case.maps("other", tenant="tenant-other")
    case.job(hours=1)
    case.job(hours=2, account="other")


def test_each_tenant_is_charged_for_its_own_accounts() -> None:
    found = {row["tenant_id"]: row["billed_cost_micro_yuan"] for row in charges("two_tenants", "Usage")}
    assert found == {"tenant-two-tenants": 100_000, "tenant-other": 200_000}


@given
def account_that_moves(case: Case) -> None:
    case.sells(price="0.10")
    case.reference["tenant_accounts"].clear()
    case.tenant_is_known("tenant-heir")
    case.maps(until=date(2026, 10, 6))
    case.maps(tenant="tenant-heir", since=date(2026, 10, 6))
    case.job(hours=4, start="2026-10-05 22:00")


def test_an_account_that_moves_at_midnight_divides_its_job() -> None:
    found = {
        row["tenant_id"]: row["billed_cost_micro_yuan"] for row in charges("account_that_moves", "Usage")
    }
    assert found == {"tenant-account-that-moves": 200_000, "tenant-heir": 200_000}


def test_all_four_costs_are_the_same_without_discounts_and_commitments() -> None:
    sold = (
        "from marts.charges where contract_id is null and coverage is null and not exists (select 1 from "
        "marts.charges as other where other.tenant_id = charges.tenant_id and (other.contract_id is not null "
        "or other.unit_price_micro_yuan != other.contracted_unit_price_micro_yuan))"
    )
    different = books().sql(
        f"select charge_id {sold} and (list_cost_micro_yuan != billed_cost_micro_yuan or "
        "contracted_cost_micro_yuan != billed_cost_micro_yuan or effective_cost_micro_yuan != billed_cost_micro_yuan)"
    )
    assert different == []
    assert len(books().sql(f"select charge_id {sold}")) > 50


def test_no_column_between_usage_and_settlement_is_a_double() -> None:
    found = books().sql(
        "select table_schema, table_name, column_name from information_schema.columns "
        "where data_type in ('DOUBLE', 'FLOAT') and (table_name similar to "
        "'int_(usage_days|metered|billable|charges|statement|line|journal|tariff|sku|current).*' or table_name in "
        "('metered_usage', 'unattributed_usage', 'charges', 'statement_lines', 'line_splits', 'journal_entries', "
        "'statements', 'settlement_positions', 'periods'))"
    )
    assert found == []
