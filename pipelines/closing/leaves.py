"""What the leaves of a close's three Merkle trees are: statement lines, charges, and the records behind charges.

A leaf is the canonical JSON of a row, with the name of its tree: `["lines", {column: value}]`, `["charges", {…}]`,
`["evidence", charge_id, record_hash, quantity]`. Leaves stand in the order of the frozen tables' rows, which are sorted
by their keys. The pack's root is that over one leaf per tree, `[tree, number of leaves, root]`, by name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.closing import merkle
from pipelines.files import canonical_json

Row = Mapping[str, Any]
TABLES = {"charges": "charges", "evidence": "lineage", "lines": "statement_lines"}
"""The trees and the frozen tables whose rows are their leaves."""
TRIPLE = ["row_key", "record_hash", "quantity"]
BATCH_ROWS = 65_536


@dataclass(frozen=True)
class Tree:
    """One tree: the table of the rows that its leaves stand for, and the leaves' hashes."""

    name: str
    table: pa.Table

    @property
    def size(self) -> int:
        return self.table.num_rows

    @cached_property
    def levels(self) -> list[list[str]]:
        """The tree's hashes, from the leaves to the root."""
        told = self.table.select(TRIPLE) if self.name == "evidence" else self.table
        rows = (row for batch in told.to_batches(BATCH_ROWS) for row in batch.to_pylist())
        return merkle.levels([merkle.leaf_hash(content(self.name, row)) for row in rows])

    @property
    def root(self) -> str:
        return self.levels[-1][0] if self.size else merkle.EMPTY

    def row(self, index: int) -> Row:
        """The row of a leaf."""
        (row,) = self.table.slice(index, 1).to_pylist()
        return row

    def where(self, column: str, values: Iterable[str]) -> list[int]:
        """The leaves whose rows have one of some values in a column, in order."""
        wanted = pa.array(sorted(values), pa.string())
        found: list[int] = pc.indices_nonzero(pc.is_in(self.table[column], value_set=wanted)).to_pylist()
        return found

    def path(self, index: int) -> list[str]:
        """The audit path of a leaf."""
        return merkle.path(self.levels, index)

    def stated(self) -> dict[str, Any]:
        """What a pack says of it."""
        return {"leaves": self.size, "root": self.root}


def content(tree: str, row: Row) -> bytes:
    """The bytes of a leaf."""
    if tree == "evidence":
        leaf: list[Any] = [tree, row["row_key"], row["record_hash"], row["quantity"]]
    else:
        leaf = [tree, {name: plain(value) for name, value in row.items()}]
    return canonical_json(leaf).encode()


def plain(value: Any) -> Any:
    """A value as JSON has it: instants in UTC, days and decimals as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def trees(table_of: Callable[[str], pa.Table]) -> dict[str, Tree]:
    """The trees over a close's frozen tables, by name."""
    found = {}
    for name, table_name in TABLES.items():
        table = table_of(table_name)
        if name == "evidence":
            table = table.filter(pc.equal(table["table_name"], "charges"))
        found[name] = Tree(name, table)
    return found


def stated(found: Mapping[str, Tree]) -> dict[str, Any]:
    """What a pack says of its trees, with the root over them all."""
    said = {name: tree.stated() for name, tree in sorted(found.items())}
    return {**said, "root": top(said)}


def top(said: Mapping[str, Any]) -> str:
    """The root over the trees as they are stated."""
    tops = [
        canonical_json([name, each["leaves"], each["root"]])
        for name, each in sorted(said.items())
        if name in TABLES
    ]
    return merkle.root([merkle.leaf_hash(each.encode()) for each in tops])
