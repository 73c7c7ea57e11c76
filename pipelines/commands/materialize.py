"""`suanzhang materialize`: everything that is due, up to a release."""

from datetime import date

import click

from pipelines.commands.common import instant, say
from pipelines.errors import WrongUse
from pipelines.home import Home
from pipelines.words import plain


@click.command(epilog="Example: suanzhang materialize --from 2026-10-01 --to 2026-10-03")
@click.option("--from", "first", help="First business day to compute again, whatever changed.")
@click.option("--to", "last", help="Last business day to compute again.")
@click.option("--as-known-at", help="Build what was known at an instant, beside the current release.")
def materialize(first: str | None, last: str | None, as_known_at: str | None) -> None:
    """Bring everything that is due to a release: what waits in the inbox, bronze, models, certificates, publication."""
    forced, known_at = _range(first, last), instant(as_known_at)
    if as_known_at and forced:
        raise WrongUse("--as-known-at goes without --from and --to.")

    from pipelines.orchestrate import as_known_at as build_as_known_at
    from pipelines.runs import materialise
    from pipelines.sites_config import load_sources

    home, sources = Home.from_environment(), load_sources()
    if as_known_at:
        made = build_as_known_at(home, sources, known_at, say)
        click.echo(f"As known at {as_known_at}: release {made.release_id} in {made.folder}")
        return
    done = materialise(home, sources, say, forced)
    for arrival in done.left:
        say(f"{plain(arrival.path.name)} stays in the inbox: {arrival.reason}.")
    days = f"{len(done.days)} business days computed" if done.days else "no business day had changed"
    click.echo(f"{done.deliveries} deliveries read, {days}.")
    click.echo(
        f"Release {done.release.release_id} ({'new' if done.release.new else 'unchanged'}): {done.release.folder}"
    )


def _range(first: str | None, last: str | None) -> tuple[date, date] | None:
    if first is None and last is None:
        return None
    try:
        start, end = date.fromisoformat(first or last or ""), date.fromisoformat(last or first or "")
    except ValueError as error:
        raise WrongUse("--from and --to are days: write them like 2026-10-01.") from error
    if start > end:
        raise WrongUse(f"--from {start} comes after --to {end}.")
    return start, end
