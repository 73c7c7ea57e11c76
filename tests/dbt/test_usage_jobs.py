"""From job records to usage and allocated hours: intervals, revisions, conflicts, classes and models, the horizon."""

from tests.dbt.usage_cases import Site, daily, given, hourly, metered, rows, usage


@given
def over_the_month_end(site: Site) -> None:
    site.job("2026-02-28 23:30", hours=2, cores=4)


def test_a_job_over_the_month_end_has_its_seconds_in_both_months() -> None:
    # 4 cores: half an hour before midnight in Shanghai, an hour and a half after it
    assert daily("over_the_month_end") == {"2026-02-28": 4 * 1800, "2026-03-01": 4 * 5400}


def test_the_hours_of_a_job_are_its_seconds_in_each() -> None:
    assert hourly("over_the_month_end") == {"02-28 23": 4 * 1800, "03-01 00": 4 * 3600, "03-01 01": 4 * 1800}


def test_usage_days_carry_their_evidence() -> None:
    first, second = usage("over_the_month_end")
    assert (first["end_s"], second["start_s"]) == (second["start_s"], first["end_s"])
    assert {first["landing_row"], second["landing_row"]} == {1}
    assert first["record_hash"] == second["record_hash"]
    assert (first["account"], first["price_window"]) == ("acc", "00-24")


@given
def within_one_hour(site: Site) -> None:
    site.job("2026-03-10 10:05", seconds=600, cores=3)
    site.job("2026-03-10 10:10", seconds=600, cores=5, job="2")


def test_jobs_that_overlap_in_an_hour_add_up() -> None:
    assert hourly("within_one_hour") == {"03-10 10": 3 * 600 + 5 * 600}


@given
def three_days(site: Site) -> None:
    site.job("2026-03-10 22:00", hours=30, cores=2)


def test_a_job_of_three_days_fills_the_day_between() -> None:
    # 2 hours, 24 hours, 4 hours
    assert daily("three_days") == {"2026-03-10": 2 * 7200, "2026-03-11": 2 * 86400, "2026-03-12": 2 * 14400}


@given
def running(site: Site) -> None:
    site.job("2026-03-10 10:00", state="RUNNING", cores=2, elapsed_s=None)
    site.job("2026-03-10 12:00", seconds=4500, cores=1, job="2")


def test_a_running_job_counts_to_the_watermark() -> None:
    # the other job proves that the feed reaches 13:15: 3 h 15 min × 2 cores, and its own 75 minutes
    assert daily("running") == {"2026-03-10": 2 * 11700 + 4500}
    assert {row["is_open"] for row in usage("running") if row["quantity"] == 2 * 11700} == {True}


def test_hours_with_a_running_job_are_open() -> None:
    assert set(hourly("running", column="quality").values()) == {"capacity_unknown"}
    assert hourly("running_with_capacity", column="quality") == {
        "03-10 10": "measured",
        "03-10 11": "open",
        "03-10 12": "open",
    }


@given
def running_with_capacity(site: Site) -> None:
    site.pool("2026-01-01 00:00")
    site.job("2026-03-10 10:00", seconds=600)
    site.job("2026-03-10 11:59", state="SUSPENDED", job="2")
    site.job("2026-03-10 12:00", seconds=600, job="3")


@given
def running_alone(site: Site) -> None:
    site.job("2026-03-10 10:00", state="RUNNING")


def test_a_running_job_proves_nothing_beyond_its_start() -> None:
    assert rows("running_alone", "intermediate.int_usage_days") == []
    assert daily("running_alone") == {}


@given
def running_that_claims_an_end(site: Site) -> None:
    begun = site.record("2026-03-10 10:00")["start_time"]
    site.job("2026-03-10 10:00", state="RUNNING", end_time=begun, cores=2)
    site.job("2026-03-10 12:00", hours=1, cores=1, job="2")


def test_the_end_that_a_running_job_claims_is_not_believed() -> None:
    assert daily("running_that_claims_an_end") == {"2026-03-10": 2 * 3 * 3600 + 3600}


