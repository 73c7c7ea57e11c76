"""What is sold by other units than core-hour and card-hour: machines, slices, storage, lines, providers' bills, PFLOPS.

Prices exclude tax; charges are of category Usage, before tax.
"""

from datetime import date
from typing import Any

from tests.dbt.rating_cases import Case, billed, books, charges, given, lines, rows
from tests.dbt.unit_cases import bill_line, knows_its_tenant, machine, sells, traffic, volume


def _metered(name: str) -> list[tuple[str, int, str | None]]:
    """(kind, quantity, reason) of a case's usage."""
    found = rows(name, "metered_usage")
    return sorted(((row["resource_kind"], row["quantity"], row["reason"]) for row in found), key=str)


def _unattributed(name: str) -> list[tuple[str, int, str, str]]:
    """(kind, quantity, unit, reason) of a case's usage that nobody owes."""
    found = rows(name, "unattributed_usage")
    return sorted((row["resource_kind"], row["quantity"], row["unit"], row["reason"]) for row in found)


def _unknown_days(name: str) -> list[date]:
    return sorted(row["day"] for row in rows(name, "unknown_usage"))


# machines


@given
def machine_of_a_sold_flavor(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "instance", "2.00", "g1")
    sells(case, "cpu_core", "0.10")
    sells(case, "accelerator", "9.00", compute_class="intelligent")
    machine(case, "2026-10-05 10:00", hours=10, vcpus="8", flavor="g1")


def test_a_machine_of_a_sold_flavor_is_billed_by_the_hour_and_not_by_its_cores() -> None:
    name = "machine_of_a_sold_flavor"
    # 10 h × 2.00 = 20.00; its 8 cores × 36,000 s are in no bill and in no list
    assert billed(name, "Usage") == [20_000_000]
    assert _metered(name) == [("cpu_core", 288_000, "sold_as_instance"), ("instance", 36_000, None)]
    assert _unattributed(name) == []


@given
def machine_with_cards(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "instance", "20.00", "g8", compute_class="intelligent")
    sells(case, "accelerator", "9.00", compute_class="intelligent")
    machine(case, "2026-10-05 10:00", hours=1, vcpus="8", cards=2, flavor="g8")


def test_a_machine_with_cards_is_billed_once_for_all_that_it_holds() -> None:
    name = "machine_with_cards"
    # 1 h × 20.00; 2 cards × 3600 s = 7,200,000 milli-card-seconds are not billed as well
    assert billed(name, "Usage") == [20_000_000]
    assert _metered(name) == [
        ("accelerator", 7_200_000, "sold_as_instance"),
        ("cpu_core", 28_800, "sold_as_instance"),
        ("instance", 3_600, None),
    ]


@given
def machine_of_another_flavor(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "instance", "2.00", "g1")
    sells(case, "cpu_core", "0.10")
    machine(case, "2026-10-05 10:00", hours=3, vcpus="8", flavor="g2")


def test_a_machine_of_a_flavor_that_nobody_sells_is_billed_by_its_cores() -> None:
    # 8 cores × 3 h × 0.10 = 2.40
    assert billed("machine_of_another_flavor", "Usage") == [2_400_000]
    assert _metered("machine_of_another_flavor") == [("cpu_core", 86_400, None)]


@given
def machine_of_any_flavor(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "instance", "2.00", "g1")
    sells(case, "instance", "3.00")
    machine(case, "2026-10-05 10:00", flavor="g1")
    machine(case, "2026-10-06 10:00", flavor="g2")
    machine(case, "2026-10-07 10:00")


def test_the_sku_of_the_flavor_holds_before_that_of_any() -> None:
    # g1 at 2.00, g2 and a machine without a flavor at 3.00
    assert billed("machine_of_any_flavor", "Usage") == [2_000_000, 3_000_000, 3_000_000]


