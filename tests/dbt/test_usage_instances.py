"""Machines and pods as usage: what they held, of which class, how far it is known, and what nobody knows."""

from datetime import date
from typing import Any

import pytest

from tests.dbt.usage_cases import Site, daily, given, hourly, metered, rows, usage

pytestmark = pytest.mark.slow


def used(name: str) -> list[tuple[Any, ...]]:
    """Class, kind, model and quantity of a case's usage."""
    found = usage(name)
    return sorted(
        (row["compute_class"], row["resource_kind"], row["model"], row["quantity"]) for row in found
    )


@given
def over_midnight_as_a_pod(site: Site) -> None:
    site.instance("2026-03-10 23:30", hours=2, cores="4")


def test_a_pod_over_midnight_counts_on_both_days() -> None:
    assert daily("over_midnight_as_a_pod") == {"2026-03-10": 4 * 1800, "2026-03-11": 4 * 5400}


@given
def tenth_of_a_core(site: Site) -> None:
    site.instance("2026-03-10 10:00", hours=3, cores="0.1")


def test_a_tenth_of_a_core_is_exact_in_whole_hours() -> None:
    assert hourly("tenth_of_a_core") == {"03-10 10": 360, "03-10 11": 360, "03-10 12": 360}


@given
def third_of_a_core(site: Site) -> None:
    site.instance("2026-03-10 23:59", hours=1.5, cores="0.333")


def test_the_core_seconds_of_a_fraction_are_rounded_once_an_hour_and_add_up() -> None:
    # 0.333 cores: 1178.8 → 1179 core-seconds by 59:00 of an hour, 1198.8 → 1199 in a whole one, 579.4 → 579 by 29:00
    assert hourly("third_of_a_core") == {"03-10 23": 1199 - 1179, "03-11 00": 1199, "03-11 01": 579}
    assert [row["quantity"] for row in usage("third_of_a_core")] == [20, 1199 + 579]


@given
def goes_on(site: Site) -> None:
    site.instance("2026-03-10 10:00", cores="2")
    site.instance("2026-03-10 10:30", hours=1, cores="1", name="i2")
    site.instance("2026-03-10 12:00", hours=1, cores="1", name="m", instance_kind="virtual_machine")


def test_a_running_pod_counts_to_what_pods_prove_and_the_site_knows_no_more() -> None:
    # the machine proves noon and more, but nothing of pods after 11:30: that hour is the last one
    assert {(row["resource_kind"], row["quantity"], row["is_open"]) for row in usage("goes_on")} == {
        ("cpu_core", 2 * 5400, True),
        ("cpu_core", 3600, False),
    }
    assert hourly("goes_on", compute_class="general") == {
        "03-10 10": 2 * 3600 + 1800,
        "03-10 11": 2 * 1800 + 1800,
    }


@given
def fell_silent(site: Site) -> None:
    site.pool("2026-01-01 00:00", compute_class="general", cores=10)
    site.instance("2026-03-01 22:00", hours=1, cores="2")
    for day in (1, 8, 9):
        site.instance(
            f"2026-03-{day:02} 23:00", hours=1, cores="1", name=f"m{day}", instance_kind="virtual_machine"
        )


def test_what_a_layer_held_is_unknown_once_it_has_been_silent_for_seven_days() -> None:
    quality = hourly("fell_silent", column="quality")
    assert (quality["03-01 22"], quality["03-01 23"], quality["03-09 23"]) == (
        "measured",
        "usage_unknown",
        "usage_unknown",
    )
    # what is known is shown, what is idle is not
    assert hourly("fell_silent")["03-09 23"] == 3600
    assert hourly("fell_silent", column="idle_unit_seconds")["03-09 23"] is None


