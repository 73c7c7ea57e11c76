"""The dbt project parsed once for all test processes: it takes ten seconds, and each worker would do it twice.

What was parsed is kept in a folder of this user's, by what dbt reads and by which dbt reads it.
"""

import getpass
import hashlib
import importlib.metadata
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.files import exclusive, written_aside

KEPT = 3
PACKAGES = ("dbt-core", "dbt-duckdb", "dbt-adapters", "dbt-common")


def parsed_once(project: Path, parse: Callable[[], Any]) -> Any:
    """What `parse` returned in the first process that asked for this state of the project."""
    from dbt.contracts.graph.manifest import Manifest

    folder = Path(tempfile.gettempdir()) / f"suanzhang-parsed-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{_state(project)}.msgpack"
    with exclusive(folder / "lock"):
        if path.exists():
            return Manifest.from_msgpack(path.read_bytes())
        manifest = parse()
        with written_aside(path) as aside:
            aside.write_bytes(manifest.to_msgpack())
        for old in sorted(folder.glob("*.msgpack"), key=lambda each: each.stat().st_mtime)[:-KEPT]:
            old.unlink()
    return manifest


def _state(project: Path) -> str:
    digest = hashlib.sha256(f"{project} {sys.version}".encode())
    digest.update("".join(importlib.metadata.version(name) for name in PACKAGES).encode())
    for path in sorted(project.rglob("*")):
        if path.is_file() and not {"target", "logs"} & set(path.relative_to(project).parts):
            digest.update(f"{path.relative_to(project)}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
