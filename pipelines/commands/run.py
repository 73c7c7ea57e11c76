"""`suanzhang run`: the main job, on a simulated month."""

import time
from datetime import date

import click

from pipelines.commands.common import say
from pipelines.home import Home, month_bounds


@click.command(epilog="Example: suanzhang run --period 2026-10")
@click.option(
    "--period", default="2026-10", show_default=True, metavar="YYYY-MM", help="The month to simulate."
)
@click.option("--seed", default=1, show_default=True, help="The seed of the simulation.")
@click.option("--scale", default=1.0, show_default=True, help="The size of the simulated network.")
@click.option(
    "--faults", default="normal", show_default=True, type=click.Choice(["none", "normal", "hostile"])
)
def run(period: str, seed: int, scale: float, faults: str) -> None:
    """Simulate a month of the nine-site network, land it, materialise it, close the month and publish it."""
    from pipelines.first_month import run_month, text_of
    from pipelines.simulate import SimulationParams
    from pipelines.sites_config import load_sources

    started = time.perf_counter()

    def progress(text: str) -> None:
        say(f"[{time.perf_counter() - started:6.1f} s] {text}")

    first, following = month_bounds(period)
    params = SimulationParams(
        first, date.fromordinal(following.toordinal() - 1), seed=seed, scale=scale, faults=faults
    )
    summary = run_month(Home.from_environment(), load_sources(), params, progress)
    progress("Done.")
    click.echo(text_of(summary))
