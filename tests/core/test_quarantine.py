"""Quarantine: what was rejected, why, and how it comes back after the contract was corrected."""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from pipelines import inputs
from pipelines.bronze import Ingest, read_ingest
from pipelines.commands.quarantine import quarantine
from pipelines.deliver import Delivered
from pipelines.effective import landings_as_of
from pipelines.errors import Finding, WrongUse
from pipelines.files import sha256_file
from pipelines.formats import FORMATS
from pipelines.home import Home
from pipelines.inputs import Known
from pipelines.lake import due, refresh
from pipelines.landing import Event, read_events
from pipelines.quarantine import reasons, replay
from pipelines.sites_config import load_sources
from tests.core.conftest import HEADER, sacct_line
from tests.core.contracts import in_force, most_cores

Send = Callable[..., Delivered]
RECEIVED = datetime(2026, 10, 1, 18, tzinfo=UTC)
CORRECTED = RECEIVED + timedelta(days=9)
WIDE = sacct_line("2", cores=200)


def text(*lines: str) -> str:
    return "\n".join([HEADER, *lines]) + "\n"


@pytest.fixture
def sent(send: Send, monkeypatch: pytest.MonkeyPatch) -> Delivered:
    """A delivery of three jobs of which the second has more cores than its contract allowed; now it may have them."""
    in_force(monkeypatch, most_cores(100))
    delivered = send(text(sacct_line("1"), WIDE, sacct_line("3", elapsed=-1)))
    assert (delivered.ingest.accepted, delivered.ingest.quarantined) == (1, 2)
    in_force(monkeypatch, most_cores(1000))
    return delivered


def replayed(home: Home, at: datetime = CORRECTED) -> list[Event]:
    return replay(home, load_sources(), at)


def tally_of(home: Home, sent: Delivered) -> Ingest:
    tally = read_ingest(home, sent.ingest.landing_id)
    assert tally is not None
    return tally


def rows(home: Home, tally: Ingest, known_at: datetime | None = None) -> list[str]:
    paths = [
        home.bronze / file.path
        for file in tally.files
        if known_at is None or datetime.fromisoformat(file.received_at) <= known_at
    ]
    return sorted(pl.read_parquet(paths)["job_id"])


