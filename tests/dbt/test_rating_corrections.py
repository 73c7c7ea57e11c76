"""What becomes known of a closed period is corrected in the first open one, once, to the micro-yuan and to the fen.

October is closed after the first chapter of each case, November after the second. Prices are 1.00 yuan a core-hour and
6 % tax on top unless a case says otherwise: an hour is 1.06 yuan.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.dbt.correction_cases import (
    Books,
    Closing,
    books,
    bridge,
    corrected,
    corrections,
    evidence,
    lines,
    published,
    told,
    why,
)
from tests.dbt.unit_cases import consumed, resale_rule, resells_hours, sells
from tests.dbt.world import shanghai

pytestmark = pytest.mark.slow
HOUR = 3_600


@told
def late_job(case: Closing) -> Iterator[None]:
    case.sells(price="1.00")
    case.job(hours=4, start="2026-10-31 20:00")
    yield
    case.job(hours=2, start="2026-10-20 10:00")
    case.job(hours=1, start="2026-11-05 10:00")
    yield
    case.job(hours=1, start="2026-10-20 15:00")


def test_a_late_job_of_a_closed_month_is_charged_in_the_next() -> None:
    # 2 h × 1.00 = 2.00, + 6 % = 0.12
    (charge,) = corrections("late_job", 1)
    assert (charge["billed_cost_micro_yuan"], charge["quantity"]) == (2_000_000, 2 * HOUR)
    assert corrected("late_job", 1, "Tax") == [120_000]
    assert charge["billing_period"] == "2026-11"
    assert charge["charge_period_start"] == shanghai("2026-10-20 00:00")
    assert charge["charge_period_end"] == shanghai("2026-10-21 00:00")
    assert charge["unit"] == "core-second"


def test_a_correction_has_a_line_of_its_own_beside_the_month_s_sales() -> None:
    # November's own hour is 1.06
    (line,) = lines("late_job", 1)
    assert (line["net_fen"], line["tax_fen"], line["gross_fen"]) == (200, 12, 212)
    assert (line["period"], line["charge_period"], line["quantity"]) == ("2026-11", "2026-10", 2 * HOUR)
    november = [row for row in published("late_job", "statement_lines", 1) if row["period"] == "2026-11"]
    assert sorted(row["gross_fen"] for row in november) == [106, 212]


def test_a_charge_is_corrected_again_by_the_further_difference_only() -> None:
    # the charge of 20 October: 2 h booked in November, 3 h known now, so December has 1 h
    (first,), (second,) = corrections("late_job", 1), corrections("late_job", 2)
    assert (second["billed_cost_micro_yuan"], second["quantity"]) == (1_000_000, HOUR)
    assert second["billing_period"] == "2026-12"
    assert first["correction_of"] == second["correction_of"]
    assert first["charge_id"] != second["charge_id"]
    assert evidence(second, 2) == [HOUR]


def test_adjustments_lead_from_what_was_closed_to_what_is_known_now() -> None:
    # 4 h closed: 4.24; + 2.12 in November; + 1.06 in December
    assert bridge("late_job", 2) == [
        ("late-job", "2026-11", 424, 212, 636),
        ("late-job", "2026-12", 636, 106, 742),
    ]
    assert why("late_job", 2) == [{"quantity"}, {"quantity"}]
    november, december = published("late_job", "adjustments", 2)
    assert (november["state"], december["state"]) == ("closed", "draft")
    assert (november["debtor_id"], november["creditor_id"]) == ("tenant-late-job", "party-network")
    assert (december["opening_micro_yuan"], december["closing_micro_yuan"]) == (6_360_000, 7_420_000)


def test_a_closed_correction_stays_as_it_was_closed() -> None:
    def november(chapter: int, table: str) -> list[dict[str, object]]:
        column = "billing_period" if table == "charges" else "period"
        return [row for row in books().published[chapter][table] if row[column] == "2026-11"]

    for table in ("charges", "statement_lines", "line_splits", "journal_entries"):
        assert november(1, table)
        assert november(2, table) == november(1, table)


@told
def late_holiday(case: Closing) -> Iterator[None]:
    case.sells(price="1.00")
    case.reference["tariff_rates"].clear()
    for window, price in (("workday.00-24", "1.00"), ("restday.00-24", "0.40"), ("holiday.00-24", "0.25")):
        case.prices(price, window=window)
    case.job(hours=4, start="2026-10-01 10:00")
    yield
    case.add("calendar_days", day=date(2026, 10, 1), kind="holiday", name_en="National Day", name_zh="国庆节")
    yield
    case.add(
        "calendar_days", day=date(2026, 10, 1), kind="workday", name_en="none after all", name_zh="不放假"
    )


def test_a_holiday_that_becomes_known_after_the_close_is_corrected() -> None:
    # Thursday 1 October: 4 h × 1.00 = 4.00 were closed; a holiday costs 4 h × 0.25 = 1.00: −4.00 and +1.00
    found = {row["window"]: row["billed_cost_micro_yuan"] for row in corrections("late_holiday", 1)}
    assert found == {"workday.00-24": -4_000_000, "holiday.00-24": 1_000_000}
    assert bridge("late_holiday", 1) == [("late-holiday", "2026-11", 424, -318, 106)]


def test_a_holiday_that_is_taken_back_is_corrected_back() -> None:
    # +4.00 and −1.00
    found = {row["window"]: row["billed_cost_micro_yuan"] for row in corrections("late_holiday", 2)}
    assert found == {"workday.00-24": 4_000_000, "holiday.00-24": -1_000_000}


@told
def late_bill(case: Closing) -> Iterator[None]:
    resells_hours(case)
    resale_rule(case)
    consumed(case, "ecs", "15.00", "10")
    yield
    consumed(case, "later", "3.00", "2")
    yield
    consumed(case, "later", "4.00", "2")


def owed_and_sold(name: str, chapter: int) -> dict[str, int]:
    """What a chapter's corrections of a case come to in fen, by who owes it."""
    return {row["party_id"]: row["gross_fen"] for row in lines(name, chapter)}


