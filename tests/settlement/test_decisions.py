"""Decisions and disputes: who, when and why in the chained ledger, as published tables, and what is refused."""

import hashlib
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines import cli, late_tariffs, ledger, ledger_acts
from pipelines.closing import recording
from pipelines.closing.blockers import MATERIAL_FEN
from pipelines.errors import Finding, WrongUse
from pipelines.late_tariffs import Late
from pipelines.warehouse import Target, read_built
from tests.settlement.books import LINE_A, PERIOD, RECEIVED, USAGE_B, Books

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 20, tzinfo=UTC)
RATES = "tariff_id,version,sku_id,band_from,window,unit,price,tax_included,valid_from,valid_to\n"
LATE = RECEIVED + timedelta(days=3)


@pytest.fixture(scope="module")
def open_books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """Published books, with October open: to copy, not to change."""
    made = Books(tmp_path_factory.mktemp("published"))
    rate = f"{RATES}std,v1,nscc-zz-cpu,0,00-24,core-hour,0.12,true,2026-01-01,\n"
    made.deliver("tariff.csv", rate, "network-ops", "tariff_rates")
    made.build()
    made.publish()
    return made


@pytest.fixture
def books(open_books: Books, tmp_path: Path) -> Books:
    return open_books.copy(tmp_path)


def send_rate(books: Books, version: str, valid_from: str, price: str = "0.15") -> None:
    rate = f"{RATES}std,{version},nscc-zz-cpu,0,00-24,core-hour,{price},true,{valid_from},\n"
    books.deliver(f"{version}.csv", rate, "network-ops", "tariff_rates", LATE)
    books.build()


def published(books: Books, name: str) -> list[tuple[object, ...]]:
    files = ledger.table_files(books.home, books.folder / "ledger")
    return duckdb.sql(f"select * from '{files[name][0]}'").fetchall()


def test_a_note_is_kept_with_who_when_and_why(books: Books) -> None:
    row = recording.decide(books.home, "note", " Wang  Fang ", "auditors were\nhere", NOW)
    (entry,) = ledger.entries(books.home)
    assert (entry.kind, entry.body["decided_by"], entry.body["reason"]) == (
        "decision", "Wang Fang", "auditors were here",
    )  # fmt: skip
    assert (row["decision_id"], row["decided_at"]) == (entry.hash[:32], NOW)
    assert len(published(books, "decisions")) == 1


@pytest.mark.parametrize(("by", "reason"), [("", "why"), ("Wang Fang", "  ")])
def test_no_decision_without_a_name_and_a_reason(books: Books, by: str, reason: str) -> None:
    with pytest.raises(WrongUse, match="empty"):
        recording.decide(books.home, "note", by, reason, NOW)
    assert books.kinds() == []


def test_a_tariff_is_late_if_it_touches_a_period_that_was_closed_before_it_came(books: Books) -> None:
    books.close("a", "b")
    send_rate(books, "v2", "2026-10-15")
    send_rate(books, "v3", "2026-11-01")
    assert late_tariffs.late(books.home) == [Late("std", "v2", PERIOD, "undecided")]


def test_a_corrected_price_of_a_known_version_is_late_too(books: Books) -> None:
    books.close("a", "b")
    send_rate(books, "v1", "2026-01-01", "9.99")
    assert late_tariffs.late(books.home) == [Late("std", "v1", PERIOD, "undecided")]


def test_only_a_late_tariff_can_be_decided_about(books: Books) -> None:
    books.close("a", "b")
    with pytest.raises(Finding, match="Late: none"):
        recording.decide_tariff(books.home, "std", "v1", "accepted", "Wang Fang", "agreed", NOW)
    send_rate(books, "v2", "2026-10-15")
    recording.decide_tariff(books.home, "std", "v2", "accepted", "Wang Fang", "agreed", NOW)
    assert late_tariffs.late(books.home) == [Late("std", "v2", PERIOD, "accepted")]
    recording.decide_tariff(books.home, "std", "v2", "refused", "Wang Fang", "not agreed", NOW)
    assert late_tariffs.late(books.home) == [Late("std", "v2", PERIOD, "refused")]


def test_the_models_are_told_which_tariffs_counted_at_the_close_and_at_the_acceptance(books: Books) -> None:
    books.close("a", "b")
    send_rate(books, "v2", "2026-10-15")
    told = late_tariffs.landings(books.home).to_pylist()
    assert [row["as_of"] for row in told] == [RECEIVED]
    recording.decide_tariff(books.home, "std", "v2", "accepted", "Wang Fang", "agreed", NOW)
    told = late_tariffs.landings(books.home).to_pylist()
    assert [(row["as_of"], row["known_at"]) for row in told] == [
        (RECEIVED, RECEIVED),
        (NOW, RECEIVED),
        (NOW, LATE),
    ]
    assert late_tariffs.landings(books.home, LATE).num_rows == 1


