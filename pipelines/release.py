"""Releases: the marts as a folder of Parquet with a manifest, never changed after it is written; `current` names one.

The identity of a release is the hash of what it says: nothing new, no new release. What changed since the last release
lies beside it in `changes.json`, outside what is hashed.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from data_contracts.contract import Contract, load_contracts
from data_contracts.render_docs import release_pages
from pipelines.build import Plan
from pipelines.closing.pack import restore_packs
from pipelines.dashboard.page import design
from pipelines.errors import Finding
from pipelines.files import canonical_json, sha256_file, sha256_text, write_json, write_text
from pipelines.home import Home
from pipelines.parquet import open_writer
from pipelines.statements.writing import write_closed
from pipelines.warehouse import Target, connected, released, write_released

GROUP_ROWS = 131_072


@dataclass(frozen=True)
class Release:
    """A published release; `new` says whether this run made it. `statements` counts them by closed period."""

    release_id: str
    folder: Path
    new: bool
    tables: Mapping[str, int]
    statements: Mapping[str, int]


def releases(target: Target) -> Path:
    """Where releases lie: those as known at an instant apart from the others, which alone `current` names."""
    return target.home.published / ("releases" if target.known_at is None else "as_known_at")


WritePages = Callable[[Home, Path, str, Mapping[str, Any], Mapping[str, Any]], None]
"""Writes what people look at into a folder of tables: home, folder, release id, manifest, changes."""


def publish(plan: Plan, write_pages: WritePages) -> Release:
    """Writes the marts and their pages as a release unless the same one is there, and moves `current` to it.

    The caller holds the warehouse. A release as known at an instant never moves `current`.
    """
    folder = releases(plan.target)
    known = released(plan.target)
    if known and (folder / known / "manifest.json").exists() and _is_drawn(folder / known):
        return _settled(plan.target, known, False)
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{os.getpid()}.tmp"
    for leftover in folder.glob(".*.tmp"):
        shutil.rmtree(leftover)
    tables = []
    with connected(plan.target) as connection:
        for contract in load_contracts("published"):
            tables.append(write_table(connection, contract, aside))
        docs = write_docs(aside)
        watermarks = _watermarks(connection)
    restore_packs(plan.target.home)
    manifest = {
        "tables": tables,
        "docs": docs,
        "statements": write_closed(aside, plan.target.home.close_packs, current(plan.target.home)),
        "pages": design(),
        "watermarks": watermarks,
        "known_at": plan.target.known_at.isoformat() if plan.target.known_at else None,
        "code": {"version": version("suanzhang"), "digest": plan.digest},
        "ledger": plan.ledger_head,
    }
    release_id = sha256_text(canonical_json(manifest))[:16]
    write_json(aside / "manifest.json", {"release_id": release_id, **manifest})
    final = folder / release_id
    new = not (final / "manifest.json").exists()
    if new:
        since = changes(current(plan.target.home), manifest)
        write_json(aside / "changes.json", since)
        write_pages(plan.target.home, aside, release_id, manifest, since)
        shutil.rmtree(final, ignore_errors=True)
        aside.replace(final)
    else:
        shutil.rmtree(aside)
    write_released(plan.target, release_id)
    return _settled(plan.target, release_id, new)


def _is_drawn(folder: Path) -> bool:
    """Whether the pages of a release are as they would be drawn now."""
    return read_manifest(folder).get("pages") == design()


def _settled(target: Target, release_id: str, new: bool) -> Release:
    if target.known_at is None:
        point(target.home, release_id)
    return read_release(releases(target) / release_id, new)


def read_release(folder: Path, new: bool = False) -> Release:
    """A release as its manifest tells it."""
    manifest = read_manifest(folder)
    return Release(
        manifest["release_id"],
        folder,
        new,
        {each["name"]: each["rows"] for each in manifest["tables"]},
        manifest.get("statements", {"periods": {}})["periods"],
    )


def current_release(home: Home) -> Release:
    """The release that `current` names. Raises Finding before the first."""
    folder = current(home)
    if folder is None:
        raise Finding("Nothing is published yet. Run `suanzhang materialize` first.")
    return read_release(folder)


def point(home: Home, release_id: str) -> None:
    """Moves `current` to a release, at once for every reader."""
    aside = home.published / f".current.{os.getpid()}.tmp"
    aside.unlink(missing_ok=True)
    aside.symlink_to(Path("releases") / release_id)
    aside.replace(home.published / "current")


def current(home: Home) -> Path | None:
    """The folder of the current release, resolved, so that a reader stays with it; None before the first."""
    link = home.published / "current"
    return link.resolve() if link.exists() else None


def read_manifest(folder: Path) -> dict[str, Any]:
    """A release's manifest."""
    document: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return document


