"""Releases made of figures by formula, small or as large as a year of a hundred sites: tables, manifest, pages.

Nothing is simulated: what matters is that a page says of the tables what SQL says of them.
"""

import re
from pathlib import Path

import duckdb
import pyarrow as pa

from data_contracts.contract import Contract, load_contracts
from pipelines.dashboard.writing import write_pages
from pipelines.files import sha256_file, write_json
from pipelines.home import Home
from pipelines.parquet import open_writer
from pipelines.release import changes, point

RELEASE = "0123456789abcdef"
TENANTS = ("zhengda-physics-lab", "gaoxin-park-office")
"""Names that a page without tenants' data must not hold."""

HERE = Path(__file__).parent


def made(home: Home, sites: int = 6, days: int = 40, hours: int = 34) -> Path:
    """A release of a home, with its pages, which `current` names. `hours` are days that have hourly figures."""
    folder = home.published / "releases" / RELEASE
    tables = []
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        base = (HERE / "base.sql").read_text(encoding="utf-8")
        connection.execute(base.replace("{days}", str(days)).replace("{sites}", str(sites)))
        selects = _selects(hours)
        for contract in load_contracts("published"):
            tables.append(_written(connection, contract, selects.get(contract.name), folder))
    manifest = {"tables": tables, "watermarks": [], "known_at": None, "code": {"version": "0", "digest": ""}}
    write_json(folder / "manifest.json", {"release_id": RELEASE, **manifest})
    since = changes(None, manifest)
    write_json(folder / "changes.json", since)
    write_pages(home, folder, RELEASE, manifest, since)
    point(home, RELEASE)
    return folder


def _selects(hours: int) -> dict[str, str]:
    tenants = ", ".join(f"('{tenant}')" for tenant in TENANTS)
    text = (HERE / "tables.sql").read_text(encoding="utf-8")
    text = text.replace("{tenants}", tenants).replace("{hours}", str(hours))
    _, *parts = re.split(r"^-- (\w+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _written(
    connection: duckdb.DuckDBPyConnection, contract: Contract, select: str | None, folder: Path
) -> dict[str, object]:
    schema = contract.described_schema()
    nullable = pa.schema([field.with_nullable(True) for field in schema], schema.metadata)
    rows = nullable.empty_table()
    if select:
        found = connection.sql(select).to_arrow_table()
        empty = pa.nulls(found.num_rows)
        rows = pa.table(
            {each.name: found[each.name] if each.name in found.column_names else empty for each in nullable}
        ).cast(nullable)
        rows = rows.sort_by([(name, "ascending") for name in contract.key])
    path = folder / str(contract.group) / f"{contract.name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_writer(path, nullable, rows) as writer:
        writer.write_table(rows)
    return {
        "name": contract.name,
        "rows": rows.num_rows,
        "file": path.relative_to(folder).as_posix(),
        "sha256": sha256_file(path),
    }
