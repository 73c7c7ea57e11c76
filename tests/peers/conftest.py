"""A home and a puller for tests against real servers; the scraping that goes on while they run, and is read last."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.home import Home
from tests.peers.postgres import Server, serving
from tests.peers.prometheus import Scraping, scraping
from tests.peers.servers import WHERE


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: "test_scraping" in item.nodeid)


@pytest.fixture(scope="session", autouse=True)
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraping | None]:
    """A Prometheus that scrapes from the first test on; None where it is not installed."""
    if all(shutil.which(name, path=WHERE) for name in ("prometheus", "prometheus-node-exporter")):
        with scraping(tmp_path_factory.mktemp("scraped")) as going:
            yield going
    else:
        yield None


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
