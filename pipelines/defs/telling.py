"""What the UI is told of a mart: how many rows by site, and the first of them, per partition or of the whole."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb

from data_contracts.contract import Contract
from pipelines.partitions import PARTITION_KEYS
from pipelines.tables import PREVIEW_ROWS, preview, preview_columns, table_of


def tell(
    connection: duckdb.DuckDBPyConnection, contract: Contract, partitions: Sequence[date]
) -> dict[date | None, dict[str, Any]]:
    """Metadata of each partition, named by its first day; of the whole mart under None if none is named."""
    part = _part(contract) if partitions else "null::date"
    within = f"where {part} between ? and ?" if partitions else ""
    bounds = [partitions[0], partitions[-1]] if partitions else []
    site = next((name for name in ("site_id", "source_id") if name in contract.column_names), None)
    counted = connection.execute(
        f"select {part}, coalesce({site or 'null'}, '–'), count(*) from marts.{contract.name} {within} "
        "group by all order by all",
        bounds,
    ).fetchall()
    columns = preview_columns(contract)
    names = ", ".join(f'"{name}"' for name in columns)
    shown = connection.execute(
        f"select {part}, {names} from marts.{contract.name} {within} "
        f"qualify row_number() over (partition by {part} order by {names}) <= {PREVIEW_ROWS} order by all",
        bounds,
    ).fetchall()
    rows: dict[date | None, list[dict[str, Any]]] = defaultdict(list)
    for key, name, count in counted:
        rows[key].append({"site": name, "rows": count})
    first: dict[date | None, list[tuple[Any, ...]]] = defaultdict(list)
    for key, *values in shown:
        first[key].append(tuple(values))
    row_count = "dagster/partition_row_count" if partitions else "dagster/row_count"
    return {
        key: {
            row_count: sum(row["rows"] for row in rows[key]),
            **({"by_site": table_of(rows[key], ("site", "rows"))} if site else {}),
            "preview": preview(columns, first[key]),
        }
        for key in (*partitions, *([] if partitions else [None]))
    }


def _part(contract: Contract) -> str:
    """The partition that a row belongs to, as the first day of it."""
    column, form = next(
        (name, form) for name, form in PARTITION_KEYS.items() if name in contract.column_names
    )
    return form.format(f'"{column}"')
