"""`suanzhang report`: a regulator's file for a month."""

import json
from pathlib import Path

import click

from pipelines.commands.common import show
from pipelines.home import Home


@click.command(epilog="Example: suanzhang report 2026-10 --region zhengzhou --out reports")
@click.argument("month", metavar="YYYY-MM")
@click.option("--region", help="Only the sites of this region.")
@click.option("--format", "shape", default="xlsx", type=click.Choice(["xlsx", "parquet"]), show_default=True)
@click.option("--since", help="The release to compare with; else that of the last report in the folder.")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def report(month: str, region: str | None, shape: str, since: str | None, out: Path, as_json: bool) -> None:
    """Write what a regulator reads of a month: a file per site and per province, from the current release.

    Each says what changed since the last report in the folder; before the first, since the release before.
    """
    from pipelines.report.making import make

    written = make(Home.from_environment(), month, region, shape, since, out)
    if as_json:
        show(json.loads(written.record))
    else:
        for path in written.paths:
            click.echo(str(path))
        click.echo(f"From release {written.release_id}, compared with {written.since or 'none'}.")