def test_a_bill_that_comes_after_the_close_is_owed_and_resold_in_the_next_month() -> None:
    # 3.00 to the provider; 2 × 2.00 and 6 % from the tenant
    assert owed_and_sold("late_bill", 1) == {"party-network": 300, "tenant-late-bill": 424}


def test_a_bill_that_is_corrected_changes_what_is_owed_and_not_what_was_consumed() -> None:
    # 4.00 − 3.00
    assert owed_and_sold("late_bill", 2) == {"party-network": 100}


@told
def late_resale_rule(case: Closing) -> Iterator[None]:
    resells_hours(case)
    sells(case, "cloud", "1.05")
    consumed(case, "ecs", "15.00", "10")
    yield
    resale_rule(case)


def test_a_rule_of_resale_that_comes_after_the_close_takes_back_what_was_passed_through() -> None:
    # −15.00 × 1.05 = −15.75 and its tax −0.945; + 10 × 2.00 = 20.00 and 1.20; the provider is owed 15.00
    found = {
        (row["tenant_id"], row["sku_id"].rsplit("-", 1)[1]): row["billed_cost_micro_yuan"]
        for row in corrections("late_resale_rule", 1)
    }
    assert found == {
        ("tenant-late-resale-rule", "any"): -15_750_000,
        ("tenant-late-resale-rule", "hour"): 20_000_000,
        ("party-network", "bill"): 15_000_000,
    }


@told
def late_shares(case: Closing) -> Iterator[None]:
    case.sells(price="1.00")
    case.job(hours=10, start="2026-10-20 10:00")
    yield
    case.shares("0.60", "0.30", "0.10", since=date(2026, 10, 1))