@given
def ruled(site: Site) -> None:
    site.world.rule("ruled", "super", "nvidia-h20", node="gpu-*")
    site.world.rule("ruled", "general", flavor="s6")
    site.instance("2026-03-10 10:00", hours=1, cards=500)
    site.instance("2026-03-10 10:00", hours=1, cores="2", cards=None, name="i2", node="host", flavor="s6")
    site.instance("2026-03-10 10:00", hours=1, cores="4", name="i3", node="host", flavor="s6.large")
    site.instance(
        "2026-03-10 10:00", hours=1, cores="8", cards=1000, name="i4", node=None, accelerator_model="h20"
    )


def test_the_first_rule_that_fits_says_class_and_cards_and_cards_say_the_rest() -> None:
    assert used("ruled") == [
        ("general", "cpu_core", "all", 2 * 3600),
        ("general", "cpu_core", "all", 4 * 3600),
        ("intelligent", "accelerator", "nvidia-h20", 1000 * 3600),
        ("intelligent", "cpu_core", "all", 8 * 3600),
        ("super", "accelerator", "nvidia-h20", 500 * 3600),
        ("super", "cpu_core", "all", 3600),
    ]
    assert rows("ruled", "intermediate.int_unknown_days") == []


@given
def unknown_cards(site: Site) -> None:
    cards = {
        "resource_pool": "gpu",
        "compute_class": "intelligent",
        "model": "nvidia-h20",
        "devices": 8,
        "cores": 0,
    }
    site.pool("2026-01-01 00:00", **cards)
    site.job("2026-03-10 10:00", hours=3, cards=2)
    site.job("2026-03-10 11:00", hours=1, cards=None, partition="gpu", job="2")


def test_unknown_cards_leave_their_hours_unknown_and_are_billed_as_nothing() -> None:
    kind = {"kind": "accelerator", "model": "nvidia-h20"}
    assert hourly("unknown_cards", column="quality", **kind) == {
        "03-10 10": "measured",
        "03-10 11": "usage_unknown",
        "03-10 12": "measured",
    }
    assert hourly("unknown_cards", **kind) == dict.fromkeys(("03-10 10", "03-10 11", "03-10 12"), 2000 * 3600)
    assert hourly("unknown_cards", column="utilisation_installed", **kind)["03-10 11"] is None
    assert daily("unknown_cards", column="idle_unit_seconds", **kind) == {"2026-03-10": None}
    (listed,) = rows("unknown_cards", "intermediate.int_unknown_days")
    assert (listed["day"], listed["resource_kind"], listed["end_s"] - listed["start_s"]) == (
        date(2026, 3, 10),
        "accelerator",
        3600,
    )


def test_a_partition_without_cards_proves_that_there_were_none() -> None:
    assert rows("no_cards_there", "intermediate.int_unknown_days") == []


@given
def no_cards_there(site: Site) -> None:
    site.job("2026-03-10 10:00", hours=3, cards=None, partition="cpu")


@given
def revised_pod(site: Site) -> None:
    site.instance("2026-03-10 10:00", hours=2, known="2026-03-11 06:00")
    site.instance("2026-03-10 10:00", known="2026-03-12 06:00")
    site.send(
        site.held("2026-03-10 12:00", hours=1, name="i2"),
        site.held("2026-03-10 12:00", hours=1, name="i2", cores="3"),
        dataset="instance_records",
    )


def test_an_end_stands_against_later_news_and_contradictions_count_in_nothing() -> None:
    assert daily("revised_pod") == {"2026-03-10": 2 * 3600}
    found = metered().sql("select dataset, day from intermediate.int_conflicts where site_id = 'revised_pod'")
    assert found == [{"dataset": "instance_records", "day": date(2026, 3, 10)}] * 2


CARD = "GPU-00000000-0000-4000-8000-00000000000{}".format


@given
def pods_in_a_machine(site: Site) -> None:
    site.instance("2026-03-10 10:00", hours=4, cards=8000, name="m", instance_kind="bare_metal")
    site.instance("2026-03-10 09:00", hours=2, cards=2000)
    site.instance("2026-03-10 12:00", hours=1, cards=1000, name="i2", node="gpu-2")


