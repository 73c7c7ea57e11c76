"""Accounting logs of PBS and Torque: which records are an attempt, what it held, how it ended."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.formats import FORMATS
from pipelines.formats.base import Tally, Unreadable
from tests.formats.damage import survives
from tests.formats.reading import SAMPLES, read_path, rules

PLAIN = {
    "user": "ann",
    "group": "phys",
    "account": '"a b"',
    "jobname": "cfd",
    "queue": "workq",
    "ctime": "1772323200",
    "qtime": "1772323200",
    "etime": "1772323200",
    "start": "1772323210",
    "exec_host": "n1/0*4",
    "exec_vnode": "(n1:ncpus=4:mem=8388608kb)",
    "Resource_List.ncpus": "4",
    "end": "1772323310",
    "Exit_status": "0",
    "resources_used.ncpus": "4",
    "resources_used.walltime": "00:01:40",
    "run_count": "1",
}


def record(kind: str = "E", job_id: str = "7.s", at: str = "03/01/2026 08:02:00", **changed: Any) -> str:
    fields: dict[str, Any] = PLAIN | {key.replace("__", "."): value for key, value in changed.items()}
    if kind == "S":
        fields |= dict.fromkeys(
            ("end", "Exit_status", "resources_used.ncpus", "resources_used.walltime", "run_count")
        )
    return f"{at};{kind};{job_id};" + " ".join(
        f"{key}={value}" for key, value in fields.items() if value is not None
    )


def read(path: Path, *lines: str, **options: str) -> tuple[pl.DataFrame, Tally]:
    target = path / "20260301"
    target.write_text("".join(line + "\n" for line in lines))
    rows, tally = read_path("pbs_accounting", "job_records", target, options)
    return rows, tally


def one(path: Path, kind: str = "E", options: dict[str, str] | None = None, **changed: Any) -> dict[str, Any]:
    rows, _ = read(path, record(kind, **changed), **(options or {}))
    return rows.row(0, named=True) | {"rules": rules(rows)[0]}


def test_a_start_without_an_end_is_running(tmp_path: Path) -> None:
    rows, tally = read(tmp_path, "03/01/2026 08:00:00;Q;7.s;queue=workq", record("S"))
    row = rows.row(0, named=True)
    assert (row["state"], row["end_time"], row["elapsed_s"], row["cpu_cores"]) == ("RUNNING", None, None, 4)
    assert (tally.records_read, tally.folded) == (2, 1)


def test_a_start_that_failed_is_folded_into_the_next(tmp_path: Path) -> None:
    rows, tally = read(tmp_path, record("S"), record("S", start="1772323300"))
    assert rows["start_time"].dt.epoch("s").to_list() == [1772323300]
    assert tally.folded == 1


def test_every_attempt_is_a_row_with_its_number(tmp_path: Path) -> None:
    for counts in (("1", "2", "3"), (None, None, None)):
        first, second, last = counts
        rows, _ = read(
            tmp_path,
            record("S"),
            record("R", run_count=first),
            record("S"),
            record("R", run_count=second),
            record("S"),
            record("E", run_count=last),
        )
        assert rows.select("state", "restart_no").rows() == [
            ("REQUEUED", 0),
            ("REQUEUED", 1),
            ("COMPLETED", 2),
        ]
    assert one(tmp_path, run_count="5")["restart_no"] == 4


def test_a_suspended_job_is_suspended_until_it_resumes(tmp_path: Path) -> None:
    pause, resume = "03/01/2026 08:03:00;z;7.s;", "03/01/2026 08:04:00;r;7.s;"
    assert read(tmp_path, record("S"), pause)[0]["state"].to_list() == ["SUSPENDED"]
    assert read(tmp_path, record("S"), pause, resume)[0]["state"].to_list() == ["RUNNING"]


@pytest.mark.parametrize("kind", ["D", "A"])
def test_a_job_that_never_started_is_cancelled(tmp_path: Path, kind: str) -> None:
    rows, _ = read(
        tmp_path, "03/01/2026 08:00:00;Q;7.s;queue=workq", f"03/01/2026 08:05:00;{kind};7.s;requestor=x@y"
    )
    row = rows.row(0, named=True)
    assert (row["state"], row["elapsed_s"], row["start_time"]) == ("CANCELLED", 0, None)
    assert (str(row["submit_time"]), str(row["end_time"])) == (
        "2026-03-01 00:00:00+00:00",
        "2026-03-01 00:05:00+00:00",
    )


def test_a_deleted_job_that_runs_ends_by_its_end_record(tmp_path: Path) -> None:
    delete = "03/01/2026 08:01:00;D;7.s;requestor=x@y"
    assert read(tmp_path, record("S"), delete)[0]["state"].to_list() == ["RUNNING"]
    assert read(tmp_path, record("S"), delete, record(Exit_status="271"))[0]["state"].to_list() == [
        "CANCELLED"
    ]
    assert read(tmp_path, delete, record(Exit_status="271"))[0]["state"].to_list() == ["CANCELLED"]
    assert read(tmp_path, delete, record(Exit_status="0"))[0]["state"].to_list() == ["COMPLETED"]
    rows, tally = read(tmp_path, delete)
    assert (rows.height, tally.set_aside) == (0, {"record of a job of another file": 1})


def test_an_aborted_job_that_ran_held_what_it_held(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, record("S"), "03/01/2026 08:01:50;A;7.s;")
    assert rows.select("state", "elapsed_s").row(0) == ("CANCELLED", 100)


def test_a_queued_job_waits_if_its_times_are_known(tmp_path: Path) -> None:
    bare, whole = (
        "03/01/2026 08:00:00;Q;7.s;queue=workq",
        "03/01/2026 08:00:00;Q;8.s;user=ann queue=q ctime=1772323200",
    )
    rows, tally = read(tmp_path, bare, whole)
    assert rows.select("job_id", "state", "user").rows() == [("8.s", "PENDING", "ann")]
    assert tally.set_aside == {"queued job without its times": 1}


def test_other_records_are_counted_by_name(tmp_path: Path) -> None:
    lines = ("L;license;x", "U;R1.s;y", "E;9[].s;Exit_status=0", "u;6.s;", "x;7.s;", "a;7.s;", "C;7.s;")
    rows, tally = read(tmp_path, record("S"), *(f"03/01/2026 08:00:00;{line}" for line in lines), "")
    assert tally.set_aside == {
        "licence record": 1,
        "reservation record": 1,
        "array as a whole": 1,
        "record of a job of another file": 1,
        "record of type x": 1,
        "blank line": 1,
    }
    assert (rows.height, tally.folded) == (1, 2)


@pytest.mark.parametrize(
    ("status", "state", "code"),
    [
        ("0", "COMPLETED", "0:0"),
        ("3", "FAILED", "3:0"),
        ("265", "FAILED", "0:9"),
        ("-29", "TIMEOUT", "-29:0"),
        ("-27", "OUT_OF_MEMORY", "-27:0"),
        ("-11", "FAILED", "-11:0"),
    ],
)
def test_exit_statuses_of_pbs(tmp_path: Path, status: str, state: str, code: str) -> None:
    row = one(tmp_path, Exit_status=status)
    assert (row["state"], row["exit_code"]) == (state, code)


@pytest.mark.parametrize(
    ("status", "state"), [("-11", "TIMEOUT"), ("-10", "OUT_OF_MEMORY"), ("-29", "TIMEOUT")]
)
def test_exit_statuses_of_torque(tmp_path: Path, status: str, state: str) -> None:
    assert one(tmp_path, exec_vnode=None, Exit_status=status)["state"] == state


def test_an_end_without_its_exit_status_is_rejected(tmp_path: Path) -> None:
    assert one(tmp_path, Exit_status=None)["rules"] == ["exit_status.unreadable"]
    assert one(tmp_path, Exit_status="ok")["rules"] == ["exit_status.unreadable"]
    assert one(tmp_path, run_count="0")["rules"] == ["restart_no.unreadable"]


@pytest.mark.parametrize(
    ("fields", "cores", "nodes", "names"),
    [
        ({}, 4, 1, "n1"),
        ({"exec_vnode": "(n1:ncpus=4)+(n2[0]:ncpus=8+n2[1]:ncpus=8)"}, 20, 1, "n1"),
        ({"exec_vnode": None, "exec_host": "n1/0*4+n2/1*16"}, 20, 2, "n1,n2"),
        ({"exec_vnode": None, "exec_host": "n1/0+n1/1+n2/0"}, 3, 2, "n1,n2"),
        ({"exec_vnode": None, "exec_host": "n1/0-3,8+n2/7"}, 6, 2, "n1,n2"),
        ({"exec_vnode": None, "exec_host": None}, 4, None, None),
    ],
)
def test_cores_are_those_that_were_given(
    tmp_path: Path, fields: dict[str, Any], cores: int, nodes: int, names: str
) -> None:
    row = one(tmp_path, **fields)
    assert (row["cpu_cores"], row["nodes"], row["node_list"], row["rules"]) == (cores, nodes, names, [])


def test_cores_that_cannot_be_read_reject_the_row(tmp_path: Path) -> None:
    assert one(tmp_path, exec_vnode=None, exec_host="n1/x")["rules"] == ["cpu_cores.unreadable"]
    nothing: dict[str, Any] = {"exec_vnode": None, "exec_host": None, "resources_used__ncpus": "many"}
    assert one(tmp_path, **nothing)["rules"] == ["cpu_cores.unreadable"]


def test_cards_are_none_only_where_that_is_proven(tmp_path: Path) -> None:
    assert one(tmp_path)["accelerators"] == 0
    given = one(tmp_path, exec_vnode="(a:ncpus=1:ngpus=2)+(b:ngpus=3)", Resource_List__gpu_model="v100")
    assert (given["accelerators"], given["accelerator_model"]) == (5, "v100")
    assert one(tmp_path, exec_vnode=None)["accelerators"] is None
    assert one(tmp_path, exec_vnode=None, exec_gpus="n1-gpu/0+n1-gpu/1")["accelerators"] == 2
    assert one(tmp_path, exec_vnode=None, Resource_List__ngpus="2")["accelerators"] == 2
    assert one(tmp_path, exec_vnode=None, Resource_List__ngpus="two")["rules"] == ["accelerators.unreadable"]
    own = one(tmp_path, options={"accelerator_resources": "ndcu"}, exec_vnode="(a:ncpus=1:ndcu=4:ngpus=1)")
    assert own["accelerators"] == 4


@pytest.mark.parametrize(
    ("given", "asked", "mebibytes", "broken"),
    [
        ("(a:ncpus=4:mem=1048577kb)+(b:mem=1gb)", None, 2049, []),
        ("(a:ncpus=4)", "1500mb", 1500, []),
        ("(a:ncpus=4)", "1", 1, []),
        ("(a:ncpus=4)", "512mw", 4096, []),
        ("(a:ncpus=4)", None, None, []),
        ("(a:ncpus=4)", "lots", None, ["memory_mib.unreadable"]),
    ],
)
def test_memory_is_what_was_given(
    tmp_path: Path, given: str, asked: str, mebibytes: int, broken: list[str]
) -> None:
    row = one(tmp_path, exec_vnode=given, Resource_List__mem=asked)
    assert (row["memory_mib"], row["rules"]) == (mebibytes, broken)


def test_time_used_is_walltime_else_from_start_to_end(tmp_path: Path) -> None:
    assert one(tmp_path, resources_used__walltime="26:00:01")["elapsed_s"] == 93601
    assert one(tmp_path, resources_used__walltime="77")["elapsed_s"] == 77
    assert one(tmp_path, resources_used__walltime=None)["elapsed_s"] == 100
    assert one(tmp_path, resources_used__walltime="soon")["rules"] == ["elapsed_s.unreadable"]
    assert one(tmp_path, ctime="yesterday")["rules"] == ["submit_time.unreadable"]


def test_users_cannot_write_fields(tmp_path: Path) -> None:
    quoted = one(tmp_path, account='"x; resources_used.walltime=00:00:01 Exit_status=0"', Exit_status="1")
    assert (quoted["elapsed_s"], quoted["state"], quoted["rules"]) == (100, "FAILED", [])
    assert quoted["account"] == "x; resources_used.walltime=00:00:01 Exit_status=0"
    assert one(tmp_path, jobname="x Exit_status=0", Exit_status="1")["rules"] == ["record.repeated"]
    assert "record.quotes" in one(tmp_path, account='"x')["rules"]
    assert one(tmp_path, jobname="two words")["job_name"] == "two words"


def test_the_account_is_the_field_that_the_site_uses(tmp_path: Path) -> None:
    assert one(tmp_path)["account"] == "a b"
    assert one(tmp_path, options={"account_field": "group"})["account"] == "phys"
    with pytest.raises(Unreadable, match="account_field"):
        read(tmp_path, record(), account_field="user")


def test_a_torn_record_costs_its_lines_only(tmp_path: Path) -> None:
    rows, tally = read(tmp_path, record(job_id="1.s"), "second half of something", record(job_id="2.s"))
    assert sorted(rules(rows)) == [[], [], ["record.form"]]
    assert tally.records_read == 3


def test_times_of_records_are_local(tmp_path: Path) -> None:
    queue, delete = "11/01/2026 01:30:00;Q;7.s;queue=q", "11/01/2026 01:40:00;D;7.s;"
    _, tally = read(tmp_path, queue, delete, time_zone="America/New_York")
    assert tally.labels == {"ambiguous local time": 2}
    skipped = "03/08/2026 02:30:00;Q;7.s;queue=q", "03/08/2026 04:00:00;D;7.s;"
    assert rules(read(tmp_path, *skipped, time_zone="America/New_York")[0]) == [["submit_time.nonexistent"]]


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no PBS accounting log"):
        read(tmp_path, "JobID|State", "1|COMPLETED")
    sniff = FORMATS["pbs_accounting"].sniff
    assert sniff(
        b"06/06/2005 14:04:25;D;408.ign1;requestor=guest@ign1\n06/06/2005 14:04:35;Q;409.ign1;queue=batch\n"
    )
    assert not sniff(b"2026-03-01 08:00:00;E;1;x\n")


def test_a_damaged_log_is_read_or_refused(tmp_path: Path) -> None:
    sample = SAMPLES / "pbs_accounting" / "sample.job_records.log"
    assert survives("pbs_accounting", "job_records", sample, tmp_path) > 30


def test_an_hour_of_a_large_cluster_keeps_only_what_is_open(tmp_path: Path) -> None:
    lines = []
    for number in range(20_000):
        lines += [record("S", job_id=f"{number}.s"), record("E", job_id=f"{number}.s")]
    rows, tally = read(tmp_path, *lines)
    assert (rows.height, tally.folded, rows["cpu_cores"].sum()) == (20_000, 20_000, 80_000)
