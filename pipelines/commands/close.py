"""`suanzhang close`: a billing period is proposed for closing, and closed."""

from datetime import UTC, datetime

import click

from pipelines.commands.common import say, show
from pipelines.errors import WrongUse
from pipelines.home import Home, month_bounds


@click.command(
    epilog="Example: suanzhang close 2026-10 --propose-as 'Li Ming', then suanzhang close 2026-10 "
    "--approve-as 'Wang Fang'; or both names in one call."
)
@click.argument("period", metavar="YYYY-MM")
@click.option("--propose-as", help="Who proposes the close.")
@click.option("--approve-as", help="Who approves the standing proposal: somebody else.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def close(period: str, propose_as: str | None, approve_as: str | None, as_json: bool) -> None:
    """Close a billing period: freeze its figures in the ledger and write the close pack.

    One person proposes, another approves; both are recorded. Closing again is a no-op. What blocks a close is listed
    by `suanzhang status --periods`.
    """
    month_bounds(period)
    if propose_as is None and approve_as is None:
        raise WrongUse("A close needs two people: --propose-as names one, --approve-as another.")

    from pipelines.orchestrate import close_period
    from pipelines.runs import materialise
    from pipelines.sites_config import load_sources

    home, sources = Home.from_environment(), load_sources()
    outcome = close_period(home, sources, period, propose_as, approve_as, datetime.now(UTC))
    if not as_json:
        click.echo(outcome.text())
    done = materialise(home, sources, say)
    if as_json:
        show({"state": outcome.state, **vars(outcome), "release_id": done.release.release_id})
    else:
        click.echo(f"Release {done.release.release_id}: {done.release.folder}")
        if period in done.release.statements:
            click.echo(f"Statements: {done.release.folder / 'statements' / period}")