@given
def machine_over_midnight_of_the_month(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "instance", "2.00")
    machine(case, "2026-10-31 22:00", hours=5)


def test_a_machine_over_the_end_of_the_month_is_divided_at_midnight() -> None:
    name = "machine_over_midnight_of_the_month"
    # 2 h in October, 3 h in November
    assert billed(name, "Usage") == [4_000_000, 6_000_000]
    assert [row["period"] for row in lines(name)] == ["2026-10", "2026-11"]


@given
def machine_in_two_windows(case: Case) -> None:
    knows_its_tenant(case)
    case.offers("sku-windows", kind="instance", unit="instance-hour", compute_class="general")
    case.prices("1.00", sku="sku-windows", unit="instance-hour", window="00-08")
    case.prices("2.00", sku="sku-windows", unit="instance-hour", window="08-24")
    machine(case, "2026-10-05 06:00", hours=5)


def test_a_machine_is_divided_at_the_windows_of_its_price() -> None:
    # 2 h × 1.00 before 8, 3 h × 2.00 from then on
    assert sorted(billed("machine_in_two_windows", "Usage")) == [2_000_000, 6_000_000]


@given
def machine_without_a_price(case: Case) -> None:
    knows_its_tenant(case)
    case.offers("sku-priceless", kind="instance", unit="instance-hour", compute_class="general")
    sells(case, "cpu_core", "0.10")
    machine(case, "2026-10-05 10:00")


def test_a_machine_whose_sku_has_no_price_is_listed_and_not_billed_by_its_cores() -> None:
    assert billed("machine_without_a_price", "Usage") == []
    assert _unattributed("machine_without_a_price") == [
        ("instance", 3_600, "instance-second", "tariff_missing")
    ]


# slices


@given
def slice_of_a_card(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "slice", "1.50", "vir04", compute_class="intelligent")
    sells(case, "accelerator", "9.00", compute_class="intelligent")
    sells(case, "cpu_core", "0.10", compute_class="intelligent")
    machine(
        case,
        "2026-10-05 10:00",
        hours=4,
        vcpus="2",
        instance_kind="pod",
        accelerator_milli=250,
        accelerator_model="card-a",
        slice_profile="vir04",
    )


def test_a_slice_is_billed_by_its_profile_in_place_of_its_part_of_a_card() -> None:
    name = "slice_of_a_card"
    # 4 h × 1.50 = 6.00, and 2 cores × 4 h × 0.10 = 0.80; a quarter of a card for 4 h is not billed as well
    assert billed(name, "Usage") == [800_000, 6_000_000]
    assert _metered(name) == [
        ("accelerator", 3_600_000, "sold_as_slice"),
        ("cpu_core", 28_800, None),
        ("slice", 14_400, None),
    ]
    assert _unattributed(name) == []


@given
def slice_within_a_machine(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "slice", "1.50", compute_class="intelligent")
    sells(case, "instance", "20.00", "g8", compute_class="intelligent")
    at: dict[str, Any] = {"node": "n1", "device_ids": "0", "accelerator_model": "card-a"}
    machine(case, "2026-10-05 10:00", hours=2, cards=1, flavor="g8", **at)
    machine(
        case,
        "2026-10-05 10:00",
        hours=1,
        vcpus="0",
        instance_kind="pod",
        accelerator_milli=250,
        slice_profile="vir04",
        **at,
    )


def test_a_slice_that_counts_with_the_machine_around_it_is_not_sold_again() -> None:
    name = "slice_within_a_machine"
    # 2 h × 20.00 for the machine, nothing for the slice of its card
    assert billed(name, "Usage") == [40_000_000]
    assert ("accelerator", 0, "nested") in _metered(name)
    assert _unattributed(name) == []


# storage: 0.30 for a GB kept for a month


@given
def a_day_of_storage_in_each_month(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "storage", "0.30")
    volume(case, "2026-02-28 23:30", 28, volume_id="february")
    volume(case, "2026-10-31 23:30", 31, volume_id="october")
    volume(case, "2026-11-30 23:30", 30, volume_id="november")


