"""Writes the pages of a release into its folder, before the release gets its name: all of them or no release."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.dashboard.docs import docs_page
from pipelines.dashboard.kinds import KINDS, TITLES, VIEWS
from pipelines.dashboard.page import written_page
from pipelines.dashboard.reading import page_data
from pipelines.files import sha256_file, write_json, write_text
from pipelines.home import Home

LISTED = "pages.json"
"""Lies beside the manifest and names the pages: what they say follows from the tables and from the release before."""


def write_pages(
    home: Home, folder: Path, release_id: str, manifest: Mapping[str, Any], changes: Mapping[str, Any]
) -> None:
    """Writes the pages of the release whose tables lie in `folder`, and their list with sizes and hashes."""
    texts = {
        f"{kind.folder}/index.html": written_page(
            TITLES[kind.folder], VIEWS[kind.folder], page_data(home, folder, kind, release_id)
        )
        for kind in KINDS
    }
    texts["docs/index.html"] = docs_page(folder, release_id, manifest, changes)
    lines = []
    for name, text in sorted(texts.items()):
        path = folder / name
        write_text(path, text)
        lines.append({"file": name, "bytes": path.stat().st_size, "sha256": sha256_file(path)})
    write_json(folder / LISTED, {"release_id": release_id, "pages": lines})
