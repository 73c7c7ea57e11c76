"""The command line as people meet it: help with examples, one sentence for every mistake, never a traceback."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pipelines import cli
from pipelines.home import Home
from tests.core.conftest import HEADER, sacct_line

LAND = ("land", "--source", "nscc-zz", "--dataset", "job_records")
CLOSE = ("close", "2026-10", "--propose-as")
MEMORY = """
import sys
from pathlib import Path
from pipelines.cli import main
try:
    main()
finally:
    held = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
    sys.stderr.write(f"\\npeak {int(held) // 1024} MB")
"""
"""A command that says the most memory that it held, not what the process that started it did."""


@pytest.fixture
def told(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs a command in this process; returns its status, output and complaint."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["suanzhang", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        output = capsys.readouterr()
        return int(end.value.code or 0), output.out, output.err

    return run


@pytest.fixture
def job(tmp_path: Path) -> str:
    """A delivery of one job."""
    path = tmp_path / "jobs.psv"
    path.write_text(f"{HEADER}\n{sacct_line()}\n")
    return str(path)


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("path", list(commands(cli.suanzhang)), ids=" ".join)
def test_every_command_has_help_with_an_example(told, path: tuple[str, ...]) -> None:
    status, output, _ = told(*path, "--help")
    assert status == 0
    assert f"Example: suanzhang {path[0]}" in " ".join(output.split())


def test_help_is_fast_and_loads_no_engine() -> None:
    code = (
        "import sys\nfrom pipelines.cli import main\n"
        "try:\n    main()\nfinally:\n"
        "    assert not {'duckdb', 'polars', 'dagster', 'dbt', 'great_expectations'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, "--help"], check=True, capture_output=True)


WRONG_USE = {
    "unknown command": (("lnd",), "No such command 'lnd'"),
    "unknown option": (("status", "--period"), "No such option"),
    "unknown source": (("land", "--source", "nope", "--dataset", "job_records", "{job}"), "Sources: aliyun, "),
    "unknown dataset": (("land", "--source", "nscc-zz", "--dataset", "jobs", "{job}"), "no dataset 'jobs'. Datasets: "),
    "unknown format": ((*LAND, "--format", "xml", "{job}"), "does not give job_records. Formats that do: gpu_trace"),
    "dataset without a feed": (("land", "--source", "nscc-zz", "--dataset", "parties", "{job}"), "say --format"),
    "option without value": ((*LAND, "--option", "delimiter", "{job}"), "--option takes K=V"),
    "unknown format option": ((*LAND, "--option", "colour=red", "{job}"), "no option colour. Options: "),
    "missing file": ((*LAND, "no.psv"), "no.psv is not there. Nothing was landed."),
    "one of two files is missing": ((*LAND, "{job}", "no.psv"), "no.psv is not there. Nothing was landed."),
    "folder": ((*LAND, "{folder}"), "is a folder, not a file"),
    "no file": (LAND, "Missing argument 'FILES...'"),
    "bad instant": ((*LAND, "--received-at", "yesterday", "{job}"), "'yesterday' is no instant: write it like"),
    "instant before time": ((*LAND, "--received-at", "0001-01-01", "{job}"), "is no instant"),
    "instant in another age": ((*LAND, "--received-at", "1926-10-01", "{job}"), "between the years 2000 and 2100"),
    "two files for one": ((*LAND, "--replaces", "abcdef", "{job}", "{job}"), "--replaces goes with one file"),
    "no reason": (("withdraw", "abcdef", "--reason", "  "), "--reason is empty"),
    "bad day": (("materialize", "--from", "2026-13-01"), "write them like 2026-10-01"),
    "days that go backwards": (("materialize", "--from", "2026-10-02", "--to", "2026-10-01"), "comes after --to"),
    "bad known-at": (("materialize", "--as-known-at", "then"), "'then' is no instant"),
    "two ranges": (("materialize", "--as-known-at", "2026-10-01", "--from", "2026-10-01"), "goes without --from"),
    "bad period": (("close", "2026-1", "--propose-as", "a", "--approve-as", "b"), "write YYYY-MM, like 2026-10"),
    "month 13": (("close", "2026-13", "--propose-as", "a", "--approve-as", "b"), "write YYYY-MM"),
    "one person": ((*CLOSE, "Li Ming", "--approve-as", " li  ming "), "needs two people"),
    "nobody": ((*CLOSE, "", "--approve-as", "b"), "name is empty"),
    "nobody at all": (("close", "2026-10"), "needs two people"),
    "bad month to run": (("run", "--period", "October"), "'October' is no billing period"),
    "bad size to run": (("run", "--scale", "-1"), "--scale -1"),
    "bad role": (("sql", "--role", "king", "select 1"), "'king' is not one of"),
    "tenant of nobody": (("sql", "--role", "tenant", "select 1"), "needs --tenant"),
    "no certificate's source": (("certify", "--source", "nope", "--dataset", "job_records"), "no source 'nope'"),
    "no certificate's dataset": (("certify", "--source", "nscc-zz", "--dataset", "jobs"), "no dataset 'jobs'"),
    "no contracts": (("contracts", "diff", "nowhere"), "neither a folder with contracts nor a git revision"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG_USE)
def test_wrong_use_is_one_sentence_and_status_2(
    told, home: Home, job: str, tmp_path: Path, case: str
) -> None:
    arguments, sentence = WRONG_USE[case]
    status, output, complaint = told(*(each.format(job=job, folder=tmp_path) for each in arguments))
    assert (status, output) == (2, "")
    assert complaint.startswith("suanzhang: ")
    assert sentence in complaint
    assert len(complaint.splitlines()) == 1
    assert not home.log.exists()


EMPTY = {
    "status": (("status",), 0, "Nothing has been received yet"),
    "periods": (("status", "--periods"), 0, "Nothing has been received yet"),
    "sql": (("sql", "select 1"), 1, "Nothing is published yet"),
    "withdraw": (("withdraw", "abcdef", "--reason", "x"), 1, "'abcdef' names no landing"),
    "replaces": ((*LAND, "--replaces", "abcdef", "{job}"), 1, "'abcdef' names no landing"),
    "close": ((*CLOSE, "a", "--approve-as", "b"), 1, "2026-10 cannot be closed: "),
    "certify": (("certify", "--source", "nscc-zz", "--dataset", "job_records"), 0, "no certificate of job_records yet"),
    "list": (("quarantine", "list"), 0, "0 rejected rows"),
    "show": (("quarantine", "show", "abcdef"), 1, "'abcdef' names no landing"),
    "replay": (("quarantine", "replay"), 0, "0 rows of 0 landings"),
    "replay one": (("quarantine", "replay", "--landing", "abcdef"), 1, "'abcdef' names no landing"),
    "export": (("quarantine", "export", "--out", "{job}"), 1, "Nothing is in quarantine"),
}  # fmt: skip


@pytest.mark.parametrize("case", EMPTY)
def test_an_empty_home_is_no_trouble(told, job: str, case: str) -> None:
    arguments, status, sentence = EMPTY[case]
    found, output, complaint = told(*(each.format(job=job) for each in arguments))
    assert (found, sentence in output + complaint) == (status, True), output + complaint
    assert "Traceback" not in output + complaint


def test_a_home_that_cannot_be_is_one_sentence(
    told, job: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for root, sentence in ((job, "is not a folder"), (f"{tmp_path}/a[b]*", "without * ? [ ]")):
        monkeypatch.setenv("SUANZHANG_HOME", root)
        status, _, complaint = told("status")
        assert (status, sentence in complaint, len(complaint.splitlines())) == (2, True, 1)
    monkeypatch.setenv("SUANZHANG_HOME", "/proc/nothing")
    status, _, complaint = told(*LAND, job)
    assert (status, len(complaint.splitlines())) == (1, 1)
    assert "/proc/nothing: No such file or directory" in complaint


def test_a_damaged_log_is_named(told, home: Home, job: str) -> None:
    told(*LAND, job)
    (event,) = home.log.glob("*/*.json")
    event.write_text("{")
    status, _, complaint = told("status")
    assert (status, len(complaint.splitlines())) == (1, 1)
    assert f"{event} in landing's log is damaged" in complaint


@pytest.mark.parametrize("error", [ValueError("at once\nand twice"), KeyError("x"), AssertionError()])
def test_a_bug_ends_in_one_sentence_and_a_log(
    told, home: Home, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("pipelines.standing.feeds", fail)
    status, _, complaint = told("status")
    (log,) = home.logs.iterdir()
    assert status == 1
    assert complaint == f"suanzhang: This is a bug, not your doing: {type(error).__name__}. Details: {log}\n"
    assert "Traceback" in log.read_text()
    assert log.read_text().startswith("suanzhang status\n")


def test_an_act_before_its_landing_was_received_ends_nothing_and_says_so(told, home: Home, job: str) -> None:
    _, output, _ = told(*LAND, "--received-at", "2026-10-02", "--json", job)
    landing = json.loads(output)[0]["landing_id"]
    for act in (("withdraw", landing, "--reason", "x"), (*LAND, "--replaces", landing, job)):
        status, _, complaint = told(*act, "--received-at", "2026-10-01")
        assert (status, "was received at 2026-10-01T16:00:00.000000Z" in complaint) == (1, True)
    status, output, _ = told("withdraw", landing[:8], "--reason", "x", "--received-at", "2026-10-03")
    assert (status, "is withdrawn: x" in output) == (0, True)


def test_status_tells_what_is_missing_until_the_release(told, job: str) -> None:
    told(*LAND, job)
    for arguments in (("status",), ("status", "--periods")):
        status, output, _ = told(*arguments)
        assert status == 1
        assert output.splitlines()[-1] == "Nothing is published yet: run `suanzhang materialize`."


def test_json_outputs_are_json(told, job: str) -> None:
    _, output, _ = told(*LAND, "--json", job)
    assert json.loads(output)[0]["accepted"] == 1
    (row,) = json.loads(told("status", "--json")[1])
    assert (row["source_id"], row["dataset"], row["accepted"]) == ("nscc-zz", "job_records", 1)
    assert json.loads(told("status", "--periods", "--json")[1]) == []
    assert isinstance(json.loads(told("contracts", "check", "--json")[1]), list)


UNREADABLE = {
    "empty": b"",
    "binary": b"\x7fELF\x00\x01" * 999,
    "archive": b"\x1f\x8b\x08" + bytes(99),
    "another format": b"meter_id,read_at,value\nm1,2026-10-01 00:00:00,5\n",
    "page": b"<!doctype html><html><body>502 Bad Gateway</body></html>\n",
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_file_that_cannot_be_read_has_one_clear_reason(told, home: Home, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "sent.psv"
    path.write_bytes(UNREADABLE[kind])
    status, output, _ = told(*LAND, str(path))
    assert status == 1
    reasons = [line for line in output.splitlines() if " × " in line]
    assert len(reasons) == 1
    assert reasons[0].startswith("  1 × file.")
    assert [each.read_bytes() for each in home.objects.glob("*/*")] == [UNREADABLE[kind]]


def test_a_truncated_file_loses_its_last_record_only_and_says_why(told, home: Home, tmp_path: Path) -> None:
    path = tmp_path / "sent.psv"
    path.write_text(f"{HEADER}\n{sacct_line('1')}\n{sacct_line('2')[:40]}")
    status, output, _ = told(*LAND, str(path))
    assert status == 1
    assert "2 rows in = 1 accepted + 1 quarantined + 0 duplicates" in output
    assert len([line for line in output.splitlines() if " × " in line]) == 1
    assert [each.read_bytes() for each in home.objects.glob("*/*")] == [path.read_bytes()]


def test_a_name_that_is_no_text_is_landed(told, home: Home, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + "/作业.psv".encode("gb18030")
    Path(os.fsdecode(path)).write_text(f"{HEADER}\n{sacct_line()}\n")
    status, output, _ = told(*LAND, os.fsdecode(path))
    assert status == 0
    assert "\\xd7" in output


def test_a_very_long_line_is_one_reason_in_bounded_memory(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "long.psv"
    with path.open("w") as stream:
        stream.write(f"{HEADER}\n{sacct_line('1')}\n")
        for _ in range(64):
            stream.write("x" * (1 << 20))
        stream.write(f"\n{sacct_line('2')}\n")
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, *LAND, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "3 rows in = 2 accepted + 1 quarantined" in done.stdout
    assert [line.split(":")[0] for line in done.stdout.splitlines() if " × " in line] == [
        "  1 × record.too_long"
    ]
    assert int(done.stderr.split("peak ")[1].split()[0]) < 450
    assert [each.stat().st_size for each in home.objects.glob("*/*")] == [path.stat().st_size]
