"""Latency circles, queues and dispatch: rows told by hand, and the arithmetic beside each figure."""

from typing import Any

import pytest

from tests.dbt.harness import Warehouse, scratch_folder
from tests.dbt.service_cases import LATER, SELECT, job, microseconds, network, order, probe, probes

pytestmark = pytest.mark.slow

Row = dict[str, Any]
STATED = {"jitter_us": microseconds("3")}


@pytest.fixture(scope="module")
def warehouse() -> Warehouse:
    """Every case below, each on a day of its own."""
    world = network()
    twenty = [str(number) for number in range(3001, 3021)]
    world.deliver(
        "qy",
        "network_probes",
        LATER,
        [
            *probes("2026-03-01", twenty),
            *probes("2026-03-02", twenty[:19]),
            *probes("2026-03-03", [*twenty[:18], None, "5001"]),
            *probes("2026-03-04", [str(6000 + 2 * number + 1) for number in range(20)], basis="round_trip"),
            *probes("2026-03-04", ["3000"] * 20, target="other way", **STATED),
            *probes("2026-03-05", [*twenty[:19], "2449.4"]),
            *probes("2026-03-06", ["5000.4"] * 19 + ["5000.5"]),
            *probes("2026-03-07", ["5000.4"] * 18 + ["5000.5"] * 2),
            *probes("2026-03-08", twenty, received=19),
            *probes("2026-03-09", [*twenty[:19], None]),
            *probes("2026-03-10", ["900"] * 20, one="gx"),
            *(probe("2026-03-11 08:00", average) for average in ("3000", "3001")),
            *probes("2026-03-12", ["100"] * 20, one="sky"),
            *probes("2026-03-13", [*twenty, None], min_us=microseconds("3000"), received=20),
        ],
    )
    world.deliver(
        "zz",
        "job_records",
        LATER,
        [
            job("a", "2026-03-10 00:10", "2026-03-10 00:12", run=60),
            job("b", "2026-03-10 00:10", "2026-03-10 00:10", run=3),
            job("c", None, "2026-03-10 00:01:07", run=30),
            job("d", "2026-03-10 01:00", "2026-03-10 00:59"),
            job("e", "2026-03-10 00:00", None, run=0, state="CANCELLED"),
            job("f", "2026-03-10 00:00", "2026-03-10 05:00", run=0, state="CANCELLED"),
            job("g", "2026-03-10 00:00", "2026-03-10 00:00:50", state="RUNNING"),
            job("h", "2026-03-11 00:00", "2026-03-11 00:00:40", run=20),
            job("h", "2026-03-11 00:00", "2026-03-11 00:00:41", run=20, restart_no=1),
            job("i", "2026-03-11 23:00", "2026-03-12 00:00:00", run=5, partition="nobody"),
            job("j", "2026-03-13 00:00", "2026-03-13 01:00", cpu_cores=2),
            job("j", "2026-03-13 00:00", "2026-03-13 01:00", cpu_cores=4),
            job("k", "2026-03-13 00:00", "2026-03-14 12:00"),
        ],
    )
    home = {"home_site_id": "zz"}
    placed = {"placed_at": "2026-03-10 10:01", "placed_site_id": "zz"}
    started = {"started_at": "2026-03-10 10:30"}
    away = {"placed_at": "2026-03-10 10:00:30", "placed_site_id": "qy", **started}
    world.deliver(
        "network-dispatch",
        "dispatch_orders",
        LATER,
        [
            order("at home", 1, "REQUESTED", "2026-03-10 10:00", **home),
            order("at home", 2, "PLACED", "2026-03-10 10:00", **home, **placed),
            order("away", 4, "ENDED", "2026-03-10 10:00", **home, **away, ended_at="2026-03-10 11:00"),
            order("nobody's", 3, "STARTED", "2026-03-10 10:00", **away),
            order("full", 2, "REFUSED", "2026-03-10 10:00", reason="No capacity within 5 ms", **home),
            order("named", 2, "REFUSED", "2026-03-10 10:00", reason="quota of Mr Wang", **home),
            order("silent", 2, "CANCELLED", "2026-03-10 10:00", **home),
            order("moved", 1, "REQUESTED", "2026-03-11 10:00", **home),
            order("moved", 2, "REFUSED", "2026-03-12 10:00", **home),
            order("two", 2, "REFUSED", "2026-03-13 10:00", **home),
            order("two", 2, "CANCELLED", "2026-03-13 10:00", **home),
        ],
    )
    built = Warehouse(scratch_folder(), SELECT)
    built.build(world, test=True)
    return built