def tables(home: Home, known_at: datetime | None = None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the models are told of landings and of receipts."""
    states = landings_as_of(read_events(home), known_at)
    known = [Known(state, tally) for state in states if (tally := read_ingest(home, state.landing_id))]
    return inputs.landings(known).to_pylist(), inputs.receipts(known, load_sources()).to_pylist()


def hashes(home: Home) -> dict[str, str]:
    found = [path for root in (home.bronze, home.quarantine) for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(home.root).as_posix(): sha256_file(path) for path in found}


def test_a_row_that_passes_now_is_released_and_counts_once(home: Home, sent: Delivered) -> None:
    (event,) = replayed(home)
    assert event.rows == (3,)
    assert [each.state.landing_id for each in due(home, landings_as_of(read_events(home)))] == [
        event.landing_id
    ]
    refresh(home, load_sources())
    tally = tally_of(home, sent)
    assert rows(home, tally) == ["1", "2"]
    assert (tally.rows_in, tally.accepted, tally.quarantined, tally.duplicates) == (3, 2, 1, 0)
    assert not due(home, landings_as_of(read_events(home)))


def test_what_is_released_is_known_from_the_replay_on(home: Home, sent: Delivered) -> None:
    replayed(home)
    refresh(home, load_sources())
    tally = tally_of(home, sent)
    before = CORRECTED - timedelta(seconds=1)
    assert rows(home, tally, before) == ["1"]
    assert rows(home, tally, CORRECTED) == ["1", "2"]
    ((then,), _), ((now,), receipts) = tables(home, before), tables(home)
    assert (then["accepted"], then["quarantined"]) == (1, 2)
    assert (now["accepted"], now["quarantined"]) == (2, 1)
    assert [(each["received_at"], each["rows_in"], each["accepted"]) for each in receipts] == [
        (RECEIVED, 2, 1),
        (CORRECTED, 1, 1),
    ]
    released = pl.read_parquet(home.bronze / tally.files[1].path)
    assert released["landing_row"].to_list() == [3]


@pytest.mark.parametrize("known_at", [None, CORRECTED, CORRECTED - timedelta(seconds=1)])
def test_receipts_add_up_to_their_landing(home: Home, sent: Delivered, known_at: datetime | None) -> None:
    replayed(home)
    refresh(home, load_sources())
    (landing,), receipts = tables(home, known_at)
    for name in ("rows_in", "accepted", "quarantined", "duplicates"):
        assert sum(each[name] for each in receipts) == landing[name], name
    assert landing["rows_in"] == landing["accepted"] + landing["quarantined"] + landing["duplicates"]


def test_deleting_bronze_and_reading_again_gives_the_same_bytes(home: Home, sent: Delivered) -> None:
    replayed(home)
    refresh(home, load_sources())
    before = hashes(home)
    assert any(name.endswith("-r1.parquet") for name in before)
    for path in [*home.bronze.rglob("*"), *home.quarantine.rglob("*")]:
        if path.is_file():
            path.unlink()
    refresh(home, load_sources())
    assert hashes(home) == before


@pytest.mark.parametrize("read_between", [True, False])
def test_a_second_replay_releases_nothing_again(home: Home, sent: Delivered, read_between: bool) -> None:
    replayed(home)
    if read_between:
        refresh(home, load_sources())
    assert replayed(home, CORRECTED + timedelta(days=1)) == []


def test_nothing_is_released_while_the_contract_is_as_it_was(send: Send, home: Home) -> None:
    send(text(sacct_line("1"), sacct_line("3", elapsed=-1)))
    assert replayed(home) == []


def test_a_replay_takes_nothing_from_what_was_known_before(
    send: Send, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A released row that repeats an accepted one, though sent before it, is the duplicate of the two."""
    sent = send(text(sacct_line("1"), sacct_line("1")))
    (state,) = landings_as_of(read_events(home))
    late = replace(state.receipt, act="replay", at="2026-10-10T00:00:00.000000Z", rows=(2,))
    from pipelines.bronze import ingest

    ingest(home, replace(state, replays=(late,)), load_sources()["nscc-zz"])
    tally = tally_of(home, sent)
    assert tally.duplicates == 1
    assert [file.rows for file in tally.files] == [1]
    assert pl.read_parquet(home.bronze / tally.files[0].path)["landing_row"].to_list() == [3]


def test_a_file_that_no_format_could_read_is_released_whole_when_one_can(
    send: Send, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = text(sacct_line("1"), sacct_line("2")).replace("JobID", "Auftrag")
    sent = send(content)
    assert list(sent.ingest.rules) == ["file.columns"]
    real = FORMATS["slurm_sacct"]

    def read_better(path: Path, context: Any, tally: Any) -> Any:
        mended = path.with_name("mended")
        mended.write_text(path.read_text().replace("Auftrag", "JobID"))
        yield from real.read(mended, context, tally)
        mended.unlink()

    monkeypatch.setitem(FORMATS, "slurm_sacct", replace(real, read=read_better))
    (event,) = replayed(home)
    assert event.rows == (2, 3)
    refresh(home, load_sources())
    tally = tally_of(home, sent)
    assert rows(home, tally) == ["1", "2"]
    assert rows(home, tally, RECEIVED) == []
    assert (tally.rows_in, tally.accepted, tally.quarantined) == (2, 2, 0)


def test_a_replay_of_a_landing_that_is_not_there_is_a_finding(home: Home) -> None:
    with pytest.raises(Finding, match="names no landing"):
        replay(home, load_sources(), CORRECTED, landing="abcdef")


def test_a_rule_of_an_earlier_contract_still_has_words() -> None:
    for rule in ("row.gone", "cpu_cores.pattern", "gone.required", "record.gone"):
        en, zh = reasons("job_records", "slurm_sacct", f"{rule},cpu_cores.range")
        assert f"The rule {rule} of an earlier contract" in en
        assert rule in zh


def command(*arguments: str) -> Result:
    return CliRunner().invoke(quarantine, arguments)


def test_list_counts_rows_by_source_dataset_and_reason(home: Home, sent: Delivered) -> None:
    output = command("list").output
    assert "nscc-zz" in output
    assert "2 rejected rows in all." in output
    assert command("list", "--source", "hami").output == "0 rejected rows in all.\n"


def test_show_has_each_row_as_it_was_sent_with_its_reasons(home: Home, sent: Delivered) -> None:
    output = command("show", sent.ingest.landing_id[:8]).output
    assert "row 3: " in output
    assert WIDE in output
    assert "2 rejected rows in jobs.psv" in output
    assert command("show", sent.ingest.landing_id[:8], "--limit", "1").output.count("row ") == 1


def test_show_does_not_let_a_sender_steer_the_terminal(send: Send, home: Home) -> None:
    sent = send(text(sacct_line("1", elapsed=-1, name="\x1b]0;mine\x07\x1b[2J算")))
    output = command("show", sent.ingest.landing_id[:8]).output
    assert "\x1b" not in output
    assert "\\x1b]0;mine\\x07\\x1b[2J算" in output


def test_show_says_once_why_a_whole_file_was_refused(send: Send, home: Home) -> None:
    sent = send(b"\x00\x01" * 500)
    output = command("show", sent.ingest.landing_id[:8]).output
    assert output.startswith("the file as a whole: jobs.psv: ")
    assert len(output.splitlines()) == 2


@pytest.mark.parametrize("first", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1"])
def test_export_makes_cells_that_a_spreadsheet_would_run_inert(
    send: Send, home: Home, tmp_path: Path, first: str
) -> None:
    send(text(first + "|" + sacct_line("1", elapsed=-1).split("|", 1)[1]))
    out = tmp_path / "rejected.csv"
    assert command("export", "--out", str(out)).exit_code == 0
    with out.open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["raw"].startswith("'" + first)
    assert row["source_id"] == "nscc-zz"
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())


def test_export_of_nothing_or_to_nowhere_is_said(send: Send, home: Home, tmp_path: Path) -> None:
    assert isinstance(command("export", "--out", str(tmp_path / "x.csv")).exception, Finding)
    send(text(sacct_line("1", elapsed=-1)))
    assert isinstance(command("export", "--out", str(tmp_path / "no" / "x.csv")).exception, WrongUse)
    assert isinstance(
        command("export", "--out", str(tmp_path / "x.csv"), "--source", "hami").exception, Finding
    )
