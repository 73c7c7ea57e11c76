"""A month rated again under a supposed tariff, by the models, in a copy of the warehouse that is thrown away.

The home is read and nothing in it is changed. The supposed rows are a landing known after all others, and at each close
and acceptance too: so they take the place of known rows of their keys, in closed periods as in open ones.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pyarrow as pa

from pipelines import late_tariffs
from pipelines.build import plan, prepare
from pipelines.dbt_project import invoke
from pipelines.errors import Finding
from pipelines.files import shared
from pipelines.home import Home, month_bounds
from pipelines.inputs import SCHEMAS
from pipelines.late_tariffs import DATASET
from pipelines.orchestrate import require_bronze
from pipelines.sites_config import Source
from pipelines.warehouse import Target, connected, register, write_table
from pipelines.whatif.comparing import Comparison, compare, keep_billed
from pipelines.whatif.tariff_file import SOURCE, SUPPOSED, read_tariff

KNOWN_LAST = datetime(9999, 1, 1, tzinfo=UTC)
BEHIND = "The warehouse does not hold all that is known: run `suanzhang materialize` first."


def what_if(
    home: Home, sources: Mapping[str, Source], tariff: Path, period: str, progress: Callable[[str], None]
) -> Comparison:
    """What a month's usage comes to as billed now and under the tariff of a file.

    Raises Finding if the file would be rejected, the warehouse is behind, or nothing of the month can be billed.
    """
    first, following = month_bounds(period)
    rows = read_tariff(tariff, sources[SOURCE])
    require_bronze(home)
    with TemporaryDirectory(prefix="suanzhang-whatif-") as folder:
        target = Target(home, aside=Path(folder) / "copy")
        _copy(home, target)
        todo = plan(target, sources)
        if todo.due:
            raise Finding(BEHIND)
        keep_billed(target, period)
        progress(f"Rating {period} under {tariff.name} …")
        prepare(replace(todo, forced=(first, following - timedelta(days=1))), sources)
        _suppose(target, rows)
        invoke(Home(Path(folder)), target.file, ["run", "--select", "+int_sale_lines"], progress)
        compared = compare(target, period)
    if not compared.tenants:
        raise Finding(
            f"No usage of {period} is billed now or would be under {tariff.name}: nothing to compare."
        )
    return compared


def _copy(home: Home, target: Target) -> None:
    """Copies the home's warehouse while nobody builds it."""
    known = Target(home)
    if not known.file.exists():
        raise Finding(BEHIND)
    target.folder.mkdir()
    with shared(home.locks / "warehouse"):
        for path in known.folder.glob(f"{known.file.name}*"):
            shutil.copy(path, target.folder)


def _suppose(target: Target, rows: pl.DataFrame) -> None:
    """Adds the rows to what the models read in the copy, as a landing that counts whenever tariffs are asked for."""
    landing = dict.fromkeys(SCHEMAS["landings"].names) | {
        "landing_id": SUPPOSED, "source_id": SOURCE, "dataset": DATASET, "effective": True, "known_at": KNOWN_LAST,
    }  # fmt: skip
    counting = [
        {"as_of": at, "landing_id": SUPPOSED, "known_at": KNOWN_LAST}
        for at in late_tariffs.instants(target.home)
    ]
    _add(target, "bronze", DATASET, rows.to_arrow())
    _add(target, "inputs", "landings", pa.Table.from_pylist([landing], SCHEMAS["landings"]))
    _add(target, "inputs", "tariff_landings", pa.Table.from_pylist(counting, SCHEMAS["tariff_landings"]))


def _add(target: Target, schema: str, name: str, more: pa.Table) -> None:
    """Has a source of the copy consist of what it does and of more rows."""
    with connected(target) as connection:
        rows = connection.sql(f"from {schema}.{name}").to_arrow_table()
    path = target.folder / "supposed" / f"{name}.parquet"
    write_table(path, pa.concat_tables([rows, more.select(rows.column_names).cast(rows.schema)]))
    register(target, {schema: {name: [path]}})