def test_a_day_of_as_many_gigabytes_as_the_month_has_days_is_a_gigabyte_month() -> None:
    # 28 GB × 1/28, 31 GB × 1/31 and 30 GB × 1/30 of a month are 1 GB-month each
    found = charges("a_day_of_storage_in_each_month", "Usage")
    assert [(row["quantity"], row["unit"], row["billed_cost_micro_yuan"]) for row in found] == [
        (28_000_000_000, "byte-day", 300_000),
        (31_000_000_000, "byte-day", 300_000),
        (30_000_000_000, "byte-day", 300_000),
    ]


@given
def storage_resized_within_the_day(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "storage", "0.30")
    volume(case, "2026-10-05 00:00", 620)
    volume(case, "2026-10-05 23:59", 310)
    volume(case, "2026-10-06 00:00", 31)


def test_the_last_observation_of_the_day_counts() -> None:
    # the 5th: 310 GB ÷ 31 × 0.30 = 3.00; the 6th begins at its midnight: 31 GB ÷ 31 × 0.30 = 0.30
    assert billed("storage_resized_within_the_day", "Usage") == [3_000_000, 300_000]


@given
def storage_that_is_only_used(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "storage", "0.30")
    volume(case, "2026-10-05 12:00", 62, used_bytes=31 * 10**9)
    volume(case, "2026-10-06 12:00", None, used_bytes=31 * 10**9)


def test_what_is_provisioned_counts_and_else_what_is_used() -> None:
    # 62 GB ÷ 31 × 0.30 = 0.60, then 31 GB ÷ 31 × 0.30 = 0.30
    assert billed("storage_that_is_only_used", "Usage") == [600_000, 300_000]


@given
def storage_seen_every_third_day(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "storage", "0.30")
    volume(case, "2026-10-05 12:00", 31)
    volume(case, "2026-10-08 12:00", 62)


def test_a_day_without_an_observation_takes_one_of_at_most_two_days_before() -> None:
    # the 5th, 6th and 7th at 0.30, the 8th at 0.60; after the last observation nothing
    name = "storage_seen_every_third_day"
    assert billed(name, "Usage") == [300_000, 300_000, 300_000, 600_000]
    assert _unknown_days(name) == []


@given
def storage_seen_after_a_gap(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "storage", "0.30")
    volume(case, "2026-10-05 12:00", 31)
    volume(case, "2026-10-10 12:00", 31)


def test_a_day_further_from_the_last_observation_is_unknown_and_not_billed() -> None:
    # the 5th, 6th, 7th and 10th are billed; of the 8th and 9th nobody knows
    name = "storage_seen_after_a_gap"
    assert [row["charge_period_start"].day for row in charges(name, "Usage")] == [
        4,
        5,
        6,
        9,
    ]  # midnight in UTC
    assert _unknown_days(name) == [date(2026, 10, 8), date(2026, 10, 9)]


@given
def storage_of_two_tiers(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "storage", "0.30", "ssd")
    volume(case, "2026-10-05 12:00", 31)
    volume(case, "2026-10-05 12:00", 31, volume_id="vol-2", tier="tape")


def test_a_tier_that_nobody_sells_is_listed() -> None:
    assert billed("storage_of_two_tiers", "Usage") == [300_000]
    assert _unattributed("storage_of_two_tiers") == [("storage", 31_000_000_000, "byte-day", "sku_missing")]


@given
def storage_that_contradicts_itself(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "storage", "0.30")
    volume(case, "2026-10-05 12:00", 31)
    volume(case, "2026-10-05 12:00", 62)


def test_two_observations_of_one_instant_are_a_conflict_and_not_billed() -> None:
    name = "storage_that_contradicts_itself"
    assert billed(name, "Usage") == []
    assert {reason for _, _, reason in _metered(name)} == {"record_conflict"}


