"""Usage that is in nobody's bill: every reason, and which of several is told."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data_contracts.contract import load_contract
from tests.dbt.rating_cases import Case, billed, books, given, reasons, rows


@given
def nobody_owns_the_account(case: Case) -> None:
    case.sells()
    case.job(hours=1, account="stranger")


@given
def the_record_names_no_account(case: Case) -> None:
    case.sells()
    case.job(hours=1, account=None)


@given
def the_mapping_has_ended(case: Case) -> None:
    case.sells()
    case.reference["tenant_accounts"].clear()
    case.maps(until=date(2026, 10, 5))
    case.job(hours=1, start="2026-10-05 10:00")


@given
def the_mapping_has_not_begun(case: Case) -> None:
    case.sells()
    case.reference["tenant_accounts"].clear()
    case.maps(since=date(2026, 10, 6))
    case.job(hours=1, start="2026-10-05 10:00")


@given
def two_tenants_own_the_account(case: Case) -> None:
    case.sells()
    case.tenant_is_known("tenant-second-owner")
    case.maps(tenant="tenant-second-owner", since=date(2026, 6, 1))
    case.job(hours=1)


@given
def the_tenant_is_nowhere(case: Case) -> None:
    case.sells()
    case.reference["tenants"].clear()
    case.job(hours=1)


@given
def the_tenant_came_later(case: Case) -> None:
    case.sells()
    case.reference["tenants"].clear()
    case.tenant_is_known(since=date(2026, 10, 6))
    case.job(hours=1)


@given
def nothing_is_sold(case: Case) -> None:
    case.sells()
    case.reference["skus"].clear()
    case.job(hours=1)


@given
def another_model_is_sold(case: Case) -> None:
    case.sells(kind="accelerator")
    case.reference["skus"].clear()
    case.offers(kind="accelerator", model="card-b")
    case.job(hours=1, cards=1, cores=0)


@given
def the_sku_is_not_yet_sold(case: Case) -> None:
    case.sells()
    case.reference["skus"].clear()
    case.offers(valid_from=date(2026, 10, 6))
    case.job(hours=1)


@given
def two_skus_fit(case: Case) -> None:
    case.sells()
    case.offers(sku="sku-twin")
    case.prices("0.20", sku="sku-twin")
    case.job(hours=1)


@given
def the_tariff_has_no_price(case: Case) -> None:
    case.sells()
    case.reference["tariff_rates"].clear()
    case.job(hours=1)


@given
def the_tariff_has_ended(case: Case) -> None:
    case.sells()
    case.reference["tariff_rates"].clear()
    case.prices("0.10", valid_to=date(2026, 10, 5))
    case.job(hours=1)


@given
def the_price_has_another_unit(case: Case) -> None:
    case.sells()
    case.reference["tariff_rates"].clear()
    case.prices("0.10", unit="card-hour")
    case.job(hours=1)


@given
def two_versions_begin_together(case: Case) -> None:
    case.sells()
    case.prices("0.12", version="v2")
    case.job(hours=1)


@given
def the_tax_has_no_rate(case: Case) -> None:
    case.sells()
    case.reference["tax_rates"].clear()
    case.job(hours=1)


@given
def the_share_rule_is_nowhere(case: Case) -> None:
    case.sells()
    case.reference["revenue_shares"].clear()
    case.job(hours=1)


@given
def the_record_contradicts_itself(case: Case) -> None:
    case.sells()
    first = case.job(hours=1)
    case.job(hours=2, job_id=first["job_id"])


EACH = {
    "nobody_owns_the_account": "account_unknown",
    "the_record_names_no_account": "account_unknown",
    "the_mapping_has_ended": "account_unknown",
    "the_mapping_has_not_begun": "account_unknown",
    "two_tenants_own_the_account": "account_conflict",
    "the_tenant_is_nowhere": "tenant_unknown",
    "the_tenant_came_later": "tenant_unknown",
    "nothing_is_sold": "sku_missing",
    "another_model_is_sold": "sku_missing",
    "the_sku_is_not_yet_sold": "sku_missing",
    "two_skus_fit": "sku_conflict",
    "the_tariff_has_no_price": "tariff_missing",
    "the_tariff_has_ended": "tariff_missing",
    "the_price_has_another_unit": "tariff_missing",
    "two_versions_begin_together": "tariff_conflict",
    "the_tax_has_no_rate": "tax_missing",
    "the_share_rule_is_nowhere": "share_missing",
    "the_record_contradicts_itself": "record_conflict",
}


@pytest.mark.parametrize(("name", "reason"), EACH.items())
def test_usage_that_cannot_be_billed_says_why(name: str, reason: str) -> None:
    assert reasons(name) == [reason]


@pytest.mark.parametrize("name", EACH)
def test_usage_with_a_reason_is_listed_and_in_no_charge(name: str) -> None:
    assert rows(name, "charges") == []
    listed = sum(row["quantity"] for row in rows(name, "unattributed_usage"))
    assert listed == sum(row["quantity"] for row in rows(name, "metered_usage")) > 0


OF_SITES = {"the_record_names_no_account", "the_record_contradicts_itself"}
"""What only who sent the records can mend; all else of these cases is the network operator's to tell."""


