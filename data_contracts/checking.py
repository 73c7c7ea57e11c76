"""Whether the contracts themselves are sound: by the official ODCS schema, and by what the platform needs of them.

Belongs here: findings about contracts and elements as a whole. Does not belong here: drift of rendered files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from data_contracts.contract import SYSTEM_COLUMNS, Contract, contract_names, load_contract
from data_contracts.dictionary import ROOT, ContractError, load_dictionary, read_yaml


def odcs_schema() -> dict[str, Any]:
    """The official JSON schema of the Open Data Contract Standard, as its own package ships it."""
    schema: dict[str, Any] = json.loads(
        (files("open_data_contract_standard") / "schema.json").read_text("utf-8")
    )
    return schema


def findings(root: Path = ROOT) -> list[str]:
    """One sentence for each thing that is wrong with a contract or an element; empty when all is well."""
    try:
        contracts = [load_contract(name, root) for name in contract_names(root)]
        elements = load_dictionary(root)
    except ContractError as error:
        return [f"{error}."]
    used = {column.element.id for contract in contracts for column in contract.columns} | set(SYSTEM_COLUMNS)
    wordless = [element.id for element in elements.values() if bool(element.pattern) != bool(element.form)]
    return [
        *(each for contract in contracts for each in _odcs_findings(contract.name, root)),
        *(each for contract in contracts for each in _rule_findings(contract)),
        *(f"Data element {name} is used by no dataset." for name in sorted(set(elements) - used)),
        *(f"Data element {name} needs its pattern in words: `form`." for name in sorted(wordless)),
    ]


def _odcs_findings(name: str, root: Path) -> Iterator[str]:
    import jsonschema

    raw = read_yaml(root / "datasets" / f"{name}.odcs.yaml")
    schema = odcs_schema()
    validator = jsonschema.validators.validator_for(schema)(schema)
    for error in validator.iter_errors(raw):
        place = "/".join(str(part) for part in error.absolute_path) or "the top"
        yield f"Data contract {name} breaks ODCS 3.1 at {place}: {error.message}."


def _rule_findings(contract: Contract) -> Iterator[str]:
    """Row rules and control expressions that Polars cannot read or that name a column the dataset lacks."""
    import polars as pl

    expressions = {f"row.{rule.name}": rule.sql for rule in contract.row_rules}
    controls = {"controlSum": contract.control_sum, "controlFilter": contract.control_filter}
    expressions |= {name: sql for name, sql in controls.items() if sql}
    for name, sql in expressions.items():
        try:
            columns = set(pl.sql_expr(sql).meta.root_names())
        except pl.exceptions.PolarsError as error:
            yield f"Data contract {contract.name}: {name} is no SQL expression: {error}."
            continue
        missing = sorted(columns - set(contract.column_names))
        if missing:
            yield f"Data contract {contract.name}: {name} names columns that it lacks: {', '.join(missing)}."
