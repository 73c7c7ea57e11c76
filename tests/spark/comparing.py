"""Marts of the two engines held against each other in DuckDB: types, then rows by EXCEPT ALL both ways.

Integers, money, decimals, texts and times must be equal. Columns that the contract calls `number` are doubles derived
for reading: they may differ by 1e-12 of their magnitude, row by row of the mart's key.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from data_contracts.contract import Contract, load_contract

DOUBLES_WITHIN = 1e-12


@dataclass(frozen=True)
class Comparison:
    """What two engines made of one mart. Empty lists: equal."""

    rows: int
    types: list[str]
    only_duckdb: list[tuple[Any, ...]]
    only_spark: list[tuple[Any, ...]]
    doubles: list[tuple[Any, ...]]

    def __bool__(self) -> bool:
        return not (self.types or self.only_duckdb or self.only_spark or self.doubles)

    def __str__(self) -> str:
        sides = [*self.types]
        for name in ("only_duckdb", "only_spark", "doubles"):
            rows = getattr(self, name)
            sides += [f"{name}: {len(rows)} rows of {self.rows}", *(f"  {row}" for row in rows[:5])]
        return "\n".join(sides)


def compare(name: str, of_duckdb: Path, of_spark: Path) -> Comparison:
    """A mart as each engine exported it: a folder of Parquet files."""
    contract = load_contract(name)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"create table of_duckdb as from read_parquet('{of_duckdb}/*.parquet')")
        connection.execute(f"create table of_spark as from read_parquet('{of_spark}/*.parquet')")
        exact = ", ".join(_quoted(each.name) for each in contract.columns if each.type != "number")
        return Comparison(
            rows=len(connection.sql("from of_duckdb").fetchall()),
            types=_types(connection),
            only_duckdb=connection.sql(_except("of_duckdb", "of_spark", exact)).fetchall(),
            only_spark=connection.sql(_except("of_spark", "of_duckdb", exact)).fetchall(),
            doubles=_doubles(connection, contract),
        )


def _types(connection: duckdb.DuckDBPyConnection) -> list[str]:
    here, there = (
        {name: kind for name, kind, *_ in connection.sql(f"describe {side}").fetchall()}
        for side in ("of_duckdb", "of_spark")
    )
    return [
        f"{name}: {here.get(name)} on DuckDB, {there.get(name)} on Spark"
        for name in sorted(here.keys() | there.keys())
        if here.get(name) != there.get(name)
    ]


def _except(these: str, those: str, columns: str) -> str:
    return f"select {columns} from {these} except all select {columns} from {those}"


def _doubles(connection: duckdb.DuckDBPyConnection, contract: Contract) -> list[tuple[Any, ...]]:
    numbers = [_quoted(each.name) for each in contract.columns if each.type == "number"]
    if not numbers:
        return []
    same_key = " and ".join(f"h.{_quoted(key)} is not distinct from t.{_quoted(key)}" for key in contract.key)
    far = " or ".join(
        f"(h.{name} is null) <> (t.{name} is null) "
        f"or abs(h.{name} - t.{name}) > {DOUBLES_WITHIN} * greatest(abs(h.{name}), abs(t.{name}))"
        for name in numbers
    )
    pairs = ", ".join(f"h.{name}, t.{name}" for name in numbers)
    keys = ", ".join(f"h.{_quoted(key)}" for key in contract.key)
    return connection.sql(
        f"select {keys}, {pairs} from of_duckdb h join of_spark t on {same_key} where {far}"
    ).fetchall()


def _quoted(name: str) -> str:
    return f'"{name}"'
