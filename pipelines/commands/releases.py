"""`suanzhang releases`: what is published, and pruning of what is old."""

import click

from pipelines.commands.common import show
from pipelines.home import Home
from pipelines.retention import KEPT, Kept, kept
from pipelines.retention import prune as pruned


@click.group()
def releases() -> None:
    """See which releases are kept; delete old ones. Close packs are never touched.

    \b
    Example:
      suanzhang releases prune --keep 10
    """


@releases.command("list", epilog="Example: suanzhang releases list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool) -> None:
    """Every release, the newest first; an asterisk marks the current one."""
    found = kept(Home.from_environment())
    if as_json:
        show(
            [
                {
                    "release_id": each.release_id,
                    "rows": each.rows,
                    "bytes": each.size,
                    "current": each.current,
                }
                for each in found
            ]
        )
        return
    click.echo(f"  {'release':18} {'rows':>14} {'MB':>10}")
    for each in found:
        click.echo(f"{'*' if each.current else ' '} {each.release_id:18} {each.rows:>14,} {_mb(each):>10}")


@releases.command(epilog="Example: suanzhang releases prune --keep 10 --dry-run")
@click.option("--keep", default=KEPT, show_default=True, help="How many of the newest to keep.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and delete nothing.")
def prune(keep: int, dry_run: bool) -> None:
    """Delete old releases: never the current one, never one that a command is reading.

    They can be made again from landing and ledger. Other programs' readers of the files are not known: keep enough.
    """
    gone, read = pruned(Home.from_environment(), keep, dry_run)
    for each in gone:
        click.echo(f"{'would delete' if dry_run else 'deleted'} {each.release_id}, {_mb(each)} MB")
    for each in read:
        click.echo(f"kept {each.release_id}: somebody is reading it")
    if not gone and not read:
        click.echo("Nothing to delete.")


def _mb(each: Kept) -> str:
    return f"{each.size / 1e6:,.1f}"
