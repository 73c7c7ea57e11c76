"""A folder outside the home: files are read, not moved; a share that is not mounted is told."""

import os
from pathlib import Path

import pytest

from pipelines.landing import read_events
from pipelines.transports.base import Changed, Secrets, Unavailable
from pipelines.transports.folder import connect
from pipelines.transports.pull import Puller
from tests.transports.places import one


def test_files_are_landed_and_stay(puller: Puller, tmp_path: Path) -> None:
    share = tmp_path / "share"
    (share / "2026").mkdir(parents=True)
    (share / "b.psv").write_bytes(b"b")
    (share / "2026" / "a.psv").write_bytes(b"a")
    (share / "link.psv").symlink_to(share / "b.psv")
    (pulled,) = puller.pull(one(path=str(share)))
    assert (pulled.listed, len(pulled.landed)) == (1, 1)
    (pulled,) = puller.pull(one(path=str(share), recursive=True))
    assert (pulled.listed, len(pulled.landed), pulled.findings) == (2, 1, [])
    assert sorted(event.name for event in read_events(puller.home)) == ["a.psv", "b.psv"]
    assert (share / "b.psv").exists()


def test_a_share_that_is_not_mounted_is_told(puller: Puller, tmp_path: Path, slept: list[float]) -> None:
    (pulled,) = puller.pull(one(path=str(tmp_path / "share")))
    assert pulled.findings == [f"{tmp_path / 'share'}: No such file or directory"]
    assert len(slept) == 3


def test_a_file_that_grows_while_it_is_read_is_left(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    (share / "a.psv").write_bytes(b"a")
    folder = connect({"path": str(share)}, Secrets({}))
    (entry,) = folder.entries("")
    (share / "a.psv").write_bytes(b"ab")
    with pytest.raises(Changed):
        folder.fetch(entry, tmp_path / "part")


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.psv"
    path.write_bytes(b"a")
    folder = connect({"path": str(tmp_path)}, Secrets({}))
    (entry,) = folder.entries("")
    path.unlink()
    with pytest.raises(Unavailable, match="No such file"):
        folder.fetch(entry, tmp_path / "part")


def test_names_are_bytes(puller: Puller, tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    Path(os.fsdecode(os.fsencode(share) + b"/" + "作业.psv".encode("gb18030"))).write_bytes(b"a")
    assert len(puller.pull(one(path=str(share)))[0].landed) == 1
