"""The feeds beside jobs and meters: what they tell agrees with what happened and with what nature allows."""

import json
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from data_contracts.contract import load_contract

from .conftest import Simulation

EVERY_SITE = {
    "sites": ("nscc-zz", "unicom-zy", "cmcc-gx", "qingyang", "hami", "huawei-cloud", "ctyun"),
    "scale": 0.1,
}
FEEDS = (
    "instance_records", "storage_records", "network_usage", "device_samples", "network_probes", "rack_inventory",
    "outages", "dispatch_orders", "cloud_charges",
)  # fmt: skip
PARTS = (
    "cash_amount", "credit_amount", "coupon_amount", "flexipurchase_coupon_amount", "stored_card_amount",
    "bonus_amount", "debt_amount", "adjustment_amount",
)  # fmt: skip
LIGHT_ONE_WAY_US = {
    frozenset({"qingyang", "nscc-zz"}): 2700,
    frozenset({"hami", "nscc-zz"}): 9600,
    frozenset({"hami", "qingyang"}): 7200,
    frozenset({"unicom-zy", "nscc-zz"}): 160,
    frozenset({"cmcc-gx", "nscc-zz"}): 40,
    frozenset({"yunai-ai", "nscc-zz"}): 60,
}


@pytest.fixture(scope="module")
def month_end(simulated) -> Simulation:
    """All that these feeds need, without faults."""
    return simulated(faults="none", **EVERY_SITE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def seconds(start: str, end: str) -> int:
    return int((at(end) - at(start)).total_seconds())


def range_of(simulation: Simulation) -> tuple[datetime, datetime]:
    """The first and the last instant of the days."""
    first = at(f"{simulation.params.first_day}T00:00:00+08:00")
    return first, at(f"{simulation.params.last_day}T00:00:00+08:00") + timedelta(days=1)


@pytest.mark.parametrize("table", FEEDS)
def test_without_faults_what_stands_is_what_happened(month_end, table):
    assert month_end.table(table)
    assert month_end.table(table) == month_end.table(table, "truth")


@pytest.mark.parametrize("table", FEEDS)
def test_keys_are_unique_among_what_stands(simulated, table):
    rows = simulated(faults="hostile", **EVERY_SITE).table(table)
    keys = load_contract(table).key
    assert len({tuple(row[key] for key in keys) for row in rows}) == len(rows) > 0


def test_without_faults_all_declared_totals_are_found(month_end):
    rows = [row for row in month_end.table("completeness_daily") if row["declared"]]
    assert {row["complete"] for row in rows} == {"true"}
    assert {row["dataset"] for row in rows} == {"job_records", "facility_readings", *FEEDS[:5]}


def test_hourly_audits_sum_to_the_lives_of_machines(month_end):
    """vCPU-seconds of every machine, by audits and by its stays within the range."""
    first, last = range_of(month_end)
    audited, lived = defaultdict(int), defaultdict(int)
    for row in month_end.table("instance_records"):
        if row["instance_kind"] == "virtual_machine":
            held = seconds(row["interval_start"], row["interval_end"])
            assert 0 < held <= 3600
            audited[row["instance_id"]] += int(row["vcpus"]) * held
    for stay in month_end.table("machines", "truth"):
        start, end = (
            max(at(stay["start_time"]), first),
            min(at(stay["end_time"]) if stay["end_time"] else last, last),
        )
        if end > start:
            lived[stay["instance_id"]] += int(stay["vcpus"]) * int((end - start).total_seconds())
    assert audited == lived
    assert len(lived) > 20


def test_machines_are_resized_shelved_and_deleted(simulated):
    cloud = simulated(faults="none", sites=("unicom-zy",), scale=0.7)
    assert {row["ended"] for row in cloud.table("machines", "truth")} == {"", "RESIZED", "SHELVED", "DELETED"}
    states = {row["state"] for row in cloud.table("instance_records")}
    assert {"RUNNING", "SHELVED", "DELETED"} <= states


def test_pods_fit_into_their_nodes(month_end):
    """At no instant do the pods of a node hold more than it has, nor two pods one card."""
    changes = defaultdict(list)
    cards = defaultdict(list)
    for pod in month_end.table("pods", "truth"):
        if not pod["start_time"]:
            continue
        start, end = pod["start_time"], pod["end_time"] or "9999"
        changes[pod["node"]] += [(start, 1, pod), (end, -1, pod)]
        for card in pod["cards"].split() if pod["percent"] == "100" else ():
            cards[(pod["node"], card)].append((start, end))
    for steps in changes.values():
        milli_cpu = memory = 0
        for _, sign, pod in sorted(steps, key=lambda step: step[:2]):
            milli_cpu += sign * int(pod["milli_cpu"])
            memory += sign * int(pod["memory_mib"])
            assert milli_cpu <= 128_000
            assert memory <= 512 << 10
    assert cards
    for spans in cards.values():
        ordered = sorted(spans)
        assert all(one[1] <= two[0] for one, two in pairwise(ordered))


def test_a_pod_is_told_of_until_it_has_ended(month_end):
    told = {
        row["instance_id"]: row
        for row in month_end.table("instance_records")
        if row["instance_kind"] == "pod" and row["state"] != "PENDING"
    }
    first, last = range_of(month_end)
    for pod in month_end.table("pods", "truth"):
        if pod["end_time"] and first + timedelta(minutes=5) < at(pod["end_time"]) <= last:
            assert told[pod["instance_id"]]["interval_end"] == pod["end_time"]


def test_the_parts_of_an_amount_add_up(month_end):
    items = 0
    for path in (month_end.folder / "feeds" / "huawei-cloud").glob("*/*.json"):
        for item in json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)["monthly_records"]:
            assert sum(item[name] for name in PARTS) == item["consume_amount"]
            assert item["official_amount"] - item["discount_amount"] == item["consume_amount"]
            items += 1
    assert items > 20
    charges = [row for row in month_end.table("cloud_charges") if row["charge_class"] == "Correction"]
    assert any(row["billed_cost"].startswith("-") for row in charges)


