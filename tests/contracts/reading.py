"""A plain reading of contracts, value by value, to hold the fused rules against; shares no code with them."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

import duckdb
import pyarrow as pa

from data_contracts.contract import Column, Contract

Row = Mapping[str, str | None]

TIMESTAMP = re.compile(
    r"[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d{1,6}0*)?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)", re.ASCII
)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
BOOLEANS = {"true", "True", "TRUE", "false", "False", "FALSE"}


class Unreadable(ValueError):
    """The text is no value of the column's type."""


def value_of(column: Column, text: str | None) -> object:
    """The value that a text stands for; the empty text is None. Raises Unreadable."""
    if text is None or text == "":
        return None
    readers = {
        "string": lambda: text,
        "integer": lambda: _integer(text),
        "decimal": lambda: _decimal(text, column.scale),
        "timestamp": lambda: _timestamp(text),
        "date": lambda: _date(text),
        "boolean": lambda: _boolean(text),
    }
    return readers[column.type]()


def _integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d+", text, re.ASCII) or not -(2**63) <= int(text) < 2**63:
        raise Unreadable
    return int(text)


def _decimal(text: str, scale: int) -> Decimal:
    if not NUMBER.fullmatch(text):
        raise Unreadable
    value = Decimal(text)
    shifted = value.scaleb(scale)
    if shifted != shifted.to_integral_value() or abs(shifted) >= Decimal(10) ** 38:
        raise Unreadable
    return value


def _timestamp(text: str) -> datetime:
    if not TIMESTAMP.fullmatch(text):
        raise Unreadable
    whole, _, fraction = text.partition(".")
    digits = re.match(r"\d*", fraction).group()
    zone = fraction[len(digits) :] if fraction else ""
    try:
        return datetime.fromisoformat(f"{whole}.{digits[:6]}{zone}" if digits else text).astimezone(UTC)
    except ValueError as error:
        raise Unreadable from error


def _date(text: str) -> date:
    if not re.fullmatch(r"[1-9]\d{3}-\d\d-\d\d", text, re.ASCII):
        raise Unreadable
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unreadable from error


def _boolean(text: str) -> bool:
    if text not in BOOLEANS:
        raise Unreadable
    return text.lower() == "true"


def broken_rules(contract: Contract, rows: Sequence[Row], flags: Sequence[set[str]]) -> list[set[str]]:
    """For each row the names of all rules that it breaks, warnings among them; `flags` are the format's own."""
    judged = [_columns(contract, row, flagged) for row, flagged in zip(rows, flags, strict=True)]
    held = _row_rules(contract, [values for values, _, _ in judged])
    return [
        broken | flagged | {f"row.{name}" for name, columns in failed.items() if not columns & unread}
        for (_, broken, unread), flagged, failed in zip(judged, flags, held, strict=True)
    ]


def _columns(contract: Contract, row: Row, flagged: set[str]) -> tuple[dict[str, object], set[str], set[str]]:
    """The row's values, the column rules that it breaks, and the columns that could not be read."""
    values, broken = {}, set()
    unread = {rule.split(".")[0] for rule in flagged}
    if unread & {"record", "file"}:
        unread |= {*contract.column_names}
    for column in contract.columns:
        try:
            values[column.name] = value_of(column, row.get(column.name))
        except Unreadable:
            values[column.name] = None
            broken.add(f"{column.name}.type")
            unread.add(column.name)
        broken |= {
            f"{column.name}.{kind}" for kind in _kinds(column, values[column.name], column.name in unread)
        }
    return values, broken, unread


def _kinds(column: Column, value: object, unread: bool) -> set[str]:
    if value is None:
        return {"required"} if column.required and not unread else set()
    found = {
        "range": (column.min is not None and value < column.min)
        or (column.max is not None and value > column.max),
        "pattern": column.pattern is not None and not re.fullmatch(column.pattern, value),
        "code": bool(column.codes) and value not in column.codes,
        "length": column.max_length is not None and len(value) > column.max_length,
    }
    return {kind for kind, broken in found.items() if broken}


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    return connection


def _row_rules(contract: Contract, values: Sequence[Mapping[str, object]]) -> list[dict[str, set[str]]]:
    """For each row the row rules that fail, as DuckDB reads their SQL, each with the columns that it names."""
    if not contract.row_rules:
        return [{} for _ in values]
    schema = pa.schema([field.with_nullable(True) for field in contract.arrow_schema(system=False)])
    table = pa.Table.from_pylist([dict(row) for row in values], schema=schema)
    conditions = ", ".join(f"({rule.sql}) as {rule.name}" for rule in contract.row_rules)
    connection = _connection()
    connection.register("rows_as_read", table)
    results = connection.sql(f"select {conditions} from rows_as_read").fetchall()
    named = {
        rule.name: set(re.findall(r"[a-z_]+", rule.sql)) & {*contract.column_names}
        for rule in contract.row_rules
    }
    return [
        {
            name: columns
            for (name, columns), holds in zip(named.items(), result, strict=True)
            if holds is False
        }
        for result in results
    ]