@given
def storage_that_nobody_sells(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "cpu_core", "0.10")
    volume(case, "2026-10-05 12:00", 31)
    traffic(case, "2026-10-05 12:00", 1, 1, committed_mbps=1)
    bill_line(case, "a", "1")


def test_kinds_of_which_a_site_sells_nothing_are_not_metered() -> None:
    assert _metered("storage_that_nobody_sells") == []


@given
def storage_priced_by_the_hour_of_the_day(case: Case) -> None:
    knows_its_tenant(case)
    case.offers("sku-tides", kind="storage", unit="GB-month")
    case.prices("0.10", sku="sku-tides", unit="GB-month", window="00-12")
    case.prices("0.20", sku="sku-tides", unit="GB-month", window="12-24")
    volume(case, "2026-10-05 12:00", 31)


def test_what_a_day_counts_whole_has_no_price_in_windows() -> None:
    assert _metered("storage_priced_by_the_hour_of_the_day") == [
        ("storage", 31_000_000_000, "tariff_missing"),
    ]


# lines: 0.50 for a GB, 30.00 for a committed Mbit/s of a month


@given
def traffic_over_midnight(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "traffic", "0.50")
    traffic(case, "2026-10-31 23:50", 600_000_000, 400_000_000)
    traffic(case, "2026-11-01 00:05", 1_000_000_000, 1)


def test_traffic_counts_both_ways_on_the_day_on_which_its_interval_began() -> None:
    # 0.6 + 0.4 GB on 31 October: 0.50; 1 GB + 1 byte on 1 November: 500,000.0005 micro-yuan, half up 0.50
    found = charges("traffic_over_midnight", "Usage")
    assert [(row["billing_period"], row["billed_cost_micro_yuan"]) for row in found] == [
        ("2026-10", 500_000),
        ("2026-11", 500_000),
    ]


@given
def traffic_of_one_direction(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "traffic", "0.50")
    traffic(case, "2026-10-05 12:00", 10**9, None)
    traffic(case, "2026-10-05 12:15", 0, 0)


def test_traffic_of_one_direction_only_is_unknown_and_zero_is_zero() -> None:
    name = "traffic_of_one_direction"
    assert _metered(name) == [("traffic", 0, None)]
    assert billed(name, "Usage") == []
    assert _unknown_days(name) == [date(2026, 10, 5)]


@given
def line_sold_twice(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "traffic", "0.50")
    sells(case, "bandwidth", "30.00")
    traffic(case, "2026-11-05 12:00", 10**9, 0, committed_mbps=10)
    traffic(case, "2026-11-05 12:15", 10**9, 0, committed_mbps=20)
    traffic(case, "2026-11-05 12:30", 10**9, 0)


def test_a_line_is_billed_for_its_greatest_commitment_of_the_day_and_for_its_traffic() -> None:
    # 20 Mbps × 1 day ÷ 30 days × 30.00 = 20.00, and 3 GB × 0.50 = 1.50
    found = charges("line_sold_twice", "Usage")
    assert [(row["quantity"], row["unit"], row["billed_cost_micro_yuan"]) for row in found] == [
        (20, "Mbps-day", 20_000_000),
        (3_000_000_000, "byte", 1_500_000),
    ]


@given
def traffic_in_tiers(case: Case) -> None:
    knows_its_tenant(case)
    sku = "sku-tiers-of-traffic"
    case.offers(sku, kind="traffic", unit="GB")
    case.prices("0.50", sku=sku, unit="GB", price_model="graduated")
    case.prices("0.20", sku=sku, unit="GB", price_model="graduated", band_from=2)
    traffic(case, "2026-10-05 12:00", 10**9, 5 * 10**8)
    traffic(case, "2026-10-06 12:00", 10**9, 0)


