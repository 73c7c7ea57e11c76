"""The four datasets of FOCUS 1.4, held to the FOCUS Data Toolkit with the invoice detail marked authoritative.

The toolkit is told what we support: unit prices and several pricing categories. Nothing may differ by anything: the
tolerance of its reconciliation is set to zero.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from data_contracts.contract import load_contract
from tests.dbt.closed_books import closed_books
from tests.dbt.harness import Warehouse
from tests.dbt.rating_cases import KNOWN_AT, Case, told
from tests.dbt.unit_cases import consumed, resale_rule, resells_hours
from tests.dbt.world import Row, World, shanghai

pytestmark = pytest.mark.slow

SELECT = "+path:models/marts/focus +path:models/marts/billing +path:models/marts/settlement +lineage path:tests/focus"
DATASETS = {
    "Cost and Usage": "focus_cost_and_usage",
    "Contract Commitment": "focus_contract_commitment",
    "Billing Period": "focus_billing_period",
    "Invoice Detail": "focus_invoice_detail",
}
SUPPORTED = {"SupportsMultiplePricingCategories", "SupportsUnitPricing"}
Bundle = dict[str, list[dict[str, str]]]


def _world() -> World:
    """One site per way to pay, and October closed later."""
    world = World()
    cases = {
        name: Case(world, name)
        for name in (
            "included",
            "committed",
            "reserved",
            "upfront",
            "least",
            "tiers",
            "spot",
            "free",
            "cards",
            "resold",
        )
    }
    cases["included"].sells(price="1.10", included=True, rate="0.06")
    cases["included"].job(seconds=7)
    cases["included"].agrees("payment", payment_days=60)
    for name, kind, quantity, fee in (
        ("committed", "commitment", "100", "80"),
        ("reserved", "reservation", "2", "1488"),
    ):
        case = cases[name]
        case.serves(rate="0.06")
        case.prices("1")
        case.agrees(kind, sku_id=case.sku, quantity=quantity, fee=fee, tax_included=False)
        case.job(hours=1, cores=60)
    case = cases["upfront"]
    case.serves(rate="0.06")
    case.prices("1")
    year = {"valid_from": date(2026, 10, 1), "valid_to": date(2027, 10, 1)}
    case.agrees(
        "commitment", sku_id=case.sku, quantity="10", fee="100", tax_included=True, fee_paid="upfront", **year
    )
    case.job(hours=3)
    case = cases["least"]
    case.serves(rate="0.06")
    case.prices("1")
    case.agrees("minimum", sku_id=case.sku, fee="50", tax_included=False)
    case.job(hours=3)
    case.job(hours=1, start="2026-11-30 23:00")
    cases["tiers"].serves(rate="0.06")
    cases["tiers"].tiers("graduated", {0: "1", 10: "0.5"})
    cases["tiers"].job(hours=1, seconds=1, cores=12)
    cases["spot"].serves()
    cases["spot"].prices("0.333333", price_model="spot")
    cases["spot"].job(seconds=1001)
    cases["free"].serves(segment="household")
    cases["free"].prices("1")
    cases["free"].agrees("allowance", sku_id=cases["free"].sku, quantity="1")
    cases["free"].job(hours=3)
    cases["cards"].sells(price="12.34", kind="accelerator")
    cases["cards"].agrees("discount", discount_share="0.15")
    cases["cards"].job(seconds=12_345, cards=1)
    resells_hours(cases["resold"])
    resale_rule(cases["resold"])
    consumed(cases["resold"], "ecs", "15.00", "10.5")
    return told(world, list(cases.values()))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """October closed, November open, both rated and seen through FOCUS."""
    built = Warehouse(tmp_path_factory.mktemp("focus"), SELECT)
    world = _world()
    built.build(world)
    after = closed_books(built, world, "2026-10")
    late = Case(World(), "least")
    late.job(hours=2, start="2026-10-20 10:00", job_id="came-late")
    again = Case(World(), "tiers")
    again.job(hours=4, start="2026-10-21 10:00", job_id="came-late")
    for case in (late, again):
        after.deliver(case.site, "job_records", KNOWN_AT + timedelta(days=1), case.jobs)
    built.build(after, test=True)
    return built


@pytest.fixture(scope="module")
def bundle(warehouse: Warehouse) -> Bundle:
    """The datasets as a file of FOCUS would hold them: texts, in the contract's columns."""
    return {
        dataset: [
            {name: _text(row[name]) for name in load_contract(table).column_names}
            for row in warehouse.rows(f"marts.{table}")
        ]
        for dataset, table in DATASETS.items()
    }


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, Decimal):
        return format(value, "f")
    return "" if value is None else str(value)


