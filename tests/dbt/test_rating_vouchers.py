"""What vouchers pay of which lines, in fen. A core-hour costs one yuan without tax unless the case says otherwise."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.dbt.rating_cases import Case, books, charges, given, lines
from tests.dbt.voucher_cases import (
    issuer,
    journal,
    programme,
    redeemed,
    redemptions,
    supported,
    voucher,
    voucher_lines,
)

DOCS = Path(__file__).parents[2] / "docs" / "vouchers.md"


@given
def half_is_paid(case: Case) -> None:
    case.sells(price="1")
    programme(case)
    voucher(case)
    case.job(hours=10)


def test_a_voucher_pays_its_share_of_the_gross_amount() -> None:
    # 10 yuan + 6 % tax = 1,060 fen; half of it is 530; of 1,000,000.00 yuan 99,999,470 fen are left
    (row,) = redemptions("half_is_paid")
    assert (row["gross_fen"], row["redeemed_fen"], row["limited_by"]) == (1060, 530, "none")
    assert (row["cap_left_fen"], row["budget_left_fen"]) == (99_999_470, 99_999_470)


def test_the_sale_its_tax_and_its_parts_stay_as_they_are() -> None:
    # 0.70 : 0.20 : 0.10 of 1,000 fen net
    (sale,) = [line for line in lines("half_is_paid") if line["line_kind"] == "sale"]
    assert (sale["gross_fen"], sale["tax_fen"], sale["pays_line_id"]) == (1060, 60, None)
    found = books().rows("marts.line_splits", line_id=sale["line_id"])
    assert {row["role"]: row["amount_fen"] for row in found} == {
        "tax": 60,
        "provider": 700,
        "operator": 200,
        "network_operator": 100,
    }


def test_what_is_paid_comes_off_the_tenants_statement_and_onto_the_issuers_without_tax() -> None:
    site = "half-is-paid"
    assert voucher_lines("half_is_paid") == [(f"tenant-{site}", -530, 0), (issuer(site), 530, 0)]
    statements = {row["party_id"]: row["gross_fen"] for row in books().rows("marts.statements")}
    assert statements[f"tenant-{site}"] == 1060 - 530
    assert statements[issuer(site)] == 530


def test_voucher_lines_name_the_sale_that_they_pay_and_are_not_divided() -> None:
    found = lines("half_is_paid")
    (sale,) = [line for line in found if line["line_kind"] == "sale"]
    paid = [line for line in found if line["line_kind"] == "voucher"]
    assert [line["pays_line_id"] for line in paid] == [sale["line_id"]] * 2
    assert [books().rows("marts.line_splits", line_id=line["line_id"]) for line in paid] == [[], []]


def test_each_voucher_line_has_one_credit_charge_and_no_rounding_charge() -> None:
    # 530 fen = 5,300,000 micro-yuan in all four terms of cost
    found = sorted(charges("half_is_paid", "Credit"), key=lambda row: row["billed_cost_micro_yuan"])
    costs = ("list", "contracted", "effective", "billed")
    assert [[row[f"{cost}_cost_micro_yuan"] for cost in costs] for row in found] == [
        [-5_300_000] * 4,
        [5_300_000] * 4,
    ]
    assert charges("half_is_paid", "Adjustment") == []


def test_the_issuer_is_debited_what_the_tenant_is_credited() -> None:
    site = "half-is-paid"
    assert sorted(journal("half_is_paid")) == [
        ("1122", issuer(site), 530, 0),
        ("1122", f"tenant-{site}", 0, 530),
    ]


def test_issuer_and_tenant_owe_the_network_operator_together_what_was_sold() -> None:
    site = "half-is-paid"
    found = {row["party_id"]: row["net_fen"] for row in books().rows("marts.settlement_positions")}
    assert (found[f"tenant-{site}"], found[issuer(site)]) == (-530, -530)


@given
def half_a_fen(case: Case) -> None:
    case.sells(price="0.01", rate="0")
    programme(case)
    voucher(case, share="0.5")
    case.job(hours=3)


def test_half_a_fen_of_a_share_rounds_up() -> None:
    # 3 fen × 0.5 = 1.5 → 2
    assert redeemed("half_a_fen") == [(2, "none")]


@given
def below_half_a_fen(case: Case) -> None:
    case.sells(price="0.01", rate="0")
    programme(case)
    voucher(case, share="0.499999")
    case.job(hours=3)


def test_less_than_half_a_fen_of_a_share_rounds_down() -> None:
    # 3 fen × 0.499999 = 1.499997 → 1
    assert redeemed("below_half_a_fen") == [(1, "none")]


@given
def nothing_to_book(case: Case) -> None:
    case.sells(price="0.01", rate="0")
    programme(case)
    voucher(case, share="0.3")
    case.job(hours=1)


def test_a_share_that_rounds_to_nothing_is_shown_and_not_booked() -> None:
    # 1 fen × 0.3 = 0.3 → 0
    assert redeemed("nothing_to_book") == [(0, "none")]
    assert voucher_lines("nothing_to_book") == []


@given
def cap_within_a_line(case: Case) -> None:
    supported(case, share="0.5", cap="7.00")
    case.job(hours=10)
    case.job(hours=10, start="2026-11-05 10:00")
    case.job(hours=10, start="2026-12-05 10:00")


def test_a_cap_is_used_up_within_a_line_and_nothing_passes_it() -> None:
    # October 500 of 700; November would take 500, 200 are left; December gets nothing
    assert redeemed("cap_within_a_line") == [(500, "none"), (200, "cap"), (0, "cap")]
    assert [row["cap_left_fen"] for row in redemptions("cap_within_a_line")] == [200, 0, 0]


def test_a_line_that_gets_nothing_has_no_lines_of_its_own() -> None:
    tenant, payer = "tenant-cap-within-a-line", issuer("cap-within-a-line")
    assert voucher_lines("cap_within_a_line") == [
        (tenant, -500, 0),
        (payer, 500, 0),
        (tenant, -200, 0),
        (payer, 200, 0),
    ]


@given
def cap_to_the_fen(case: Case) -> None:
    supported(case, share="0.5", cap="5.00")
    case.job(hours=10)


def test_a_cap_that_is_reached_exactly_limits_nothing() -> None:
    assert redeemed("cap_to_the_fen") == [(500, "none")]


@given
def budget_between_tenants(case: Case) -> None:
    case.sells(price="1", rate="0")
    case.tenant_is_known("tenant-second")
    case.maps("acc2", "tenant-second")
    programme(case, budget="6.00")
    voucher(case, name="a")
    voucher(case, name="b", tenant_id="tenant-second")
    case.job(hours=10)
    case.job(hours=10, account="acc2")
    case.job(hours=2, start="2026-11-05 10:00")


def test_a_budget_is_used_up_between_two_tenants_in_the_order_of_months_and_vouchers() -> None:
    # 600 fen: voucher a takes 500 of October, b would take 500 and gets 100, and a in November would take 100
    assert redeemed("budget_between_tenants") == [(500, "none"), (100, "budget"), (0, "budget")]
    assert [row["budget_left_fen"] for row in redemptions("budget_between_tenants")] == [100, 0, 0]


@given
def budget_below_what_the_cap_left(case: Case) -> None:
    case.sells(price="1", rate="0")
    programme(case, budget="2.00")
    voucher(case, cap="3.00")
    case.job(hours=10)


def test_a_cap_that_a_budget_cuts_short_keeps_what_was_not_paid() -> None:
    # share 500, cap 300, budget 200: 100 fen of the cap were not redeemed
    (row,) = redemptions("budget_below_what_the_cap_left")
    assert (row["redeemed_fen"], row["limited_by"], row["cap_left_fen"]) == (200, "budget", 100)


@given
def other_class(case: Case) -> None:
    supported(case, compute_classes="general,intelligent")
    case.job(hours=10)


@given
def this_class(case: Case) -> None:
    supported(case, compute_classes="general,super")
    case.job(hours=10)


@given
def other_site(case: Case) -> None:
    supported(case, site_ids="other-site-b,another")
    case.job(hours=10)


@given
def this_site(case: Case) -> None:
    supported(case, site_ids="elsewhere,this-site")
    case.job(hours=10)


@given
def other_segment(case: Case) -> None:
    supported(case, segments="park,enterprise,household")
    case.job(hours=10)


@given
def this_segment(case: Case) -> None:
    supported(case, segments="campus")
    case.job(hours=10)


@given
def ended_before_the_month(case: Case) -> None:
    supported(case, valid_to=date(2026, 10, 1))
    case.job(hours=10)


@given
def ended_on_the_months_first_day(case: Case) -> None:
    supported(case, valid_to=date(2026, 10, 2))
    case.job(hours=10, start="2026-10-20 08:00")


@given
def begins_on_the_months_last_day(case: Case) -> None:
    supported(case, valid_from=date(2026, 10, 31))
    case.job(hours=10)


@given
def begins_after_the_month(case: Case) -> None:
    supported(case, valid_from=date(2026, 11, 1))
    case.job(hours=10)


@given
def frozen(case: Case) -> None:
    supported(case, state="frozen")
    case.job(hours=10)


@given
def cancelled(case: Case) -> None:
    supported(case, state="cancelled")
    case.job(hours=10)


@given
def of_no_programme(case: Case) -> None:
    case.sells(price="1", rate="0")
    voucher(case)
    case.job(hours=10)


@given
def nobody_to_pay_for(case: Case) -> None:
    supported(case, tenant_id="tenant-of-another-case")
    case.job(hours=10)


@pytest.mark.parametrize(
    "name",
    [
        "other_class",
        "other_site",
        "other_segment",
        "ended_before_the_month",
        "begins_after_the_month",
        "frozen",
        "cancelled",
        "of_no_programme",
        "nobody_to_pay_for",
    ],
)
def test_a_voucher_pays_nothing_that_it_is_not_for(name: str) -> None:
    assert redemptions(name) == []
    assert [line["gross_fen"] for line in lines(name)] == [1000]


@pytest.mark.parametrize(
    "name",
    [
        "this_class",
        "this_site",
        "this_segment",
        "ended_on_the_months_first_day",
        "begins_on_the_months_last_day",
    ],
)
def test_a_voucher_pays_in_the_months_of_which_any_day_is_its_own(name: str) -> None:
    # 1,000 fen × 0.5
    assert redeemed(name) == [(500, "none")]


@given
def flat_fee(case: Case) -> None:
    supported(case)
    case.offers(sku="sku-flat", kind="subscription", unit="month")
    case.prices("1", sku="sku-flat", unit="month")
    case.add(
        "service_contracts",
        contract_id="flat",
        valid_from=date(2026, 10, 1),
        valid_to=date(2026, 11, 1),
        tenant_id=case.tenant,
        kind="flat",
        sku_id="sku-flat",
        fee=Decimal("100.000000"),
        tax_included=False,
    )
    case.job(hours=10)


def test_a_voucher_pays_for_compute_and_for_no_subscription() -> None:
    # the fee's 10,000 fen stay the tenant's; of the usage's 1,000 fen half is paid
    assert [row["sku_id"] for row in redemptions("flat_fee")] == ["sku-flat-fee"]
    assert redeemed("flat_fee") == [(500, "none")]
    sold = [line["gross_fen"] for line in lines("flat_fee") if line["line_kind"] == "sale"]
    assert sorted(sold) == [1000, 10_000]


def _group(case: Case, **columns: str) -> None:
    case.reference["tenants"][0] |= columns


@given
def issuer_is_the_group(case: Case) -> None:
    supported(case)
    _group(case, group_party_id=issuer(case.site))
    case.job(hours=10)


@given
def issuer_is_of_the_group(case: Case) -> None:
    supported(case)
    _group(case, group_party_id="one-group")
    case.add(
        "parties",
        party_id=issuer(case.site),
        valid_from=date(2026, 10, 31),
        kind="voucher_issuer",
        name_en="issuer",
        name_zh="issuer",
        group_party_id="one-group",
    )
    case.job(hours=10)
    case.job(hours=10, start="2026-09-05 10:00")


@given
def issuer_is_of_another_group(case: Case) -> None:
    supported(case)
    _group(case, group_party_id="one-group")
    case.add(
        "parties",
        party_id=issuer(case.site),
        valid_from=date(2026, 1, 1),
        kind="voucher_issuer",
        name_en="issuer",
        name_zh="issuer",
        group_party_id="other-group",
    )
    case.job(hours=10)


def test_a_tenant_of_its_issuers_group_is_paid_nothing() -> None:
    assert redemptions("issuer_is_the_group") == []
    assert redeemed("issuer_is_of_another_group") == [(500, "none")]


def test_who_is_related_is_told_by_the_months_last_day() -> None:
    # the issuer joined the group on the 31st of October: September is paid, October is not
    assert [(row["period"], row["redeemed_fen"]) for row in redemptions("issuer_is_of_the_group")] == [
        ("2026-09", 500)
    ]


@given
def revised(case: Case) -> None:
    supported(case, cap="9.00")
    voucher(case, share="0.5", cap="3.00", revision=2)
    voucher(case, share="1", cap="100.00", revision=1, name="unrelated", tenant_id="nobody")
    case.job(hours=10)
    case.job(hours=10, start="2026-11-05 10:00")


def test_the_highest_revision_holds_for_every_month() -> None:
    # a cap of 300 in place of 900: October is paid 300, November nothing
    assert redeemed("revised") == [(300, "cap"), (0, "cap")]
    assert {row["revision"] for row in redemptions("revised")} == {2}


@given
def two_vouchers(case: Case) -> None:
    supported(case, share="0.8", cap="2.00", valid_from=date(2026, 2, 1), name="older")
    voucher(case, share="0.5", name="newer", valid_from=date(2026, 3, 1))
    case.job(hours=10)
    case.job(hours=10, start="2026-11-05 10:00")


def test_a_line_is_paid_by_one_voucher_that_which_is_valid_first() -> None:
    # the older one pays 200 of its 800 and then nothing; the newer one is for no line
    assert redeemed("two_vouchers") == [(200, "cap"), (0, "cap")]
    assert {row["voucher_id"] for row in redemptions("two_vouchers")} == {"older-two-vouchers"}


@given
def ended_and_followed(case: Case) -> None:
    supported(case, share="0.8", cap="2.00", name="older", valid_to=date(2026, 11, 1))
    voucher(case, share="0.5", name="newer", valid_from=date(2026, 3, 1))
    case.job(hours=10)
    case.job(hours=10, start="2026-11-05 10:00")


def test_a_voucher_that_ended_leaves_later_months_to_the_next() -> None:
    assert redeemed("ended_and_followed") == [(200, "cap"), (500, "none")]


@given
def all_of_it(case: Case) -> None:
    supported(case, share="1")
    case.job(hours=10)


def test_a_voucher_pays_a_whole_line_and_no_more() -> None:
    assert redeemed("all_of_it") == [(1000, "none")]


def test_the_documented_query_leads_an_issuer_from_what_it_pays_to_the_records() -> None:
    # ten hours of a core in one record, billed with its tax of nothing
    (query,) = re.findall(r"```sql\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    with books().connected() as connection:
        connection.execute("set search_path = 'marts,inputs'")
        found = connection.execute(query.replace("'v-0001'", "'v-all-of-it'")).to_arrow_table().to_pylist()
    assert [(row["redeemed_fen"], row["quantity"], row["billed_cost_micro_yuan"]) for row in found] in (
        [(1000, 36_000, 10_000_000), (1000, None, 0)],
        [(1000, None, 0), (1000, 36_000, 10_000_000)],
    )
    (usage,) = [row for row in found if row["quantity"]]
    assert (usage["file"].startswith("all-of-it-job_records"), usage["landing_row"]) == (True, 1)