def write_docs(folder: Path) -> list[dict[str, str]]:
    """Writes a page per published table, in both languages; returns their lines in the manifest."""
    lines = []
    for name, text in release_pages().items():
        path = folder / "docs" / name
        write_text(path, text)
        lines.append({"file": path.relative_to(folder).as_posix(), "sha256": sha256_file(path)})
    return lines


def write_table(connection: duckdb.DuckDBPyConnection, contract: Contract, folder: Path) -> dict[str, Any]:
    """Writes one mart in the contract's columns, types and key order; returns its line in the manifest.

    The audits hold the key unique, so its order is the only one.
    """
    schema = contract.described_schema()
    path = folder / (contract.group or "") / f"{contract.name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    names = ", ".join(f'"{name}"' for name in contract.column_names)
    order = ", ".join(f'"{name}" nulls first' for name in contract.key)
    query = connection.sql(f"select {names} from marts.{contract.name} order by {order}")
    groups = _groups(query.to_arrow_reader(GROUP_ROWS), schema)
    first = next(groups, schema.empty_table())
    rows = 0
    with open_writer(path, schema, first) as writer:
        for group in chain([first] if first.num_rows else [], groups):
            writer.write_table(group, row_group_size=GROUP_ROWS)
            rows += group.num_rows
    return {
        "name": contract.name,
        "group": contract.group,
        "file": path.relative_to(folder).as_posix(),
        "rows": rows,
        "sha256": sha256_file(path),
        "contract_version": contract.version,
        "schema": [{"name": field.name, "type": str(field.type)} for field in schema],
    }


def _groups(reader: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.Table]:
    """Row groups of a fixed size, whatever the sizes of the batches, so that equal rows give equal bytes."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in reader:
        waiting.append(batch)
        rows += batch.num_rows
        while rows >= GROUP_ROWS:
            table = pa.Table.from_batches(waiting)
            yield table.slice(0, GROUP_ROWS).combine_chunks().cast(schema)
            rest = table.slice(GROUP_ROWS)
            waiting, rows = rest.to_batches(), rest.num_rows
    if rows:
        yield pa.Table.from_batches(waiting).combine_chunks().cast(schema)


def _watermarks(connection: duckdb.DuckDBPyConnection) -> list[dict[str, str]]:
    found = connection.sql(
        "select source_id, layer, watermark_at from intermediate.int_feed_horizon order by all"
    ).fetchall()
    return [
        {"source_id": source, "layer": layer, "watermark_at": _text(at)} for source, layer, at in found if at
    ]


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def changes(before: Path | None, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What a release changes against the one before it, per table: rows then and now, and whether the bytes differ."""
    old = {table["name"]: table for table in read_manifest(before)["tables"]} if before else {}
    return {
        "since": before.name if before else None,
        "tables": [
            {
                "name": table["name"],
                "rows_before": old.get(table["name"], {}).get("rows"),
                "rows": table["rows"],
                "changed": old.get(table["name"], {}).get("sha256") != table["sha256"],
            }
            for table in manifest["tables"]
        ],
    }
