"""`suanzhang close`: a billing period is closed."""

from datetime import UTC, datetime

import click

from pipelines.commands.common import say
from pipelines.home import Home, month_bounds


@click.command(epilog="Example: suanzhang close 2026-10 --propose-as 'Li Ming' --approve-as 'Wang Fang'")
@click.argument("period", metavar="YYYY-MM")
@click.option("--propose-as", required=True, help="Who proposes the close.")
@click.option("--approve-as", required=True, help="Who approves it: somebody else.")
def close(period: str, propose_as: str, approve_as: str) -> None:
    """Close a billing period: freeze its lines in the ledger and write the close pack; closing again is a no-op."""
    month_bounds(period)

    from pipelines.orchestrate import close_period
    from pipelines.runs import materialise
    from pipelines.sites_config import load_sources

    home, sources = Home.from_environment(), load_sources()
    closed = close_period(home, sources, period, propose_as, approve_as, datetime.now(UTC))
    click.echo(f"{period} is closed{'' if closed.new else ' (it was already)'}: pack {closed.pack_sha256}")
    click.echo(f"  {closed.folder}")
    done = materialise(home, sources, say)
    click.echo(f"Release {done.release.release_id}: {done.release.folder}")
