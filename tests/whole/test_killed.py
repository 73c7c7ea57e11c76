"""kill -9 anywhere, then again: the same release, and nobody waits for the dead."""

import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.home import Home
from pipelines.release import current_release
from pipelines.simulate import SimulationParams
from tests.whole.network import land, month_end, table_hashes

pytestmark = [pytest.mark.slow, pytest.mark.long]
POINTS = 12
HALVES = 2


def settle_apart(home: Home, point: int | None = None) -> subprocess.CompletedProcess[str]:
    """Materialises in a process of its own, which dies at a point."""
    return subprocess.run(
        [sys.executable, "-m", "tests.whole.killed", *([str(point)] if point else [])],
        env={**os.environ, "SUANZHANG_HOME": str(home.root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def copied(home: Home, root: Path, share: float) -> Home:
    """A home that has received a share of another's deliveries and has read nothing yet."""
    other = Home(root)
    shutil.copytree(home.objects, other.objects)
    events = sorted(home.log.glob("*/*.json"))
    for path in events[: int(len(events) * share)]:
        target = other.log / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return other


@pytest.fixture(scope="module")
def params() -> SimulationParams:
    return month_end(21, "normal", scale=0.01)


def test_killed_at_any_point_and_run_again_it_publishes_the_same_release(
    params: SimulationParams, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("killed")
    landed = Home(root / "landed")
    land(landed, params, root / "simulated")
    calm = copied(landed, root / "calm", 1.0)
    counted = settle_apart(calm)
    assert counted.returncode == 0, counted.stderr[-2000:]
    total = int(counted.stdout.split()[-1])
    expected, release_id = table_hashes(calm), current_release(calm).release_id

    victim = copied(landed, root / "victim", 0.5)
    assert settle_apart(victim).returncode == 0
    shutil.rmtree(victim.log)
    shutil.copytree(landed.log, victim.log)
    shaken = root / "shaken"
    points = sorted(random.Random(1).sample(range(1, total), POINTS))
    for number, point in enumerate(points):
        if number % HALVES == 0:  # a build from nothing and an increment in turn
            home = copied(landed, shaken / str(point), 1.0)
        else:
            home = Home(shaken / str(point))
            shutil.copytree(victim.root, home.root, symlinks=True)
        died = settle_apart(home, point if number % HALVES == 0 else max(1, point // 3))
        assert died.returncode == -signal.SIGKILL, f"point {point}: {died.stderr[-500:]}"
        again = settle_apart(home)
        assert again.returncode == 0, f"point {point}: {again.stderr[-2000:]}"
        assert table_hashes(home) == expected, f"killed at {point} of {total}"
        assert current_release(home).release_id == release_id
        shutil.rmtree(home.root)