def circles(warehouse: Warehouse, day: int, **equal: Any) -> list[Row]:
    found = warehouse.rows("marts.latency_circles_daily", **equal)
    return [row for row in found if row["day"].day == day]


def probed(warehouse: Warehouse, day: int, one: str = "qy", other: str = "zz") -> Row:
    (row,) = circles(warehouse, day, from_site_id=one, to_site_id=other)
    return row


def test_percentiles_are_values_by_nearest_rank(warehouse: Warehouse) -> None:
    # of 3001 … 3020: the 10th, the 19th, the 20th; neighbours are 1 µs apart
    row = probed(warehouse, 1)
    assert [row[name] for name in ("p50_us", "p95_us", "p99_us", "p95_ms")] == [3010, 3019, 3020, 3.019]
    assert (row["jitter_us"], row["jitter_basis"]) == (1, "differences")
    assert (row["probes"], row["within_share"], row["lost_share"]) == (20, 1.0, 0.0)
    assert (row["circle_ms"], row["met"], row["undecided"], row["quality"]) == (5, True, None, "measured")


def test_nineteen_results_are_too_few_to_judge_a_day(warehouse: Warehouse) -> None:
    row = probed(warehouse, 2)
    assert (row["met"], row["undecided"], row["quality"], row["within"]) == (None, "too_few", "too_few", 19)


def test_a_lost_result_is_outside_the_circle_and_in_no_percentile(warehouse: Warehouse) -> None:
    # 18 within, one above 5 ms, one lost: 18 of 20; of 19 latencies the 95th percentile is the 19th
    row = probed(warehouse, 3)
    assert (row["measured"], row["lost_probes"], row["within"], row["within_share"]) == (19, 1, 18, 0.9)
    assert (row["p95_us"], row["lost_share"], row["met"]) == (5001, 20 / 400, False)


def test_a_round_trip_counts_as_half_and_apart(warehouse: Warehouse) -> None:
    # 6001, 6003 … 6039 there and back: 3000.5 → 3001 … 3019.5 → 3020; the differences of the halves are 1
    half, whole = sorted(
        circles(warehouse, 4, from_site_id="qy", to_site_id="zz"), key=lambda r: r["p50_us"], reverse=True
    )
    assert (half["basis"], half["p50_us"], half["p99_us"], half["quality"]) == (
        "round_trip_half",
        3010,
        3020,
        "estimated",
    )
    assert (half["jitter_us"], half["jitter_basis"]) == (1, "differences")
    assert (whole["basis"], whole["p50_us"], whole["jitter_us"], whole["jitter_basis"]) == (
        "one_way",
        3000,
        3,
        "stated",
    )


def test_a_latency_below_that_of_light_is_an_error_and_nothing_is_judged(warehouse: Warehouse) -> None:
    row = probed(warehouse, 5)
    assert (row["too_fast"], row["met"], row["undecided"]) == (1, None, "faster_than_light")
    assert (row["probes"], row["quality"]) == (20, "faster_than_light")


def test_a_circle_is_met_where_the_95th_percentile_is_just_within(warehouse: Warehouse) -> None:
    # in whole microseconds 5000.4 is 5000 and 5000.5 is 5001; the 95th percentile of twenty is the 19th
    assert [(probed(warehouse, day)["p95_us"], probed(warehouse, day)["met"]) for day in (6, 7)] == [
        (5000, True),
        (5001, False),
    ]


