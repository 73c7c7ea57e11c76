"""The simulated network behaves like one: load, queues, failures, maintenance, never more than there is."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from pipelines.simulate.workload import AWKWARD_NAMES

SHANGHAI = timedelta(hours=8)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def local_day(text: str):
    return (at(text) + SHANGHAI).date()


def held(jobs):
    """The jobs that held something."""
    return [job for job in jobs if job["holds_until"]]


def test_jobs_run_over_midnight_and_over_the_month_end(simulated):
    jobs = held(simulated().table("jobs", "truth"))
    spans = [(local_day(job["start_time"]), local_day(job["holds_until"])) for job in jobs]
    assert sum(start != end for start, end in spans) > 20
    assert any(start.month == 9 and end.month == 10 for start, end in spans)


def test_some_jobs_began_before_the_first_day_and_some_run_on(simulated):
    simulation = simulated()
    jobs = simulation.table("jobs", "truth")
    assert any(local_day(job["start_time"]) < simulation.params.first_day for job in held(jobs))
    running = [job for job in jobs if job["state"] == "RUNNING"]
    assert running
    assert {job["end_time"] for job in running} == {""}


def test_jobs_end_in_many_ways(simulated):
    states = Counter(job["state"] for job in simulated(scale=0.1).table("jobs", "truth"))
    assert states["COMPLETED"] > states["FAILED"] > states["TIMEOUT"] > 0
    assert {"CANCELLED", "OUT_OF_MEMORY", "NODE_FAIL", "REQUEUED"} <= set(states)


def test_jobs_cancelled_before_their_start_carry_cores_but_hold_none(simulated):
    jobs = [job for job in simulated(scale=0.1).table("jobs", "truth") if job["state"] == "CANCELLED"]
    never = [job for job in jobs if not job["start_time"]]
    assert never
    assert all(
        int(job["cpu_cores"]) > 0 and job["elapsed_s"] == "0" and not job["holds_until"] for job in never
    )


def test_a_requeued_job_keeps_its_id_and_gets_a_new_submit(simulated):
    by_id = defaultdict(list)
    for job in simulated(scale=0.1).table("jobs", "truth"):
        by_id[(job["site_id"], job["job_id"])].append(job)
    again = [runs for runs in by_id.values() if len(runs) > 1]
    assert again
    for runs in again:
        assert len({job["submit_time"] for job in runs}) == len(runs)
        earlier, later = sorted(runs, key=lambda job: job["submit_time"])[:2]
        assert earlier["state"] in ("REQUEUED", "NODE_FAIL")
        assert earlier["end_time"] == later["submit_time"]


def test_arrays_steps_and_awkward_names_are_in_the_files(simulated):
    simulation = simulated(scale=0.1)
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted((simulation.folder / "feeds").glob("*/job_records/*0930.psv"))
    )
    assert "_3|" in text
    assert ".batch|" in text
    assert any(f"|{name}\n" in text for name in AWKWARD_NAMES if "|" in name)
    assert "|CANCELLED by " in text
    assert "|None|" in text


def test_some_jobs_wait(simulated):
    jobs = held(simulated(scale=0.1).table("jobs", "truth"))
    waits = [at(job["start_time"]) - at(job["submit_time"]) for job in jobs]
    assert any(wait > timedelta(hours=1) for wait in waits)


def test_never_more_is_held_than_installed_and_up(simulated):
    for scale in (0.02, 0.1):
        rows = simulated(scale=scale).table("utilisation_hourly", "truth")
        assert rows
        assert {row["quality"] for row in rows} <= {"measured", "open"}
        assert all(int(row["idle_unit_seconds"]) >= 0 for row in rows)


def test_capacity_goes_down_and_comes_back(simulated):
    simulation = simulated(scale=0.1)
    rows = simulation.table("utilisation_hourly", "truth")
    installed = defaultdict(set)
    for row in rows:
        key = (row["site_id"], row["resource_kind"], row["model"])
        installed[key].add(int(row["installed_unit_seconds"]))
    assert any(int(row["down_unit_seconds"]) > 0 for row in rows)
    assert len(installed[("yunai-ai", "accelerator", "nvidia-a800-80g")]) == 1
    assert len(installed[("hami", "accelerator", "nvidia-l20")]) == 2, (
        "the pool grows in the middle of the range"
    )


def test_the_day_is_busier_than_the_night(simulated):
    submits = Counter(
        (at(job["submit_time"]) + SHANGHAI).hour for job in simulated(scale=0.1).table("jobs", "truth")
    )
    assert sum(submits[hour] for hour in range(10, 18)) > 2 * sum(submits[hour] for hour in range(0, 8))


def test_energy_follows_the_machines(simulated):
    for row in simulated(faults="none").table("energy_daily"):
        if row["quality"] == "measured":
            assert 1.0 < int(row["facility_wh"]) / int(row["it_wh"]) < 1.6