def test_tiers_of_traffic_are_crossed_within_a_record() -> None:
    # 2.5 GB of the month: 2 × 0.50 = 1.00 and 0.5 × 0.20 = 0.10
    found = charges("traffic_in_tiers", "Usage")
    assert sorted((row["band_from"], row["quantity"], row["billed_cost_micro_yuan"]) for row in found) == [
        (0, 2_000_000_000, 1_000_000),
        (2, 500_000_000, 100_000),
    ]


# PFLOPS-hours: an A100 has a dense peak of 312 TFLOPS at fp16


@given
def cards_by_their_power(case: Case) -> None:
    knows_its_tenant(case)
    case.offers("sku-power", kind="accelerator", unit="PFLOPS-hour", precision="fp16")
    case.prices("10.00", sku="sku-power", unit="PFLOPS-hour")
    case.job(hours=1, cards=1, cores=0, accelerator_model="nvidia-a100")
    case.job(hours=1, cards=1, cores=0, accelerator_model="card-of-nobody")


def test_computing_power_is_billed_by_the_peak_of_the_card_at_the_precision_sold() -> None:
    name = "cards_by_their_power"
    # 3,600,000 milli-card-seconds × 312,000 GFLOPS = 0.312 PFLOPS-hours: 3.12
    (charge,) = charges(name, "Usage")
    assert (charge["quantity"], charge["unit"]) == (1_123_200_000_000, "GFLOPS-milli-second")
    assert charge["billed_cost_micro_yuan"] == 3_120_000
    (evidence,) = books().rows("marts.lineage", row_key=charge["charge_id"])
    assert evidence["quantity"] == 1_123_200_000_000


def test_a_card_of_unknown_peak_is_not_billed_by_its_power() -> None:
    assert _unattributed("cards_by_their_power") == [
        ("accelerator", 3_600_000, "milli-card-second", "peak_unknown")
    ]


@given
def power_in_tiers(case: Case) -> None:
    knows_its_tenant(case)
    case.offers("sku-power-tiers", kind="accelerator", unit="PFLOPS-hour", precision="fp16")
    for first, price in ((0, "10.00"), (1, "5.00")):
        case.prices(
            price, sku="sku-power-tiers", unit="PFLOPS-hour", band_from=first, price_model="graduated"
        )
    case.job(hours=1, cards=2, cores=0, accelerator_model="nvidia-a100")
    case.job(hours=1, cards=3, cores=0, accelerator_model="nvidia-a100")


def test_tiers_of_power_are_crossed_within_a_record_and_its_evidence_is_divided() -> None:
    # 0.624 + 0.936 = 1.56 PFLOPS-hours: 1 × 10.00 and 0.56 × 5.00; the second job has 0.376 in the first band
    found = charges("power_in_tiers", "Usage")
    assert sorted(row["billed_cost_micro_yuan"] for row in found) == [2_800_000, 10_000_000]
    (first,) = [row["charge_id"] for row in found if row["band_from"] == 0]
    evidence = books().rows("marts.lineage", row_key=first)
    assert sorted(row["quantity"] for row in evidence) == [1_353_600_000_000, 2_246_400_000_000]


@given
def card_before_power(case: Case) -> None:
    knows_its_tenant(case)
    sells(case, "accelerator", "9.00", "nvidia-a100", compute_class="super")
    case.offers("sku-power-of-any", kind="accelerator", unit="PFLOPS-hour", precision="fp16")
    case.prices("10.00", sku="sku-power-of-any", unit="PFLOPS-hour")
    case.job(hours=1, cards=1, cores=0, accelerator_model="nvidia-a100")


def test_a_card_with_a_sku_of_its_own_keeps_its_unit_beside_power_of_any_model() -> None:
    # 1 h × 9.00, not multiplied by any peak
    (charge,) = charges("card_before_power", "Usage")
    assert (charge["quantity"], charge["billed_cost_micro_yuan"]) == (3_600_000, 9_000_000)