def test_no_probe_is_faster_than_light(month_end):
    rows = month_end.table("network_probes")
    assert {row["basis"] for row in rows} == {"one_way", "round_trip"}
    for row in rows:
        least = LIGHT_ONE_WAY_US[frozenset({row["from_site_id"], row["to_site_id"]})]
        ways = 1 if row["basis"] == "one_way" else 2
        if row["received"] == "0":
            assert not row["min_us"]
        else:
            assert least * ways < Decimal(row["min_us"]) <= Decimal(row["avg_us"]) <= Decimal(row["max_us"])
        assert int(row["received"]) <= int(row["sent"])


def test_a_line_carries_no_more_than_was_committed(month_end):
    for row in month_end.table("network_usage"):
        most = (
            int(row["committed_mbps"]) * 1_000_000 // 8 * seconds(row["interval_start"], row["interval_end"])
        )
        assert 0 <= int(row["bytes_in"]) <= most
        assert 0 <= int(row["bytes_out"]) <= most


def test_energy_counters_run_on_but_where_a_driver_was_started_anew(simulated):
    for level, resets in (("none", 0), ("hostile", 1)):
        counters = defaultdict(list)
        for row in simulated(faults=level, **EVERY_SITE).table("device_samples", "truth"):
            if row["energy_total_mj"]:
                counters[row["device_id"]].append((row["sampled_at"], int(row["energy_total_mj"])))
        back = [
            device
            for device, values in counters.items()
            for (_, one), (_, two) in pairwise(sorted(values))
            if two < one
        ]
        assert bool(back) == bool(resets)


def test_a_card_says_which_pod_holds_it(month_end):
    pods = {
        row["instance_id"]: row
        for row in month_end.table("instance_records")
        if row["instance_kind"] == "pod"
    }
    names = {row["instance_name"] for row in pods.values() if row["accelerator_milli"] not in ("", "0")}
    held = {row["job"] for row in month_end.table("device_samples") if row["job"]}
    assert held
    assert held <= names


def test_orders_follow_their_jobs(month_end):
    jobs = {
        (job["site_id"], job["account"], job["submit_time"], job["start_time"], job["end_time"])
        for job in month_end.table("jobs", "truth")
    }
    orders = month_end.table("dispatch_orders")
    ended = [row for row in orders if row["state"] == "ENDED"]
    assert ended
    for row in ended:
        steps = tuple(row[name] for name in ("placed_at", "started_at", "ended_at"))
        assert (row["placed_site_id"], row["account"], *steps) in jobs
        assert row["requested_at"] < row["placed_at"]


def test_maintenance_is_announced_and_takes_the_pool_down(month_end):
    planned = [row for row in month_end.table("outages") if row["planned"] == "true"]
    assert {row["revision"] for row in planned} == {"1", "2"}
    for row in planned:
        assert row["outage_from"] < row["outage_to"]


def test_no_more_racks_are_occupied_than_installed(month_end):
    for row in month_end.table("rack_inventory"):
        assert 0 <= int(row["occupied"]) <= int(row["installed"])


def test_a_larger_network_has_more_of_everything(simulated):
    small = simulated(faults="none", **{**EVERY_SITE, "scale": 0.02})
    large = simulated(faults="none", **EVERY_SITE)
    for table in ("instance_records", "storage_records", "dispatch_orders", "cloud_charges", "outages"):
        assert len(small.table(table)) < len(large.table(table))
