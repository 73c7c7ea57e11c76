"""Small simulations over a month end, made once: with the faults of real feeds, with hostile ones, and without any."""

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.simulate import SimulationParams, simulate

Rows = list[dict[str, str]]


class Simulation:
    """A finished simulation, as a reader of its files sees it."""

    def __init__(self, params: SimulationParams, folder: Path) -> None:
        self.params, self.folder = params, folder
        self.manifest = json.loads(simulate(params, folder, lambda text: None).read_text(encoding="utf-8"))

    def table(self, name: str, of: str = "expected") -> Rows:
        """The rows of expected/<name>.csv, or of truth/<name>.csv."""
        with (self.folder / of / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The documents of a file of JSON lines."""
        return [json.loads(line) for line in (self.folder / name).read_text(encoding="utf-8").splitlines()]

    @property
    def acts(self) -> list[dict[str, Any]]:
        return self.lines("deliveries.jsonl")

    @property
    def notes(self) -> list[dict[str, Any]]:
        return self.lines("truth/notes.jsonl")


def params(**changes: Any) -> SimulationParams:
    """A simulation that takes about a second, over the end of September."""
    return SimulationParams(
        **{
            "first_day": date(2026, 9, 29),
            "last_day": date(2026, 10, 2),
            "sites": ("nscc-zz", "yunai-ai", "hami", "aliyun"),
            "scale": 0.02,
            **changes,
        }
    )


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Simulation]:
    """Simulations by their parameters, each made once per session."""
    made: dict[SimulationParams, Simulation] = {}

    def make(**changes: Any) -> Simulation:
        wanted = params(**changes)
        if wanted not in made:
            made[wanted] = Simulation(wanted, tmp_path_factory.mktemp("simulated") / "out")
        return made[wanted]

    return make


@pytest.fixture(params=["none", "normal", "hostile"])
def each(request: pytest.FixtureRequest, simulated: Callable[..., Simulation]) -> Simulation:
    """Each level of faults in turn."""
    return simulated(faults=request.param)
