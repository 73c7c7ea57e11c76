"""Real accounting: totals that were computed independently, and every odd line accounted for by name."""

from pathlib import Path

import polars as pl
import pytest

from data_contracts.contract import load_contract
from data_contracts.rules import apply_rules, broken_column
from pipelines.formats.base import Tally
from tests.conftest import REAL_DATA
from tests.formats.reading import read_path, read_text, rules

SACCT, LIVE = REAL_DATA / "slurm_sacct", REAL_DATA / "slurm_live"
needs_data = pytest.mark.skipif(not SACCT.is_dir(), reason=f"needs the real accounting data in {REAL_DATA}")
pytestmark = needs_data

RUG_COLUMNS = (
    "JobID,JobName,User,Partition,NodeList,NNodes,NCPUS,NTasks,State,Submit,Start,End,Timelimit,Elapsed,TotalCPU,"
    "UserCPU,SystemCPU,ReqMem,MaxRSS,TRESUsageInTot,TRESUsageOutTot,MaxDiskWrite,MaxDiskRead,MaxRSSNode,"
    "MaxDiskWriteNode,MaxDiskReadNode,Comment,WCKey"
)
"""Worked out from the file: TotalCPU = UserCPU + SystemCPU, MaxDiskWrite is fs/disk of what went out, and so on; the
last two are empty everywhere."""

LIVE_USERS = {
    ("physics", "games"): 118,
    ("physics", "news"): 32,
    ("chem", "games"): 16,
    ("chem", "www-data"): 294,
    ("industry", "backup"): 28,
}


def read(path: Path, **options: str) -> tuple[pl.DataFrame, Tally]:
    """Rows that the contract accepts, with the rules that the others broke in the column `rules`."""
    rows, tally = read_path("slurm_sacct", "job_records", path, options)
    contract = load_contract("job_records")
    extra = [name[1:] for name in rows.columns if name.startswith("!")]
    judged = apply_rules(rows, contract, extra)
    return judged.with_columns(broken_column(judged, contract, extra)), tally


def seconds(rows: pl.DataFrame, held: str) -> int:
    return int((rows[held] * rows["elapsed_s"]).sum())


def test_phillips_needs_no_options() -> None:
    rows, tally = read(SACCT / "phillips.log")
    assert (tally.records_read, rows.height, tally.folded, tally.set_aside) == (4285, 4285, 0, {})
    assert rows["rules"].unique().to_list() == [""]
    assert seconds(rows, "cpu_cores") == 42_364_758
    assert seconds(rows, "accelerators") == 1_824_886
    assert rows.filter((pl.col("accelerators") > 0) & (pl.col("elapsed_s") > 0)).height == 2
    assert rows["account"].n_unique() == 3
    assert rows.filter(pl.col("elapsed_s") == 0).height == 261
    assert dict(rows["state"].value_counts().rows()) == {
        "COMPLETED": 2324,
        "FAILED": 1717,
        "CANCELLED": 243,
        "TIMEOUT": 1,
    }
    assert rows.filter(pl.col("job_id") == "167758")["memory_mib"].item() == 24000


def test_phillips_with_its_columns_said_is_the_same() -> None:
    alone, _ = read(SACCT / "phillips.log")
    columns = (
        "jobid,jobidraw,cluster,partition,qos,account,group,gid,user,uid,submit,eligible,start,end,elapsed,exitcode,"
        "state,nnodes,ncpus,reqcpus,reqmem,reqtres,alloctres,timelimit,nodelist,jobname"
    )
    assert read(SACCT / "phillips.log", columns=columns)[0].equals(alone)


@pytest.mark.parametrize(
    ("name", "zone", "records", "folded", "steps", "jobs"),
    [
        ("sacct_26cols_states.psv", "UTC", 114, 1, 56, 57),
        ("sacct_26cols_states_X.psv", "UTC", 58, 1, 0, 57),
        ("sacct_26cols_no_state.psv", "UTC", 109, 1, 56, 52),
        ("sacct_26cols_delim_us.txt", "UTC", 109, 1, 56, 52),
        ("sacct_26cols_X_epoch.psv", "Asia/Shanghai", 53, 1, 0, 52),
        ("sacct_26cols_X_tz_newyork.psv", "America/New_York", 53, 1, 0, 52),
        ("sacct_ALL_X.psv", "UTC", 56, 4, 0, 52),
    ],
)
def test_every_variant_of_the_live_cluster_has_its_totals(
    name: str, zone: str, records: int, folded: int, steps: int, jobs: int
) -> None:
    rows, tally = read(LIVE / name, time_zone=zone)
    assert (tally.records_read, tally.folded, rows.height) == (records, folded, jobs)
    assert tally.set_aside == ({"job step": steps} if steps else {})
    assert rows["rules"].unique().to_list() == [""]
    assert seconds(rows, "cpu_cores") == 488
    assert seconds(rows, "accelerators") == 23
    used = rows.group_by("account", "user").agg(used=(pl.col("cpu_cores") * pl.col("elapsed_s")).sum())
    assert {(account, user): number for account, user, number in used.rows() if number} == LIVE_USERS


