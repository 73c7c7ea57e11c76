"""What is sold besides compute, by hand: gaps between observations, promises of lines, the micro-yuan of a bill."""

from datetime import date

from pipelines.simulate.books.rating import Business
from pipelines.simulate.books.sold import sold
from pipelines.simulate.clock import day_of_number, day_start, utc_text
from pipelines.simulate.feeds.records import fact
from pipelines.simulate.replay import Known


def seller(kind):
    sku = {"sku_id": kind, "valid_from": "2026-01-01", "site_id": "s", "compute_class": "general"}
    return Business({"skus": [{**sku, "resource_kind": kind, "model": ""}]})


def noon(day):
    return utc_text(day_start(date.fromisoformat(day)) + 12 * 3600)


def days(pieces):
    return [(day_of_number(piece.day).isoformat(), piece.quantity) for piece in pieces]


def observed(day, provisioned, used="1"):
    told = {"observed_at": noon(day), "used_bytes": used, "provisioned_bytes": provisioned}
    return fact("storage_records", site_id="s", volume_id="v", account="a", tier="t", **told)


def test_a_volume_keeps_what_was_observed_for_two_more_days_and_is_unknown_after_them():
    records = {"s": [observed("2026-10-01", "500"), observed("2026-10-06", "", used="70")]}
    found = sold(seller("storage"), Known(records={"storage_records": records}))
    assert days(found.pieces) == [
        ("2026-10-01", 500), ("2026-10-02", 500), ("2026-10-03", 500), ("2026-10-06", 70),
    ]  # fmt: skip
    assert days(found.unknown) == [("2026-10-04", 86_400), ("2026-10-05", 86_400)]


def test_the_greatest_promise_of_a_day_counts_once():
    told = {"line_id": "l", "site_id": "s", "interval_end": noon("2026-10-02")}
    records = [
        fact("network_usage", **told, interval_start=noon("2026-10-01"), committed_mbps=mbps)
        for mbps in ("10", "30", "20")
    ]
    found = sold(seller("bandwidth"), Known(records={"network_usage": {"s": records}}))
    assert days(found.pieces) == [("2026-10-01", 30)]


def test_the_micro_yuan_of_a_bill_go_to_the_largest_remainders_then_by_line():
    amounts = {"c": "0.0000004", "b": "0.0000004", "a": "2.0000007", "d": "-1.0000003"}
    records = [
        fact(
            "cloud_charges", provider="p", billing_account="x", billing_period="2026-10", line_id=name,
            line_ordinal="1", billed_cost=amount,
        )
        for name, amount in amounts.items()
    ]  # fmt: skip
    found = sold(seller("cloud"), Known(records={"cloud_charges": {"s": records}}))
    # 1.0000012 are 1,000,001 micro-yuan. Floors: 0, 0, 2,000,000, -1,000,001; two are left, for remainders 0.7 (a, d)
    assert [piece.quantity for piece in found.pieces] == [0, 0, 2_000_001, -1_000_000]
    assert {day for day, _ in days(found.pieces)} == {"2026-10-01"}


def test_nothing_is_metered_where_the_kind_is_not_sold():
    records = {"s": [observed("2026-10-01", "500"), observed("2026-10-06", "500")]}
    found = sold(seller("cloud"), Known(records={"storage_records": records}))
    assert (found.pieces, found.unknown) == ([], [])