def test_a_build_remembers_the_decisions_that_it_knew(books: Books) -> None:
    books.close("a", "b")
    send_rate(books, "v2", "2026-10-15")
    row = recording.decide_tariff(books.home, "std", "v2", "accepted", "Wang Fang", "agreed", NOW)
    assert list(read_built(Target(books.home)).decisions) == []
    books.build()
    assert list(read_built(Target(books.home)).decisions) == [row["decision_id"]]


def test_a_dispute_freezes_the_row_as_it_stands(books: Books) -> None:
    row = recording.open_dispute(books.home, LINE_A[:8], 50, "Li Ming", "the job had failed", NOW)
    books.rows["statement_lines"][0]["gross_fen"] = 1
    books.build()
    books.publish()
    (kept,) = ledger_acts.disputes(ledger.entries(books.home))
    evidence = json.loads(kept["evidence"])
    assert (evidence["table"], evidence["row"]["gross_fen"]) == ("statement_lines", 106)
    assert hashlib.sha256(kept["evidence"].encode()).hexdigest() == kept["evidence_sha256"]
    assert (row["period"], row["tenant_id"], row["charge_id"], row["material"]) == (
        PERIOD,
        "tenant-a",
        None,
        False,
    )


def test_a_charge_can_be_disputed_and_belongs_to_its_line(books: Books) -> None:
    row = recording.open_dispute(books.home, USAGE_B, MATERIAL_FEN, "Li Ming", "too much", NOW)
    assert (row["line_id"], row["charge_id"], row["material"]) == ("b" * 32, USAGE_B, True)


def test_a_dispute_is_settled_once_and_says_how_and_by_whom(books: Books) -> None:
    name = recording.open_dispute(books.home, LINE_A, 50, "Li Ming", "failed", NOW)["dispute_id"]
    recording.settle_dispute(books.home, name[:6], "upheld", "Wang Fang", "it had", NOW)
    (row,) = ledger_acts.disputes(ledger.entries(books.home))
    assert (row["state"], row["outcome"], row["settled_by"], row["settlement"]) == (
        "settled", "upheld", "Wang Fang", "it had",
    )  # fmt: skip
    with pytest.raises(Finding, match="was settled by Wang Fang: upheld"):
        recording.settle_dispute(books.home, name, "rejected", "Wang Fang", "no", NOW)
    assert books.kinds() == ["dispute", "dispute_settled"]


def test_as_known_before_it_was_settled_a_dispute_is_open(books: Books) -> None:
    name = recording.open_dispute(books.home, LINE_A, 50, "Li Ming", "failed", NOW)["dispute_id"]
    recording.settle_dispute(books.home, name, "upheld", "Wang Fang", "it had", NOW + timedelta(days=2))
    chain = ledger.entries(books.home)
    assert [row["state"] for row in ledger_acts.disputes(chain, NOW + timedelta(days=1))] == ["open"]
    assert ledger_acts.disputes(chain, NOW - timedelta(days=1)) == []
    assert ledger.head(books.home, NOW) != ledger.head(books.home)


@pytest.mark.parametrize("subject", ["aaaaa", "ffffffff", "%", "a1a1a1' or true --"])
def test_what_names_no_single_line_or_charge_cannot_be_disputed(books: Books, subject: str) -> None:
    with pytest.raises(Finding, match="write at least 6 characters"):
        recording.open_dispute(books.home, subject, 50, "Li Ming", "failed", NOW)


@pytest.mark.parametrize(("text", "fen"), [("120.50", 12050), ("0.01", 1), ("1e3", 100_000), ("7", 700)])
def test_an_amount_in_yuan_is_read_to_the_fen(text: str, fen: int) -> None:
    assert recording.fen(text) == fen


@pytest.mark.parametrize("text", ["", "1.001", "ten", "nan", "inf", "1,000"])
def test_what_is_no_amount_in_yuan_is_wrong_use(text: str) -> None:
    with pytest.raises(WrongUse, match=r"write it like 120\.50"):
        recording.fen(text)


def test_the_commands_record_and_list(
    books: Books, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["suanzhang", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return int(end.value.code or 0), capsys.readouterr().out

    monkeypatch.setenv("SUANZHANG_HOME", str(books.home.root))
    who = ("--by", "Li Ming", "--reason", "failed")
    status, output = told("dispute", "open", LINE_A, "--amount", "100", *who)
    assert (status, "it holds up the close of 2026-10" in output) == (0, True)
    status, output = told("dispute", "list", "--open", "--json")
    (row,) = json.loads(output)
    assert (status, row["amount_fen"]) == (1, 10_000)
    assert told("dispute", "settle", row["dispute_id"], "--outcome", "rejected", *who)[0] == 0
    assert told("dispute", "list")[0] == 0
    assert told("decide", "note", *who)[0] == 0
    assert told("decide", "list")[0] == 0
    books.build()
    books.close("a", "b")
    send_rate(books, "v2", "2026-10-15")
    status, output = told("decide", "list")
    assert (status, "tariff std v2 came after the close of 2026-10: refused, undecided" in output) == (
        1,
        True,
    )
    assert told("decide", "late-tariff", "std", "v2", "--refuse", *who)[0] == 0
    assert told("decide", "list")[0] == 0
    assert told("decide", "late-tariff", "std", "v2", *who)[0] == 2
