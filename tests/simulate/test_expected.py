"""The expected books agree with themselves: seconds, charges, lines, splits, entries and positions add up."""

from calendar import monthrange
from collections import defaultdict
from datetime import datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pipelines.simulate.books.settlement import divide
from pipelines.simulate.books.tables import half_up


def total(rows, column, *keys):
    sums = defaultdict(int)
    for row in rows:
        sums[tuple(row[key] for key in keys)] += int(row[column] or 0)
    return dict(sums)


KIND = ("site_id", "compute_class", "resource_kind", "model")
LINE = (
    "tenant_id", "site_id", "sku_id", "tariff_id", "tariff_version", "tax_rate_ppm", "share_rule", "share_valid_from",
)  # fmt: skip


def dated(rows):
    """Rows of hours, each with its business day."""
    for row in rows:
        row["day"] = (datetime.fromisoformat(row["hour"]) + timedelta(hours=8)).date().isoformat()
    return rows


def measured(rows):
    """Rows of compute, with what of it was allocated and is no estimate; nothing where it is not known."""
    for row in rows:
        known = int(row["allocated_unit_seconds"] or 0) - int(row["estimated_unit_seconds"] or 0)
        row["measured"] = str(known)
    return [row for row in rows if row["resource_kind"] != "rack"]


def test_hours_sum_to_days(each):
    daily = each.table("utilisation_daily")
    hourly = dated(each.table("utilisation_hourly"))
    for column in ("installed_unit_seconds", "allocated_unit_seconds", "down_unit_seconds"):
        unknown = {tuple(row[key] for key in ("day", *KIND)) for row in daily if not row[column]}
        hours = total(hourly, column, "day", *KIND)
        assert total([row for row in daily if row[column]], column, "day", *KIND) == {
            key: value for key, value in hours.items() if key not in unknown
        }


def test_hours_sum_to_the_seconds_of_jobs(each):
    """From the list of jobs alone: cores and cards times seconds."""
    held = defaultdict(int)
    for job in each.table("jobs", "truth"):
        if job["holds_until"]:
            span = datetime.fromisoformat(job["holds_until"]) - datetime.fromisoformat(job["start_time"])
            seconds = int(span.total_seconds())
            held[(job["site_id"], "cpu_core")] += int(job["cpu_cores"]) * seconds
            held[(job["site_id"], "accelerator")] += int(job["accelerators"]) * 1000 * seconds
    hours = measured(each.table("utilisation_hourly", "truth"))
    assert total(hours, "measured", "site_id", "resource_kind") == dict(held)


def test_metered_usage_equals_utilisation(each):
    """Of cores and cards; records in conflict are listed in metered usage and count in nothing."""
    metered = [
        row
        for row in each.table("metered_usage")
        if row["reason"] != "record_conflict" and row["resource_kind"] in ("cpu_core", "accelerator")
    ]
    daily = total(measured(dated(each.table("utilisation_hourly"))), "measured", "day", *KIND)
    assert total(metered, "quantity", "day", *KIND) == {key: value for key, value in daily.items() if value}


def test_usage_is_charged_or_unattributed(each):
    metered = each.table("metered_usage")
    billable = [row for row in metered if not row["reason"]]
    keys = ("tenant_id", "site_id", "sku_id", "unit")
    usage = [row for row in each.table("charges") if row["charge_category"] == "Usage" and row["window"]]
    assert total(billable, "quantity", *keys) == total(usage, "quantity", *keys)
    reasons = [row for row in metered if row["reason"]]
    keys = ("day", "site_id", "account", "reason", "unit")
    assert total(reasons, "quantity", *keys) == total(each.table("unattributed_usage"), "quantity", *keys)
    assert {"guest", "sysbench"} & {row["account"] for row in each.table("unattributed_usage")}


PRICED = ("charge_period_start", "window", "band_from", "qos", "coverage", "contract_id", *LINE)


def test_a_charge_is_price_times_quantity_rounded_once(each):
    taxes = {}
    usages = []
    for row in each.table("charges"):
        key = tuple(row[name] for name in PRICED)
        if row["charge_category"] == "Tax" and row["window"]:
            taxes[key] = int(row["contracted_cost_micro_yuan"])
        elif row["charge_category"] == "Usage" and row["window"]:
            usages.append((key, row))
    assert len(taxes) == len(usages) > 50
    for key, row in usages:
        month = monthrange(*map(int, row["billing_period"].split("-")))[1]
        units = {
            "core-second": 3600, "milli-card-second": 3_600_000, "byte-day": 10**9 * month, "micro-CNY": 10**6,
        }[row["unit"]]  # fmt: skip
        exact = Fraction(int(row["contracted_unit_price_micro_yuan"]) * int(row["quantity"]), units)
        rate = Fraction(int(row["tax_rate_ppm"]), 1_000_000)
        usage, tax = int(row["contracted_cost_micro_yuan"]), taxes[key]
        if row["tax_included"] == "true":
            assert abs(usage + tax - exact) <= Fraction(1, 2)
            assert abs(tax - (usage + tax) * rate / (1 + rate)) <= Fraction(1, 2)
        else:
            assert abs(usage - exact) <= Fraction(1, 2)
            assert abs(tax - usage * rate) <= Fraction(1, 2)
        assert int(row["billed_cost_micro_yuan"]) == (0 if row["coverage"] else usage)


