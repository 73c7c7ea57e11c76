"""Publishing with pages: all of it or nothing, and anew where the pages' design is another."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipelines import release
from pipelines.build import plan
from pipelines.home import Home
from pipelines.release import current, publish
from pipelines.warehouse import Target, locked
from tests.settlement.books import Books


@pytest.fixture
def books(tmp_path: Path) -> Books:
    """Books that are published once."""
    made = Books(tmp_path)
    made.build()
    made.publish()
    return made


def failing(
    home: Home, folder: Path, release_id: str, manifest: Mapping[str, Any], since: Mapping[str, Any]
) -> None:
    """Stops in the middle, as a full disk does."""
    (folder / "dashboard").mkdir()
    (folder / "dashboard" / "index.html").write_text("half of a page")
    raise OSError("No space left on device")


def names(books: Books) -> set[str]:
    return {path.name for path in (books.home.published / "releases").iterdir() if path.name[0] != "."}


def test_a_page_that_cannot_be_written_leaves_current_as_it_was(books: Books) -> None:
    before, known = current(books.home), names(books)
    books.rows["periods"] = [{"period": "2026-09", "state": "open", "gross_fen": 1, "late_fen": 0}]
    books.build()
    with pytest.raises(OSError, match="No space"), locked(books.home):
        publish(plan(Target(books.home), books.sources), failing)
    assert current(books.home) == before
    assert names(books) == known
    books.publish()
    made = current(books.home)
    assert made is not None
    assert made != before
    assert {each["file"] for each in json.loads((made / "pages.json").read_text())["pages"]} == {
        "dashboard/index.html",
        "docs/index.html",
        "finance/index.html",
    }


def test_the_same_tables_in_another_design_are_another_release(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = current(books.home)
    books.publish()
    assert current(books.home) == before
    monkeypatch.setattr(release, "design", lambda: "another")
    books.publish()
    assert current(books.home) != before
