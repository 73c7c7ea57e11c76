"""Writing files whole or not at all, hashing them, and locking. No knowledge of what they hold."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BLOCK = 1 << 20


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, UTF-8 as is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256_text(text: str) -> str:
    """Hex SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_file(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """Gives a path beside `path` to write to; on success it is synced and renamed over `path`, else removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield aside
        settle(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def settle(aside: Path, path: Path) -> None:
    """Makes the file `aside` durable and gives it the name `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with aside.open("rb") as stream:
        os.fsync(stream.fileno())
    aside.replace(path)


def write_text(path: Path, text: str) -> None:
    """Writes a text file whole or not at all."""
    with written_aside(path) as aside:
        aside.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Writes a JSON file whole or not at all, with sorted keys."""
    write_text(path, json_text(value))


def json_text(value: Any) -> str:
    """The text of a JSON file: sorted keys, a line each."""
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def copy_hashed(source: Path, aside: Path) -> tuple[str, int]:
    """Copies bytes in blocks; returns their hex SHA-256 and their number."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as reader, aside.open("wb") as writer:
        while block := reader.read(BLOCK):
            digest.update(block)
            size += len(block)
            writer.write(block)
    return digest.hexdigest(), size


def remove_leftovers(folder: Path) -> None:
    """Removes what a killed writer left beside its targets. Only the holder of the folder's lock may call it."""
    for leftover in folder.rglob(".*.tmp"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


@contextmanager
def shared(path: Path) -> Iterator[None]:
    """Holds a lock on `path` together with others, so that whoever wants it `alone` has to come back later."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as stream:
        fcntl.flock(stream, fcntl.LOCK_SH)
        yield


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Tells whether nobody else holds `path`, and if so holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def exclusive(path: Path, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Holds an operating-system lock on `path`; the kernel frees it when its holder dies.

    `waiting` is called once with a sentence if somebody else holds the lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            if waiting:
                waiting(f"Waiting for {path.name} ({stream.read().strip() or 'another process'} holds it) …")
            fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        stream.truncate()
        stream.write(f"process {os.getpid()}")
        stream.flush()
        yield


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock on `path`, in this process or another."""
    try:
        with path.open() as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
