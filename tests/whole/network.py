"""A simulated network taken to a release without Dagster, for tests of the whole."""

from datetime import date
from pathlib import Path

from pipelines.first_month import land_simulated
from pipelines.home import Home
from pipelines.lake import refresh
from pipelines.orchestrate import Built, build, release
from pipelines.release import read_manifest
from pipelines.simulate import SimulationParams, simulate
from pipelines.sites_config import load_sources
from pipelines.warehouse import Target


def month_end(seed: int, faults: str, scale: float = 0.02) -> SimulationParams:
    """Four days over the end of a month."""
    return SimulationParams(date(2026, 9, 29), date(2026, 10, 2), seed=seed, scale=scale, faults=faults)


def land(home: Home, params: SimulationParams, folder: Path) -> Path:
    """Simulates into a folder and lands it all."""
    simulate(params, folder, lambda _: None)
    land_simulated(home, folder, lambda _: None)
    return folder


def settled(root: Path, params: SimulationParams) -> tuple[Home, Path]:
    """A network taken to a release in a home under `root`, with the folder of its simulation."""
    home = Home(root / "home")
    folder = land(home, params, root / "simulated")
    settle(home)
    return home, folder


def settle(home: Home) -> Built:
    """Reads what is landed, builds what is due, publishes."""
    sources = load_sources()
    refresh(home, sources)
    built = build(Target(home), sources)
    release(Target(home), sources)
    return built


def table_hashes(home: Home) -> dict[str, str]:
    """The sha256 of every table of the current release."""
    manifest = read_manifest((home.published / "current").resolve())
    return {table["name"]: table["sha256"] for table in manifest["tables"]}