def test_shares_of_another_day_that_come_after_the_close_move_the_parts_and_no_amount() -> None:
    # 10.00 by 70, 20 and 10 % is taken back and shared by 60, 30 and 10 %: −1.00 and +1.00
    found = lines("late_shares", 1)
    assert sorted(row["gross_fen"] for row in found) == [-1_060, 1_060]
    moved = {"provider": 0, "operator": 0, "network_operator": 0, "tax": 0}
    for row in books().published[1]["line_splits"]:
        if row["line_id"] in {line["line_id"] for line in found}:
            moved[row["role"]] += row["amount_fen"]
    assert moved == {"provider": -100, "operator": 100, "network_operator": 0, "tax": 0}
    assert bridge("late_shares", 1) == [("late-shares", "2026-11", 1_060, 0, 1_060)]


@told
def corrected_shares(case: Closing) -> Iterator[None]:
    case.sells(price="1.00")
    case.job(hours=10, start="2026-10-20 10:00")
    yield
    case.shares("0.60", "0.30", "0.10")


def test_other_shares_of_the_same_row_are_not_restated() -> None:
    # decision 10 says so: a row of the same rule and day changes no charge
    assert corrections("corrected_shares", 1) == []


@told
def withdrawn_job(case: Closing) -> Iterator[None]:
    case.sells(price="1.00")
    case.job(hours=4, start="2026-10-05 10:00", job_id="mistaken")
    case.job(hours=1, start="2026-10-05 10:00")
    yield
    case.withdraws("mistaken")
    yield
    case.job(hours=4, start="2026-10-05 10:00", job_id="mistaken")


def test_a_withdrawn_job_is_credited() -> None:
    # −4 h × 1.00 = −4.00, + 6 % = −0.24
    (charge,) = corrections("withdrawn_job", 1)
    assert (charge["billed_cost_micro_yuan"], charge["quantity"]) == (-4_000_000, -4 * HOUR)
    assert evidence(charge, 1) == [-4 * HOUR]
    (line,) = lines("withdrawn_job", 1)
    assert (line["net_fen"], line["tax_fen"], line["gross_fen"]) == (-400, -24, -424)
    assert why("withdrawn_job", 1) == [{"quantity"}]


def test_the_parts_of_a_credit_mirror_those_of_what_it_takes_back() -> None:
    # 70, 20 and 10 % of −4.00, and the tax
    (line,) = lines("withdrawn_job", 1)
    rows = [row for row in books().published[1]["line_splits"] if row["line_id"] == line["line_id"]]
    assert {row["role"]: row["amount_fen"] for row in rows} == {
        "provider": -280,
        "operator": -80,
        "network_operator": -40,
        "tax": -24,
    }
    entries = [row for row in books().published[1]["journal_entries"] if row["entry_id"] == line["line_id"]]
    (receivable,) = [row for row in entries if row["account"] == "1122"]
    assert (receivable["debit_fen"], receivable["credit_fen"]) == (0, 424)


def test_the_operator_owes_the_tenant_what_is_credited() -> None:
    (row,) = published("withdrawn_job", "adjustments", 1)
    assert (row["debtor_id"], row["creditor_id"]) == ("party-network", "tenant-withdrawn-job")


def test_a_withdrawn_job_that_comes_back_is_charged_again() -> None:
    # 5 h closed: 5.30; − 4.24; + 4.24
    assert bridge("withdrawn_job", 2) == [
        ("withdrawn-job", "2026-11", 530, -424, 106),
        ("withdrawn-job", "2026-12", 106, 424, 530),
    ]


@told
def late_and_withdrawn(case: Closing) -> Iterator[None]:
    case.sells(price="1.00")
    yield
    case.job(hours=2, start="2026-10-20 10:00", job_id="late")
    yield
    case.withdraws("late")


def test_a_late_job_that_is_withdrawn_once_booked_is_credited_though_no_period_closed_its_charge() -> None:
    # nothing closed; + 2.12 in November; − 2.12 in December
    assert bridge("late_and_withdrawn", 2) == [
        ("late-and-withdrawn", "2026-11", 0, 212, 212),
        ("late-and-withdrawn", "2026-12", 212, -212, 0),
    ]
    (charge,) = corrections("late_and_withdrawn", 2)
    assert (charge["charge_period_start"], charge["unit"]) == (shanghai("2026-10-20 00:00"), "core-second")


