"""Runs dbt commands that the harness does not: a query compiled, another project over a warehouse made before."""

from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.dbt.harness import FILE, PROJECT, parsed, run_dbt

BAD = ("error", "fail", "runtime error")


def compiled(sql: str) -> str:
    """What dbt makes of a query with macros, for DuckDB."""
    (result,) = _invoke(PROJECT, _scratch() / FILE, _scratch() / "target", ["compile", "--inline", sql])
    return str(result.node.compiled_code)


def bad_nodes(project: Path, warehouse: Path, target: Path, arguments: Sequence[str]) -> set[str]:
    """The names of the models and tests that fail in a command."""
    return {each.node.name for each in _invoke(project, warehouse, target, arguments) if each.status in BAD}


@cache
def _scratch() -> Path:
    return Path(mkdtemp(prefix="suanzhang-dbt-"))


def _invoke(project: Path, warehouse: Path, target: Path, arguments: Sequence[str]) -> list[Any]:
    # a query compiled inline is added to the manifest: each has its own copy
    manifest = deepcopy(parsed()) if project == PROJECT and warehouse.name == FILE else None
    outcome = run_dbt(project, warehouse, target, arguments, manifest)
    assert outcome.exception is None, outcome.exception
    return list(outcome.result.results)
