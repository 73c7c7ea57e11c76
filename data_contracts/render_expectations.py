"""Great Expectations 1.x suites from contracts, as JSON; the library itself is not imported.

Belongs here: which expectations say what a contract says. Does not belong here: running them.
A suite reads a bronze or published table in pandas as Arrow gives it, with nullable Int64 and boolean. Row rules
are read from boolean columns named `row.<rule>`: whether the rule's SQL (`meta.sql`) holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from data_contracts.contract import Column, Contract, RowRule, load_contracts
from data_contracts.dictionary import Bound

_PANDAS_TYPES = {
    "string": "str",
    "integer": "int64",
    "timestamp": "Timestamp",
    "boolean": "bool",
    "number": "float64",
}
"""Decimals and dates are Python objects in pandas; their bounds and the fused rules speak for their types."""


def expectation_files(marker: str) -> dict[str, str]:
    """Repository paths and texts of the generated suites, one per dataset."""
    return {
        f"data_contracts/expectations/{contract.name}.json": _text(suite(contract, marker))
        for contract in load_contracts()
    }


def _text(suite: dict[str, Any]) -> str:
    """JSON with one expectation on a line."""
    lines = ",\n".join(f"  {json.dumps(each, ensure_ascii=False)}" for each in suite["expectations"])
    rest = {name: value for name, value in suite.items() if name != "expectations"}
    return f'{json.dumps(rest, ensure_ascii=False)[:-1]}, "expectations": [\n{lines}\n]}}\n'


def suite(contract: Contract, marker: str) -> dict[str, Any]:
    """The suite of a contract as Great Expectations serialises it."""
    names = [column.name for column in contract.stored_columns()]
    expectations = [
        _expectation(
            "table.columns", "expect_table_columns_to_match_set", {"column_set": names, "exact_match": False}
        ),
        *(each for column in contract.stored_columns() for each in _column(column)),
        *(_row_rule(rule) for rule in contract.row_rules),
    ]
    meta = {"notes": marker, "contract_version": contract.version}
    return {"name": contract.name, "meta": meta, "expectations": expectations}


def _expectation(rule: str, kind: str, kwargs: dict[str, Any], **meta: str) -> dict[str, Any]:
    return {"type": kind, "kwargs": kwargs, "severity": "critical", "meta": {"rule": rule, **meta}}


def _column(column: Column) -> Iterator[dict[str, Any]]:
    """Expectations named by the rules of rules.py that they repeat."""
    name = column.name
    kwargs: dict[str, Any]
    if column.type in _PANDAS_TYPES:
        kwargs = {"column": name, "type_": _PANDAS_TYPES[column.type]}
        yield _expectation(f"{name}.type", "expect_column_values_to_be_of_type", kwargs)
    if column.required:
        yield _expectation(f"{name}.required", "expect_column_values_to_not_be_null", {"column": name})
    if column.min is not None or column.max is not None:
        kwargs = {"column": name, "min_value": _plain(column.min), "max_value": _plain(column.max)}
        yield _expectation(f"{name}.range", "expect_column_values_to_be_between", kwargs)
    if column.pattern is not None:
        kwargs = {"column": name, "regex": column.pattern}
        yield _expectation(f"{name}.pattern", "expect_column_values_to_match_regex", kwargs)
    if column.codes:
        kwargs = {"column": name, "value_set": list(column.codes)}
        yield _expectation(f"{name}.code", "expect_column_values_to_be_in_set", kwargs)
    if column.max_length is not None:
        kwargs = {"column": name, "min_value": 0, "max_value": column.max_length}
        yield _expectation(f"{name}.length", "expect_column_value_lengths_to_be_between", kwargs)


def _row_rule(rule: RowRule) -> dict[str, Any]:
    kwargs = {"column": f"row.{rule.name}", "value_set": [True]}
    expectation = _expectation(f"row.{rule.name}", "expect_column_values_to_be_in_set", kwargs, sql=rule.sql)
    return expectation | {"severity": "critical" if rule.severity == "error" else "warning"}


def _plain(bound: Bound) -> Any:
    """A bound in JSON: instants and dates as ISO text, decimals as numbers."""
    if isinstance(bound, datetime | date):
        return bound.isoformat()
    if isinstance(bound, Decimal):
        return int(bound) if bound == int(bound) else float(bound)
    return bound