@told
def corrected_job(case: Closing) -> Iterator[None]:
    case.sells(price="1.00")
    case.job(hours=4, start="2026-10-05 10:00", job_id="longer")
    yield
    case.job(hours=7, start="2026-10-05 10:00", job_id="longer", submit_time=shanghai("2026-10-05 10:00"))


def test_a_corrected_record_is_charged_by_the_difference_and_both_its_versions_are_named() -> None:
    # 7 h − 4 h = 3 h: + 7 h of the new record, − 4 h of the old
    (charge,) = corrections("corrected_job", 1)
    assert (charge["billed_cost_micro_yuan"], charge["quantity"]) == (3_000_000, 3 * HOUR)
    assert evidence(charge, 1) == [-4 * HOUR, 7 * HOUR]


@told
def corrected_tariff(case: Closing) -> Iterator[None]:
    case.sells(price="1.00")
    case.job(hours=4, start="2026-10-05 10:00")
    yield
    case.prices("1.50")
    case.accepts("v1")


def test_a_corrected_tariff_re_rates_what_was_closed() -> None:
    # 4 h × (1.50 − 1.00) = 2.00, + 6 % = 0.12; no quantity and no record is corrected
    (charge,) = corrections("corrected_tariff", 1)
    assert (charge["billed_cost_micro_yuan"], charge["quantity"]) == (2_000_000, 0)
    assert charge["unit_price_micro_yuan"] == 1_500_000
    assert corrected("corrected_tariff", 1, "Tax") == [120_000]
    assert evidence(charge, 1) == []
    assert why("corrected_tariff", 1) == [{"price"}]


@told
def new_version(case: Closing) -> Iterator[None]:
    case.sells(price="1.00")
    case.job(hours=4, start="2026-10-05 10:00")
    yield
    case.prices("1.50", version="v2", valid_from=date(2026, 10, 3))
    case.accepts("v2")


def test_a_new_version_of_a_tariff_takes_back_the_old_price_and_charges_the_new_one() -> None:
    # − 4 h × 1.00 × 1.06 = − 4.24 under v1; + 4 h × 1.50 × 1.06 = 6.36 under v2
    assert corrected("new_version", 1) == [-4_000_000, 6_000_000]
    assert [(row["tariff_version"], row["gross_fen"]) for row in lines("new_version", 1)] == [
        ("v1", -424),
        ("v2", 636),
    ]
    assert bridge("new_version", 1) == [("new-version", "2026-11", 424, 212, 636)]
    assert why("new_version", 1) == [{"price"}]


@told
def corrected_tax(case: Closing) -> Iterator[None]:
    case.sells(price="1.00")
    case.job(hours=4, start="2026-10-05 10:00")
    yield
    case.taxes("0.09")


def test_a_corrected_tax_rate_takes_back_the_old_rate_and_charges_the_new_one() -> None:
    # −(4.00 + 6 %) and +(4.00 + 9 %): 0.12 more, on lines of their own rates as invoices have them
    assert sorted(corrected("corrected_tax", 1, "Usage")) == [-4_000_000, 4_000_000]
    assert sorted(corrected("corrected_tax", 1, "Tax")) == [-240_000, 360_000]
    found = {line["tax_rate_ppm"]: (line["net_fen"], line["tax_fen"]) for line in lines("corrected_tax", 1)}
    assert found == {60_000: (-400, -24), 90_000: (400, 36)}
    assert why("corrected_tax", 1) == [set()]


@told
def remapped(case: Closing) -> Iterator[None]:
    case.sells(price="1.00")
    case.tenant_is_known("tenant-other")
    case.job(hours=4, start="2026-10-05 10:00")
    yield
    case.maps(tenant="tenant-other")


def test_a_remapped_account_is_a_minus_for_the_old_tenant_and_a_plus_for_the_new() -> None:
    assert [(row["tenant_id"], row["gross_fen"]) for row in lines("remapped", 1)] == [
        ("tenant-other", 424),
        ("tenant-remapped", -424),
    ]
    assert bridge("remapped", 1) == [
        ("other", "2026-11", 0, 424, 424),
        ("remapped", "2026-11", 424, -424, 0),
    ]
    assert why("remapped", 1) == [{"tenant"}, {"tenant"}]


