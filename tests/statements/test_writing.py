"""Statements beside a release: of closed periods, taken over while nothing is new; drafts on request; never half."""

import json
import os
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.closing.closing import Closed
from pipelines.commands.statement import statement
from pipelines.errors import Finding, WrongUse
from pipelines.home import Home
from pipelines.release import current, point
from pipelines.statements import writing
from pipelines.statements.pdf import Printer
from pipelines.statements.writing import write_closed
from tests.settlement.books import PERIOD as CLOSED_PERIOD
from tests.settlement.books import Books
from tests.statements.release import ISSUER, NETWORK, PERIOD, TENANT, rows, write

NAMES = ["city", "park-01", "party-network", "party-nscc-zz", "party-ops", "party-tax"]


def made(release: Path) -> dict[str, int]:
    """The files of a release's statements with their inodes."""
    folder = release / "statements" / PERIOD
    return {path.name: path.stat().st_ino for path in sorted(folder.iterdir())}


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A release with a closed period and its statements."""
    release = write(tmp_path / "first", closed=True)
    write_closed(release, tmp_path / "first" / "packs", None)
    return release


def again(tmp_path: Path, first: Path, **changed: list[dict]) -> Path:
    """The release that comes after the first."""
    release = write(tmp_path / "second", True, changed)
    write_closed(release, tmp_path / "second" / "packs", first)
    return release


def test_every_party_of_a_closed_period_has_both_files_and_the_manifest_names_their_index(
    tmp_path: Path,
) -> None:
    release = write(tmp_path, closed=True)
    said = write_closed(release, tmp_path / "packs", None)
    assert [*made(release)] == sorted(f"{name}.{suffix}" for name in NAMES for suffix in ("pdf", "xlsx"))
    assert said["periods"] == {PERIOD: len(NAMES)}
    index = json.loads((release / said["file"]).read_text())
    files = index["periods"][PERIOD]["statements"]
    for name in NAMES:
        for suffix in ("pdf", "xlsx"):
            path = release / "statements" / PERIOD / f"{name}.{suffix}"
            assert writing.sha256_file(path) == files[name][suffix]


def test_an_open_period_has_none_beside_the_release(tmp_path: Path) -> None:
    release = write(tmp_path, closed=False)
    assert write_closed(release, tmp_path / "packs", None)["periods"] == {}


def test_what_is_closed_is_taken_over_without_being_made_again(
    tmp_path: Path, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Printer, "print", lambda *_: pytest.fail("a statement was made again"))
    monkeypatch.setattr(writing.Books, "statements", lambda *_: pytest.fail("the period was read again"))
    assert made(again(tmp_path, first)) == made(first)


def test_only_what_says_something_else_is_made_again(tmp_path: Path) -> None:
    def terms(party: str) -> list[dict]:
        """A party has 15 days more, of its own side of the debt alone."""
        later = {"due_on": date(2026, 12, 15), "payment_days": 45}
        return [{**row, **(later if row["party_id"] == party else {})} for row in rows(True)["receivables"]]

    first = write(tmp_path / "first", True, {"receivables": terms(TENANT)})
    write_closed(first, tmp_path / "first" / "packs", None)
    before, after = made(first), made(again(tmp_path, first, receivables=terms(ISSUER)))
    changed = {name.split(".")[0] for name in after if after[name] != before[name]}
    assert changed == {TENANT, ISSUER}


def test_a_file_that_was_altered_is_made_again_and_not_passed_on(tmp_path: Path, first: Path) -> None:
    path = first / "statements" / PERIOD / f"{NETWORK}.pdf"
    sound = path.read_bytes()
    path.write_bytes(sound + b" ")
    second = again(tmp_path, first)
    assert (second / "statements" / PERIOD / path.name).read_bytes() == sound
    assert path.read_bytes() == sound + b" "


def test_where_links_cannot_be_made_files_are_copied(
    tmp_path: Path, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refused)
    second = again(tmp_path, first)
    assert {*made(second).values()}.isdisjoint(made(first).values())
    files = (first / "statements" / PERIOD).iterdir()
    assert all(
        path.read_bytes() == (second / "statements" / PERIOD / path.name).read_bytes() for path in files
    )


@pytest.fixture(scope="module")
def closed_books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """A home with a release, and a month closed since: tenant-a owes 1.06 yuan, tenant-b 13.09.

    Tests of this module add to it in the order in which they stand.
    """
    books = Books(tmp_path_factory.mktemp("books"))
    books.build()
    books.publish()
    sides = {"tenant-a": (100, 6), "tenant-b": (1235, 74)}
    ways = [("payable", "receivable"), ("receivable", "payable")]
    books.rows["statements"] = [
        {
            "period": CLOSED_PERIOD, "party_id": own, "counterparty_id": other, "direction": way, "lines": 1,
            "net_fen": net, "tax_fen": tax, "gross_fen": net + tax,
        }
        for tenant, (net, tax) in sides.items()
        for (own, other), (way, _) in zip([(tenant, "x"), ("x", tenant)], ways, strict=True)
    ]  # fmt: skip
    closed = books.close("Li Ming", "Wang Fang")
    assert isinstance(closed, Closed)
    books.rows["periods"] = [{"period": CLOSED_PERIOD, "state": "closed", "pack_sha256": closed.pack_sha256}]
    books.build()
    return books


def test_a_statement_that_cannot_be_made_leaves_the_release_before_current(
    closed_books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = current(closed_books.home)

    def fails(*_: object) -> bytes:
        raise Finding("The statement of tenant-a for 2026-10 cannot be printed: no ink.")

    with monkeypatch.context() as broken:
        broken.setattr(Printer, "print", fails)
        with pytest.raises(Finding, match="no ink"):
            closed_books.publish()
    assert current(closed_books.home) == before


def test_a_release_after_a_close_has_the_months_statements(closed_books: Books) -> None:
    closed_books.publish()
    after = current(closed_books.home)
    assert after
    assert sorted(path.name for path in (after / "statements" / CLOSED_PERIOD).glob("*.pdf")) == [
        "tenant-a.pdf",
        "tenant-b.pdf",
        "x.pdf",
    ]
    manifest = json.loads((after / "manifest.json").read_text())
    assert manifest["statements"]["periods"] == {CLOSED_PERIOD: 3}


def test_a_pack_that_is_missing_is_published_again_from_the_ledger(closed_books: Books) -> None:
    pack = closed_books.pack()
    folder = closed_books.home.close_packs / CLOSED_PERIOD
    (folder / "pack.json").unlink()
    (folder / "reference" / "parties.parquet").unlink()
    closed_books.build()
    closed_books.publish()
    assert closed_books.pack() == pack


@pytest.fixture
def drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose current release has an open month; returns a folder for what is asked of it."""
    monkeypatch.setenv("SUANZHANG_HOME", str(tmp_path / "home"))
    home = Home.from_environment()
    release = write(tmp_path)
    (release / "manifest.json").write_text(json.dumps({"release_id": "r1", "tables": []}))
    home.published.joinpath("releases").mkdir(parents=True)
    release.rename(home.published / "releases" / "r1")
    point(home, "r1")
    return tmp_path / "out"


def ask(*arguments: str) -> Result:
    done = CliRunner().invoke(statement, arguments, catch_exceptions=False, standalone_mode=False)
    if done.exception:
        raise done.exception
    return done


def test_a_draft_is_to_be_had_at_any_time(drafts: Path) -> None:
    said = ask(PERIOD, TENANT, "--out", str(drafts)).output.split()
    assert said == [str(drafts / f"{TENANT}.pdf"), str(drafts / f"{TENANT}.xlsx")]
    ask(PERIOD, "--out", str(drafts))
    assert sorted(path.stem for path in drafts.glob("*.xlsx")) == NAMES


def test_who_or_when_there_is_no_statement_for_is_said(drafts: Path) -> None:
    with pytest.raises(WrongUse, match="nobody has no statement for 2026-10"):
        ask(PERIOD, "nobody", "--out", str(drafts))
    with pytest.raises(Finding, match="no statements for 2026-12"):
        ask("2026-12", "--out", str(drafts))
    with pytest.raises(WrongUse, match="no billing period"):
        ask("October", "--out", str(drafts))
