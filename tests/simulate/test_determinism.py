"""The same parameters give the same bytes; nothing but the parameters matters."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipelines.errors import WrongUse
from pipelines.simulate import SimulationParams, simulate

from .conftest import Simulation, params


def test_same_seed_same_bytes(simulated, tmp_path):
    first = simulated(faults="hostile")
    again = Simulation(first.params, tmp_path / "again")
    assert again.manifest == first.manifest


def test_other_seed_other_bytes(simulated, tmp_path):
    other = Simulation(params(seed=2), tmp_path / "other")
    changed = {
        name
        for name, sha in simulated().manifest["files"].items()
        if other.manifest["files"].get(name) != sha
    }
    assert "feeds/nscc-zz/job_records/sacct_20260930.psv" in changed
    assert "truth/charges.csv" in changed


def test_a_site_is_the_same_whoever_else_takes_part(simulated, tmp_path):
    whole = simulated(faults="none").manifest["files"]
    alone = Simulation(params(faults="none", sites=("hami",)), tmp_path / "alone").manifest["files"]
    feeds = [name for name in alone if name.startswith("feeds/hami/")]
    assert feeds
    assert {name: alone[name] for name in feeds} == {name: whole[name] for name in feeds}


def test_second_run_returns_at_once(simulated):
    done = simulated()
    told: list[str] = []
    before = (done.folder / "deliveries.jsonl").stat().st_mtime_ns
    simulate(done.params, done.folder, told.append)
    assert told == [f"{done.folder} holds this simulation already"]
    assert (done.folder / "deliveries.jsonl").stat().st_mtime_ns == before


def test_other_parameters_replace_what_lies_there(tmp_path):
    small = params(sites=("hami",), last_day=params().first_day, faults="none")
    Simulation(small, tmp_path)
    unfinished = tmp_path / "manifest.json"
    unfinished.unlink()
    replaced = Simulation(replace(small, seed=5), tmp_path)
    assert replaced.manifest["params"]["seed"] == 5
    assert {path.name for path in tmp_path.iterdir()} == {
        "feeds", "truth", "expected", "deliveries.jsonl", "manifest.json",
    }  # fmt: skip


def test_other_peoples_files_are_left_alone(tmp_path: Path):
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(WrongUse, match=r"thesis\.doc"):
        simulate(params(), tmp_path, print)
    assert (tmp_path / "thesis.doc").read_text() == "years of work"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"scale": 0}, "--scale"),
        ({"faults": "evil"}, "--faults"),
        ({"sites": ("mars",)}, "mars"),
        ({"last_day": date(2026, 9, 1)}, "--from"),
    ],
)
def test_wrong_parameters_are_refused_in_one_sentence(changes, word):
    with pytest.raises(WrongUse, match=word):
        params(**changes)


def test_default_is_the_default_month():
    assert SimulationParams().canonical()["first_day"] == "2026-10-01"
    assert SimulationParams().canonical()["last_day"] == "2026-10-31"
    assert len(SimulationParams().chosen) == 9
