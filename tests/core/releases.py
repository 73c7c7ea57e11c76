"""Small releases, made of rows that a test writes down itself."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.contract import load_contracts
from pipelines.files import sha256_file
from pipelines.home import Home

Rows = Mapping[str, Sequence[Mapping[str, Any]]]

TWO_SITES: Rows = {
    "sites": [
        {"site_id": "nscc-zz", "region": "zhengzhou", "name_en": "Zhengzhou", "name_zh": "郑州"},
        {"site_id": "hami", "region": "hami", "name_en": "Hami", "name_zh": "哈密"},
    ],
    "utilisation_daily": [
        {"site_id": "nscc-zz", "region": "zhengzhou", "allocated_hours": 5.5, "utilisation_installed": None},
        {"site_id": "hami", "region": "hami", "allocated_hours": 7.0, "utilisation_installed": 0.5},
    ],
    "data_quality_daily": [{"source_id": "nscc-zz", "rows_in": 9}, {"source_id": "hami", "rows_in": 4}],
    "completeness_daily": [{"source_id": "nscc-zz"}, {"source_id": "hami"}, {"source_id": "network-ops"}],
    "charges": [{"charge_id": "c1", "tenant_id": "t1"}, {"charge_id": "c2", "tenant_id": "t2"}],
    "statement_lines": [{"line_id": "l1", "tenant_id": "t1"}, {"line_id": "l2", "tenant_id": "t2"}],
    "settlement_positions": [{"party_id": "t1"}, {"party_id": "t2"}],
    "statements": [{"party_id": "t1", "gross_fen": 100}, {"party_id": "t2", "gross_fen": 200}],
    "quarantine_rows": [{"landing_id": "a", "source_id": "hami", "raw": "secret"}],
    "lineage": [{"table_name": "charges", "row_key": "c1"}],
}


def written(home: Home, release_id: str, rows: Rows) -> Path:
    """A release of all published tables with the rows given, most of them empty; `current` is not moved."""
    folder = home.published / "releases" / release_id
    tables = []
    for contract in load_contracts("published"):
        schema = pa.schema([field.with_nullable(True) for field in contract.arrow_schema()])
        whole = [{name: row.get(name) for name in schema.names} for row in rows.get(contract.name, [])]
        path = folder / str(contract.group) / f"{contract.name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(whole, schema), path)
        tables.append(
            {
                "name": contract.name,
                "file": path.relative_to(folder).as_posix(),
                "rows": len(whole),
                "sha256": sha256_file(path),
                "contract_version": contract.version,
            }
        )
    (folder / "manifest.json").write_text(json.dumps({"release_id": release_id, "tables": tables}))
    return folder
