"""Energy by job: from devices that a monitor names holders of, else the joules of the scheduler; and all the rest."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.dbt.usage_cases import LATER, Site, given, rows
from tests.dbt.world import shanghai

DAY = "2026-03-10"


def metered_day(site: Site, facility: int, it: int) -> None:
    """A facility and its IT that take so many kWh an hour, the whole day."""
    site.meter(f"{DAY} 00:00", [facility * hour for hour in range(25)], minutes=60)
    site.meter(f"{DAY} 00:00", [it * hour for hour in range(25)], minutes=60, kind="it")


def samples(site: Site, start: str, device: str, *said: dict[str, Any], minutes: int = 30) -> None:
    """A delivery of a device's samples at even distances."""
    site.send(
        *(
            {
                "site_id": site.name,
                "device_id": device,
                "sampled_at": shanghai(start) + timedelta(minutes=minutes * number),
                **each,
            }
            for number, each in enumerate(said)
        ),
        dataset="device_samples",
        known=LATER,
    )


def watts(value: str, job: str | None = None) -> dict[str, Any]:
    return {"power_w": Decimal(value), "job": job, "account": "acc" if job else None}


def shares(name: str) -> dict[tuple[str, str], tuple[int, int | None, str, str]]:
    """Energy, its share of the overhead, basis and quality by kind and job, on the day."""
    return {
        (row["share_kind"], row["job"]): (
            row["energy_wh"],
            row["overhead_share_wh"],
            row["basis"],
            row["quality"],
        )
        for row in rows(name, "marts.energy_by_job_daily")
    }


@given
def sampled_jobs(site: Site) -> None:
    # 600 W for an hour and 300 W for half an hour of job a, half an hour of b, an hour of 60 W for nobody, then no more
    metered_day(site, facility=5, it=4)
    said = [
        watts("600", "a"),
        watts("600", "a"),
        watts("300", "a"),
        watts("500", "b"),
        watts("60"),
        watts("60"),
    ]
    samples(site, f"{DAY} 10:00", "card-0", *said, watts("60"))


def test_the_power_of_a_sample_belongs_to_its_job_until_the_next_sample() -> None:
    # 96 000 Wh of IT; the overhead of 24 000 Wh is a quarter of each share: 187.5, 62.5, 15 and 23 735
    assert shares("sampled_jobs") == {
        ("job", "a"): (750, 188, "device_samples", "measured"),
        ("job", "b"): (250, 62, "device_samples", "measured"),
        ("idle", "all"): (60, 15, "device_samples", "measured"),
        ("unmeasured", "all"): (94_940, 23_735, "meter", "measured"),
        ("overhead", "all"): (24_000, None, "meter", "measured"),
    }


@given
def counters(site: Site) -> None:
    # the counter counts 0.9 MJ (250 Wh), falls with its driver, 100 W hold for half an hour, then 0.36 MJ (100 Wh)
    metered_day(site, facility=5, it=4)
    said = [1_000_000_000, 1_900_000_000, 5_000, 360_005_000]
    each = [{**watts("100", "a"), "energy_total_mj": value} for value in said]
    samples(site, f"{DAY} 10:00", "card-0", *each)


def test_a_counter_comes_before_power_but_where_it_was_reset() -> None:
    assert shares("counters")["job", "a"][0] == 250 + 50 + 100


@given
def over_midnight_and_a_gap(site: Site) -> None:
    # 200 W from 23:30 to 00:30, of which half an hour is the day's; 61 minutes between two samples tell nothing
    metered_day(site, facility=5, it=4)
    samples(site, "2026-03-10 23:30", "card-0", watts("200", "a"), watts("200", "a"), minutes=60)
    samples(site, "2026-03-10 12:00", "card-1", watts("200", "a"), watts("200", "a"), minutes=61)


def test_energy_over_midnight_is_divided_and_a_gap_is_not_filled() -> None:
    assert shares("over_midnight_and_a_gap")["job", "a"][0] == 100


@given
def scheduler_counts(site: Site) -> None:
    # 7.2 MJ (2000 Wh) from 22:00 to 02:00, half of it on the day; a running job's joules are not known yet
    metered_day(site, facility=5, it=4)
    site.job(f"{DAY} 22:00", hours=4, energy_j=7_200_000, job="7")
    site.job(f"{DAY} 10:00", state="RUNNING", energy_j=99_000_000, job="8")


def test_without_samples_the_joules_of_the_scheduler_count_by_time_and_are_labelled() -> None:
    found = shares("scheduler_counts")
    assert found["job", "7"] == (1_000, 250, "scheduler_joules", "measured")
    assert found["unmeasured", "all"][0] == 95_000
    assert ("idle", "all") not in found
    assert ("job", "8") not in found


@given
def both_count(site: Site) -> None:
    metered_day(site, facility=5, it=4)
    site.job(f"{DAY} 10:00", hours=1, energy_j=3_600_000, job="7")
    samples(site, f"{DAY} 10:00", "card-0", watts("600", "pod"), watts("600", "pod"))


def test_where_samples_name_jobs_the_joules_are_not_added() -> None:
    assert {job for kind, job in shares("both_count") if kind == "job"} == {"pod"}


@given
def more_than_the_meter(site: Site) -> None:
    metered_day(site, facility=5, it=4)
    site.job(f"{DAY} 10:00", hours=1, energy_j=3_600_000_000, job="7")


def test_jobs_that_exceed_the_meter_are_an_error_to_see_and_the_sum_still_holds() -> None:
    found = shares("more_than_the_meter")
    assert found["job", "7"] == (1_000_000, None, "scheduler_joules", "exceeds_meter")
    assert found["unmeasured", "all"][0] == 96_000 - 1_000_000
    assert sum(each[0] for each in found.values()) == 120_000


@given
def nobody_is_named(site: Site) -> None:
    metered_day(site, facility=5, it=4)
    samples(site, f"{DAY} 10:00", "card-0", watts("600"), watts("600"))


def test_samples_that_name_nobody_are_part_of_what_is_unmeasured() -> None:
    assert set(shares("nobody_is_named")) == {("unmeasured", "all"), ("overhead", "all")}


@given
def meters_do_not_tell(site: Site) -> None:
    site.job(f"{DAY} 10:00", hours=1, energy_j=3_600_000, job="7")
    site.meter(f"{DAY} 00:00", [5 * hour for hour in range(25)], minutes=60)


def test_without_known_meters_nothing_is_said() -> None:
    assert shares("meters_do_not_tell") == {}