@given
def requeued(site: Site) -> None:
    site.job("2026-03-10 10:00", hours=1, state="REQUEUED", restart_no=0)
    site.job("2026-03-10 12:00", hours=2, state="COMPLETED", restart_no=1)


def test_every_run_of_a_requeued_job_counts() -> None:
    assert daily("requeued") == {"2026-03-10": 3 * 3600}


@given
def conflict(site: Site) -> None:
    site.send(
        site.record("2026-03-10 10:00", hours=1, cores=4),
        site.record("2026-03-10 10:00", hours=1, cores=8),
    )
    site.job("2026-03-10 11:00", hours=1, cores=2, job="2")
    site.job("2026-03-11 11:00", hours=1, cores=2, job="3")


def test_contradicting_payloads_count_in_nothing() -> None:
    # only the other two jobs, and the horizon begins with them
    assert daily("conflict") == {"2026-03-10": 2 * 3600, "2026-03-11": 2 * 3600}
    assert min(hourly("conflict")) == "03-10 11"


def test_contradicting_payloads_are_listed_on_the_days_they_touch() -> None:
    found = metered().sql("select * from intermediate.int_conflicts where site_id = 'conflict'")
    assert [(row["dataset"], str(row["day"])) for row in found] == [("job_records", "2026-03-10")] * 2
    assert sorted(row["quantity"] for row in usage("conflict", is_conflict=True)) == [4 * 3600, 8 * 3600]


def test_the_days_that_a_conflict_touches_are_marked() -> None:
    assert daily("conflict", column="quality") == {"2026-03-10": "conflict", "2026-03-11": "capacity_unknown"}


@given
def ended_then_running(site: Site) -> None:
    site.job("2026-03-10 10:00", hours=1, known="2026-03-11 06:00")
    site.job("2026-03-10 10:00", state="RUNNING", known="2026-03-12 06:00")
    site.job("2026-03-10 20:00", hours=1, job="2")


def test_an_ended_job_stays_ended_when_it_is_later_said_to_run() -> None:
    assert daily("ended_then_running") == {"2026-03-10": 2 * 3600}


@given
def running_then_ended(site: Site) -> None:
    site.job("2026-03-10 10:00", state="RUNNING", known="2026-03-11 06:00")
    site.job("2026-03-10 10:00", hours=1, known="2026-03-12 06:00")


def test_the_end_of_a_job_replaces_what_was_known_of_it_running() -> None:
    assert daily("running_then_ended") == {"2026-03-10": 3600}


@given
def corrected(site: Site) -> None:
    site.job("2026-03-10 10:00", hours=2, known="2026-03-12 06:00")
    site.job("2026-03-10 10:00", hours=1, known="2026-03-11 06:00")


def test_the_newest_of_two_ended_payloads_wins() -> None:
    assert daily("corrected") == {"2026-03-10": 2 * 3600}


@given
def sent_twice(site: Site) -> None:
    site.job("2026-03-10 10:00", hours=1, known="2026-03-11 06:00")
    site.job("2026-03-10 10:00", hours=1, known="2026-03-11 06:00")


def test_the_same_record_in_two_deliveries_counts_once_under_the_first() -> None:
    (row,) = usage("sent_twice")
    assert row["quantity"] == 3600
    assert row["landing_id"] == min(each["landing_id"] for each in rows_of_landings("sent_twice"))


def rows_of_landings(source: str) -> list[dict[str, str]]:
    """The landings of a source."""
    return metered().rows("inputs.landings", source_id=source)


@given
def withdrawn(site: Site) -> None:
    site.job("2026-03-10 10:00", hours=1)
    site.world.withdraw(site.job("2026-03-10 12:00", hours=1, job="2"))


def test_a_withdrawn_delivery_counts_for_nothing() -> None:
    assert daily("withdrawn") == {"2026-03-10": 3600}


