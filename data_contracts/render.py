"""Everything that is generated from contracts and committed: dbt properties, expectation suites, pages.

Belongs here: the set of generated files, writing them, and telling where they drifted. Does not belong here: how
one kind of file reads (render_dbt.py, render_expectations.py, render_docs.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from data_contracts.dictionary import ROOT
from data_contracts.render_dbt import dbt_files
from data_contracts.render_docs import doc_files
from data_contracts.render_expectations import expectation_files

REPOSITORY = ROOT.parent
MARKER = "Generated from data_contracts/ by `suanzhang contracts render`; do not edit."
_GENERATED_FOLDERS = (
    "docs/data/*.md",
    "data_contracts/expectations/*.json",
    "dbt/models/**/*.yml",
    "dbt/macros/*.sql",
)


@dataclass(frozen=True)
class Drift:
    """One file that is not what the contracts say; `path` is relative to the repository."""

    path: str
    kind: Literal["missing", "changed", "extra"]


def rendered_files() -> dict[str, str]:
    """All generated files by their path in the repository, in a fixed order."""
    return dict(sorted({**dbt_files(MARKER), **expectation_files(MARKER), **doc_files(MARKER)}.items()))


def drift(repository: Path = REPOSITORY) -> list[Drift]:
    """Where the committed files differ from the contracts: missing, changed, or generated and no longer due."""
    due = rendered_files()
    found = [_compared(repository, path, text) for path, text in due.items()]
    extra = [Drift(path, "extra") for path in _generated(repository) if path not in due]
    return [each for each in found if each is not None] + extra


def write(repository: Path = REPOSITORY) -> list[Drift]:
    """Make the files what the contracts say, removing what is no longer due; returns what was mended."""
    mended, due = drift(repository), rendered_files()
    for each in mended:
        path = repository / each.path
        if each.kind == "extra":
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(due[each.path], encoding="utf-8", newline="\n")
    return mended


def _compared(repository: Path, path: str, text: str) -> Drift | None:
    file = repository / path
    if not file.is_file():
        return Drift(path, "missing")
    return None if file.read_bytes() == text.encode() else Drift(path, "changed")


def _generated(repository: Path) -> Iterator[str]:
    """Paths of files that carry the marker of a generated file."""
    for pattern in _GENERATED_FOLDERS:
        for path in sorted(repository.glob(pattern)):
            if MARKER in path.read_text(encoding="utf-8"):
                yield path.relative_to(repository).as_posix()
