"""`suanzhang statement`: a party's statement of a period, as PDF and Excel."""

from pathlib import Path

import click

from pipelines.commands.common import show
from pipelines.home import Home


@click.command(epilog="Example: suanzhang statement 2026-11 park-02 --out drafts")
@click.argument("period", metavar="YYYY-MM")
@click.argument("party", required=False)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to."
)
@click.option("--json", "as_json", is_flag=True, help="Print the files as JSON.")
def statement(period: str, party: str | None, out: Path, as_json: bool) -> None:
    """Write the statements of a period, or one PARTY's, from the current release: PDF and Excel.

    Statements of closed periods lie in the release already. Those of open periods are drafts, marked so on each page.
    """
    from pipelines.statements.making import make

    paths = make(Home.from_environment(), period, party, out)
    if as_json:
        show([str(path) for path in paths])
    else:
        for path in paths:
            click.echo(str(path))
