"""The files of a month, one after another, and the note beside them that says which release they are from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_contracts.contract import load_contract
from pipelines.errors import Finding
from pipelines.files import canonical_json, write_json
from pipelines.home import Home
from pipelines.release import current_release
from pipelines.report.content import Change, Place, Tables, changes, of_place, places, read, release_folder
from pipelines.report.writing import Report, write_parquet, write_workbook

WRITERS = {"xlsx": write_workbook, "parquet": write_parquet}


@dataclass(frozen=True)
class Written:
    """What was written, from which release, compared with which."""

    paths: tuple[Path, ...]
    release_id: str
    since: str | None
    record: str


def make(home: Home, month: str, region: str | None, shape: str, since: str | None, out: Path) -> Written:
    """Writes a month's files. Raises Finding where nothing is published, or the month has no rows."""
    release = current_release(home)
    noted = out / f"{month}.json"
    known = since or _last(noted, release.release_id) or _before(release.folder)
    now = read(home, region, month)
    if not any(rows for name, rows in now.items() if name not in {"sites", "target_scorecard"}):
        raise Finding(f"The current release has nothing of {month}.")
    there = bool(known) and (since is not None or (home.published / "releases" / str(known)).exists())
    folder = release_folder(home, str(known)) if there else None
    before = read(home, region, month, folder) if folder else None
    found = places(load_contract("sites"), now["sites"])
    paths = [
        WRITERS[shape](
            _of(month, place, release.release_id, folder.name if folder else None, now, before), out
        )
        for place in found
    ]
    record = {
        "month": month,
        "release_id": release.release_id,
        "since": folder.name if folder else None,
        "files": [path.name for path in paths],
    }
    write_json(noted, record)
    return Written(tuple(paths), release.release_id, folder.name if folder else None, canonical_json(record))


def _of(
    month: str, place: Place, release_id: str, since: str | None, now: Tables, before: Tables | None
) -> Report:
    tables: dict[str, Any] = {}
    changed: list[Change] = []
    for name, rows in now.items():
        contract = load_contract(name)
        own = of_place(contract, rows, place)
        tables[name] = own
        if before is not None:
            changed += changes(contract, of_place(contract, before.get(name, []), place), own)
    return Report(month, place, release_id, since, {n: r for n, r in tables.items() if r}, changed)


def _last(noted: Path, release_id: str) -> str | None:
    """The release of the last report in the folder; where that is the same, what it was compared with."""
    if not noted.exists():
        return None
    record: Mapping[str, str | None] = json.loads(noted.read_text(encoding="utf-8"))
    return record["since"] if record["release_id"] == release_id else record["release_id"]


def _before(folder: Path) -> str | None:
    """The release that was current before this one."""
    path = folder / "changes.json"
    since: str | None = json.loads(path.read_text(encoding="utf-8"))["since"] if path.exists() else None
    return since
