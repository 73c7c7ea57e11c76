"""Reading a close pack from its folder alone: each file must be what `pack.json` says, and so must that be itself.

Nothing here needs a home, the warehouse or the ledger.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.closing import leaves
from pipelines.closing.pack import pack_hash
from pipelines.errors import Finding
from pipelines.files import json_text, sha256_file


@dataclass(frozen=True)
class Pack:
    """A pack whose bytes are whole: what it says of itself, and its trees."""

    folder: Path
    said: Mapping[str, Any]

    def table(self, name: str) -> pa.Table:
        """One of its tables."""
        return pq.read_table(self.folder / f"{name}.parquet")

    @cached_property
    def trees(self) -> dict[str, leaves.Tree]:
        return leaves.trees(self.table)


def read_pack(folder: Path) -> Pack:
    """Reads a pack. Raises Finding that names all that is not as it was closed: a byte, a file, a root.

    A pack of the earlier form that had no roots proves nothing: Finding says so.
    """
    said = _said(folder)
    wrong = _wrong_files(folder, said)
    if not wrong and "merkle" not in said:
        raise Finding(
            f"The pack {folder} holds no Merkle roots, as packs of earlier versions did not: its files are whole, "
            "yet it proves no single charge. Prove charges of later closes."
        )
    if not wrong:
        pack = Pack(folder, said)
        wrong = _wrong_roots(pack)
    if wrong:
        raise Finding(f"The pack {folder} is not what was closed: {'; '.join(wrong)}.")
    return pack


def _said(folder: Path) -> dict[str, Any]:
    path = folder / "pack.json"
    try:
        text = path.read_text(encoding="utf-8")
        said: dict[str, Any] = json.loads(text)
        sound = json_text(said) == text and said["pack_sha256"] == pack_hash(said)
    except FileNotFoundError as error:
        raise Finding(f"There is no close pack in {folder}: pack.json is missing.") from error
    except (ValueError, KeyError, TypeError):
        sound = False
    if not sound:
        raise Finding(f"The pack {folder} is not what was closed: pack.json was altered.")
    return said


def _wrong_files(folder: Path, said: Mapping[str, Any]) -> list[str]:
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    meant = {f"{name}.parquet": sha256 for name, sha256 in said["tables"].items()}
    wrong = [f"{name} is no part of it" for name in sorted(there - meant.keys() - {"pack.json"})]
    for name, sha256 in sorted(meant.items()):
        if name not in there:
            wrong.append(f"{name} is missing")
        elif sha256_file(folder / name) != sha256:
            wrong.append(f"{name} was altered")
    return wrong


def _wrong_roots(pack: Pack) -> list[str]:
    said = pack.said["merkle"]
    wrong = [
        f"the {name} do not come to their root"
        for name, tree in sorted(pack.trees.items())
        if tree.stated() != said[name]
    ]
    return wrong + (["the roots do not come to the pack's root"] if leaves.top(said) != said["root"] else [])
