"""What was agreed beside prices, and what is sold beside compute: vouchers, storage, lines, a cloud's bill."""

import csv
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal


def total(rows, column, *keys):
    sums = defaultdict(int)
    for row in rows:
        sums[tuple(row[key] for key in keys)] += int(row[column])
    return dict(sums)


def newest(simulation, dataset, key):
    """The highest revision of each row of a business table, as its files hold it."""
    rows = []
    for path in (simulation.folder / "feeds" / "network-ops" / dataset).glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    return {row[key]: row for row in sorted(rows, key=lambda row: int(row["revision"]))}


def fen(yuan):
    whole, _, part = yuan.partition(".")
    return int(whole) * 100 + int(part)


def test_no_voucher_pays_beyond_its_cap_nor_a_programme_beyond_its_budget(each):
    redeemed = each.table("voucher_redemptions")
    vouchers = newest(each, "vouchers", "voucher_id")
    programmes = newest(each, "voucher_programmes", "programme_id")
    paid = total(redeemed, "redeemed_fen", "voucher_id")
    spent = total(redeemed, "redeemed_fen", "programme_id")
    assert {"none", "cap"} <= {row["limited_by"] for row in redeemed}
    assert all(amount <= fen(vouchers[name]["cap"]) for (name,), amount in paid.items())
    assert all(amount <= fen(programmes[name]["budget"]) for (name,), amount in spent.items())
    assert {vouchers[row["voucher_id"]]["state"] for row in redeemed} == {"issued"}
    assert "frozen" in {row["state"] for row in vouchers.values()}


def test_a_holding_pays_for_a_stranger_and_not_for_its_own_member(each):
    paid = {
        row["tenant_id"] for row in each.table("voucher_redemptions") if row["programme_id"] == "vp-holding"
    }
    assert paid == {"enterprise-10"}


def test_what_comes_off_tenants_is_put_on_issuers(each):
    redeemed = [row for row in each.table("voucher_redemptions") if row["redeemed_fen"] != "0"]
    lines = [row for row in each.table("statement_lines") if row["line_kind"] == "voucher"]
    relieved = {key: -amount for key, amount in total(redeemed, "redeemed_fen", "tenant_id").items()}
    assert total(lines, "gross_fen", "party_id") == relieved | total(
        redeemed, "redeemed_fen", "issuer_party_id"
    )
    paid_by_vouchers = [row for row in each.table("charges") if row["line_kind"] == "voucher"]
    assert {row["charge_category"] for row in paid_by_vouchers} == {"Credit"}
    assert sum(int(row["billed_cost_micro_yuan"]) for row in paid_by_vouchers) == 0
    assert len(paid_by_vouchers) == len(lines) == 2 * len(redeemed) > 20


def test_a_bill_is_passed_on_to_the_micro_yuan(each):
    """Of each month all lines together, those of nobody's accounts too, half up."""
    billed = defaultdict(Decimal)
    for row in each.table("cloud_charges"):
        billed[(row["billing_period"],)] += Decimal(row["billed_cost"])
    metered = [row for row in each.table("metered_usage") if row["resource_kind"] == "cloud"]
    assert total(metered, "quantity", "period") == {
        month: int((amount * 10**6).to_integral_value(ROUND_HALF_UP)) for month, amount in billed.items()
    }
    assert {row["reason"] for row in metered} == {"", "account_unknown"}


def test_a_volume_is_charged_by_what_was_observed_of_it(simulated):
    """Without faults, every observation of a day is that day's bytes."""
    simulation = simulated(faults="none")
    observed = defaultdict(int)
    for row in simulation.table("storage_records"):
        if row["site_id"] == "yunai-ai":
            day = (datetime.fromisoformat(row["observed_at"]) + timedelta(hours=8)).date()
            observed[(day.isoformat(),)] += int(row["provisioned_bytes"] or row["used_bytes"])
    metered = [row for row in simulation.table("metered_usage") if row["resource_kind"] == "storage"]
    assert total(metered, "quantity", "day") == observed


