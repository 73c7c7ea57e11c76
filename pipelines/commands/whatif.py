"""`suanzhang whatif`: what a month would come to under another tariff."""

from pathlib import Path

import click

from pipelines.commands.common import say, show
from pipelines.errors import WrongUse
from pipelines.home import Home, month_bounds


@click.command(epilog="Example: suanzhang whatif --tariff cheaper-nights.csv --period 2026-10 --json")
@click.option(
    "--tariff", required=True, type=click.Path(path_type=Path), help="Rows of tariff_rates: CSV or Excel."
)
@click.option("--period", required=True, metavar="YYYY-MM", help="The month whose usage is rated.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON, in fen.")
def whatif(tariff: Path, period: str, as_json: bool) -> int:
    """Rate a month again under the tariff rows of a file, closed or not: who would pay more, who less, what is at risk.

    Rows of the file take the place of known rows of the same key (tariff, version, SKU, band, window); a new version
    holds from its valid_from on. Nothing is landed, booked, built or published. Exit status 1 if the file would be
    rejected, or would leave usage without a price.
    """
    month_bounds(period)
    if not tariff.is_file():
        raise WrongUse(f"{tariff} is {'a folder, not a file' if tariff.is_dir() else 'not there'}.")

    from pipelines.sites_config import load_sources
    from pipelines.whatif.rating import what_if
    from pipelines.whatif.telling import as_dict, text_of

    compared = what_if(Home.from_environment(), load_sources(), tariff, period, say)
    if as_json:
        show(as_dict(compared))
    else:
        click.echo(text_of(compared, tariff.name))
    return 1 if compared.unpriced else 0
