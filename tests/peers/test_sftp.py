"""OpenSSH: a thousand files once each, resumption, files being written, and a server that is not the pinned one."""

import os
import pwd
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipelines.home import Home
from pipelines.landing import read_events
from pipelines.transports.base import Refused, Secrets
from pipelines.transports.pull import Puller
from pipelines.transports.sftp import connect
from tests.peers.servers import free_port, listens, need, running
from tests.transports.places import one

pytestmark = pytest.mark.peers

CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
Subsystem sftp internal-sftp
MaxStartups 100
"""


@dataclass
class Server:
    """A running sshd: how to get there, and the folder that it shows."""

    settings: dict[str, Any]
    out: Path
    key: str


def keygen(program: str, path: Path, kind: str = "ed25519") -> str:
    """Makes a throw-away key; returns its public half without the comment."""
    subprocess.run([program, "-q", "-t", kind, "-N", "", "-C", "", "-f", str(path)], check=True)
    return path.with_suffix(".pub").read_text().strip()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    sshd, ssh_keygen = need("sshd", "ssh-keygen")
    folder, port = tmp_path_factory.mktemp("sshd"), free_port()
    host_key = keygen(ssh_keygen, folder / "host_key")
    (folder / "authorized_keys").write_text(keygen(ssh_keygen, folder / "client") + "\n")
    (folder / "sshd_config").write_text(CONFIG.format(port=port, folder=folder))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    out = folder / "out"
    out.mkdir()
    settings = {
        "host": "127.0.0.1",
        "port": port,
        "user": pwd.getpwuid(os.geteuid()).pw_name,
        "path": str(out),
        "host_key": host_key,
        "key_env": "SFTP_KEY",
    }
    command = [sshd, "-D", "-e", "-f", str(folder / "sshd_config")]
    with running(command, folder / "log", lambda: listens(port)):
        yield Server(settings, out, str(folder / "client"))


@pytest.fixture
def puller(home: Home, server: Server) -> Puller:
    for path in server.out.iterdir():
        path.unlink()
    return Puller(home, Secrets({"SFTP_KEY": server.key}), lambda _: None)


def test_a_thousand_files_are_landed_once_each(puller: Puller, server: Server) -> None:
    for number in range(999):
        (server.out / f"jobs_{number:04}.psv").write_text(f"JobID\n{number}\n")
    (Path(os.fsdecode(os.fsencode(server.out) + b"/" + "作业.psv".encode("gb18030")))).write_text("gb")
    (pulled,) = puller.pull(one("sftp", **server.settings))
    assert (pulled.listed, len(pulled.landed), pulled.findings) == (1000, 1000, [])
    assert len({event.landing_id for event in read_events(puller.home)}) == 1000
    (server.out / "late.psv").write_text("late")
    (pulled,) = puller.pull(one("sftp", **server.settings))
    assert (pulled.listed, len(pulled.landed)) == (1001, 1)


def test_a_wrong_host_key_is_refused_before_anything_is_sent(
    puller: Puller, server: Server, tmp_path: Path
) -> None:
    (server.out / "a.psv").write_text("a")
    for kind in ("ed25519", "ecdsa"):
        other = keygen(need("ssh-keygen")[0], tmp_path / kind, kind)
        (pulled,) = puller.pull(one("sftp", **{**server.settings, "host_key": other}))
        assert "another host key than the pinned one" in pulled.findings[0]
    assert read_events(puller.home) == []


def test_a_key_that_is_not_let_in_is_told(home: Home, server: Server, tmp_path: Path) -> None:
    keygen(need("ssh-keygen")[0], tmp_path / "stranger")
    puller = Puller(home, Secrets({"SFTP_KEY": (tmp_path / "stranger").read_text()}), lambda _: None)
    (pulled,) = puller.pull(one("sftp", **server.settings))
    assert "does not let" in pulled.findings[0]
    assert "PRIVATE KEY" not in pulled.findings[0]


def test_a_file_goes_on_where_it_ended(puller: Puller, server: Server, tmp_path: Path) -> None:
    content = os.urandom(3_000_001)
    (server.out / "big.psv").write_bytes(content)
    sftp = connect(server.settings, puller.secrets)
    (entry,) = sftp.entries("")
    part = tmp_path / "part"
    part.write_bytes(b"x" * 1_000_000)
    assert sftp.fetch(entry, part)
    sftp.close()
    assert part.read_bytes() == b"x" * 1_000_000 + content[1_000_000:], "only the rest was read"


def test_a_file_that_is_being_written_is_left_until_it_is_whole(puller: Puller, server: Server) -> None:
    (server.out / "a.psv").write_text("whole")
    (server.out / "b.psv.part").write_text("half")
    growing = server.out / "c.psv"
    growing.write_text("begin")

    def write_on(seconds: float) -> None:
        time.sleep(1.1)
        with growing.open("a") as stream:
            stream.write("more")

    puller.sleep = write_on
    work = one("sftp", **server.settings, done="settled")
    puller.pull(work)
    assert [event.name for event in read_events(puller.home)] == ["a.psv"]
    puller.sleep = lambda _: None
    (server.out / "b.psv.part").rename(server.out / "b.psv")
    puller.pull(work)
    assert [event.name for event in read_events(puller.home)] == ["a.psv", "b.psv", "c.psv"]


def test_markers_say_what_is_whole(puller: Puller, server: Server) -> None:
    for name in ("a.psv", "b.psv", "b.psv.done"):
        (server.out / name).write_text(name)
    puller.pull(one("sftp", **server.settings, done="marker"))
    assert [event.name for event in read_events(puller.home)] == ["b.psv"]


def test_a_folder_that_is_not_there_is_told(puller: Puller, server: Server) -> None:
    sftp = connect({**server.settings, "path": f"{server.out}/nowhere"}, puller.secrets)
    with pytest.raises(Refused, match="it is not there"):
        list(sftp.entries(""))
    sftp.close()
