"""Runs the dbt models over a World in a DuckDB file, in this process, and returns rows.

    warehouse = Warehouse(tmp_path)
    warehouse.build(world)                            everything from nothing
    warehouse.build(changed_world)                    only what differs from the world built before
    warehouse.rows("marts.utilisation_daily", site_id="a")

The project is parsed once for all test processes and the seeds are loaded once in each.
"""

import atexit
import gc
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb
import pyarrow as pa

from tests.dbt.world import World, bronze_tables, input_tables, ledger_tables
from tests.parsed import parsed_once

PROJECT = Path(os.environ.get("DBT_PROJECT_DIR", Path(__file__).parents[2] / "dbt"))
FILE = "warehouse.duckdb"


class DbtFailure(AssertionError):
    """dbt did not finish: a model or a test failed."""


class Warehouse:
    """A DuckDB file that the models build. `select` names what to build, in dbt's words."""

    def __init__(self, folder: Path, select: str = "resource_type:model resource_type:test") -> None:
        self.path = folder / FILE
        self.select = select
        self.world: World | None = None
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(_seeded(), self.path)

    def build(
        self,
        world: World,
        forced: tuple[date, date] | None = None,
        test: bool = False,
        command: str | None = None,
    ) -> None:
        """Builds the world's models: whole the first time, after that what changed. With `test`, dbt's tests too."""
        first = self.world is None
        inputs = input_tables(
            world,
            changed=world.changed_since(self.world),
            horizon=() if first else self._horizon(),
            full_refresh=first,
            forced=forced,
            decided=() if first else world.decided_since(self.world),
        )
        self.register({"bronze": bronze_tables(world), "inputs": inputs, "ledger": ledger_tables(world)})
        self.run(command or ("build" if test else "run"))
        self.world = world.copy()

    def run(self, command: str) -> None:
        """One dbt command over `select`; raises DbtFailure with the messages of what failed."""
        arguments = [command, "--select", *self.select.split()]
        if command == "build":
            arguments += ["--exclude", "resource_type:seed", "--indirect-selection", "cautious"]
        _invoke(self.path, arguments)

    def register(self, sources: Mapping[str, Mapping[str, pa.Table]]) -> None:
        """Writes the tables that dbt reads as sources."""
        with self.connected() as connection:
            for schema, tables in sources.items():
                connection.execute(f"create schema if not exists {schema}")
                for name, table in tables.items():
                    connection.register("arriving", table)
                    connection.execute(f"create or replace table {schema}.{name} as select * from arriving")
                    connection.unregister("arriving")

    def rows(self, table: str, **equal: Any) -> list[dict[str, Any]]:
        """All rows of a table in which the given columns have the given values, in a fixed order."""
        condition = " and ".join(f'"{name}" = ?' for name in equal) or "true"
        return self.sql(f"select * from {table} where {condition} order by all", list(equal.values()))

    def sql(self, query: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows of any query, as dictionaries."""
        with self.connected() as connection:
            return connection.execute(query, list(parameters)).to_arrow_table().to_pylist()

    @contextmanager
    def connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in UTC."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("set timezone = 'UTC'")
            yield connection

    def _horizon(self) -> list[dict[str, Any]]:
        return self.sql("select source_id, layer, first_at, watermark_at from intermediate.int_feed_horizon")


def scratch_folder() -> Path:
    """A folder that lasts as long as this process."""
    path = Path(mkdtemp(prefix="suanzhang-dbt-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@cache
def _scratch() -> Path:
    return scratch_folder()


@cache
def parsed() -> Any:
    """dbt's manifest of the project."""
    return parsed_once(PROJECT, lambda: _run(_scratch() / FILE, ["parse"], None).result)


@cache
def _seeded() -> Path:
    path = _scratch() / "seeded" / FILE
    path.parent.mkdir()
    _invoke(path, ["seed"])
    return path


def _invoke(path: Path, arguments: Sequence[str]) -> Any:
    outcome = _run(path, arguments, parsed())
    failed = [
        f"{each.node.name}: {each.message}"
        for each in getattr(outcome.result, "results", [])
        if each.status in ("error", "fail", "runtime error")
    ]
    if failed or not outcome.success:
        raise DbtFailure("\n".join(failed) or str(outcome.exception))
    return outcome.result


def _run(path: Path, arguments: Sequence[str], manifest: Any) -> Any:
    return run_dbt(PROJECT, path, _scratch() / "target", [*arguments, "--no-write-json"], manifest)


def run_dbt(project: Path, warehouse: Path, target: Path, arguments: Sequence[str], manifest: Any) -> Any:
    """One dbt command in this process, over any project; returns dbt's own outcome. None parses the project anew."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    os.environ |= {
        "SUANZHANG_WAREHOUSE": str(warehouse),
        "DBT_PROJECT_DIR": str(project),
        "DBT_PROFILES_DIR": str(project),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
    }
    gc.disable()
    try:
        return dbtRunner(manifest=manifest).invoke([*arguments, "--log-level", "none", "--no-use-colors"])
    finally:
        gc.enable()
        DuckDBConnectionManager.close_all_connections()