def test_the_fee_of_a_term_is_what_its_use_and_the_rest_bear(each):
    """Of each commitment and reservation of a month, tax and all."""
    borne, billed = defaultdict(int), defaultdict(int)
    for row in each.table("charges"):
        month = (row["billing_period"], row["contract_id"])
        if row["coverage"] and row["coverage"] != "allowance":
            borne[month] += int(row["effective_cost_micro_yuan"])
        elif row["contract_id"] in {"sc-ent01", "sc-ent02"} and not row["coverage"] and not row["window"]:
            billed[month] += int(row["billed_cost_micro_yuan"])
    assert borne == billed
    assert len(billed) == 4


def test_charges_sum_to_lines_exactly(each):
    charges = total(each.table("charges"), "billed_cost_micro_yuan", "billing_period", *LINE)
    lines = total(each.table("statement_lines"), "gross_fen", "period", *LINE)
    assert charges == {key: fen * 10_000 for key, fen in lines.items()}


def test_lines_sum_to_statements_and_splits_to_lines(each):
    lines, splits = each.table("statement_lines"), each.table("line_splits")
    for column in ("net_fen", "tax_fen", "gross_fen"):
        by_tenant = total(lines, column, "period", "party_id")
        owed = [
            row for row in each.table("statements") if row["counterparty_id"] == lines[0]["counterparty_id"]
        ]
        payable = [row for row in owed if row["direction"] == "payable"]
        assert total(payable, column, "period", "party_id") == by_tenant
    shared = [row for row in lines if row["line_kind"] != "voucher"]
    assert total(splits, "amount_fen", "period", *LINE) == total(shared, "gross_fen", "period", *LINE)
    assert total([row for row in splits if row["role"] == "tax"], "amount_fen", "period") == total(
        lines, "tax_fen", "period"
    )
    assert all(int(row["net_fen"]) + int(row["tax_fen"]) == int(row["gross_fen"]) for row in lines)


def test_entries_balance_and_positions_mirror(each):
    entries = each.table("journal_entries")
    assert total(entries, "debit_fen", "period") == total(entries, "credit_fen", "period")
    positions = {
        (row["period"], row["party_id"], row["counterparty_id"]): row
        for row in each.table("settlement_positions")
    }
    for (period, party, other), row in positions.items():
        mirror = positions[(period, other, party)]
        assert (row["receivable_fen"], row["payable_fen"]) == (
            mirror["payable_fen"],
            mirror["receivable_fen"],
        )
        assert int(row["net_fen"]) == int(row["receivable_fen"]) - int(row["payable_fen"])


def test_both_months_are_billed(each):
    assert {row["period"] for row in each.table("statement_lines")} == {"2026-09", "2026-10"}


def test_tariff_versions_tax_and_accounts_change_where_they_should(simulated):
    charges = simulated(faults="none", scale=0.1).table("charges")
    versions = defaultdict(set)
    for row in charges:
        if row["charge_category"] == "Usage" and row["tariff_id"] == "tariff-nscc-zz":
            versions[row["tariff_version"]].add(row["charge_period_start"])
    assert max(versions["v1"]) < min(versions["v2"])
    assert {row["tax_included"] for row in charges if row["charge_category"] == "Usage"} == {"true", "false"}
    taxed = [row for row in charges if row["line_kind"] == "sale"]
    assert {row["tax_rate_ppm"] for row in taxed} == {"60000", "130000"}
    metered = simulated(faults="none", scale=0.1).table("metered_usage")
    moved = {row["tenant_id"] for row in metered if row["site_id"] == "nscc-zz" and row["account"] == "ent07"}
    assert moved == {"enterprise-07", "park-02"}


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
def test_half_up_is_nearest_and_away_from_zero(numerator, denominator):
    rounded = half_up(numerator, denominator)
    assert abs(rounded - Fraction(numerator, denominator)) <= Fraction(1, 2)
    assert half_up(-numerator, denominator) == -rounded
    if Fraction(numerator, denominator) * 2 % 2 == 1:
        assert abs(rounded) * 2 * denominator > abs(2 * numerator)


@given(st.integers(-(10**9), 10**9), st.integers(0, 1_000_000), st.integers(0, 1_000_000))
def test_shares_sum_to_the_amount(net, first, second):
    ppm = sorted((first, second))
    weights = [("b", ppm[0]), ("a", ppm[1] - ppm[0]), ("c", 1_000_000 - ppm[1])]
    parts = divide(net, weights)
    assert sum(parts) == net
    assert all(
        abs(part - Fraction(net * share, 1_000_000)) < 1
        for part, (_, share) in zip(parts, weights, strict=True)
    )


def test_equal_remainders_are_settled_by_party():
    thirds = [("b", 333_333), ("a", 333_333), ("c", 333_334)]
    assert divide(2, thirds) == [0, 1, 1]
    assert divide(-2, thirds) == [0, -1, -1]