@given
def replaced_wrong_zone(site: Site) -> None:
    # sent as if its times were UTC, eight hours late, then again rightly; the key holds the submit time, so it differs
    moved = {"submit_time": site.record("2026-03-10 04:00")["start_time"]}
    right = {"submit_time": site.record("2026-03-09 20:00")["start_time"]}
    site.world.withdraw(site.job("2026-03-11 04:00", hours=1, **moved))
    site.job("2026-03-10 20:00", hours=1, **right)


def test_a_file_in_the_wrong_zone_that_was_replaced_counts_once() -> None:
    assert daily("replaced_wrong_zone") == {"2026-03-10": 3600}


@given
def unknown_partition(site: Site) -> None:
    site.job("2026-03-10 10:00", hours=1, partition="mystery")
    site.job("2026-03-10 11:00", hours=1, partition=None, job="2")


def test_usage_of_a_partition_that_nobody_configured_has_an_unknown_class() -> None:
    assert [row["compute_class"] for row in usage("unknown_partition")] == ["unknown", "unknown"]


@given
def accelerators_unknown(site: Site) -> None:
    site.job("2026-03-10 10:00", hours=1, cards=None)
    site.job("2026-03-10 11:00", hours=1, cards=0, job="2")


def test_unknown_accelerators_are_no_accelerator_usage() -> None:
    assert {row["resource_kind"] for row in usage("accelerators_unknown")} == {"cpu_core"}


@given
def models_of_accelerators(site: Site) -> None:
    for number, (partition, model) in enumerate(
        [("gpu", None), ("gpu", "A100"), ("gpu", "home-made"), ("any", None), (None, None)]
    ):
        site.job(
            f"2026-03-10 1{number}:00",
            hours=1,
            cards=2,
            cores=0,
            job=str(number),
            partition=partition,
            accelerator_model=model,
        )


def test_a_model_is_the_records_by_its_proper_name_or_the_partitions_or_unknown() -> None:
    found = sorted(usage("models_of_accelerators"), key=lambda row: row["start_s"])
    assert [row["model"] for row in found] == ["nvidia-h20", "nvidia-a100", "home-made", "unknown", "unknown"]
    # 2 cards × 1000 × 3600 s
    assert {row["quantity"] for row in found} == {7_200_000}


@given
def never_started(site: Site) -> None:
    site.job(None, state="PENDING", elapsed_s=None)
    site.job(None, state="CANCELLED", job="2", cores=64)
    site.job("2026-03-10 10:00", state="CANCELLED", job="3", cores=64)


def test_a_job_that_never_ran_consumes_nothing() -> None:
    assert usage("never_started") == []
    assert daily("never_started") == {}


@given
def pauses(site: Site) -> None:
    site.job("2026-03-10 10:15", seconds=1800)
    site.job("2026-03-10 13:10", seconds=600, job="2")


def test_the_horizon_runs_from_the_first_job_to_the_watermark_and_hours_between_are_zero() -> None:
    assert hourly("pauses") == {"03-10 10": 1800, "03-10 11": 0, "03-10 12": 0, "03-10 13": 600}


@given
def idle_after_the_last_job(site: Site) -> None:
    site.job("2026-03-10 10:00", hours=1)
    site.job(None, state="PENDING", job="2", submit_time=site.record("2026-03-10 12:30")["start_time"])


def test_a_pending_job_moves_the_watermark() -> None:
    assert hourly("idle_after_the_last_job") == {"03-10 10": 3600, "03-10 11": 0, "03-10 12": 0}


@given
def ends_in_the_future(site: Site) -> None:
    site.job("2026-03-10 10:00", hours=4, known="2026-03-10 12:30")


def test_nothing_is_proved_beyond_the_time_when_it_was_known() -> None:
    # the record's usage stands, but utilisation ends with the hour of its receipt
    assert hourly("ends_in_the_future") == {"03-10 10": 3600, "03-10 11": 3600, "03-10 12": 3600}
    assert [row["quantity"] for row in usage("ends_in_the_future")] == [4 * 3600]


@given
def silent(site: Site) -> None:
    site.pool("2026-01-01 00:00")


def test_a_site_without_job_records_has_no_utilisation() -> None:
    assert hourly("silent") == {}
