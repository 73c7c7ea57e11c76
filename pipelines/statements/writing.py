"""Writes the statements of a release's closed periods into its folder, taking over what the release before has already.

Closed periods are frozen: as long as pack, names and this package are the same, their files are those of the release
before, by hard link. `index.json` beside them says of each file what content it shows and its hash; the manifest holds
the hash of the index. Drafts of open periods are written on request (`pipelines.statements.making`).
"""

import hashlib
import json
import os
import shutil
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import local
from typing import Any

from pipelines.files import canonical_json, sha256_file, sha256_text, write_json
from pipelines.statements import gathering
from pipelines.statements.content import Statement
from pipelines.statements.gathering import Books

FOLDER, INDEX = "statements", "index.json"
SUFFIXES = ("pdf", "xlsx")
WORKERS = 2
"""typst works outside the interpreter's lock, so that two threads use two cores; more gain little."""
HERE = Path(__file__).parent
CODE = (*HERE.glob("*.py"), *HERE.glob("*.typ"), *HERE.glob("fonts/*.otf"), HERE.parent / "workbook.py")
Files = dict[str, str]
"""Of one statement: the hash of its content and of each of its files, by suffix."""


def write_closed(release: Path, packs: Path, previous: Path | None) -> dict[str, Any]:
    """Writes the statements of all closed periods below the folder of a release that is being made.

    Returns what its manifest says of them. Raises Finding if one cannot be made; then the release is none.
    """
    folder = release / FOLDER
    before = _index(previous)
    periods: dict[str, Any] = {}
    with gathering.opened(release, packs) as books:
        for period, pack in books.periods():
            if pack is not None:
                basis = _basis(books, period, pack)
                known = before.get(period, {"basis": None, "statements": {}})
                periods[period] = {"basis": basis, "pack_sha256": pack}
                old = previous / FOLDER / period if previous else None
                periods[period]["statements"] = _period(books, period, basis, known, old, folder / period)
    write_json(folder / INDEX, {"periods": periods})
    return {
        "file": f"{FOLDER}/{INDEX}",
        "sha256": sha256_file(folder / INDEX),
        "periods": {period: len(each["statements"]) for period, each in periods.items()},
    }


def _index(previous: Path | None) -> dict[str, Any]:
    path = previous / FOLDER / INDEX if previous else None
    if path is None or not path.exists():
        return {}
    periods: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["periods"]
    return periods


def _basis(books: Books, period: str, pack: str) -> str:
    """All that a closed period's statements rest on; the same basis, the same statements."""
    return sha256_text(canonical_json([pack, books.terms(period), books.site_names(), code_digest()]))


def _period(
    books: Books, period: str, basis: str, known: dict[str, Any], old: Path | None, folder: Path
) -> dict[str, Files]:
    """The statements of a closed period: all of the release before if nothing is new, else what is new of them."""
    folder.mkdir(parents=True)
    stated: dict[str, Files] = known["statements"]
    if old and known["basis"] == basis and all(_take(old, folder, name, stated[name]) for name in stated):
        return stated
    files: dict[str, Files] = {}

    def wanted() -> Iterator[tuple[Statement, str]]:
        for statement in books.statements(period, books.parties(period)):
            name, key = statement.party.party_id, content_key(statement)
            same = stated.get(name, {}).get("content") == key
            if old and same and _take(old, folder, name, stated[name]):
                files[name] = stated[name]
            else:
                yield statement, key

    for name, made in render(wanted(), folder):
        files[name] = made
    return dict(sorted(files.items()))


def _take(old: Path, folder: Path, name: str, stated: Files) -> bool:
    """Takes over a statement's files from another release if they are what that release says."""
    sources = [old / f"{name}.{suffix}" for suffix in SUFFIXES]
    sound = all(
        source.exists() and sha256_file(source) == stated[suffix]
        for source, suffix in zip(sources, SUFFIXES, strict=True)
    )
    if sound:
        for source in sources:
            target = folder / source.name
            if not target.exists():
                _link(source, target)
    return sound


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def render(statements: Iterable[tuple[Statement, str]], folder: Path) -> Iterator[tuple[str, Files]]:
    """Writes each statement as PDF and Excel; a few at a time are in memory. Yields party and files, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting: deque[tuple[str, Future[Files]]] = deque()
        for statement, key in statements:
            waiting.append((statement.party.party_id, pool.submit(_render, statement, key, folder)))
            if len(waiting) > 2 * WORKERS:
                name, future = waiting.popleft()
                yield name, future.result()
        for name, future in waiting:
            yield name, future.result()


_OWN = local()


def _render(statement: Statement, key: str, folder: Path) -> Files:
    from pipelines.statements import xlsx
    from pipelines.statements.pdf import Printer

    if not hasattr(_OWN, "printer"):
        _OWN.printer = Printer()
    files = {"content": key}
    made = {"pdf": _OWN.printer.print(statement, key), "xlsx": xlsx.write(statement, key)}
    for suffix, content in made.items():
        path = folder / f"{statement.party.party_id}.{suffix}"
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        files[suffix] = hashlib.sha256(content).hexdigest()
    return files


def content_key(statement: Statement) -> str:
    """The hash of all that a statement says and of what renders it: the same key, the same bytes."""
    return sha256_text(canonical_json([statement.plain(), code_digest()]))


@cache
def code_digest() -> str:
    """What turns content into files: this package, its template and font, and the versions of its two libraries."""
    files = [sha256_file(path) for path in sorted(CODE)]
    return sha256_text(canonical_json([*files, version("typst"), version("xlsxwriter")]))
