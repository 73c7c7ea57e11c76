"""The pages of the release as an asset of their own: where they are, a preview, and what changed since the last one.

They are written with the release, so that no release is without them; this asset shows them.
"""

import json

import dagster as dg

from pipelines.dashboard.preview import preview
from pipelines.dashboard.writing import LISTED
from pipelines.defs.resources import Platform
from pipelines.release import current_release
from pipelines.tables import table_of


@dg.asset(
    key=["published", "dashboard"],
    group_name="published",
    deps=[["published", "release"]],
    description=(
        "The pages of the current release: the dashboard for everybody, the one for finance, what each table means. "
        "当前发布版本的页面：公开看板、财务看板与各表说明。"
    ),
    kinds={"html"},
)
def dashboard(platform: Platform) -> dg.MaterializeResult:
    """Shows the pages that were written with the current release. Raises Finding before the first release."""
    folder = current_release(platform.home).folder
    pages = json.loads((folder / LISTED).read_text(encoding="utf-8"))["pages"]
    changes = json.loads((folder / "changes.json").read_text(encoding="utf-8"))
    changed = [each for each in changes["tables"] if each["changed"]]
    return dg.MaterializeResult(
        metadata={
            "dashboard": dg.MetadataValue.path(str(folder / "dashboard" / "index.html")),
            "open": dg.MetadataValue.url((folder / "dashboard" / "index.html").as_uri()),
            "finance": dg.MetadataValue.path(str(folder / "finance" / "index.html")),
            "docs": dg.MetadataValue.path(str(folder / "docs" / "index.html")),
            "preview": dg.MetadataValue.md(preview(folder)),
            "pages": table_of(pages, ["file", "bytes", "sha256"]),
            "since": changes["since"] or "the first release",
            "changed": table_of(changed, ["name", "rows_before", "rows"]),
        }
    )


defs = dg.Definitions(assets=[dashboard])
