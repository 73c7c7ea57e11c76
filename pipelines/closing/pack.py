"""The close pack: what a pack says of itself, and its files as they are published, each written once."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipelines import ledger
from pipelines.build import Plan
from pipelines.closing.freezing import Frozen
from pipelines.files import canonical_json, sha256_text, write_json, written_aside
from pipelines.home import Home

NOT_PUBLISHED = "proposal"
"""What the ledger's entry says besides the pack: which proposal was approved. A pack says nothing of the clock."""


def pack_folder(home: Home, period: str) -> Path:
    """Where a period's pack is published."""
    return home.close_packs / period


def body_of(
    plan: Plan,
    period: str,
    frozen: Frozen,
    tables: Mapping[str, str],
    proposal: ledger.Entry,
    approved_by: str,
) -> dict[str, Any]:
    """A close's entry in the ledger: the pack as `pack.json` says it, its hash, and the proposal that was approved."""
    pack = {
        "period": period,
        "cutoff": frozen.cutoff.isoformat(),
        "proposed_by": proposal.body["proposed_by"],
        "approved_by": approved_by,
        "tables": dict(tables),
        "control_totals": {name: dict(each) for name, each in frozen.control_totals.items()},
        "merkle": dict(frozen.merkle),
        "code": {"version": version("suanzhang"), "models": plan.digest},
        "contracts": dict(frozen.contracts),
    }
    return {**pack, "pack_sha256": pack_hash(pack), NOT_PUBLISHED: proposal.hash}


def pack_hash(pack: Mapping[str, Any]) -> str:
    """The hash of what a pack says, but for the hash itself."""
    return sha256_text(canonical_json({key: value for key, value in pack.items() if key != "pack_sha256"}))


def write_pack(home: Home, body: Mapping[str, Any]) -> Path:
    """Publishes a close's pack from the ledger; files that are there already stay as they are."""
    folder = pack_folder(home, body["period"])
    for name in sorted(body["tables"]):
        target = folder / f"{name}.parquet"
        if not target.exists():
            with written_aside(target) as aside:
                aside.write_bytes(
                    (ledger.close_folder(home, body["period"]) / f"{name}.parquet").read_bytes()
                )
    if not (folder / "pack.json").exists():
        write_json(folder / "pack.json", {key: value for key, value in body.items() if key != NOT_PUBLISHED})
    return folder


def restore_packs(home: Home) -> None:
    """Publishes every close's pack from the ledger where it is missing, in whole or in part."""
    for body in ledger.closes(home).values():
        write_pack(home, body)