@pytest.mark.parametrize("name", EACH)
def test_usage_that_is_listed_says_who_must_act(name: str) -> None:
    acts = {row["must_act"] for row in rows(name, "unattributed_usage")}
    assert acts == {"site_operator" if name in OF_SITES else "network_operations"}


def test_the_docs_say_of_every_reason_who_must_act() -> None:
    pages = (Path(__file__).parents[2] / "docs" / "unbilled.md").read_text(encoding="utf-8")
    of_rows = re.findall(r"^\| (`[a-z_]+`.*?) \| (.+?) \|", pages, re.MULTILINE)
    told = {code for cell, _ in of_rows for code in re.findall(r"`([a-z_]+)`", cell)}
    otherwise = {"nested", "sold_as_instance", "sold_as_slice"}
    columns = {column.name: column for column in load_contract("unattributed_usage").columns}
    assert told >= {*columns["reason"].codes} - otherwise
    assert {who.replace(" ", "_") for _, who in of_rows} >= {*columns["must_act"].codes}


def test_both_payloads_of_a_contradiction_are_listed() -> None:
    # one core for 1 h and for 2 h
    (row,) = rows("the_record_contradicts_itself", "unattributed_usage")
    assert (row["records"], row["quantity"]) == (2, 3_600 + 7_200)


def test_the_tenant_is_named_wherever_one_mapping_names_it() -> None:
    known = {name: {row["tenant_id"] for row in rows(name, "metered_usage")} for name in EACH}
    unsure = {name for name, tenants in known.items() if tenants == {None}}
    assert unsure == {name for name, reason in EACH.items() if reason.startswith("account_")}


def _nothing_is_right(case: Case, *wrong: str, **job: Any) -> None:
    """A case in which the named things are wrong: each would be a reason of its own."""
    case.sells()
    if "account" in wrong:
        case.maps(tenant="tenant-second-owner", since=date(2026, 6, 1))
    for thing, dataset in {
        "tenant": "tenants",
        "sku": "skus",
        "tax": "tax_rates",
        "share": "revenue_shares",
        "tariff": "tariff_rates",
    }.items():
        if thing in wrong:
            case.reference[dataset].clear()
    if "version" in wrong:
        case.prices("0.12", version="v2")
    first = case.job(hours=1, **job)
    if "record" in wrong:
        case.job(hours=2, job_id=first["job_id"], **job)


@given
def all_wrong(case: Case) -> None:
    _nothing_is_right(case, "record", "account", "tenant", "sku", "tariff", "tax", "share")


@given
def all_wrong_but_the_record(case: Case) -> None:
    _nothing_is_right(case, "account", "tenant", "sku", "tariff", "tax", "share")