def test_lines_are_charged_by_what_was_promised(simulated):
    simulation = simulated(faults="none", sites=("unicom-zy",))
    lines = [row for row in simulation.table("statement_lines") if row["sku_id"] == "unicom-zy-bandwidth-any"]
    # two days of thirty in September and two of thirty-one in October, at 6.6 yuan and 6 % on top
    rented = {"park-01": 10_000, "park-02": 10_000, "enterprise-05": 2_000}
    expected = {
        (tenant, period): round(Decimal("6.6") * mbps * 2 / days * 100 * Decimal("1.06"))
        for tenant, mbps in rented.items()
        for period, days in (("2026-09", 30), ("2026-10", 31))
    }
    assert total(lines, "gross_fen", "tenant_id", "period") == expected


def test_what_is_missing_to_a_guarantee_is_topped_up(simulated):
    """120,000 yuan are guaranteed to the carrier, and 20,000 to the operator, for each month that is over."""
    simulation = simulated(faults="none", sites=("unicom-zy",))
    # 22,000 Mbps at 6.6 yuan for two days of thirty are 9,680 yuan, of which 70 % and 20 % are theirs
    assert {
        (row["period"], row["role"], row["earned_fen"], row["topup_fen"])
        for row in simulation.table("guarantee_topups")
    } == {
        ("2026-09", "provider", "677600", "11322400"),
        ("2026-09", "operator", "193600", "1806400"),
    }
    booked = [row for row in simulation.table("journal_entries") if row["account"] == "6401"]
    assert [row["debit_fen"] for row in booked] == ["13128800"]


def test_what_is_owed_is_paid_in_full_in_part_or_not_at_all(simulated):
    simulation = simulated(faults="none", scale=0.1)
    rows = [row for row in simulation.table("receivables") if row["party_id"] == "party-network"]
    assert {row["as_of"] for row in rows} == {"2026-11-03"}
    # September's are due on the 30th of October, October's on the 30th of November
    assert {
        (row["period"], row["days_since_due"], row["ageing"]) for row in rows if row["status"] == "open"
    } == {
        ("2026-09", "4", "days_1_30"),
        ("2026-10", "-27", "current"),
    }
    assert {"settled", "open", "unknown_party"} <= {row["status"] for row in rows}
    assert any(row["status"] == "open" and row["paid_fen"] != "0" for row in rows)
    bank = [row for row in simulation.table("journal_entries") if row["account"] == "1002"]
    moved = sum(int(row["debit_fen"]) - int(row["credit_fen"]) for row in bank)
    assert moved == sum(int(row["paid_fen"]) for row in rows)


def test_a_month_of_late_packets_is_credited_where_the_contract_says_so(simulated):
    simulation = simulated(faults="none", sites=("nscc-zz", "qingyang", "hami"), scale=0.1)
    judged = {row["contract_id"]: row for row in simulation.table("sla_credits")}
    assert {row["period"] for row in judged.values()} == {"2026-09"}
    missed = judged["sc-sla-qy"]
    assert int(missed["good"]) * 1000 < int(missed["total"]) * 998
    assert (missed["status"], missed["applied"], judged["sc-sla-zz"]["applied"]) == (
        "missed",
        "true",
        "false",
    )
    billed = [row for row in simulation.table("charges") if row["line_kind"] == "sla_credit"]
    taken = total(billed, "billed_cost_micro_yuan", "contract_id", "charge_category")
    assert taken["sc-sla-qy", "Credit"] == -int(missed["credit_micro_yuan"])
    assert taken["sc-sla-qy", "Tax"] == -int(missed["credit_tax_micro_yuan"])
    assert {row["contract_id"] for row in billed} - {"sc-sla-qy"} == {""}


def test_a_fee_for_what_is_not_registered_waits(each):
    assert each.table("unbilled_terms") == [
        {
            **{"period": "2026-10", "tenant_id": "park-05", "contract_id": "sc-park05"},
            **{"contract_from": "2026-10-01", "kind": "flat", "sku_id": "qingyang-subscription-any"},
            "reason": "sku_missing",
        }
    ]
