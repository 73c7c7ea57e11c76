"""`suanzhang simulate`: a simulated network's deliveries in their native formats."""

from datetime import date, datetime
from pathlib import Path

import click

from pipelines.commands.common import say


@click.command(
    epilog="Example: suanzhang simulate --from 2026-10-01 --to 2026-10-03 --sites nscc-zz --scale 0.01 --out simulated"
)
@click.option(
    "--from",
    "first",
    default="2026-10-01",
    show_default=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="The first business day (Asia/Shanghai).",
)
@click.option(
    "--to",
    "last",
    default="2026-10-31",
    show_default=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="The last business day, included.",
)
@click.option("--sites", default="", metavar="A,B,…", help="Who takes part; by default all simulated sites.")
@click.option("--seed", default=1, show_default=True, help="Another seed is another history.")
@click.option("--scale", default=1.0, show_default=True, help="Size of the network; 1 is the whole one.")
@click.option(
    "--faults",
    default="normal",
    show_default=True,
    type=click.Choice(["none", "normal", "hostile"]),
    help="What goes wrong on the way: nothing, what real feeds do, or more, some of it for good.",
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write."
)
def simulate(
    first: datetime, last: datetime, sites: str, seed: int, scale: float, faults: str, out: Path
) -> None:  # fmt: skip
    """Write what every sender of the network would send, beside what truly happened and what the files can prove.

    The same parameters give the same bytes. OUT/deliveries.jsonl lists the deliveries in order of time.
    """
    from pipelines.simulate import SimulationParams
    from pipelines.simulate import simulate as write

    chosen = tuple(site.strip() for site in sites.split(",") if site.strip())
    params = SimulationParams(_day(first), _day(last), chosen, seed, scale, faults)
    manifest = write(params, out, say)
    click.echo(f"The simulation is complete: {manifest}")


def _day(at: datetime) -> date:
    return at.date()