def _errors(bundle: Bundle) -> list[str]:
    """What the toolkit finds wrong, with the invoice detail authoritative and no tolerance."""
    from focus_data_toolkit.validate.bundle import validate_dataset_bundle

    report = validate_dataset_bundle(bundle, invoice_detail_authoritative=True, rounding_tolerance=Decimal(0))
    assert {"reconcile_invoice_detail", "contract_applied_fk", "billing_period_coverage"} <= {
        *report.checks_run
    }
    return [each.format() for each in (*report.errors, *report.warnings)]


@pytest.fixture(scope="module")
def toolkit() -> Any:
    return pytest.importorskip("focus_data_toolkit", reason="focus-data-toolkit is not installed")


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_toolkit_finds_each_dataset_well_formed(bundle: Bundle, toolkit: Any, dataset: str) -> None:
    from focus_data_toolkit.model.validator import lint_focus_1_4_structure

    assert bundle[dataset]
    report = lint_focus_1_4_structure(dataset, bundle[dataset], supported_conditions=SUPPORTED)
    assert report.messages() == []


def test_the_toolkit_finds_that_the_datasets_agree(bundle: Bundle, toolkit: Any) -> None:
    assert _errors(bundle) == []


def _dearer(detail: dict[str, str]) -> dict[str, str]:
    return {**detail, "BilledCost": str(Decimal(detail["BilledCost"]) + Decimal("0.01"))}


def _of_somebody_else(detail: dict[str, str]) -> dict[str, str]:
    return {**detail, "BillingAccountId": "somebody"}


def _of_another_invoice(detail: dict[str, str]) -> dict[str, str]:
    return {**detail, "InvoiceId": "2026-12/somebody"}


