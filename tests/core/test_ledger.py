"""The ledger: a chain that shows every alteration, and closes that count only once they are written in it."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from data_contracts.contract import load_contract
from pipelines import ledger
from pipelines.closing.pack import write_pack
from pipelines.errors import Finding
from pipelines.home import Home

NOW = datetime(2026, 11, 3, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def closed(home: Home, period: str, cutoff: str = "2026-11-03T00:00:00+00:00") -> None:
    tables = {name: load_contract(name).arrow_schema().empty_table() for name in ledger.FROZEN}
    body = {
        "period": period,
        "cutoff": cutoff,
        "proposed_by": "a",
        "approved_by": "b",
        "pack_sha256": "0" * 64,
        "tables": ledger.freeze(home, period, tables),
    }
    ledger.append(home, "close", body, NOW)


def test_each_entry_holds_the_hash_of_the_one_before(home: Home) -> None:
    first = ledger.append(home, "note", {"text": "one"}, NOW)
    second = ledger.append(home, "note", {"text": "二"}, NOW)
    assert second.previous == first.hash
    assert [entry.body["text"] for entry in ledger.entries(home)] == ["one", "二"]


@pytest.mark.parametrize("alter", [("one", "two"), ('"number":1', '"number":3'), ("note", "vote")])
def test_an_altered_entry_breaks_the_chain(home: Home, alter: tuple[str, str]) -> None:
    ledger.append(home, "note", {"text": "one"}, NOW)
    ledger.append(home, "note", {"text": "other"}, NOW)
    path = home.ledger / "ledger.jsonl"
    path.write_text(path.read_text().replace(*alter))
    with pytest.raises(Finding, match="altered"):
        ledger.entries(home)


def test_a_removed_entry_breaks_the_chain(home: Home) -> None:
    for text in ("one", "two", "three"):
        ledger.append(home, "note", {"text": text}, NOW)
    path = home.ledger / "ledger.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0] + lines[2])
    with pytest.raises(Finding, match="entry 2"):
        ledger.entries(home)


@pytest.mark.parametrize("cut", [1, 20])
def test_a_torn_or_unreadable_entry_is_never_passed_over(home: Home, cut: int) -> None:
    ledger.append(home, "note", {"text": "one"}, NOW)
    ledger.append(home, "note", {"text": "two"}, NOW)
    path = home.ledger / "ledger.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    if cut == 1:
        assert len(ledger.entries(home)) == 2
    else:
        with pytest.raises(Finding, match="entry 2"):
            ledger.entries(home)
    path.write_bytes(b'{"number":1}\n' + whole)
    with pytest.raises(Finding, match="entry 1"):
        ledger.entries(home)


def test_frozen_tables_without_an_entry_count_for_nothing(home: Home) -> None:
    tables = {name: load_contract(name).arrow_schema().empty_table() for name in ledger.FROZEN}
    ledger.freeze(home, "2026-10", tables)
    assert ledger.closes(home) == {}
    assert len(ledger.table_files(home, home.warehouse / "ledger")["closed_charges"]) == 1


def test_a_close_is_known_from_its_cutoff(home: Home) -> None:
    closed(home, "2026-10")
    assert set(ledger.closes(home)) == {"2026-10"}
    assert ledger.closes(home, datetime(2026, 11, 2, tzinfo=UTC)) == {}


def test_a_frozen_file_that_was_altered_is_refused(home: Home) -> None:
    closed(home, "2026-10")
    path = ledger.close_folder(home, "2026-10") / "charges.parquet"
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(Finding, match="not what was closed"):
        ledger.table_files(home, home.warehouse / "ledger")


def test_every_ledger_table_is_typed_even_when_nothing_is_closed(home: Home) -> None:
    for name, files in ledger.table_files(home, home.warehouse / "ledger").items():
        table = pa.parquet.read_table(files[0])
        assert table.num_rows == 0, name
        assert table.num_columns > 3


def test_an_end_that_was_cut_off_shows_by_the_published_pack(home: Home) -> None:
    closed(home, "2026-09")
    path = home.ledger / "ledger.jsonl"
    before = path.read_text()
    closed(home, "2026-10")
    write_pack(home, ledger.closes(home)["2026-10"])
    path.write_text(before)
    with pytest.raises(Finding, match="no close of 2026-10"):
        ledger.closes(home)
