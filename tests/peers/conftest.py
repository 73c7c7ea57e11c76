"""A home and a puller for tests against real servers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.home import Home
from tests.peers.postgres import Server, serving


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("SUANZHANG_HOME", str(tmp_path / "home"))
    return Home.from_environment()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """PostgreSQL with the access rules of docs/serving.md, and a way in for the test's own loaders."""
    page = (Path(__file__).parents[2] / "docs" / "serving.md").read_text(encoding="utf-8")
    (rules,) = re.findall(r"^```\n(# type .*?)^```", page, re.MULTILINE | re.DOTALL)
    with serving(f"hostssl all postgres,loader 127.0.0.1/32 scram-sha-256\n{rules}") as found:
        yield found
