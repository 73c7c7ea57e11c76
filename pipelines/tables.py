"""Small tables for people: as Dagster metadata and as aligned text. Cell texts only, no figures are made here."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from data_contracts.contract import Column, Contract

PREVIEW_ROWS = 5
PREVIEW_COLUMNS = 7


def table_of(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> dg.TableMetadataValue:
    """Rows as a table in the Dagster UI, with its columns even when there are no rows."""
    kinds = {name: _kind([row[name] for row in rows]) for name in columns}
    return dg.MetadataValue.table(
        records=[dg.TableRecord({name: _cell(row[name]) for name in columns}) for row in rows],
        schema=dg.TableSchema(columns=[dg.TableColumn(name, kinds[name]) for name in columns]),
    )


def _kind(values: Sequence[Any]) -> str:
    if values and all(isinstance(value, bool) for value in values):
        return "bool"
    if values and all(isinstance(value, int) for value in values):
        return "int"
    return "float" if values and all(isinstance(value, int | float) for value in values) else "string"


def _cell(value: Any) -> str | int | float | bool:
    return value if isinstance(value, str | int | float | bool) else ("" if value is None else str(value))


def preview_columns(contract: Contract) -> list[str]:
    """The columns that tell most of a row on a narrow page: the key, what is required, then the first others."""
    rest = [column for column in contract.columns if column.name not in contract.key]
    rest.sort(key=lambda column: not column.required)
    return [*contract.key, *(column.name for column in rest)][:PREVIEW_COLUMNS]


def preview(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> dg.TableMetadataValue:
    """A few rows of a dataset."""
    return table_of([dict(zip(columns, row, strict=True)) for row in rows], columns)


def schema_of(contract: Contract) -> dg.TableSchema:
    """A contract's columns as the UI shows them: type, meaning in both languages, unit."""
    return dg.TableSchema(columns=[_column(contract, column) for column in contract.columns])


def _column(contract: Contract, column: Column) -> dg.TableColumn:
    scale = f"(38,{column.scale})" if column.type == "decimal" else ""
    return dg.TableColumn(
        name=column.name,
        type=f"{column.type}{scale}",
        description=f"{column.definition_en} {column.name_zh}：{column.definition_zh}",
        constraints=dg.TableColumnConstraints(
            nullable=not column.required,
            other=[
                *(["key"] if column.name in contract.key else []),
                *([f"unit {column.unit}"] if column.unit else []),
            ],
        ),
    )
