"""`suanzhang sql`: the current release answers."""

import csv
import json
import math
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from pipelines.errors import Finding, WrongUse
from pipelines.home import Home
from pipelines.roles import ROLES, Role

if TYPE_CHECKING:
    import duckdb

BATCH = 10_000


@click.command(
    epilog="Example: suanzhang sql --role regulator "
    '"select site_id, sum(allocated_hours) from utilisation_daily group by site_id"'
)
@click.argument("query", required=False)
@click.option("--role", default="engineer", type=click.Choice(ROLES), show_default=True, help="Whose tables.")
@click.option("--region", help="Of which region the regulator is.")
@click.option("--tenant", help="Which tenant asks.")
@click.option(
    "--explain-column", metavar="TABLE.COLUMN", help="Say what a column means instead, in both languages."
)
@click.option(
    "--timeout",
    default=300.0,
    show_default=True,
    type=click.FloatRange(0.001),
    help="Seconds a statement may take.",
)
@click.option("--memory", default="2GB", show_default=True, help="Memory a statement may take.")
@click.option(
    "--format", "shape", default="table", type=click.Choice(["table", "csv", "json"]), show_default=True
)
def sql(
    query: str | None,
    role: str,
    region: str | None,
    tenant: str | None,
    explain_column: str | None,
    timeout: float,
    memory: str,
    shape: str,
) -> None:
    """Ask the current release in SQL. Without QUERY: a prompt, or the statements of standard input.

    A role shapes the session; it is no protection against somebody who can read the files themselves.
    """
    reader = Role(role, region, tenant)
    if explain_column:
        _explain(reader, explain_column, shape)
        return
    from pipelines.ask import ask, explained, limited, overview, session, statements
    from pipelines.retention import reading

    home = Home.from_environment()
    with reading(home) as folder, session(home, reader, folder, memory) as connection:

        def answer(text: str) -> None:
            with limited(connection, timeout), explained(connection):
                SHAPES[shape](ask(connection, text))

        if query is not None:
            answer(query)
        elif sys.stdin.isatty():
            _converse(connection, reader, answer)
        else:
            texts = statements(connection, sys.stdin.read())
            for text in texts:
                answer(text)
            if not texts:
                _overview(overview(connection), shape)


def _explain(reader: Role, named: str, shape: str) -> None:
    from pipelines.meaning import meaning, text_of

    said = meaning(reader, named)
    click.echo(json.dumps(said, ensure_ascii=False) if shape == "json" else text_of(said))


def _converse(connection: "duckdb.DuckDBPyConnection", reader: Role, answer: Callable[[str], None]) -> None:
    """A conversation at a terminal: what goes wrong is said, and the next statement is asked for."""
    from pipelines.ask import columns_of, overview
    from pipelines.prompting import HELP, converse, typed_statements

    def described(table: str) -> None:
        if table:
            answer(f"describe {table}")
        else:
            _overview(overview(connection), "table")

    def told(act: Callable[[str], None]) -> Callable[[str], None]:
        def acting(text: str) -> None:
            try:
                act(text)
            except (Finding, WrongUse) as error:
                click.echo(str(error), err=True)
            except KeyboardInterrupt:
                click.echo("Stopped.", err=True)

        return acting

    click.echo(HELP)
    commands = {
        "\\d": told(described),
        "\\e": told(lambda named: _explain(reader, named, "table")),
        "\\?": lambda _: click.echo(HELP),
    }
    converse(typed_statements(columns_of(connection)), told(answer), commands)


def _overview(tables: "duckdb.DuckDBPyRelation", shape: str) -> None:
    """Every table, on a screen or for a program."""
    if shape != "table":
        SHAPES[shape](tables)
        return
    for name, columns in tables.fetchall():
        click.echo(f"{name:28} {columns:>3} columns")


def _as_table(relation: "duckdb.DuckDBPyRelation") -> None:
    click.echo(str(relation).rstrip())


def _as_csv(relation: "duckdb.DuckDBPyRelation") -> None:
    """Unknown values are empty cells."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    rows = relation.fetchmany(BATCH)
    writer.writerow(relation.columns)
    while rows:
        writer.writerows(rows)
        rows = relation.fetchmany(BATCH)


def _as_json(relation: "duckdb.DuckDBPyRelation") -> None:
    """A list of objects. Exact decimals, days and times are texts; unknown values and NaN are null."""
    columns = relation.columns
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise Finding(f"Two columns are called {', '.join(twice)}: name them apart with `as` to get JSON.")
    rows = [dict(zip(columns, map(json_value, row), strict=True)) for row in relation.fetchall()]
    click.echo(json.dumps(rows, ensure_ascii=False, allow_nan=False))


SHAPES = {"table": _as_table, "csv": _as_csv, "json": _as_json}


def json_value(value: Any) -> Any:
    """A value of a result as JSON can hold it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): json_value(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(each) for each in value]
    return value if value is None or isinstance(value, str | int) else str(value)
