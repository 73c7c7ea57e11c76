"""`suanzhang sql`: the current release answers."""

import csv
import json
import math
import sys
from typing import TYPE_CHECKING, Any

import click

from pipelines.errors import Finding
from pipelines.home import Home
from pipelines.roles import ROLES, Role

if TYPE_CHECKING:
    import duckdb

BATCH = 10_000


@click.command(
    epilog="Example: suanzhang sql --role regulator "
    '"select site_id, sum(allocated_hours) from utilisation_daily group by all"'
)
@click.argument("query", required=False)
@click.option("--role", default="engineer", type=click.Choice(ROLES), show_default=True, help="Whose tables.")
@click.option("--region", help="Of which region the regulator is.")
@click.option("--tenant", help="Which tenant asks.")
@click.option(
    "--format", "shape", default="table", type=click.Choice(["table", "csv", "json"]), show_default=True
)
def sql(query: str | None, role: str, region: str | None, tenant: str | None, shape: str) -> None:
    """Ask the current release in SQL. Without QUERY: the tables of the role, or a statement from standard input.

    A role shapes the session; it is no protection against somebody who can read the files themselves.
    """
    from pipelines.ask import ask, explained, overview, session

    connection = session(Home.from_environment(), Role(role, region, tenant))
    text = query if query is not None else ("" if sys.stdin.isatty() else sys.stdin.read())
    relation = ask(connection, text) if text.strip() else overview(connection)
    with explained(connection):
        {"table": _as_table, "csv": _as_csv, "json": _as_json}[shape](relation)


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


def json_value(value: Any) -> Any:
    """A value of a result as JSON can hold it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): json_value(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(each) for each in value]
    return value if value is None or isinstance(value, str | int) else str(value)
