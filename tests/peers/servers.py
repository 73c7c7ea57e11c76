"""Real servers as children on loopback: found, started, waited for, ended. A missing one skips its tests, by name."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

WHERE = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/sbin"])
"""Debian keeps daemons where an ordinary user does not look."""


def need(*programs: str) -> list[str]:
    """Where programs are. Skips the test where one is missing."""
    found = [shutil.which(program, path=WHERE) for program in programs]
    missing = [program for program, path in zip(programs, found, strict=True) if path is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    return [path for path in found if path]


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether somebody answers on a port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(ready: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Waits for something; fails with its name."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            pytest.fail(f"{what} did not come within {seconds:.0f} seconds")
        time.sleep(0.05)


@contextmanager
def running(
    command: list[str],
    log: Path,
    ready: Callable[[], bool],
    env: Mapping[str, str] | None = None,
    **more: object,
) -> Iterator[subprocess.Popen[bytes]]:
    """A server from the moment that it is ready until the end of the block; its output goes to a file."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, **more
        )  # type: ignore[call-overload]
    name = Path(command[0]).name

    def up() -> bool:
        if child.poll() is not None:
            pytest.fail(f"{name} ended with {child.returncode}:\n{log.read_text(errors='replace')[-2000:]}")
        return ready()

    try:
        wait_until(up, name)
        yield child
    finally:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