def test_what_a_pod_holds_of_a_machine_counts_once() -> None:
    # the machine's 8 cards from 10 to 14; of the pod's 2 cards the hour from 9 to 10; the other pod is elsewhere,
    # and nothing of pods is known after it
    model = {"kind": "accelerator", "model": "unknown"}
    assert hourly("pods_in_a_machine", **model) == {
        "03-10 09": 2000 * 3600,
        "03-10 10": 8000 * 3600,
        "03-10 11": 8000 * 3600,
        "03-10 12": 9000 * 3600,
    }
    found = usage("pods_in_a_machine", resource_kind="accelerator")
    assert sorted((row["quantity"], row["nested_quantity"]) for row in found) == [
        (1000 * 3600, 0),
        (2000 * 3600, 2000 * 3600),
        (8000 * 4 * 3600, 0),
    ]


@given
def devices_say_what_is_shared(site: Site) -> None:
    machine = {"name": "m", "instance_kind": "virtual_machine", "node": "host-1"}
    site.instance("2026-03-10 10:00", hours=2, cards=1000, device_ids=CARD(1), **machine)
    site.instance("2026-03-10 10:00", hours=1, cards=2000, device_ids=f"{CARD(1)},{CARD(2)}")
    site.instance("2026-03-10 11:00", hours=1, cards=1000, device_ids="npu-0", name="i2")
    site.instance("2026-03-10 11:00", hours=1, cards=1000, device_ids="npu-0", name="i3", node="gpu-2")
    site.job("2026-03-10 10:00", hours=3, cards=4, job="2", node_list="gpu-1", accelerator_model="h20")
    site.job("2026-03-10 10:00", hours=3, cards=4, job="3", node_list="gpu-[1-2]", accelerator_model="h20")


def test_a_card_is_known_by_its_uuid_or_by_its_name_on_its_node() -> None:
    found = usage("devices_say_what_is_shared", resource_kind="accelerator")
    assert sorted((row["quantity"] // 3600, row["nested_quantity"] // 3600) for row in found) == [
        (1000, 0),  # npu-0 of one node and
        (1000, 0),  # npu-0 of another
        (1000, 1000),  # the second card of the pod is its own
        (2000, 0),  # the machine
        (4000, 8000),  # the job on one node is in its pods for two of three hours
        (12000, 0),  # the job on two nodes: nobody knows what of it is where
    ]
    assert rows("devices_say_what_is_shared", "intermediate.int_over_allocations") == []


@given
def too_much_of_a_card(site: Site) -> None:
    cards = {
        "resource_pool": "gpu",
        "compute_class": "intelligent",
        "model": "nvidia-h20",
        "devices": 8,
        "cores": 0,
    }
    site.pool("2026-01-01 00:00", **cards)
    h20 = {"accelerator_model": "h20", "device_ids": CARD(1)}
    site.instance("2026-03-10 22:00", hours=4, cards=600, slice_profile="600", **h20)
    site.instance("2026-03-10 23:00", hours=2, cards=400, name="i2", **h20)
    site.instance("2026-03-10 23:30", hours=1, cards=142, name="i3", slice_profile="1g.10gb", **h20)


def test_more_than_the_whole_of_a_card_is_told_from_when_to_when() -> None:
    found = rows("too_much_of_a_card", "intermediate.int_over_allocations")
    assert [(row["to_s"] - row["from_s"], row["allocated_milli"], row["records"]) for row in found] == [
        (1800, 1142, 3),
        (1800, 1142, 3),
    ]
    assert hourly("too_much_of_a_card", "accelerator", "quality", compute_class="intelligent") == {
        "03-10 22": "measured",
        "03-10 23": "over_allocated",
        "03-11 00": "over_allocated",
        "03-11 01": "measured",
    }
    # nothing is clipped: 1000 for half an hour, 1142 for the other
    assert hourly("too_much_of_a_card", "accelerator", compute_class="intelligent")["03-10 23"] == 1071 * 3600
