"""What was agreed beside prices: vouchers pay no more than they may, and what they pay somebody else pays."""

import csv
from collections import defaultdict


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
