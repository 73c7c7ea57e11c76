"""What a published column means, by its contract: for `suanzhang sql --explain-column`, in both languages."""

from pathlib import Path
from typing import Any

from data_contracts.contract import Column, Contract
from data_contracts.dictionary import bound_text
from pipelines.dbt_project import PROJECT
from pipelines.errors import Finding, WrongUse
from pipelines.roles import Role
from pipelines.words import near

ROOT = PROJECT.parent


def meaning(role: Role, named: str) -> dict[str, Any]:
    """The meaning, unit, domain, sensitivity and origin of a column named `table.column`, as texts and lists of texts.

    Raises Finding for a table or column that the role does not have, and WrongUse where there is no point in the name.
    """
    table, point, name = named.partition(".")
    if not point:
        raise WrongUse(f"'{named}' is no column: write it like energy_daily.ipue.")
    contracts = {contract.name: contract for contract in role.tables()}
    if table not in contracts:
        raise Finding(f"There is no table '{table}' for the role {role.name}. {near(table, list(contracts))}")
    contract = contracts[table]
    if name not in contract.column_names:
        raise Finding(f"There is no column '{name}' in {table}. {near(name, list(contract.column_names))}")
    return _said(role, contract, contract.column(name))


def _said(role: Role, contract: Contract, column: Column) -> dict[str, Any]:
    element = column.element
    return {
        "column": f"{contract.name}.{column.name}",
        "name": f"{element.name.en} · {element.name.zh}",
        "meaning": [element.definition.en, element.definition.zh],
        "type": f"decimal, {column.scale} digits after the point"
        if column.type == "decimal"
        else column.type,
        "unit": {None: "none", "1": "1, a ratio"}.get(column.unit, column.unit),
        "domain": _domain(column),
        "unknown": "never" if column.required else "empty where it is unknown, which is not zero",
        "sensitivity": column.sensitivity,
        "table": [
            f"{contract.title.en} · {contract.title.zh}",
            contract.granularity.en,
            contract.granularity.zh,
        ],
        "key": ", ".join(contract.key),
        "rules": [
            f"{rule.name}: {rule.text.en} {rule.text.zh}"
            for rule in contract.row_rules
            if column.name in rule.sql
        ],
        "read by": ", ".join(contract.roles),
        "contract": f"version {contract.version}, data_contracts/datasets/{contract.name}.odcs.yaml",
        "made by": _model(contract.name),
        "leads back": _lineage(role, contract),
    }


def _domain(column: Column) -> list[str]:
    texts = [f"{code}: {text.en} · {text.zh}" for code, text in column.code_texts.items()]
    if column.min is not None or column.max is not None:
        low, high = (bound_text(bound) if bound is not None else "…" for bound in (column.min, column.max))
        texts.append(f"from {low} to {high}")
    if column.form:
        texts.append(f"{column.form.en} · {column.form.zh}")
    return texts or ["any value of its type"]


def _model(table: str) -> str:
    path: Path = next((PROJECT / "models" / "marts").glob(f"**/{table}.sql"))
    return str(path.relative_to(ROOT))


def _lineage(role: Role, contract: Contract) -> str:
    there = {each.name for each in role.tables()}
    source = "lineage" if "lineage" in there else "lineage_summary" if "lineage_summary" in there else None
    if source is None:
        return "docs/lineage.md says how; the tables of it are the engineer's and the regulator's"
    return (
        f"select * from {source} where table_name = '{contract.name}' limit 5; docs/lineage.md has the keys"
    )


def text_of(said: dict[str, Any]) -> str:
    """The meaning for a person's eyes: a line each."""
    lines = []
    for name, value in said.items():
        texts = value if isinstance(value, list) else [value]
        lines += [f"{name if not number else '':12} {text}" for number, text in enumerate(texts)]
    return "\n".join(lines)
