"""The warehouse: a DuckDB file that dbt builds, the sources registered in it, and what it was last built from.

The state of the last whole build is written in one transaction at its end; a build that dies before leaves it as it
was, so that the next one recomputes the same days again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.files import exclusive, written_aside
from pipelines.home import Home

STATE = """
create schema if not exists state;
create table if not exists state.landings (landing_id varchar, signature varchar);
create table if not exists state.build (digest varchar, ledger_head varchar);
create table if not exists state.decisions (decision_id varchar);
create table if not exists state.release (release_id varchar);
create table if not exists state.horizon
    (source_id varchar, layer varchar, first_at timestamptz, watermark_at timestamptz);
"""


@dataclass(frozen=True)
class Target:
    """Which warehouse: the home's own, or a throwaway one: as known at an instant, or a copy in a folder aside."""

    home: Home
    known_at: datetime | None = None
    aside: Path | None = None

    @property
    def folder(self) -> Path:
        if self.aside is not None:
            return self.aside
        if self.known_at is None:
            return self.home.warehouse
        return self.home.warehouse / "as_known_at" / self.known_at.strftime("%Y%m%dT%H%M%S%fZ")

    @property
    def file(self) -> Path:
        return self.folder / "warehouse.duckdb"

    @property
    def inputs(self) -> Path:
        return self.folder / "inputs"

    def remove(self) -> None:
        """Forgets what was built; everything in it can be built again."""
        for name in (self.file, self.file.with_name(self.file.name + ".wal")):
            name.unlink(missing_ok=True)


@dataclass(frozen=True)
class Built:
    """What the last whole build was made of: landings by signature, the code, the ledger, decisions about late tariffs,
    and how far feeds reached."""

    landings: Mapping[str, str] = field(default_factory=dict)
    digest: str | None = None
    ledger_head: str | None = None
    decisions: Sequence[str] = ()
    horizon: Sequence[Mapping[str, Any]] = ()


@contextmanager
def connected(target: Target) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse in UTC; only for the holder of its lock."""
    target.folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(target.file)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        yield connection


@contextmanager
def locked(home: Home, progress: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """Holds the warehouse: one builder at a time, from the UI and the commands alike."""
    with exclusive(home.locks / "warehouse", progress):
        yield


def read_built(target: Target) -> Built:
    """What the warehouse was last built from; nothing if it was never built whole."""
    if not target.file.exists():
        return Built()
    with connected(target) as connection:
        connection.execute(STATE)
        landings = dict(connection.sql("select landing_id, signature from state.landings").fetchall())
        build = connection.sql("select digest, ledger_head from state.build").fetchall()
        decisions = [name for (name,) in connection.sql("from state.decisions order by all").fetchall()]
        horizon = connection.sql("select * from state.horizon order by all").to_arrow_table().to_pylist()
    if not build:
        return Built()
    digest, ledger_head = build[0]
    return Built(landings, digest, ledger_head, decisions, horizon)


def write_built(target: Target, built: Built) -> None:
    """Records a whole build, in one transaction. The horizon is taken from the models as they are now."""
    with connected(target) as connection:
        connection.execute(STATE)
        connection.begin()
        for table in ("landings", "build", "decisions", "horizon", "release"):
            connection.execute(f"delete from state.{table}")
        connection.execute("insert into state.build values (?, ?)", [built.digest, built.ledger_head])
        for name in built.decisions:
            connection.execute("insert into state.decisions values (?)", [name])
        signatures = pa.table(
            {"landing_id": list(built.landings), "signature": list(built.landings.values())},
            schema=pa.schema([("landing_id", pa.string()), ("signature", pa.string())]),
        )
        connection.register("signatures", signatures)
        connection.execute("insert into state.landings select * from signatures")
        connection.execute(
            "insert into state.horizon "
            "select source_id, layer, first_at, watermark_at from intermediate.int_feed_horizon"
        )
        connection.commit()


def released(target: Target) -> str | None:
    """The release that holds the warehouse as it is; None if it was built since."""
    with connected(target) as connection:
        connection.execute(STATE)
        found = connection.sql("select release_id from state.release").fetchall()
    return found[0][0] if found else None


def write_released(target: Target, release_id: str) -> None:
    """Records that a release holds the warehouse as it is."""
    with connected(target) as connection:
        connection.begin()
        connection.execute("delete from state.release")
        connection.execute("insert into state.release values (?)", [release_id])
        connection.commit()


def write_table(path: Path, table: pa.Table) -> None:
    """Writes an input as Parquet, whole or not at all."""
    with written_aside(path) as aside:
        pq.write_table(table, aside, compression="zstd")


def register(target: Target, sources: Mapping[str, Mapping[str, Sequence[Path]]]) -> None:
    """Registers, per schema and table, a view over Parquet files; each table has one file at least, for its types.

    Files of an earlier minor version of a contract lack its newer columns, which are NULL then.
    """
    with connected(target) as connection:
        for schema, tables in sources.items():
            connection.execute(f"create schema if not exists {schema}")
            for name, paths in tables.items():
                files = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
                connection.execute(
                    f'create or replace view {schema}."{name}" as '
                    f"select * from read_parquet([{files}], hive_partitioning = false, union_by_name = true)"
                )
