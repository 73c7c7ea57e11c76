"""Prometheus on loopback, and one that scrapes a node_exporter while the other peers are tried."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.peers.servers import free_port, need, running

SCRAPES = """\
global: {{scrape_interval: 1s, scrape_timeout: 900ms}}
scrape_configs:
  - {{job_name: node, static_configs: [{{targets: ["127.0.0.1:{node}"]}}]}}
"""
CARDS_AS_A_FILE = """\
# TYPE DCGM_FI_DEV_GPU_UTIL gauge
DCGM_FI_DEV_GPU_UTIL{UUID="GPU-a",gpu="0",Hostname="n1"} 12
DCGM_FI_DEV_GPU_UTIL{UUID="GPU-b",gpu="1",Hostname="n1"} 97
# TYPE DCGM_FI_DEV_POWER_USAGE gauge
DCGM_FI_DEV_POWER_USAGE{UUID="GPU-a",gpu="0",Hostname="n1"} 71.5
DCGM_FI_DEV_POWER_USAGE{UUID="GPU-b",gpu="1",Hostname="n1"} 300.25
"""
"""What dcgm-exporter shows, for a machine without cards: node_exporter's textfile collector shows it too."""


def serve(folder: Path, config: str, port: int) -> Any:
    """A Prometheus on a folder, until the end of the block."""
    (prometheus,) = need("prometheus")
    (folder / "prometheus.yml").write_text(config)
    command = [
        prometheus,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address=127.0.0.1:{port}",
        "--query.max-samples=3000",
        "--log.level=warn",
    ]
    return running(command, folder / "log", lambda: answers(f"http://127.0.0.1:{port}/-/ready"))


@dataclass
class Scraping:
    """A Prometheus that scrapes a node_exporter every second; `stop` ends the exporter, the store stays."""

    url: str
    exporter: Any

    def stop(self) -> None:
        self.exporter.terminate()
        self.exporter.wait(20)

    def scrapes(self) -> list[tuple[float, str]]:
        """The scrapes so far, as Prometheus has them: second and value of node_load1."""
        result = self.asked("node_load1[2h]")
        return [(stamp, value) for stamp, value in result[0]["values"]] if result else []

    def asked(self, query: str) -> list[Any]:
        """What Prometheus answers to a query now."""
        answer = httpx.get(f"{self.url}/api/v1/query", params={"query": query}).json()
        result: list[Any] = answer["data"]["result"]
        return result


@contextmanager
def scraping(folder: Path) -> Iterator[Scraping]:
    """Scrapes until the end of the block."""
    (exporter,) = need("prometheus-node-exporter")
    node, port = free_port(), free_port()
    (folder / "cards").mkdir()
    (folder / "cards" / "dcgm.prom").write_text(CARDS_AS_A_FILE)
    command = [exporter, f"--web.listen-address=127.0.0.1:{node}"]
    command.append(f"--collector.textfile.directory={folder / 'cards'}")
    shown = f"http://127.0.0.1:{node}/metrics"
    with (
        running(command, folder / "exporter.log", lambda: answers(shown)) as child,
        serve(folder, SCRAPES.format(node=node), port),
    ):
        yield Scraping(f"http://127.0.0.1:{port}", child)


def answers(url: str) -> bool:
    """Whether a page is there."""
    try:
        return httpx.get(url).status_code == 200
    except httpx.HTTPError:
        return False
