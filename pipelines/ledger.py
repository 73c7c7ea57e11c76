"""The ledger: what people decided. Append-only, each entry holding the hash of the one before.

`ledger/ledger.jsonl` is the chain; `ledger/closes/<period>/<table>.parquet` is what a close froze, named with its
sha256 in the close's entry. A folder without an entry is a close that never happened. What the other entries say is
read in `ledger_acts`.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.contract import load_contract
from pipelines import ledger_acts
from pipelines.errors import Finding
from pipelines.files import canonical_json, exclusive, sha256_file, sha256_text, written_aside
from pipelines.home import Home
from pipelines.landing import utc_text

FROZEN = (
    "metered_usage", "charges", "statement_lines", "line_splits", "guarantee_topups", "journal_entries", "lineage",
)  # fmt: skip
"""The published tables of which a close keeps its period's rows; of lineage, those of the period's charges."""

CLOSES = pa.schema(
    [
        ("period", pa.string()),
        ("cutoff", pa.timestamp("us", tz="UTC")),
        ("proposed_by", pa.string()),
        ("approved_by", pa.string()),
        ("pack_sha256", pa.string()),
        ("state", pa.string()),
    ]
)
GENESIS = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One act in the ledger; `hash` covers all the rest, `previous` among it."""

    number: int
    previous: str
    at: str
    kind: str
    body: Mapping[str, Any]
    hash: str


def _hash(number: int, previous: str, at: str, kind: str, body: Mapping[str, Any]) -> str:
    return sha256_text(canonical_json([number, previous, at, kind, body]))


def entries(home: Home) -> list[Entry]:
    """The whole chain. Raises Finding where it is broken."""
    path = home.ledger / "ledger.jsonl"
    if not path.exists():
        return []
    found: list[Entry] = []
    *lines, rest = path.read_bytes().split(b"\n")
    for line in [*lines, rest] if rest else lines:
        previous = found[-1].hash if found else GENESIS
        try:
            entry = Entry(**json.loads(line))
            whole = _hash(entry.number, entry.previous, entry.at, entry.kind, entry.body)
            sound = entry.previous == previous and entry.hash == whole and entry.number == len(found) + 1
        except (ValueError, TypeError):
            sound = False
        if not sound:
            raise Finding(
                f"The ledger's chain is broken at entry {len(found) + 1} of {path}: it was altered."
            )
        found.append(entry)
    return found


def append(home: Home, kind: str, body: Mapping[str, Any], at: datetime) -> Entry:
    """Adds an entry. The caller holds the ledger's lock."""
    chain = entries(home)
    number, previous = len(chain) + 1, chain[-1].hash if chain else GENESIS
    entry = Entry(
        number, previous, utc_text(at), kind, body, _hash(number, previous, utc_text(at), kind, body)
    )
    lines = [*(canonical_json(vars(each)) for each in chain), canonical_json(vars(entry))]
    with written_aside(home.ledger / "ledger.jsonl") as aside:
        aside.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return entry


def locked(home: Home) -> Any:
    """Holds the ledger: of two who close at once, one comes first."""
    return exclusive(home.locks / "ledger")


def closes(home: Home, known_at: datetime | None = None) -> dict[str, Mapping[str, Any]]:
    """The closed periods with what their entries say, as known at an instant of landing's time.

    Raises Finding where a published close pack has no entry: a chain does not show that its end was cut off.
    """
    return _closes(home, entries(home), known_at)


def _closes(home: Home, chain: list[Entry], known_at: datetime | None) -> dict[str, Mapping[str, Any]]:
    found = {entry.body["period"]: entry.body for entry in chain if entry.kind == "close"}
    for pack in sorted(home.close_packs.glob("*/pack.json")):
        if pack.parent.name not in found:
            raise Finding(
                f"The ledger has no close of {pack.parent.name}, but {pack.parent} was published: entries were "
                "removed from it; bring the ledger back from a backup."
            )
    return {key: body for key, body in found.items() if ledger_acts.known_by(body["cutoff"], known_at)}


def head(home: Home, known_at: datetime | None = None) -> str:
    """A digest of what the models can see of the ledger."""
    chain = entries(home)
    closed = _closes(home, chain, known_at)
    return sha256_text(
        canonical_json(
            [
                [dict(body) for body in closed.values()],
                [entry.hash for entry in ledger_acts.proposals(chain, known_at).values()],
                [row["decision_id"] for row in ledger_acts.decisions(chain, known_at)],
                [[row["dispute_id"], row["state"]] for row in ledger_acts.disputes(chain, known_at)],
            ]
        )
    )


def close_folder(home: Home, period: str) -> Path:
    """Where a close keeps what it froze."""
    return home.ledger / "closes" / period


def freeze(home: Home, period: str, tables: Mapping[str, pa.Table]) -> dict[str, str]:
    """Writes a period's tables, all or none; returns their sha256 by name. They count once an entry names them."""
    folder = close_folder(home, period)
    aside = folder.with_name(f".{period}.tmp")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    for name, table in tables.items():
        (aside / name).parent.mkdir(exist_ok=True)
        pq.write_table(table, aside / f"{name}.parquet", compression="zstd")
    shutil.rmtree(folder, ignore_errors=True)
    aside.replace(folder)
    return {name: sha256_file(folder / f"{name}.parquet") for name in sorted(tables)}


def table_files(home: Home, folder: Path, known_at: datetime | None = None) -> dict[str, list[Path]]:
    """The ledger's tables as Parquet files for the models: `closes`, `decisions`, `disputes` and `closed_<table>`.

    Each is typed even when empty. Raises Finding if a frozen file is not what its close's entry says.
    """
    chain = entries(home)
    closed = _closes(home, chain, known_at)
    proposed = {key: entry.body for key, entry in ledger_acts.proposals(chain, known_at).items()}
    rows = [_period(body, "closed") for _, body in sorted(closed.items())]
    rows += [_period(body, "closing") for _, body in sorted(proposed.items())]
    tables = {
        "closes": pa.Table.from_pylist(rows, CLOSES),
        "decisions": ledger_acts.table("decisions", ledger_acts.decisions(chain, known_at)),
        "disputes": ledger_acts.table("disputes", ledger_acts.disputes(chain, known_at)),
    }
    files = {name: [_write(folder / f"{name}.parquet", table)] for name, table in tables.items()}
    for name in FROZEN:
        empty = load_contract(name).arrow_schema().empty_table()
        files[f"closed_{name}"] = [_write(folder / f"closed_{name}.parquet", empty)]
        for period, body in sorted(closed.items()):
            path = close_folder(home, period) / f"{name}.parquet"
            if sha256_file(path) != body["tables"][name]:
                raise Finding(f"{path} is not what was closed: its sha256 differs from the ledger's.")
            files[f"closed_{name}"].append(path)
    return files


def _period(body: Mapping[str, Any], state: str) -> dict[str, Any]:
    return {
        "period": body["period"],
        "cutoff": datetime.fromisoformat(body["cutoff"]).astimezone(UTC),
        "proposed_by": body["proposed_by"],
        "approved_by": body.get("approved_by"),
        "pack_sha256": body.get("pack_sha256"),
        "state": state,
    }


def _write(path: Path, table: pa.Table) -> Path:
    with written_aside(path) as aside:
        pq.write_table(table, aside, compression="zstd")
    return path
