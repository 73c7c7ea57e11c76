"""JSON of Slurm: the same jobs as sacct's text gives, numbers of all data parsers, refusals."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.formats import FORMATS
from pipelines.formats.base import Unreadable
from pipelines.formats.slurm_rest.documents import number
from pipelines.formats.slurm_rest.jobs import exit_code, job_id, task_list
from tests.conftest import REAL_DATA
from tests.formats.reading import read_path, rules

LIVE, WEB = REAL_DATA / "slurm_live", REAL_DATA / "slurm_rest" / "v0.0.41"
needs_data = pytest.mark.skipif(not LIVE.is_dir(), reason=f"needs the real accounting data in {REAL_DATA}")
TIMES = {
    "submission": 1772323200,
    "eligible": 1772323200,
    "start": 1772323210,
    "end": 1772323220,
    "elapsed": 10,
}
UNSET = {"set": False, "infinite": False, "number": 0}


def tres(**counts: Any) -> list[dict[str, Any]]:
    """A list of resources; `gpu_h100` is the gres gpu of type h100."""
    items = []
    for name, count in counts.items():
        kind, _, kept = ("gres", "", name.replace("_", ":")) if name.startswith("gpu") else (name, "", None)
        items.append({"type": kind, "name": kept, "id": 1, "count": count})
    return items


def job(**changed: Any) -> dict[str, Any]:
    """A plain job of 10 seconds."""
    plain = {
        "job_id": 7,
        "account": "phys",
        "user": "ann",
        "cluster": "lab",
        "partition": "cpu",
        "qos": "normal",
        "name": "plain",
        "nodes": "n1",
        "allocation_nodes": 1,
        "array": {"job_id": 0, "task_id": UNSET, "task": ""},
        "het": {"job_id": 0, "job_offset": UNSET},
        "required": {"CPUs": 4},
        "state": {"current": ["COMPLETED"], "reason": "None"},
        "exit_code": {"status": ["SUCCESS"], "return_code": {"set": True, "infinite": False, "number": 0}},
        "time": TIMES,
        "tres": {"allocated": tres(cpu=4, mem=4096, node=1), "requested": tres(cpu=4, mem=4096, node=1)},
    }  # fmt: skip
    return plain | changed


def read(path: Path, document: Any, dataset: str = "job_records", **options: str) -> tuple[pl.DataFrame, Any]:
    target = path / "sent.json"
    target.write_text(document if isinstance(document, str) else json.dumps(document))
    return read_path("slurm_rest", dataset, target, options)


def one(path: Path, **changed: Any) -> dict[str, Any]:
    rows, _ = read(path, {"jobs": [job(**changed)]})
    return rows.row(0, named=True) | {"rules": rules(rows)[0]}


@needs_data
@pytest.mark.parametrize(("name", "jobs"), [("rest_jobs_states_range.json", 57), ("sacct.json", 52)])
def test_the_live_cluster_has_its_totals(name: str, jobs: int) -> None:
    rows, tally = read_path("slurm_rest", "job_records", LIVE / name)
    assert (tally.records_read, rows.height, tally.labels) == (jobs, jobs, {})
    assert rules(rows) == [[]] * jobs
    assert (rows["cpu_cores"] * rows["elapsed_s"]).sum() == 488
    assert (rows["accelerators"] * rows["elapsed_s"]).sum() == 23
    used = rows.group_by("account", "user").agg(used=(pl.col("cpu_cores") * pl.col("elapsed_s")).sum())
    assert {(account, user): seconds for account, user, seconds in used.rows() if seconds} == {
        ("physics", "games"): 118,
        ("physics", "news"): 32,
        ("chem", "games"): 16,
        ("chem", "www-data"): 294,
        ("industry", "backup"): 28,
    }


@needs_data
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rest_jobs_states_range.json", "sacct_26cols_states.psv"),
        ("rest_jobs_states_range.json", "sacct_26cols_states_X.psv"),
        ("sacct.json", "sacct_26cols_no_state.psv"),
    ],
)
def test_a_job_is_the_same_row_from_text_and_from_json(name: str, text: str) -> None:
    key = ["job_id", "submit_time", "restart_no"]
    texts = (
        read_path("slurm_sacct", "job_records", LIVE / text, {"time_zone": "UTC"})[0]
        .drop("_row", "_raw")
        .sort(key)
    )
    jsons = read_path("slurm_rest", "job_records", LIVE / name)[0].select(texts.columns).sort(key)
    assert jsons.drop("exit_code").equals(texts.drop("exit_code"))
    said = jsons["exit_code"].is_not_null()
    assert jsons["exit_code"].filter(said).equals(texts["exit_code"].filter(said))
    unsaid = texts.filter(~said)
    assert unsaid.filter(pl.col("exit_code") != "0:0")["job_id"].to_list() == ["17", "19", "1_7"]
    assert "COMPLETED" not in unsaid["state"].to_list()


@needs_data
def test_an_answer_with_nothing_is_an_empty_delivery() -> None:
    for path in (
        LIVE / "rest_nothing_found_http200.json",
        LIVE / "dst_sacct.json",
        WEB / "slurmdb-job-unfound.json",
        WEB / "slurmdb-job-gpus-pending.json",
    ):
        rows, tally = read_path("slurm_rest", "job_records", path)
        assert (rows.height, tally.records_read) == (0, 0)


@needs_data
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("rest_badtoken_http200.json", "1007: Protocol authentication error"),
        ("rest_error_start_epoch_500.json", "Unable to parse time format"),
    ],
)
def test_an_answer_with_an_error_is_refused_once(name: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said) as refusal:
        read_path("slurm_rest", "job_records", LIVE / name)
    assert refusal.value.rule == "file.answer"


@needs_data
def test_documents_of_a_newer_parser() -> None:
    for path in sorted(WEB.glob("slurmdb-job-*.json")):
        rows, _ = read_path("slurm_rest", "job_records", path)
        assert not any(rules(rows)), path.name
    failed = read_path("slurm_rest", "job_records", WEB / "slurmdb-job-failed.json")[0].row(0, named=True)
    assert (failed["state"], failed["exit_code"], failed["energy_j"]) == ("FAILED", "1:0", None)
    waiting = read_path("slurm_rest", "job_records", WEB / "slurmdb-job-pending.json")[0].row(0, named=True)
    assert (waiting["start_time"], waiting["cpu_cores"], waiting["memory_mib"]) == (None, 64, 32768)


@pytest.mark.parametrize(
    ("sent", "means"),
    [
        (5, "5"),
        ({"set": True, "infinite": False, "number": 5}, "5"),
        ({"set": True, "infinite": False, "number": 0}, "0"),
        ({"set": False, "infinite": False, "number": 0}, None),
        ({"set": True, "infinite": True, "number": 0}, None),
        ({"set": True, "infinite": False, "number": 4294967294}, None),
        (4294967294, None),
        (4294967295, None),
        (2**64 - 2, None),
        (-2, None),
        ("Infinity", None),
        (None, None),
        (["5"], '["5"]'),
        (True, "true"),
    ],
)
def test_numbers_of_all_parsers(sent: Any, means: str | None) -> None:
    assert number(sent) == means


def test_ids_as_sacct_prints_them() -> None:
    assert job_id({"job_id": 7}) == "7"
    assert job_id({"job_id": 9, "array": {"job_id": 7, "task_id": 0, "task": None}}) == "7_0"
    assert job_id({"job_id": 9, "array": {"job_id": 7, "task_id": 4294967294, "task": "1-3"}}) == "7_[1-3]"
    limited = {"job_id": 7, "task_id": UNSET, "task": "0x1A", "limits": {"max": {"running": {"tasks": 2}}}}
    assert job_id({"job_id": 7, "array": limited}) == "7_[1,3-4%2]"
    assert job_id({"job_id": 8, "het": {"job_id": 7, "job_offset": {"set": True, "number": 1}}}) == "7+1"
    assert job_id({"job_id": 8, "het": {"job_id": 0, "job_offset": None}}) == "8"
    assert task_list("0x0") == ""
    assert task_list("0xF1") == "0,4-7"


def test_an_exit_code_is_only_said_where_it_is_known() -> None:
    assert exit_code({"status": "SUCCESS", "return_code": 0}, "COMPLETED") == "0:0"
    assert exit_code({"status": "SUCCESS", "return_code": 0}, "FAILED") is None
    assert exit_code({"status": ["SUCCESS"], "return_code": 0}, "FAILED") == "0:0"
    assert exit_code({"status": ["ERROR"], "return_code": {"set": True, "number": 130}}, "FAILED") == "2:0"
    assert exit_code({"status": "SIGNALED", "signal": {"signal_id": 9}}, "FAILED") == "0:9"
    assert exit_code({"status": "PENDING", "return_code": None}, "PENDING") is None


@pytest.mark.parametrize(
    ("current", "state"),
    [
        ("CANCELLED", "CANCELLED"),
        (["CANCELLED"], "CANCELLED"),
        (["CANCELLED", "REQUEUED"], "REQUEUED"),
        (["COMPLETED", "COMPLETING"], "RUNNING"),
        (["RUNNING", "POWER_UP_NODE"], "RUNNING"),
        (["PENDING", "REQUEUE_HOLD"], "PENDING"),
        (["OUT_OF_MEMORY"], "OUT_OF_MEMORY"),
        ([], None),
    ],
)
def test_a_state_is_text_or_a_list_with_flags(tmp_path: Path, current: Any, state: str | None) -> None:
    assert one(tmp_path, state={"current": current})["state"] == state


def test_suspended_time_is_not_elapsed(tmp_path: Path) -> None:
    times = {"submission": 1772323200, "start": 1772323210, "end": 1772323240, "elapsed": 10, "suspended": 20}
    row = one(tmp_path, time=times)
    assert (row["elapsed_s"], row["eligible_time"], str(row["end_time"])) == (
        10,
        None,
        "2026-03-01 00:00:40+00:00",
    )


def test_cards_are_counted_once_and_unknown_ones_reject_the_row(tmp_path: Path) -> None:
    typed = one(tmp_path, tres={"allocated": tres(cpu=4, gpu=2, gpu_h100=2)})
    assert (typed["accelerators"], typed["accelerator_model"], typed["rules"]) == (2, "h100", [])
    unknown = one(tmp_path, tres={"allocated": tres(cpu=4, gpu=4294967294)})
    assert (unknown["accelerators"], unknown["rules"]) == (None, ["accelerators.unreadable"])
    unsaid = one(tmp_path, tres={"allocated": []})
    assert (unsaid["accelerators"], unsaid["cpu_cores"]) == (None, 4)
    assert one(tmp_path, tres=None)["accelerators"] is None
    assert one(tmp_path, tres={"allocated": [5]})["rules"] == ["accelerators.unreadable"]


def test_energy_that_was_not_measured_is_unknown(tmp_path: Path) -> None:
    for count in (-2, None, 2**64 - 2, 0, UNSET):
        assert one(tmp_path, tres={"allocated": tres(cpu=4, energy=count)})["energy_j"] is None
    assert one(tmp_path, tres={"allocated": tres(cpu=4, energy=77)})["energy_j"] == 77


def test_a_job_that_never_ran_has_what_it_asked_for(tmp_path: Path) -> None:
    row = one(
        tmp_path,
        state={"current": ["CANCELLED"]},
        allocation_nodes=0,
        nodes="None assigned",
        time={"submission": 1772323200, "eligible": 0, "start": None, "end": 1772323220, "elapsed": 0},
        tres={"allocated": [], "requested": tres(cpu=64, mem=6400, node=3)},
    )
    assert (row["nodes"], row["cpu_cores"], row["memory_mib"], row["accelerators"]) == (3, 64, 6400, 0)
    assert (row["node_list"], row["start_time"], row["rules"]) == (None, None, [])


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert one(tmp_path, job_id="seven")["rules"] == ["job_id.unreadable"]
    assert one(tmp_path, time={"submission": "today", "elapsed": "long"})["rules"] == [
        "elapsed_s.unreadable",
        "submit_time.unreadable",
    ]
    rows, tally = read(tmp_path, json.dumps({"jobs": [job(), job(job_id=8)]})[:-40])
    assert (rules(rows), tally.records_read) == ([[], ["record.json"]], 2)


def test_errors_beside_jobs_are_labelled(tmp_path: Path) -> None:
    rows, tally = read(tmp_path, {"jobs": [job()], "errors": [{"error": "lost a node", "error_number": 1}]})
    assert (rows.height, tally.labels) == (1, {"error beside the jobs": 1})
    quiet = job(name='"errors": [{"error": 1}]')
    assert read(tmp_path, {"jobs": [quiet], "errors": []})[1].labels == {}


def test_what_is_no_accounting_is_refused(tmp_path: Path) -> None:
    for document, rule in (
        ({"jobs": [{"job_id": 1, "job_state": ["RUNNING"]}]}, "file.live_jobs"),
        ({"nodes": []}, "file.format"),
        ({"meta": {}, "errors": [{"error": "x"}]}, "file.answer"),
        ("jobs", "file.format"),
    ):
        with pytest.raises(Unreadable) as refusal:
            read(tmp_path, document)
        assert refusal.value.rule == rule


def test_several_pages_in_one_file(tmp_path: Path) -> None:
    pages = "".join(
        json.dumps({"meta": {}, "errors": [], "jobs": [job(job_id=id_)]}) + "\n" for id_ in (1, 2, 3)
    )
    rows, _ = read(tmp_path, pages)
    assert rows["job_id"].to_list() == ["1", "2", "3"]


def test_only_documents_of_slurm_are_recognised() -> None:
    sniff = FORMATS["slurm_rest"].sniff
    assert sniff(json.dumps({"meta": {"plugin": {"type": "openapi/dbv0.0.38"}}, "jobs": []}).encode())
    assert sniff(b'{"meta":{"plugin":{"type":"openapi\\/dbv0.0.38"}}}')
    assert not sniff(b'{"jobs": [{"name": "x"}]}')
    assert not sniff(b'[{"allocation_nodes": 1}]')
    assert not sniff(b'{"items": [], "kind": "NodeList"}')


@needs_data
def test_real_documents_are_recognised_by_their_own_format_alone() -> None:
    for path in (*LIVE.glob("*.json"), *WEB.glob("*.json")):
        with path.open("rb") as stream:
            head = stream.read(65536)
        assert [name for name, each in FORMATS.items() if each.sniff(head)] == ["slurm_rest"], path.name