def test_a_circle_is_not_met_where_more_than_a_hundredth_of_the_packets_is_lost(warehouse: Warehouse) -> None:
    assert [
        (
            probed(warehouse, day)["lost_share"],
            probed(warehouse, day)["p95_us"],
            probed(warehouse, day)["met"],
        )
        for day in (8, 9)
    ] == [(0.05, 3019, False), (0.05, 3019, False)]


def test_pairs_that_were_not_probed_have_a_row_in_both_directions(warehouse: Warehouse) -> None:
    # four ordered pairs of Qingyang with the two sites of Zhengzhou, two within the city; the cloud is in no circle
    rows = circles(warehouse, 10)
    assert {(row["from_site_id"], row["to_site_id"], row["circle_id"], row["basis"]) for row in rows} == {
        ("zz", "gx", "within-city", "not_probed"),
        ("gx", "zz", "within-city", "one_way"),
        ("zz", "qy", "zhengzhou-qingyang", "not_probed"),
        ("gx", "qy", "zhengzhou-qingyang", "not_probed"),
        ("qy", "zz", "zhengzhou-qingyang", "not_probed"),
        ("qy", "gx", "zhengzhou-qingyang", "not_probed"),
    }
    silent = [row for row in rows if row["basis"] == "not_probed"]
    assert {(row["met"], row["undecided"], row["probes"], row["p95_us"]) for row in silent} == {
        (None, "not_probed", 0, None)
    }
    assert probed(warehouse, 10, "gx")["met"] is True


def test_days_on_which_only_others_were_probed_are_there(warehouse: Warehouse) -> None:
    assert {row["basis"] for row in circles(warehouse, 12)} == {"not_probed"}
    assert circles(warehouse, 14) == []


def test_results_in_conflict_count_for_nothing_and_show(warehouse: Warehouse) -> None:
    row = probed(warehouse, 11)
    assert (row["probes"], row["p50_us"], row["met"], row["quality"]) == (0, None, None, "conflict")


def test_an_answered_result_without_a_mean_is_neither_within_nor_outside(warehouse: Warehouse) -> None:
    row = probed(warehouse, 13)
    assert (row["probes"], row["measured"], row["lost_probes"]) == (21, 20, 0)
    assert (row["within_share"], row["met"], row["quality"]) == (1.0, True, "incomplete")


def queue(warehouse: Warehouse, day: int, compute_class: str = "super") -> Row:
    (row,) = [
        row
        for row in warehouse.rows("marts.queue_daily", compute_class=compute_class)
        if row["day"].day == day
    ]
    return row


def test_waits_count_from_when_a_job_could_run(warehouse: Warehouse) -> None:
    # a waited 120 s, b 0 s, c 67 s since its submission, g 50 s and runs; d started before it could, e and f never ran
    row = queue(warehouse, 10)
    assert (row["jobs"], row["waits"], row["from_submit"], row["contradictory"]) == (5, 4, 1, 1)
    # in order 0, 50, 67, 120: the 2nd and the 4th; 237 ÷ 4 = 59.25
    assert (row["wait_p50_s"], row["wait_p95_s"], row["wait_mean_s"]) == (50, 120, 59)
    assert row["quality"] == "contradictory"


def test_short_runs_do_not_blow_up_the_expansion_factor(warehouse: Warehouse) -> None:
    # a (120 + 60) ÷ 60 = 3; b (0 + 3) ÷ 10 is below one: 1; c (67 + 30) ÷ 30 = 3.2333; the running one has none
    row = queue(warehouse, 10)
    assert row["ended"] == 3
    assert (row["expansion_p50_milli"], row["expansion_p95_milli"]) == (3000, 3233)
    # (3000 + 1000 + 3233) ÷ 3 = 2411
    assert (row["expansion_mean_milli"], row["expansion_factor"]) == (2411, 2.411)


