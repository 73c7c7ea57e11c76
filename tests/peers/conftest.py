"""A home and a puller for tests against real servers."""

from pathlib import Path

import pytest

from pipelines.home import Home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("SUANZHANG_HOME", str(tmp_path / "home"))
    return Home.from_environment()