def test_all_variants_of_the_live_cluster_tell_the_same_of_a_job() -> None:
    names = {
        "sacct_26cols_X_epoch.psv": "UTC",
        "sacct_26cols_X_tz_newyork.psv": "America/New_York",
        "sacct_ALL_X.psv": "UTC",
    }
    key = ["job_id", "submit_time"]
    first, *others = (
        read(LIVE / name, time_zone=zone)[0].sort(key).drop("_row", "_raw", "energy_j")
        for name, zone in names.items()
    )
    for other in others:
        assert other.equals(first)


def test_names_and_states_of_the_live_cluster() -> None:
    rows, _ = read(LIVE / "sacct_26cols_states.psv", time_zone="UTC")
    assert dict(rows["state"].value_counts().rows()) == {
        "COMPLETED": 39, "CANCELLED": 8, "FAILED": 4, "REQUEUED": 3, "NODE_FAIL": 2, "TIMEOUT": 1,
    }  # fmt: skip
    assert rows["raw_job_id"].n_unique() == 53
    names = dict(rows.select("job_id", "job_name").rows())
    assert (names["3"], names["5"], names["6"]) == ("pipe|name|x", "tab\there", "new\nline")
    assert names["4"] == "Grüße-Ωμέγα-計算 `q` , a;b"
    assert rows.filter(pl.col("job_id") == "15_[1,3-4]")["start_time"].to_list() == [None]
    assert rows.filter(pl.col("job_id") == "21").height == 2
    assert rows.filter(pl.col("accelerators") > 0)["accelerator_model"].unique().to_list() == ["h100"]


ODD = {
    "accounting-logs-with-job-arrays.log": [""] * 6,
    "accounting-logs.log": [""] * 4,
    "non-ended-job-state.log": ["", ""],
    "unknown-job-state.log": ["state.code", "state.code"],
    "utf8-multibyte-chars.log": [""],
}


@pytest.mark.parametrize("name", ODD)
def test_odd_lines_are_accepted_or_rejected_by_name(name: str) -> None:
    rows, tally = read(SACCT / "odd_cases" / name)
    assert rows["rules"].to_list() == ODD[name]
    assert tally.records_read == rows.height


def test_odd_lines_mean_what_they_say() -> None:
    running, pending = read(SACCT / "odd_cases" / "non-ended-job-state.log")[0].iter_rows(named=True)
    assert (running["state"], running["end_time"], running["elapsed_s"]) == ("RUNNING", None, 81142)
    assert (pending["state"], pending["start_time"], pending["end_time"]) == ("PENDING", None, None)
    arrays = read(SACCT / "odd_cases" / "accounting-logs-with-job-arrays.log")[0]
    assert arrays["job_id"].n_unique() == 6
    assert arrays["accelerators"].to_list() == [None] * 6
    never = read(SACCT / "odd_cases" / "accounting-logs.log")[0].row(3, named=True)
    assert (never["eligible_time"], never["cpu_cores"], never["elapsed_s"]) == (None, 0, 0)
    assert read(SACCT / "odd_cases" / "utf8-multibyte-chars.log")[0]["job_name"].to_list() == ["aàb"]


def test_rug_steps_add_nothing_to_their_jobs() -> None:
    rows, tally = read(
        SACCT / "rug_sacct_steps.txt", columns=RUG_COLUMNS, delimiter="☃", time_zone="Europe/Amsterdam"
    )
    assert (tally.records_read, rows.height, tally.set_aside) == (85, 37, {"job step": 48})
    assert rows["rules"].unique().to_list() == [""]
    assert dict(rows["state"].value_counts().rows()) == {
        "COMPLETED": 18,
        "RUNNING": 14,
        "FAILED": 2,
        "PENDING": 3,
    }
    assert rows.filter(pl.col("job_id") == "20872560")["memory_mib"].to_list() == [102400, 102400]
    assert rows.filter(pl.col("job_id") == "21095094")["memory_mib"].to_list() == [60000, 60000]
    assert (
        rows.filter(pl.col("state") != "COMPLETED", pl.col("state") != "FAILED")["end_time"].is_null().all()
    )
    found, _ = read(SACCT / "rug_sacct_steps.txt", columns=RUG_COLUMNS, time_zone="Europe/Amsterdam")
    assert found.equals(rows)


def test_a_job_over_the_berlin_clock_change(tmp_path: Path) -> None:
    lines = (LIVE / "dst_berlin.txt").read_text().split("\n")
    local = lines[lines.index("TZ=Europe/Berlin") + 1 :][:5]
    universal = lines[lines.index("TZ=UTC") + 1 :][:5]
    berlin, tally = read_text(tmp_path, "\n".join(local) + "\n", {"time_zone": "Europe/Berlin"})
    utc, _ = read_text(tmp_path, "\n".join(universal) + "\n", {"time_zone": "UTC"})
    times = ["job_id", "submit_time", "start_time", "end_time", "elapsed_s"]
    assert berlin.select(times).equals(utc.select(times))
    assert tally.labels == {"ambiguous local time": 1}
    assert rules(berlin) == [[]] * 4
