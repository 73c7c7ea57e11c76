"""`suanzhang status`: freshness, completeness and quarantine; periods and what blocks their close."""

import click

from pipelines.commands.common import show
from pipelines.home import Home


@click.command(epilog="Example: suanzhang status --periods")
@click.option("--periods", is_flag=True, help="Billing periods and what blocks their close.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def status(periods: bool, as_json: bool) -> int:
    """Show, per source and dataset, what is the newest, what is late, what was rejected and which days are short.

    Times are UTC. Exit status 1 if something is waiting, late, rejected, short or blocked.
    """
    from pipelines.sites_config import load_sources
    from pipelines.standing import feeds, period_standing, release_standing

    home, sources = Home.from_environment(), load_sources()
    rows = period_standing(home, sources) if periods else feeds(home, sources)
    release = release_standing(home, sources)
    if as_json:
        show([vars(row) for row in rows])
    else:
        for row in rows:
            click.echo(row.text())
        click.echo(release.text)
    return 1 if release.behind or any(row.remarks for row in rows) else 0
