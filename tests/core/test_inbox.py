"""The inbox as a careless or hostile sender uses it: nothing read that is not theirs, nothing lost, nobody blocked."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines import arrivals
from pipelines.arrivals import take, waiting
from pipelines.bronze import tidy
from pipelines.files import shared
from pipelines.home import Home
from pipelines.landing import read_events, receive
from pipelines.sites_config import load_sources
from tests.core.conftest import HEADER, sacct_line

NOW = datetime(2026, 10, 2, tzinfo=UTC)
CONTENT = f"{HEADER}\n{sacct_line()}\n"


@pytest.fixture
def folder(home: Home) -> Path:
    folder = home.inbox / "nscc-zz" / "job_records"
    folder.mkdir(parents=True)
    return folder


def put(path: Path, content: str = CONTENT, age: float = 60) -> Path:
    path.write_text(content)
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_a_link_to_what_is_not_the_senders_stays_unread(home: Home, folder: Path, tmp_path: Path) -> None:
    secret = put(tmp_path / "secret", "root:x:0:0\n")
    (folder / "jobs.psv").symlink_to(secret)
    (home.inbox / "nscc-zz" / "parties").symlink_to(tmp_path, target_is_directory=True)
    taken, left = take(home, load_sources(), NOW)
    assert taken == []
    assert {each.reason for each in left} == {"it is, or lies behind, a symbolic link"}
    assert not home.objects.exists()
    assert secret.exists()


def test_an_operator_may_link_a_whole_senders_folder(home: Home, tmp_path: Path) -> None:
    elsewhere = tmp_path / "sftp" / "job_records"
    elsewhere.mkdir(parents=True)
    put(elsewhere / "jobs.psv")
    home.inbox.mkdir(parents=True)
    (home.inbox / "nscc-zz").symlink_to(tmp_path / "sftp", target_is_directory=True)
    taken, left = take(home, load_sources(), NOW)
    assert (len(taken), left) == (1, [])


def test_a_file_that_grew_while_it_was_taken_stays_and_is_taken_whole(
    home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(folder / "jobs.psv")

    def receive_while_written(*arguments: object, **more: object) -> object:
        event = receive(*arguments, **more)  # type: ignore[arg-type]
        put(path, CONTENT + sacct_line("2") + "\n", age=30)
        return event

    with monkeypatch.context() as slow:
        slow.setattr(arrivals, "receive", receive_while_written)
        take(home, load_sources(), NOW)
    assert path.exists()
    (event,), _ = take(home, load_sources(), NOW)
    assert event.size_bytes == len(CONTENT + sacct_line("2") + "\n")
    assert not path.exists()


def test_a_file_from_a_clock_that_runs_ahead_is_taken(home: Home, folder: Path) -> None:
    put(folder / "jobs.psv", age=-86400)
    put(folder / "being-written.psv", age=0)
    assert [each.path.name for each in waiting(home, load_sources())] == ["jobs.psv"]


def test_a_name_that_is_no_text_blocks_nobody(home: Home, folder: Path) -> None:
    put(Path(os.fsdecode(os.fsencode(folder) + b"/\xd7\xf7\xff.psv")))
    put(folder / "two\nlines.psv", CONTENT + sacct_line("2") + "\n")
    taken, left = take(home, load_sources(), NOW)
    assert (len(taken), left) == (2, [])
    assert {each.name for each in read_events(home)} == {"\\xd7\\xf7\\xff.psv", "two\nlines.psv"}


def test_tidying_takes_nothing_from_a_delivery_that_is_being_landed(home: Home) -> None:
    home.objects.mkdir(parents=True)
    half = home.objects / ".incoming.1.tmp"
    half.write_bytes(b"half")
    with shared(home.locks / "landing"):
        tidy(home)
        assert half.exists()
    tidy(home)
    assert not half.exists()