@told
def mapped_late(case: Closing) -> Iterator[None]:
    case.sells(price="1.00")
    case.job(hours=4, start="2026-10-05 10:00", account="stranger")
    yield
    case.maps(account="stranger")


def test_usage_that_was_nobody_s_is_charged_once_its_account_is_mapped() -> None:
    assert bridge("mapped_late", 1) == [("mapped-late", "2026-11", 0, 424, 424)]
    assert why("mapped_late", 1) == [{"tenant"}]


@told
def crossed_tier(case: Closing) -> Iterator[None]:
    case.sells(price="1.00")
    case.reference["tariff_rates"] = []
    case.tiers((0, "1.00"), (10, "0.50"))
    case.job(hours=8, start="2026-10-10 10:00")
    yield
    case.job(hours=5, start="2026-10-05 10:00")


def test_late_data_that_crosses_a_tier_moves_what_was_closed_to_the_next_band() -> None:
    # closed: 8 h × 1.00; known: 10 h × 1.00 + 3 h × 0.50. First band + 2 h = 2.00, second + 3 h = 1.50
    first, second = corrections("crossed_tier", 1)
    assert (first["band_from"], first["quantity"]) == (0, 2 * HOUR)
    assert (second["band_from"], second["quantity"]) == (10, 3 * HOUR)
    assert corrected("crossed_tier", 1) == [2_000_000, 1_500_000]
    # the late 5 h come first in the month: they push 3 h of the 10th out of the first band
    assert evidence(first, 1) == [-3 * HOUR, 5 * HOUR]
    assert evidence(second, 1) == [3 * HOUR]
    assert why("crossed_tier", 1) == [{"quantity"}]


@told
def crossed_volume(case: Closing) -> Iterator[None]:
    case.sells(price="1.00")
    case.reference["tariff_rates"] = []
    case.tiers((0, "1.00"), (10, "0.50"), model="volume")
    case.job(hours=8, start="2026-10-10 10:00")
    yield
    case.job(hours=2, start="2026-10-05 10:00")


def test_late_data_that_reaches_a_volume_tier_can_be_a_credit() -> None:
    # closed: 8 h × 1.00 = 8.00; known: 10 h × 0.50 = 5.00
    assert corrected("crossed_volume", 1) == [-8_000_000, 5_000_000]
    assert bridge("crossed_volume", 1) == [("crossed-volume", "2026-11", 848, -318, 530)]


@told
def half_a_fen(case: Closing) -> Iterator[None]:
    case.sells(price="0.005", rate="0")
    case.job(hours=1, start="2026-10-05 10:00")
    yield
    case.job(hours=1, start="2026-10-06 10:00")
    yield
    case.withdraws("2")


def test_lines_round_by_themselves_and_the_bridge_says_what_rounding_is_in_them() -> None:
    # closed 0.5 fen → 1; corrected by 0.5 fen → 1, then by −0.5 fen → −1; known now: 0.5 fen
    assert bridge("half_a_fen", 2) == [
        ("half-a-fen", "2026-11", 1, 1, 2),
        ("half-a-fen", "2026-12", 2, -1, 1),
    ]
    november, december = published("half_a_fen", "adjustments", 2)
    assert (november["closing_micro_yuan"], december["closing_micro_yuan"]) == (10_000, 5_000)
    rounding = [
        row["billed_cost_micro_yuan"]
        for row in published("half_a_fen", "charges", 2)
        if row["charge_category"] == "Adjustment"
    ]
    assert sorted(rounding) == [-5_000, 5_000, 5_000]
    assert december["closing_fen"] * 10_000 == december["closing_micro_yuan"] + sum(rounding)


@told
def unchanged(case: Closing) -> Iterator[None]:
    case.sells(price="1.00")
    case.job(hours=4, start="2026-10-05 10:00", job_id="same")
    yield
    case.job(hours=4, start="2026-10-05 10:00", job_id="same")
    case.prices("1.00")


