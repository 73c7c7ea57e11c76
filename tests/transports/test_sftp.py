"""SFTP against a client in memory; real servers are in tests/peers."""

import io
import stat
from pathlib import Path
from typing import Any

import paramiko
import pytest
from paramiko.message import Message
from paramiko.sftp import CMD_CLOSE, CMD_HANDLE, CMD_NAME, CMD_OPENDIR, CMD_READDIR

from pipelines.landing import read_events
from pipelines.transports.base import Changed, Refused, Secrets, Unavailable
from pipelines.transports.pull import Puller
from pipelines.transports.sftp import Sftp, connect
from tests.transports.places import one

GBK = "作业.psv".encode("gb18030")
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0v8o0Yk1oM1h2k6XbE1kX4U6pZQ2cV3y0s9a8b7c6d"


class Client:
    """What the transport uses of paramiko's client, over files in memory; folders are keys that end in a slash."""

    def __init__(self) -> None:
        self.files: dict[bytes, bytes] = {b"/out/a.psv": b"aaaa", b"/out/" + GBK: b"bbbbbbbb"}
        self.links = {b"/out/link.psv"}
        self.started: list[int] = []
        self.breaks_at: int | None = None
        self.grows = False
        self._listed: dict[bytes, bool] = {}

    def _request(self, command: int, argument: bytes) -> tuple[int, Message]:
        answer = Message()
        if command == CMD_OPENDIR:
            if not any(name.startswith(argument + b"/") for name in self.files):
                raise FileNotFoundError("No such file")
            self._listed[argument] = False
            answer.add_string(argument)
            kind = CMD_HANDLE
        elif command == CMD_READDIR:
            if self._listed[argument]:
                raise EOFError
            self._listed[argument] = True
            self._names(argument, answer)
            kind = CMD_NAME
        else:
            assert command == CMD_CLOSE
            kind = 0
        answer.rewind()
        return kind, answer

    def _names(self, folder: bytes, answer: Message) -> None:
        below = {
            name.removeprefix(folder + b"/").split(b"/")[0]: b"/" in name.removeprefix(folder + b"/")
            for name in [*self.files, *self.links]
            if name.startswith(folder + b"/")
        }
        answer.add_int(len(below) + 1)
        for name, is_folder in [(b"..", True), *below.items()]:
            answer.add_string(name)
            answer.add_string(b"long")
            link = folder + b"/" + name in self.links
            mode = stat.S_IFLNK if link else stat.S_IFDIR if is_folder else stat.S_IFREG
            self._attributes(folder + b"/" + name, mode)._pack(answer)

    def _attributes(self, path: bytes, mode: int = stat.S_IFREG) -> Any:
        made = paramiko.SFTPAttributes()
        made.st_size, made.st_mode = len(self.files.get(path, b"")), mode | 0o644
        made.st_atime = made.st_mtime = 1_793_491_200
        return made

    def stat(self, path: bytes) -> Any:
        return self._attributes(path)

    def open(self, path: bytes, mode: str) -> Any:
        return Reader(self, path)


class Reader(io.BytesIO):
    def __init__(self, client: Client, path: bytes) -> None:
        super().__init__(client.files[path])
        self.client, self.path, self.count = client, path, 0

    def prefetch(self, size: int) -> None:
        self.client.started.append(self.tell())

    def read(self, size: int | None = None) -> bytes:
        if self.client.breaks_at is not None:
            self.count += 1
            if self.count > 1:
                raise EOFError
            return super().read(self.client.breaks_at)
        if self.client.grows:
            self.client.files[self.path] += b"x"
        return super().read(size)


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def sftp(client: Client) -> Sftp:
    return Sftp(client, "/out/", False)


def test_files_are_landed_once_whatever_their_names_are_encoded_in(puller: Puller, sftp: Sftp) -> None:
    puller.connect = lambda each, secrets: sftp
    assert [len(puller.pull(one("sftp"))[0].landed) for _ in range(2)] == [2, 0]
    contents = [puller.home.object(event.content_sha256).read_bytes() for event in read_events(puller.home)]
    assert sorted(contents) == [b"aaaa", b"bbbbbbbb"]


def test_folders_are_entered_where_asked_and_links_never(client: Client, sftp: Sftp) -> None:
    client.files[b"/out/2026/c.psv"] = b"c"
    assert len(list(sftp.entries(""))) == 2
    keys = [entry.key for entry in Sftp(client, "/out", True).entries("")]
    assert len(keys) == 3
    assert keys[0] == "/out/2026/c.psv"


def test_a_file_goes_on_where_it_ended(client: Client, sftp: Sftp, tmp_path: Path) -> None:
    entry, part = next(iter(sftp.entries(""))), tmp_path / "part"
    client.breaks_at = 3
    with pytest.raises(Unavailable, match="the connection broke off"):
        sftp.fetch(entry, part)
    client.breaks_at = None
    assert sftp.fetch(entry, part)
    assert part.read_bytes() == b"aaaa"
    assert client.started == [0, 3]


def test_a_file_that_grows_while_it_is_read_is_left(client: Client, sftp: Sftp, tmp_path: Path) -> None:
    entry = next(iter(sftp.entries("")))
    client.grows = True
    with pytest.raises(Changed):
        sftp.fetch(entry, tmp_path / "part")
    assert not (tmp_path / "part").exists()


def test_a_folder_that_is_not_there_is_refused(client: Client) -> None:
    with pytest.raises(Refused, match="it is not there"):
        list(Sftp(client, "/nowhere", False).entries(""))


SETTINGS = {"host": "127.0.0.1", "port": 9, "user": "u", "path": "/", "host_key": HOST_KEY, "key_env": "K"}


@pytest.mark.parametrize("value", ["/nowhere/key", "-----BEGIN OPENSSH PRIVATE KEY-----\nbroken\n"])
def test_a_private_key_that_cannot_be_read_is_not_told(value: str) -> None:
    with pytest.raises(Refused) as error:
        connect(SETTINGS, Secrets({"K": value}))
    assert "key cannot be read" in str(error.value) or "the private key cannot" in str(error.value)
    assert value not in str(error.value)


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1 port 9 cannot be reached"):
        connect({**SETTINGS, "password_env": "P", "key_env": None}, Secrets({"P": "x"}))