@given
def all_wrong_from_the_tenant_on(case: Case) -> None:
    _nothing_is_right(case, "tenant", "sku", "tariff", "tax", "share")


@given
def all_wrong_from_the_sku_on(case: Case) -> None:
    _nothing_is_right(case, "sku", "tariff", "tax", "share")


@given
def all_wrong_from_the_tariff_on(case: Case) -> None:
    _nothing_is_right(case, "tariff", "tax", "share")


@given
def all_wrong_from_the_version_on(case: Case) -> None:
    _nothing_is_right(case, "version", "tax", "share")


@given
def all_wrong_from_the_tax_on(case: Case) -> None:
    _nothing_is_right(case, "tax", "share")


def test_the_first_of_several_reasons_is_told() -> None:
    assert reasons("all_wrong") == ["record_conflict"]
    assert reasons("all_wrong_but_the_record") == ["account_conflict"]
    assert reasons("all_wrong_from_the_tenant_on") == ["tenant_unknown"]
    assert reasons("all_wrong_from_the_sku_on") == ["sku_missing"]
    assert reasons("all_wrong_from_the_tariff_on") == ["tariff_missing"]
    assert reasons("all_wrong_from_the_version_on") == ["tariff_conflict"]
    assert reasons("all_wrong_from_the_tax_on") == ["tax_missing"]


@given
def a_sku_whose_two_deliveries_agree(case: Case) -> None:
    case.sells(price="0.10")
    case.reference["skus"] *= 2
    case.job(hours=1)


@given
def a_sku_that_contradicts_itself(case: Case) -> None:
    case.sells(price="0.10")
    case.offers(tax_category="another")
    case.job(hours=1)


def test_a_reference_row_said_twice_counts_once() -> None:
    assert billed("a_sku_whose_two_deliveries_agree", "Usage") == [100_000]


def test_a_reference_row_in_conflict_counts_for_nothing() -> None:
    assert reasons("a_sku_that_contradicts_itself") == ["sku_missing"]


@given
def part_of_the_month(case: Case) -> None:
    case.sells(price="0.10")
    case.reference["tenant_accounts"].clear()
    case.maps(since=date(2026, 10, 6))
    case.job(hours=4, start="2026-10-05 22:00")


def test_a_job_is_billed_from_the_day_on_which_its_account_is_mapped() -> None:
    # 22:00 to midnight unattributed, midnight to 02:00 billed: 2 × 100,000
    assert reasons("part_of_the_month") == [None, "account_unknown"]
    assert billed("part_of_the_month", "Usage") == [200_000]
    (row,) = rows("part_of_the_month", "unattributed_usage")
    assert (row["day"], row["quantity"]) == (date(2026, 10, 5), 7_200)


def test_metered_usage_is_either_charged_or_listed_or_billed_as_what_it_is_part_of() -> None:
    # what is charged by its power is in another unit: the audit of charges converts it
    by_power = "(select sku_id from marts.charges where unit = 'GFLOPS-milli-second')"
    sums = books().sql(
        "select unit, sum(metered) as metered, sum(listed) as listed, sum(charged) as charged from ("
        "select unit, quantity as metered, 0 as listed, 0 as charged from marts.metered_usage "
        "where coalesce(reason not in ('nested', 'sold_as_instance', 'sold_as_slice'), true) "
        f"and not (reason is null and sku_id in {by_power}) "
        "union all select unit, 0, quantity, 0 from marts.unattributed_usage "
        "union all select unit, 0, 0, quantity from marts.charges "
        f"where charge_category = 'Usage' and sku_id not in {by_power} "
        "and coalesce(coverage not in ('commitment_unused', 'reservation_unused'), true)) group by unit order by unit"
    )
    assert "core-second" in [row["unit"] for row in sums]
    assert all(row["metered"] == row["listed"] + row["charged"] for row in sums)