def test_what_is_told_again_is_no_correction() -> None:
    assert corrections("unchanged", 1) == corrections("unchanged", 2) == []
    assert lines("unchanged", 1) == published("unchanged", "adjustments", 2) == []


@told
def reserved(case: Closing) -> Iterator[None]:
    case.sells(price="1.00")
    case.add(
        "service_contracts",
        contract_id="reserved",
        valid_from=date(2026, 10, 1),
        kind="commitment",
        tenant_id=case.tenant,
        sku_id=case.sku,
        quantity=Decimal(10),
        fee=Decimal(5),
        tax_included=False,
        valid_to=date(2026, 11, 1),
    )
    case.job(hours=4, start="2026-10-05 10:00")
    yield
    case.job(hours=2, start="2026-10-06 10:00")


def test_a_late_job_within_a_commitment_shifts_what_its_fee_is_effective_for_and_bills_nothing() -> None:
    # 5.00 for 10 h: of it 2.00 used and 3.00 unused; with 2 h more 3.00 and 2.00
    used, unused = sorted(corrections("reserved", 1), key=lambda row: row["coverage"])
    assert (used["coverage"], used["quantity"], used["effective_cost_micro_yuan"]) == (
        "commitment",
        2 * HOUR,
        1_000_000,
    )
    assert (unused["coverage"], unused["quantity"], unused["effective_cost_micro_yuan"]) == (
        "commitment_unused",
        -2 * HOUR,
        -1_000_000,
    )
    assert bridge("reserved", 1) == [("reserved", "2026-11", 530, 0, 530)]
    (row,) = published("reserved", "adjustments", 1)
    assert (row["debtor_id"], row["creditor_id"]) == (None, None)


BOOKED_ONCE = (
    "corrected_job",
    "corrected_tariff",
    "new_version",
    "corrected_tax",
    "remapped",
    "mapped_late",
    "crossed_tier",
    "crossed_volume",
    "reserved",
)


@pytest.mark.parametrize("name", BOOKED_ONCE)
def test_what_a_closed_period_booked_is_not_booked_again(name: str) -> None:
    assert lines(name, 1)
    assert lines(name, 2) == []


def _late_fen(chapter: int) -> dict[str, int]:
    return {row["period"]: row["late_fen"] for row in books().published[chapter]["periods"]}


def test_late_fen_is_what_no_closed_period_holds_yet() -> None:
    for chapter in (1, 2):
        drafts = [row for row in books().published[chapter]["adjustments"] if row["state"] == "draft"]
        assert _late_fen(chapter)["2026-10"] == sum(row["adjustment_fen"] for row in drafts)
    assert _late_fen(0) == {"2026-10": 0}
    # November was closed with all that was known of it
    assert _late_fen(2)["2026-11"] == 0


def test_a_month_in_which_nobody_used_anything_still_books_what_came_late() -> None:
    # December: + 1.06 late_job, + 3.18 late_holiday, + 1.00 late_bill, + 4.24 withdrawn_job, − 2.12 late_and_withdrawn,
    # − 0.01 half_a_fen
    (december,) = [row for row in books().published[2]["periods"] if row["period"] == "2026-12"]
    assert (december["state"], december["gross_fen"]) == ("open", 106 + 318 + 100 + 424 - 212 - 1)


def test_a_month_whose_only_usage_is_withdrawn_after_its_close_is_credited_whole(tmp_path: Path) -> None:
    def only_job(case: Closing) -> Iterator[None]:
        case.sells(price="1.00")
        case.job(hours=4, start="2026-10-05 10:00", job_id="only")
        case.job(hours=1, start="2026-11-05 10:00")
        yield
        case.withdraws("only")

    told_alone = Books(tmp_path, {"only_job": only_job}, months=("2026-10",))
    (row,) = told_alone.published[1]["adjustments"]
    assert (row["opening_fen"], row["adjustment_fen"], row["closing_fen"]) == (424, -424, 0)
