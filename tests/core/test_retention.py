"""Keeping releases: what pruning deletes and what never; readers while `current` moves; a publication that fails."""

import os
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from data_contracts.contract import Contract
from pipelines import release as releasing
from pipelines.ask import session
from pipelines.commands.releases import releases
from pipelines.errors import Finding, WrongUse
from pipelines.home import Home
from pipelines.release import current, point, publish
from pipelines.retention import kept, prune, reading
from pipelines.roles import Role
from pipelines.warehouse import Target
from tests.core.releases import TWO_SITES, Rows, written

READERS = 20


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with five releases, r1 the oldest, of which r5 is current."""
    monkeypatch.setenv("SUANZHANG_HOME", str(tmp_path / "home"))
    home = Home.from_environment()
    for number in range(1, 6):
        folder = written(home, f"r{number}", {"sites": TWO_SITES["sites"]})
        os.utime(folder / "manifest.json", (number, number))
    point(home, "r5")
    (home.close_packs / "2026-10").mkdir(parents=True)
    (home.close_packs / "2026-10" / "manifest.json").write_text("{}")
    return home


def names(home: Home) -> list[str]:
    return [each.release_id for each in kept(home)]


def test_the_newest_are_kept_and_close_packs_are_not_touched(home: Home) -> None:
    assert names(home) == ["r5", "r4", "r3", "r2", "r1"]
    gone, read = prune(home, 3)
    assert ([each.release_id for each in gone], read) == (["r2", "r1"], [])
    assert names(home) == ["r5", "r4", "r3"]
    assert sorted(path.name for path in (home.published / "releases").iterdir()) == ["r3", "r4", "r5"]
    assert (home.close_packs / "2026-10" / "manifest.json").exists()
    assert prune(home, 3) == ([], [])


def test_the_current_release_stays_however_old_it_is(home: Home) -> None:
    point(home, "r1")
    prune(home, 1)
    assert names(home) == ["r5", "r1"]
    assert current(home) == home.published.resolve() / "releases" / "r1"


def test_a_release_that_is_being_read_stays_until_it_is_not(home: Home) -> None:
    point(home, "r1")
    with reading(home) as folder:
        point(home, "r5")
        _, read = prune(home, 1)
        assert [each.release_id for each in read] == ["r1"]
        assert folder.exists()
    assert [each.release_id for each in prune(home, 1)[0]] == ["r1"]
    assert not folder.exists()


def test_the_commands_list_and_delete_and_say_so(home: Home) -> None:
    def run(*arguments: str) -> str:
        return CliRunner().invoke(releases, arguments, catch_exceptions=False).output

    assert run("list").splitlines()[1].split()[:3] == ["*", "r5", "2"]
    assert run("prune", "--keep", "4", "--dry-run").startswith("would delete r1, ")
    assert len(names(home)) == 5
    assert run("prune", "--keep", "4").startswith("deleted r1, ")
    assert run("prune", "--keep", "4") == "Nothing to delete.\n"
    with pytest.raises(WrongUse, match="at least 1"):
        run("prune", "--keep", "0")


def numbered(number: int) -> Rows:
    """A release that says its number in two tables."""
    return {
        "sites": [{"site_id": "hami", "name_en": str(number)}],
        "statements": [{"party_id": "t1", "gross_fen": number}],
    }


def test_twenty_readers_see_no_failure_and_no_mixture_while_current_moves_and_old_releases_go(
    home: Home,
) -> None:
    for number in (6, 7, 8):
        written(home, f"r{number}", numbered(number))
    point(home, "r6")
    query = "select max(name_en)::int, (select max(gross_fen) from statements) from sites"
    seen: list[tuple[int, int]] = []
    failures: list[BaseException] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            try:
                with reading(home) as folder, session(home, Role("finance"), folder) as connection:
                    seen.extend(connection.execute(query).fetchall())
            except BaseException as error:
                failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        for number in (7, 8):
            while (number - 1, number - 1) not in seen and not failures:
                over.wait(0.01)
            point(home, f"r{number}")
            prune(home, 1)
        while (8, 8) not in seen and not failures:
            over.wait(0.01)
    finally:
        over.set()
        for reader in readers:
            reader.join()
    assert failures == []
    assert all(one == other for one, other in seen), "a mixed release"


def test_a_publication_that_fails_leaves_current_as_it_was(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = []

    def full(_: object, contract: Contract, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        begun.append(contract.name)
        if len(begun) > 5:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(releasing, "write_table", full)
    before, rows = current(home), {each.release_id: each.rows for each in kept(home)}
    with pytest.raises(OSError, match="No space"):
        publish(SimpleNamespace(target=Target(home)), lambda *_: None)  # type: ignore[arg-type]
    assert len(begun) == 6
    assert current(home) == before
    assert {each.release_id: each.rows for each in kept(home)} == rows


def test_nothing_can_be_read_before_the_first_release(tmp_path: Path) -> None:
    with pytest.raises(Finding, match="Nothing is published yet"), reading(Home(tmp_path)):
        pytest.fail("there is none")
