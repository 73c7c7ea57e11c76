"""A home, and a puller that never really waits."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.home import Home
from pipelines.transports.base import Secrets
from pipelines.transports.pull import Puller


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("SUANZHANG_HOME", str(tmp_path / "home"))
    return Home.from_environment()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def puller(home: Home, slept: list[float]) -> Puller:
    return Puller(home, Secrets({}), slept.append, lambda: datetime.now(UTC))
