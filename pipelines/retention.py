"""How long releases are kept: the current one and the newest for ever, older ones until somebody prunes.

A release that is deleted can be made again from landing and ledger. Close packs are no releases and nothing here
touches them.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import WrongUse
from pipelines.files import alone, exclusive
from pipelines.home import Home
from pipelines.release import current, current_release, read_manifest

KEPT = 10
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Kept:
    """A release that is there: rows and bytes of its tables, and whether `current` names it."""

    release_id: str
    folder: Path
    rows: int
    size: int
    current: bool


@contextmanager
def reading(home: Home) -> Iterator[Path]:
    """The folder of the current release, which nobody prunes meanwhile. Raises Finding before the first release.

    Its manifest is locked, by reading it: who reads need not be able to write anywhere.
    """
    with ExitStack() as held:
        folder = None
        while folder is None:
            folder = _held(current_release(home).folder, held)
        yield folder


def _held(folder: Path, held: ExitStack) -> Path | None:
    """The folder, locked until `held` ends; None if it was pruned in this instant."""
    try:
        stream = held.enter_context((folder / MANIFEST).open())
    except FileNotFoundError:
        return None
    fcntl.flock(stream, fcntl.LOCK_SH)
    return folder if folder.exists() else None


def kept(home: Home) -> list[Kept]:
    """Every release, the newest first."""
    named = current(home)
    folders = [path.parent for path in (home.published / "releases").glob(f"[!.]*/{MANIFEST}")]
    found = []
    for folder in sorted(
        folders, key=lambda path: ((path / MANIFEST).stat().st_mtime_ns, path.name), reverse=True
    ):
        rows = sum(table["rows"] for table in read_manifest(folder)["tables"])
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        found.append(Kept(folder.name, folder, rows, size, folder == named))
    return found


def prune(home: Home, keep: int = KEPT, dry: bool = False) -> tuple[list[Kept], list[Kept]]:
    """Deletes all releases but the newest `keep`, the current one, and those that somebody reads.

    Returns which went, and which were spared because they are read. With `dry` nothing is deleted. Raises WrongUse
    where `keep` is less than one.
    """
    if keep < 1:
        raise WrongUse("--keep is at least 1.")
    gone: list[Kept] = []
    read: list[Kept] = []
    with exclusive(home.locks / "warehouse"):  # nobody publishes meanwhile
        for each in kept(home)[keep:]:
            if each.current:
                continue
            with alone(each.folder / MANIFEST) as free:
                (gone if free else read).append(each)
                if free and not dry:
                    _delete(each.folder)
    return gone, read


def _delete(folder: Path) -> None:
    """Takes a release away at once, under a name that is none of a release's, then its bytes."""
    aside = folder.with_name(f".{folder.name}.pruned.tmp")
    folder.replace(aside)
    shutil.rmtree(aside)
