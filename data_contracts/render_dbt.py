"""What dbt has from contracts: properties of the source `bronze` and of published models; keys, controls, columns.

Belongs here: what dbt reads of a contract. Does not belong here: models and generic tests (dbt/), other renderings.
The tests are two per table, because each test is a query of its own: `unique_key`, and `keeps_contract`, which reads
required columns, codes, bounds and row rules in one pass. Rows of bronze were judged one by one when they landed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from data_contracts.contract import Column, Contract, load_contracts

_CHANGED_ONLY = "landing_id in (select changed.landing_id from inputs.changed_landings as changed)"


def dbt_files(marker: str) -> dict[str, str]:
    """Repository paths and texts of the generated dbt property files."""
    inputs = load_contracts("input")
    files = {
        f"dbt/models/staging/_bronze_{contract.name}.yml": _text(marker, _source(contract))
        for contract in inputs
    }
    files |= {
        f"dbt/models/marts/_{contract.name}.yml": _text(marker, {"version": 2, "models": [_model(contract)]})
        for contract in load_contracts("published")
    }
    files["dbt/macros/_contracts.sql"] = _macros(marker, inputs, load_contracts("published"))
    return files


def _macros(marker: str, contracts: Sequence[Contract], published: Sequence[Contract]) -> str:
    """Macros that return what models need of the contracts: natural keys of inputs and what is counted for control,
    columns of the settlement tables."""
    keys: dict[str, Any] = {contract.name: list(contract.key) for contract in contracts}
    controls = {
        contract.name: {
            "day": contract.control_day,
            "sum": contract.control_sum,
            "filter": contract.control_filter or "true",
        }
        for contract in contracts
        if contract.control_day
    }
    columns = {each.name: list(each.column_names) for each in published if each.group == "settlement"}
    macros = {"natural_keys": keys, "controls": controls, "settlement_columns": columns}
    return f"{{# {marker} #}}\n" + "".join(_returning(name, values) for name, values in macros.items())


def _returning(name: str, values: dict[str, Any]) -> str:
    entries = ",\n".join(f"    {key!r}: {value!r}" for key, value in values.items())
    return f"\n{{% macro {name}() -%}}\n{{{{ return({{\n{entries}\n}}) }}}}\n{{%- endmacro %}}\n"


def _text(marker: str, properties: dict[str, Any]) -> str:
    body = yaml.dump(
        properties, Dumper=_Dumper, default_flow_style=None, sort_keys=False, allow_unicode=True, width=10**6
    )
    return f"# {marker}\n{body}"


class _Flow(dict[str, Any]):
    """A mapping that is written on one line."""


class _Dumper(yaml.SafeDumper):
    """Writes leaves and columns on one line each, and every occurrence of a value in full."""

    ignore_aliases = staticmethod(lambda _: True)  # type: ignore[assignment]


_Dumper.add_representer(
    _Flow, lambda dumper, value: dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True)
)


def _source(contract: Contract) -> dict[str, Any]:
    """One table of the source `bronze`: dbt joins what several files say of one source."""
    source = {"name": "bronze", "schema": "bronze", "tables": [_table(contract)]}
    return {"version": 2, "sources": [source]}


def _table(contract: Contract) -> dict[str, Any]:
    key = _test("unique_key", f"bronze_{contract.name}", {"columns": ["landing_id", "landing_row"]})
    key["unique_key"]["config"] = {"where": _CHANGED_ONLY}
    return {
        "name": contract.name,
        "description": _description(contract),
        "config": _config(contract),
        "data_tests": [key],
        "columns": [_column(column) for column in contract.stored_columns()],
    }


def _model(contract: Contract) -> dict[str, Any]:
    return {
        "name": contract.name,
        "description": _description(contract),
        "config": _config(contract),
        "data_tests": [
            _test("unique_key", contract.name, {"columns": list(contract.key)}),
            _test("keeps_contract", contract.name, _checks(contract)),
        ],
        "columns": [_column(column) for column in contract.columns],
    }


def _checks(contract: Contract) -> dict[str, Any]:
    """What `keeps_contract` looks at; portable SQL only, so patterns and lengths are left to other checks."""
    bounded = [column for column in contract.columns if column.type == "integer"]
    ranges = {column.name: _bounds(column) for column in bounded if _bounds(column)}
    checks: dict[str, Any] = {
        "required": [column.name for column in contract.columns if column.required],
        "codes": {column.name: list(column.codes) for column in contract.columns if column.codes},
        "ranges": ranges,
        "row_rules": {rule.name: rule.sql for rule in contract.row_rules if rule.severity == "error"},
    }
    return {name: value for name, value in checks.items() if value}


def _bounds(column: Column) -> dict[str, Any]:
    bounds = {"min": column.min, "max": column.max}
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _test(test: str, table: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {test: {"name": f"{table}_{test}", "arguments": arguments}}


def _description(contract: Contract) -> str:
    return f"{contract.title.en}. {contract.granularity.en} {contract.title.zh}：{contract.granularity.zh}"


def _config(contract: Contract) -> dict[str, Any]:
    return {"meta": {"contract_version": contract.version, "roles": list(contract.roles)}}


def _column(column: Column) -> dict[str, Any]:
    meta = {"type": column.type, "unit": column.unit, "sensitivity": column.sensitivity}
    return _Flow(
        name=column.name,
        description=f"{column.definition_en} {column.name_zh}：{column.definition_zh}",
        config={"meta": {name: value for name, value in meta.items() if value is not None}},
    )
