"""Runs the dbt models on Spark and on DuckDB over the same Parquet, and says where their tables differ.

    sources = write_sources(world, folder)              the typed sources of one build, as Parquet
    build_on_duckdb(sources, folder, select)            every table as Parquet, by DuckDB
    build_on_spark(session, sources, folder, select)    the same as tables of the Spark session
    differences(session, folder, "marts.charges")       rows of either that the other lacks

Belongs here: the two runs and the comparison. Does not belong here: worlds, or what tables must hold.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from tests.dbt.world import World, bronze_tables, input_tables, ledger_tables

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PROJECT = Path(__file__).parents[2] / "dbt"
Sources = Mapping[str, Path]
"""Parquet file by `schema.table`."""


class DbtFailure(AssertionError):
    """dbt did not finish."""


def write_sources(
    world: World, folder: Path, before: World | None = None, horizon: Sequence[Mapping[str, Any]] = ()
) -> Sources:
    """Everything that the models read, as one Parquet file per table: for a whole build, or for what changed since the
    world before, which was built with that horizon."""
    inputs = input_tables(world, world.changed_since(before), horizon, full_refresh=before is None)
    schemas = {"bronze": bronze_tables(world), "inputs": inputs, "ledger": ledger_tables(world)}
    files = {}
    for schema, tables in schemas.items():
        for name, table in tables.items():
            path = folder / "sources" / f"{schema}.{name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(table, path)
            files[f"{schema}.{name}"] = path
    return files


def spark_session(folder: Path, master: str = "local[2]") -> "SparkSession":
    """A session in UTC that writes nowhere but under the folder."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.sources.partitionOverwriteMode": "dynamic",
        "spark.sql.warehouse.dir": str(folder / "spark-warehouse"),
        "spark.local.dir": str(folder / "spark-local"),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    builder = SparkSession.builder.master(master).appName("suanzhang")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def build_on_spark(session: "SparkSession", sources: Sources, folder: Path, select: Sequence[str]) -> None:
    """Seeds and models as tables of the session; raises DbtFailure with what failed."""
    for name, path in sources.items():
        session.sql(f"create database if not exists {name.split('.')[0]}")
        session.sql(f"drop table if exists {name}")
        session.sql(f"create table {name} using parquet options (path '{path}')")
    _dbt(folder / "spark", "spark", ["seed"])
    _dbt(folder / "spark", "spark", ["run", "--select", *select])


def build_on_duckdb(sources: Sources, folder: Path, select: Sequence[str]) -> None:
    """The same on DuckDB; each table is written to `<folder>/duckdb/<schema>.<table>.parquet`."""
    import duckdb

    home = folder / "duckdb"
    home.mkdir(parents=True, exist_ok=True)
    warehouse = home / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        for name, path in sources.items():
            connection.execute(f"create schema if not exists {name.split('.')[0]}")
            connection.execute(f"create view {name} as select * from read_parquet('{path}')")
    os.environ["SUANZHANG_WAREHOUSE"] = str(warehouse)
    _dbt(home, "duckdb", ["seed"])
    _dbt(home, "duckdb", ["run", "--select", *select])
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("set timezone = 'UTC'")
        built = connection.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_schema in ('marts', 'intermediate')"
        ).fetchall()
        for schema, table in built:
            connection.execute(f"copy {schema}.{table} to '{home}/{schema}.{table}.parquet'")


def differences(session: "SparkSession", folder: Path, table: str) -> dict[str, list[Any]]:
    """Up to five rows of each side that the other lacks, counted with their repetitions (EXCEPT ALL)."""
    ours = session.table(table)
    theirs = session.read.parquet(str(folder / "duckdb" / f"{table}.parquet")).select(*_quoted(ours))
    return {
        "only on Spark": ours.exceptAll(theirs).limit(5).collect(),
        "only on DuckDB": theirs.exceptAll(ours).limit(5).collect(),
    }


def _quoted(frame: "DataFrame") -> list[str]:
    return [f"`{name}`" for name in frame.columns]


def _dbt(folder: Path, target: str, arguments: Sequence[str]) -> None:
    from dbt.cli.main import dbtRunner

    os.environ |= {
        "DBT_PROJECT_DIR": str(PROJECT),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
    }
    os.environ.setdefault("SUANZHANG_WAREHOUSE", str(folder / "none.duckdb"))
    outcome = dbtRunner().invoke([*arguments, "--target", target, "--quiet", "--no-use-colors"])
    failed = [
        f"{each.node.name}: {each.message}"
        for each in getattr(outcome.result, "results", [])
        if each.status in ("error", "fail", "runtime error")
    ]
    if failed or not outcome.success:
        raise DbtFailure("\n".join(failed) or str(outcome.exception))