@pytest.mark.parametrize("tamper", [_dearer, _of_somebody_else, _of_another_invoice])
def test_an_invoice_that_was_tampered_with_fails(
    bundle: Bundle, toolkit: Any, tamper: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    first, *others = bundle["Invoice Detail"]
    assert _errors({**bundle, "Invoice Detail": [tamper(first), *others]})


def test_an_invoice_with_a_line_left_out_fails(bundle: Bundle, toolkit: Any) -> None:
    assert _errors({**bundle, "Invoice Detail": bundle["Invoice Detail"][1:]})


def _rows(warehouse: Warehouse, site: str, **columns: Any) -> list[Row]:
    return warehouse.rows("marts.focus_cost_and_usage", AvailabilityZone=site, **columns)


def test_a_price_that_includes_tax_is_shown_without_it(warehouse: Warehouse) -> None:
    # 1.10 ÷ 1.06 = 1.037735849056603774 to 18 decimals; 7 ÷ 3,600 h; 1.10 × 7 ÷ 3,600 ÷ 1.06 = 0.002017819706498952
    (usage,) = _rows(warehouse, "included", ChargeCategory="Usage")
    assert usage["ListUnitPrice"] == Decimal("1.037735849056603774")
    assert usage["PricingQuantity"] == Decimal("0.001944444444444444")
    assert usage["ListCost"] == Decimal("0.002017819706498952")
    # the charge itself is half up: 2,139 − 121 = 2,018 micro-yuan
    assert usage["BilledCost"] == Decimal("0.002018")
    assert (usage["PricingUnit"], usage["ConsumedQuantity"], usage["ConsumedUnit"]) == (
        "Core-Hours",
        7,
        "Core-Seconds",
    )


def test_a_commitment_is_bought_used_and_left_unused(warehouse: Warehouse) -> None:
    october = {"CommitmentDiscountId": "committed.c1", "BillingPeriodStart": shanghai("2026-10-01 00:00")}
    found = {
        row["CommitmentDiscountStatus"] or row["ChargeCategory"]: row
        for row in _rows(warehouse, "committed", **october)
    }
    # 80 a month for 100 core-hours, of which 60 are used: 48 and 32 of the fee
    measures = ("CommitmentDiscountQuantity", "BilledCost", "EffectiveCost")
    assert {name: tuple(row[each] for each in measures) for name, row in found.items()} == {
        "Purchase": (100, 80, 0),
        "Used": (60, 0, 48),
        "Unused": (40, 0, 32),
    }
    assert {name: row["PricingCategory"] for name, row in found.items()} == {
        "Purchase": "Standard",
        "Used": "Committed",
        "Unused": "Committed",
    }


def test_what_is_paid_upfront_is_bought_for_the_whole_term(warehouse: Warehouse) -> None:
    # 10 core-hours in each of 12 months, 100 yuan with 6 % tax in the first: 100 − 100 × 6 ÷ 106 = 94.339623
    (bought,) = _rows(warehouse, "upfront", ChargeCategory="Purchase")
    assert bought["CommitmentDiscountQuantity"] == 120
    assert (bought["BilledCost"], bought["ChargeFrequency"]) == (Decimal("94.339623"), "One-Time")
    (term,) = warehouse.rows("marts.focus_contract_commitment", ContractId="upfront.c1")
    assert term["ContractCommitmentDurationType"] == "12 Months"
    assert (term["ContractCommitmentPaymentModel"], term["ContractCommitmentQuantity"]) == ("All Upfront", 10)


def test_a_reservation_is_a_capacity_that_is_used_or_not(warehouse: Warehouse) -> None:
    # 2 cores for 31 days are 1,488 core-hours, of which a day covers 48 of the 60 used
    october = {"CapacityReservationId": "reserved.c1", "BillingPeriodStart": shanghai("2026-10-01 00:00")}
    found = _rows(warehouse, "reserved", **october)
    assert {row["CapacityReservationStatus"]: row["PricingQuantity"] for row in found} == {
        None: 1,
        "Used": 48,
        "Unused": 1440,
    }


def test_a_spot_price_is_dynamic_and_a_tier_standard(warehouse: Warehouse) -> None:
    assert [row["PricingCategory"] for row in _rows(warehouse, "spot", ChargeCategory="Usage")] == ["Dynamic"]
    tiers = _rows(warehouse, "tiers", ChargeCategory="Usage", BillingPeriodStart=shanghai("2026-10-01 00:00"))
    assert [row["PricingCategory"] for row in tiers] == ["Standard"] * 2


def test_a_least_amount_counts_what_was_missing_to_it(warehouse: Warehouse) -> None:
    # 50 − 3 × 1 = 47 in October
    first = {"ChargeCategory": "Purchase", "BillingPeriodStart": shanghai("2026-10-01 00:00")}
    (missing,) = _rows(warehouse, "least", **first)
    assert '"ContractCommitmentAppliedCost":47.000000' in missing["ContractApplied"]


def test_a_household_has_no_name_and_a_closed_period_an_issued_invoice(warehouse: Warehouse) -> None:
    assert {row["BillingAccountName"] for row in _rows(warehouse, "free")} == {None}
    states = {
        row["InvoiceId"]: row["InvoiceIssueStatus"]
        for row in warehouse.rows("marts.focus_invoice_detail", BillingAccountId="tenant-least")
    }
    assert states == {
        "2026-10/tenant-least": "Issued",
        "2026-11/tenant-least": "Open",
        "2026-11/tenant-least/2026-10": "Open",
    }


def test_what_is_resold_and_what_it_cost_are_two_lines_of_two_accounts(warehouse: Warehouse) -> None:
    # 10.5 × 2.00 by the tenant, 15.00 by the network operator
    found = {
        row["BillingAccountId"]: (row["PricingQuantity"], row["PricingUnit"], row["BilledCost"])
        for row in _rows(warehouse, "resold", ChargeCategory="Usage")
    }
    assert found == {
        "tenant-resold": (Decimal("10.5"), "Units", Decimal(21)),
        "party-network": (Decimal(15), "CNY", Decimal(15)),
    }


def test_an_invoice_says_in_how_many_days_to_pay(warehouse: Warehouse) -> None:
    # October and 60 days: 30 of November, 30 of December; without a contract 30
    october = {"BillingPeriodStart": shanghai("2026-10-01 00:00")}
    agreed, unagreed = (
        {
            (row["PaymentTerms"], row["PaymentDueDate"])
            for row in warehouse.rows("marts.focus_invoice_detail", BillingAccountId=tenant, **october)
        }
        for tenant in ("tenant-included", "tenant-spot")
    )
    assert agreed == {("Net 60 from the end of the billing period", shanghai("2026-12-30 00:00"))}
    assert unagreed == {("Net 30 from the end of the billing period", shanghai("2026-11-30 00:00"))}


def test_a_correction_names_the_charge_that_it_corrects_if_there_was_one(warehouse: Warehouse) -> None:
    # four hours more climb the tiers of October, whose charges were closed; two on a day of which nothing was charged
    tiers = _rows(warehouse, "tiers", ChargeClass="Correction")
    assert {row["x_CorrectionOf"] is None for row in tiers} == {False}
    least = _rows(warehouse, "least", ChargeClass="Correction", ChargeCategory="Usage")
    assert [(row["x_CorrectionOf"], row["BilledCost"]) for row in least] == [(None, Decimal(2))]