def test_each_restart_of_a_job_waits_for_itself(warehouse: Warehouse) -> None:
    # 40 s and 41 s: the median of two is the first; the mean 40.5 is 41
    row = queue(warehouse, 11)
    assert (row["jobs"], row["wait_p50_s"], row["wait_mean_s"], row["quality"]) == (2, 40, 41, "measured")


def test_a_job_belongs_to_the_day_of_its_start_and_the_class_of_its_partition(warehouse: Warehouse) -> None:
    row = queue(warehouse, 12, "unknown")
    assert (row["jobs"], row["wait_p50_s"], row["expansion_mean_milli"]) == (1, 3600, 360500)


def test_jobs_in_conflict_count_for_nothing_and_show(warehouse: Warehouse) -> None:
    row = queue(warehouse, 13)
    assert (row["jobs"], row["wait_p50_s"], row["quality"]) == (0, None, "conflict")


def test_a_day_beyond_the_watermark_is_open(warehouse: Warehouse) -> None:
    # the feed proves the 14th of March up to 12:01
    assert queue(warehouse, 14)["quality"] == "open"


def dispatched(warehouse: Warehouse, day: int) -> Row | None:
    found = [row for row in warehouse.rows("marts.dispatch_daily") if row["day"].day == day]
    return found[0] if found else None


def test_orders_are_counted_by_their_newest_revision(warehouse: Warehouse) -> None:
    row = dispatched(warehouse, 10)
    assert row is not None
    assert (row["orders"], row["placed"], row["started"], row["ended"], row["open_orders"]) == (6, 3, 2, 1, 2)
    assert (row["refused"], row["cancelled"], row["quality"]) == (2, 1, "open")
    # placed after 60, 30 and 30 s; of the two that name a home one went away
    assert (row["place_p50_s"], row["place_p95_s"]) == (30, 60)
    assert (row["placed_with_home"], row["away"], row["away_share"]) == (2, 1, 0.5)


def test_an_order_belongs_to_the_day_that_its_newest_revision_names(warehouse: Warehouse) -> None:
    assert dispatched(warehouse, 11) is None
    moved = dispatched(warehouse, 12)
    assert moved is not None
    assert (moved["orders"], moved["refused"], moved["away_share"]) == (1, 1, None)


def test_orders_in_conflict_count_for_nothing_and_show(warehouse: Warehouse) -> None:
    row = dispatched(warehouse, 13)
    assert row is not None
    assert (row["orders"], row["quality"]) == (0, "conflict")


def test_reasons_are_told_by_their_code_and_never_in_words(warehouse: Warehouse) -> None:
    rows = [row for row in warehouse.rows("marts.dispatch_refusals_daily") if row["day"].day == 10]
    assert {(row["outcome"], row["reason_code"], row["orders"]) for row in rows} == {
        ("refused", "capacity", 1),
        ("refused", "other", 1),
        ("cancelled", "not_stated", 1),
    }


def evidence(warehouse: Warehouse, table: str, key: str) -> list[int]:
    """The rows of the deliveries that a published row counts."""
    found = warehouse.rows("marts.lineage", table_name=table, row_key=key)
    return sorted(row["landing_row"] for row in found)


def test_every_figure_leads_to_the_rows_that_it_counts(warehouse: Warehouse) -> None:
    # the first twenty probe results; jobs b and so on stand in the order in which they were delivered
    pair = "qy|zz|2026-03-01|zhengzhou-qingyang|one_way"
    assert evidence(warehouse, "latency_circles_daily", pair) == list(range(1, 21))
    assert evidence(warehouse, "queue_daily", "zz|2026-03-10|super") == [1, 2, 3, 4, 7]
    assert evidence(warehouse, "dispatch_daily", "2026-03-10|intelligent") == [2, 3, 4, 5, 6, 7]
    refused = "2026-03-10|intelligent|refused|capacity"
    assert evidence(warehouse, "dispatch_refusals_daily", refused) == [5]
