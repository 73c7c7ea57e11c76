"""Small tables for people: as Dagster metadata and as aligned text. Cell texts only, no figures are made here."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg


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


def markdown(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> dg.MarkdownMetadataValue:
    """Rows as a Markdown table: a preview."""
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(_escaped(value) for value in row) + " |" for row in rows]
    return dg.MetadataValue.md("\n".join(lines))


def _escaped(value: Any) -> str:
    return ("" if value is None else str(value)).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
