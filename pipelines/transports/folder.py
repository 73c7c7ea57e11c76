"""A folder outside the home, such as an NFS share: files are read there and left as they are."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines.transports.base import BLOCK, Changed, Entry, Refused, Secrets, Unavailable


class Folder:
    """The files in a folder; symbolic links are not followed."""

    def __init__(self, path: Path, recursive: bool) -> None:
        self._path, self._recursive = path, recursive

    def entries(self, cursor: str) -> Iterator[Entry]:  # noqa: ARG002
        """The files, by path. Raises Unavailable where the folder is not there: a share may not be mounted."""
        try:
            found = sorted(self._files(self._path), key=lambda each: each.path)
            for each in found:
                yield _entry(each.path, each.stat(follow_symlinks=False))
        except OSError as error:
            raise _failure(error) from error

    def _files(self, folder: Path) -> Iterator["os.DirEntry[str]"]:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    yield entry
                elif self._recursive and entry.is_dir(follow_symlinks=False):
                    yield from self._files(Path(entry.path))

    def fetch(self, entry: Entry, part: Path) -> bool:
        """Copies a file, from its beginning. Raises Changed if it changed meanwhile."""
        try:
            with Path(entry.key).open("rb") as reader, part.open("wb") as writer:
                while block := reader.read(BLOCK):
                    writer.write(block)
                after = os.fstat(reader.fileno())
        except OSError as error:
            raise _failure(error) from error
        if _entry(entry.key, after) != entry:
            raise Changed(f"{entry.name} changed while it was read")
        return True

    def close(self) -> None:
        """Nothing to end."""


def _entry(path: str, stat: os.stat_result) -> Entry:
    return Entry(path, Path(path).name, stat.st_size, str(stat.st_mtime_ns))


def _failure(error: OSError) -> Exception:
    kind = Refused if isinstance(error, PermissionError) else Unavailable
    return kind(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def connect(settings: Mapping[str, Any], secrets: Secrets) -> Folder:  # noqa: ARG001
    """The transport of a feed's settings."""
    return Folder(Path(settings["path"]), settings.get("recursive", False))
