"""What the ledger's entries say besides closes: proposals, decisions, disputes. Pure readings of the chain, as tables.

An act is known from the instant that its body names (`cutoff`, `decided_at`, `opened_at`, `settled_at`).
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from data_contracts.contract import load_contract

if TYPE_CHECKING:
    from pipelines.ledger import Entry

ID_LENGTH = 32
"""A decision or dispute is named by the first 128 bits of its entry's hash, in hexadecimal."""

Row = dict[str, Any]


def known_by(at: str, known_at: datetime | None) -> bool:
    """Whether an act of an instant is known at another; all are known now."""
    return known_at is None or datetime.fromisoformat(at) <= known_at


def proposals(chain: Iterable["Entry"], known_at: datetime | None = None) -> dict[str, "Entry"]:
    """The standing proposal of each period that is proposed and not closed."""
    standing: dict[str, Entry] = {}
    for entry in chain:
        if entry.kind in ("proposal", "close") and known_by(entry.body["cutoff"], known_at):
            if entry.kind == "proposal":
                standing[entry.body["period"]] = entry
            else:
                standing.pop(entry.body["period"], None)
    return standing


def decisions(chain: Iterable["Entry"], known_at: datetime | None = None) -> list[Row]:
    """The decisions in the order in which they were recorded, as rows of the published table."""
    return [
        {
            **entry.body,
            "decision_id": entry.hash[:ID_LENGTH],
            "entry_no": entry.number,
            **_at(entry, "decided_at"),
        }
        for entry in chain
        if entry.kind == "decision" and known_by(entry.body["decided_at"], known_at)
    ]


def disputes(chain: Iterable["Entry"], known_at: datetime | None = None) -> list[Row]:
    """The disputes in the order in which they were opened, as rows of the published table."""
    found: dict[str, Row] = {}
    for entry in chain:
        if entry.kind == "dispute" and known_by(entry.body["opened_at"], known_at):
            name = entry.hash[:ID_LENGTH]
            opened = {"dispute_id": name, "entry_no": entry.number, "state": "open"}
            found[name] = {**entry.body, **opened, **_at(entry, "opened_at")}
        elif entry.kind == "dispute_settled" and known_by(entry.body["settled_at"], known_at):
            found[entry.body["dispute_id"]] |= {**entry.body, "state": "settled", **_at(entry, "settled_at")}
    return list(found.values())


def _at(entry: "Entry", name: str) -> Row:
    return {name: datetime.fromisoformat(entry.body[name]).astimezone(UTC)}


def table(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows in the columns and types of a published table."""
    return pa.Table.from_pylist([dict(row) for row in rows], load_contract(name).arrow_schema())
