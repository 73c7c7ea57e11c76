"""From sacct's fields to job records: what was used, when, by whom; what is unknown stays unknown."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.formats.reading import read_jobs, read_text, rules
from tests.formats.sacct import COLUMNS, row, text

OLD = (
    "JobID",
    "Submit",
    "Start",
    "End",
    "State",
    "Elapsed",
    "NCPUS",
    "NNodes",
    "ReqMem",
    "AllocGRES",
    "JobName",
)
NO_TRES = ("JobID", "Submit", "Start", "End", "State", "Elapsed", "NCPUS", "NNodes", "ReqMem", "JobName")
ENERGY = (
    "JobID",
    "Submit",
    "Start",
    "End",
    "State",
    "ElapsedRaw",
    "AllocCPUS",
    "Restarts",
    "ConsumedEnergyRaw",
    "JobName",
)


def job(folder: Path, columns: tuple[str, ...] = COLUMNS, **values: str) -> dict[str, Any]:
    """The one job record that such a row means."""
    rows = read_jobs(folder, text(row(columns, **values), columns=columns))
    assert rules(rows) == [[]]
    return rows.row(0, named=True)


@pytest.mark.parametrize(
    ("sent", "state"),
    [
        ("COMPLETED", "COMPLETED"),
        ("CANCELLED by 123", "CANCELLED"),
        ("CANCELLED+", "CANCELLED"),
        ("COMPLETING", "RUNNING"),
        ("REQUEUE_HOLD", "PENDING"),
        ("OUT_OF_MEMORY", "OUT_OF_MEMORY"),
        ("FOO", "FOO"),
    ],
)
def test_states(tmp_path: Path, sent: str, state: str) -> None:
    assert job(tmp_path, State=sent)["state"] == state


def test_steps_add_nothing_to_their_job(tmp_path: Path) -> None:
    steps = ["1.batch", "1.extern", "1.0", "1+0.interactive", "4_[2-3].7"]
    rows, tally = read_text(tmp_path, text(row(), *(row(JobID=step) for step in steps)))
    assert (rows.height, tally.set_aside) == (1, {"job step": 5})


def test_a_running_job_that_claims_an_end_is_not_believed(tmp_path: Path) -> None:
    found = job(tmp_path, State="RUNNING", End="2026-03-01T08:00:10", Elapsed="22:32:22")
    assert (found["state"], found["end_time"], found["elapsed_s"]) == ("RUNNING", None, 81142)
    assert job(tmp_path, State="RUNNING", End="INVALID")["end_time"] is None


def test_a_job_that_never_started_keeps_its_cores_and_used_nothing(tmp_path: Path) -> None:
    found = job(
        tmp_path,
        State="CANCELLED by 0",
        Start="None",
        Elapsed="00:00:00",
        NCPUS="64",
        AllocTRES="",
        NodeList="None assigned",
    )
    assert (found["start_time"], found["elapsed_s"], found["cpu_cores"]) == (None, 0, 64)
    assert (found["accelerators"], found["node_list"], found["memory_mib"]) == (0, None, 8192)


def test_a_suspended_job_counts_what_it_used_not_how_long_it_lasted(tmp_path: Path) -> None:
    found = job(tmp_path, End="2026-03-01T08:05:00")
    assert (found["elapsed_s"], found["end_time"]) == (10, datetime(2026, 3, 1, 0, 5, tzinfo=UTC))


def test_requeues_share_an_id_and_differ_in_their_submission(tmp_path: Path) -> None:
    again = row(Submit="2026-03-01T08:00:20")
    rows = read_jobs(tmp_path, text(row(State="REQUEUED"), again))
    assert rows.select("job_id", "submit_time").n_unique() == 2
    assert rows["restart_no"].to_list() == [0, 0]


def test_a_restart_count_is_taken_where_it_is_sent(tmp_path: Path) -> None:
    found = job(tmp_path, ENERGY, Restarts="3", ConsumedEnergyRaw="123456", ElapsedRaw="70")
    assert (found["restart_no"], found["energy_j"], found["elapsed_s"], found["cpu_cores"]) == (
        3,
        123456,
        70,
        4,
    )


def test_no_energy_in_a_job_that_ran_means_that_none_was_measured(tmp_path: Path) -> None:
    assert job(tmp_path, ENERGY, ConsumedEnergyRaw="0")["energy_j"] is None
    assert job(tmp_path, ENERGY, ConsumedEnergyRaw="0", ElapsedRaw="0")["energy_j"] == 0
    assert job(tmp_path, ENERGY, ConsumedEnergyRaw="18446744073709551614")["energy_j"] is None


@pytest.mark.parametrize(
    ("values", "memory"),
    [
        ({"AllocTRES": "cpu=4,mem=62.50G,node=8", "ReqMem": "8000Mn"}, 64000),
        ({"AllocTRES": "cpu=4,node=2", "ReqMem": "100Gn", "NNodes": "2"}, 204800),
        ({"AllocTRES": "cpu=4,node=1", "ReqMem": "2Gc"}, 8192),
        ({"AllocTRES": "cpu=4,node=1", "ReqMem": "2147486648Mn"}, 12000),
        ({"AllocTRES": "cpu=4,node=1", "ReqMem": "400M"}, 400),
        ({"AllocTRES": "cpu=4,node=1", "ReqMem": "0n"}, None),
        ({"AllocTRES": "cpu=4,node=1", "ReqMem": ""}, None),
    ],
)
def test_memory_is_what_was_given_else_what_was_asked(
    tmp_path: Path, values: dict[str, str], memory: int | None
) -> None:
    assert job(tmp_path, **values)["memory_mib"] == memory


def test_accelerators_are_unknown_where_no_list_tells(tmp_path: Path) -> None:
    assert job(tmp_path, NO_TRES)["accelerators"] is None
    assert job(tmp_path, AllocTRES="")["accelerators"] is None
    assert job(tmp_path, AllocTRES="cpu=4,node=1")["accelerators"] == 0
    assert job(tmp_path, OLD, AllocGRES="gpu:a100:2")["accelerators"] == 2


def test_kinds_of_accelerators_are_the_feeds_to_say(tmp_path: Path) -> None:
    sent = text(row(AllocTRES="cpu=4,gres/fpga=2,gres/gpu=1,node=1"))
    assert read_jobs(tmp_path, sent)["accelerators"].to_list() == [1]
    assert read_jobs(tmp_path, sent, {"accelerator_gres": "fpga, gpu"})["accelerators"].to_list() == [3]


@pytest.mark.parametrize("kind", ["gpu", "dcu", "npu", "mlu"])
def test_usual_kinds_of_accelerators_need_no_option(tmp_path: Path, kind: str) -> None:
    found = job(tmp_path, AllocTRES=f"cpu=4,gres/{kind}:x1=8,gres/{kind}=8,node=1")
    assert (found["accelerators"], found["accelerator_model"]) == (8, "x1")


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"JobID": "job-1"}, "job_id.unreadable"),
        ({"JobID": ""}, "job_id.unreadable"),
        ({"Submit": "2026-13-45T99:99:99"}, "submit_time.unreadable"),
        ({"Eligible": "later"}, "eligible_time.unreadable"),
        ({"Start": "2026-03-01"}, "start_time.unreadable"),
        ({"End": "INVALID"}, "end_time.unreadable"),
        ({"Elapsed": "INVALID"}, "elapsed_s.unreadable"),
        ({"NCPUS": "x4"}, "cpu_cores.unreadable"),
        ({"NCPUS": "8"}, "cpu_cores.contradiction"),
        ({"NNodes": "one"}, "nodes.unreadable"),
        ({"AllocTRES": "cpu=4,mem=lots"}, "memory_mib.unreadable"),
        ({"AllocTRES": "cpu=4", "ReqMem": "lots"}, "memory_mib.unreadable"),
        ({"AllocTRES": "cpu=4,gres/gpu=?"}, "accelerators.unreadable"),
        ({"AllocTRES": "cpu=4,gres/gpu:a=2,gres/gpu=1"}, "accelerators.contradiction"),
    ],
)
def test_what_cannot_be_read_rejects_the_row_by_name(
    tmp_path: Path, values: dict[str, str], rule: str
) -> None:
    assert rules(read_jobs(tmp_path, text(row(**values)))) == [[rule]]


def test_arrays_and_parts_of_one_job_keep_their_ids(tmp_path: Path) -> None:
    ids = ["1_0", "1_[3-5]", "15_[1,3-4%2]", "7+0", "7+1"]
    assert read_jobs(tmp_path, text(*(row(JobID=name) for name in ids)))["job_id"].to_list() == ids


def test_empty_texts_are_unknown(tmp_path: Path) -> None:
    found = job(tmp_path, Account="", User="", Partition="", QOS="", JobName="", ExitCode="")
    assert [found[name] for name in ("account", "user", "partition", "qos", "job_name", "exit_code")] == [
        None
    ] * 6
