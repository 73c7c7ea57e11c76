"""The models on Spark: the pipeline's sources as its tables, dbt's run in this process, its marts as Parquet."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipelines import build, dbt_project
from pipelines.home import Home
from pipelines.warehouse import Target, connected

Sources = Mapping[str, Mapping[str, Sequence[Path]]]


@contextmanager
def sources_told() -> Iterator[dict[str, Mapping[str, Sequence[Path]]]]:
    """What the pipeline registers meanwhile as dbt's sources: schema → table → its Parquet files, or globs of them."""
    told: dict[str, Mapping[str, Sequence[Path]]] = {}
    register = build.register

    def listening(target: Target, sources: Sources) -> None:
        told.update(sources)
        register(target, sources)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "register", listening)
        yield told


def register(session: Any, sources: Sources) -> None:
    """Makes the sources' rows tables of Spark's catalog: persistent views, as dbt makes them, see no temporary ones."""
    for schema, tables in sources.items():
        session.sql(f"create schema if not exists {schema}")
        for name, paths in tables.items():
            frame = session.read.parquet(*map(str, paths))
            session.sql(f"drop table if exists {schema}.{name}")
            frame.coalesce(1).write.saveAsTable(f"{schema}.{name}", format="parquet")


def run_models(folder: Path) -> int:
    """Seeds and models, as dbt runs them on the session; returns how many there were. Raises Finding if one failed."""
    arguments = ["build", "--target", "spark", "--resource-type", "seed", "--resource-type", "model"]
    with _settings_of_the_session():
        return len(dbt_project.invoke(Home(folder), folder / "no.duckdb", arguments))


@contextmanager
def _settings_of_the_session() -> Iterator[None]:
    """dbt-spark turns ANSI mode off before each statement; here the session's own settings stand."""
    from dbt.adapters.spark import session

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session.Connection, "cursor", lambda connection: session.Cursor())
        yield


def compiled(sql: str, target: str, folder: Path) -> str:
    """What dbt makes of a query with macros, for an engine."""
    from dbt.cli.main import dbtRunner

    with pytest.MonkeyPatch.context() as patch:
        for name, value in dbt_project.environment(Home(folder), folder / "none.duckdb").items():
            patch.setenv(name, value)
        with _settings_of_the_session():
            outcome = dbtRunner().invoke(
                ["compile", "--inline", sql, "--target", target, "--log-level", "none"]
            )
    assert outcome.success, outcome.exception
    return str(outcome.result.results[0].node.compiled_code)


def export(session: Any, tables: Sequence[str], folder: Path) -> dict[str, Path]:
    """Marts' rows as Parquet files, a folder each."""
    for table in tables:
        session.table(f"marts.{table}").coalesce(1).write.parquet(str(folder / table))
    return {table: folder / table for table in tables}


def export_from_duckdb(target: Target, tables: Sequence[str], folder: Path) -> dict[str, Path]:
    """The warehouse's marts likewise."""
    with connected(target) as connection:
        for table in tables:
            (folder / table).mkdir(parents=True)
            connection.execute(f"copy marts.{table} to '{folder / table}/all.parquet'")
    return {table: folder / table for table in tables}
