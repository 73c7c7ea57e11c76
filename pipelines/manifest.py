"""dbt's manifest: made once per state of the project, read by whoever wants to know the models."""

import json
from pathlib import Path
from typing import Any

from pipelines.dbt_project import PROJECT, code_digest, write_manifest
from pipelines.files import exclusive, write_text, written_aside
from pipelines.home import Home
from pipelines.warehouse import Target


def manifest_path(home: Home) -> Path:
    """The manifest of the present code and its descriptions, parsed now if there is none yet (a few seconds)."""
    folder = home.warehouse / "dbt"
    path, stamp = folder / "manifest.json", folder / "manifest.digest"
    digest = code_digest(*(each.read_text(encoding="utf-8") for each in sorted(PROJECT.glob("**/*.yml"))))
    with exclusive(home.locks / "manifest"):
        if not path.exists() or not stamp.exists() or stamp.read_text() != digest:
            with written_aside(path) as aside:
                write_manifest(home, Target(home).file, aside)
            write_text(stamp, digest)
    return path


def read_manifest(home: Home) -> dict[str, Any]:
    """The manifest as dbt wrote it."""
    document: dict[str, Any] = json.loads(manifest_path(home).read_text(encoding="utf-8"))
    return document
