"""`suanzhang status`: freshness, completeness and quarantine; periods and what blocks their close."""

import click

from pipelines.commands.common import show
from pipelines.home import Home


@click.command(epilog="Example: suanzhang status --periods")
@click.option("--periods", is_flag=True, help="Billing periods and what blocks their close.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def status(periods: bool, as_json: bool) -> int:
    """Show, per source and dataset, what is the newest, what was rejected and which days are short.

    Exit status 1 if something is waiting, rejected, short or blocked.
    """
    from pipelines.sites_config import load_sources
    from pipelines.standing import feeds, period_standing

    home, sources = Home.from_environment(), load_sources()
    rows = period_standing(home, sources) if periods else feeds(home, sources)
    if as_json:
        show([vars(row) for row in rows])
    else:
        for row in rows:
            click.echo(row.text())
        if not rows:
            click.echo("Nothing has been received yet. Land a file, or run `make run` for a simulated month.")
    return 1 if any(row.remarks for row in rows) else 0
