"""The asset keys and their groups as a file: `python -m tests.dagster_.snapshot` writes it anew."""

import json
from pathlib import Path

import dagster as dg

SNAPSHOT = Path(__file__).with_name("asset_keys.json")
COMMAND = "python -m tests.dagster_.snapshot"


def keys_of(definitions: dg.Definitions) -> dict[str, str]:
    """The group of each asset by its key; what dbt calls sources of its own (`inputs`, `ledger`) has none."""
    found = {
        spec.key.to_user_string(): spec.group_name
        for spec in definitions.resolve_all_asset_specs()
        if spec.group_name not in (None, "default")
    }
    return dict(sorted(found.items()))


if __name__ == "__main__":
    from pipelines.definitions import defs

    SNAPSHOT.write_text(json.dumps(keys_of(defs), indent=1) + "\n", encoding="utf-8")
