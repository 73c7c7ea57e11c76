"""`suanzhang sql`: the current release answers."""

import csv
import json
import sys

import click

from pipelines.home import Home
from pipelines.roles import ROLES, Role


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
    from pipelines.ask import ask, overview, session

    connection = session(Home.from_environment(), Role(role, region, tenant))
    text = query if query is not None else ("" if sys.stdin.isatty() else sys.stdin.read())
    relation = ask(connection, text) if text.strip() else overview(connection)
    if shape == "table":
        click.echo(str(relation.limit(1000)).rstrip())
        return
    columns, rows = relation.columns, relation.fetchall()
    if shape == "json":
        click.echo(
            json.dumps(
                [dict(zip(columns, row, strict=True)) for row in rows], default=str, ensure_ascii=False
            )
        )
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
