"""node_exporter, scraped for two minutes and more by a Prometheus that begins with the first test of the peers."""

import time
from pathlib import Path

import polars as pl
import pytest

from pipelines.transports.windows import windows
from tests.formats.reading import read_path
from tests.peers.prometheus import Scraping
from tests.peers.servers import need, wait_until
from tests.peers.test_prometheus import at

pytestmark = pytest.mark.peers

SECONDS = 120
QUERIES = ['{__name__=~"node_(load1|memory_MemTotal_bytes|cpu_seconds_total)"}', '{__name__=~"DCGM_.*"}']


def test_node_exporter_is_scraped_for_minutes_fetched_and_read(
    scraped: Scraping | None, tmp_path: Path
) -> None:
    """Fetched once nobody scrapes any more: one selector after another sees the same scrapes."""
    need("prometheus", "prometheus-node-exporter")
    assert scraped is not None
    wait_until(lambda: _span(scraped) >= SECONDS, f"{SECONDS} seconds of scrapes", SECONDS + 60)
    scraped.stop()
    wait_until(lambda: bool(scraped.asked("up == 0")), "a scrape that found nobody")
    whole = scraped.scrapes()
    first, last = (int(whole[each][0]) // 3600 * 3600 for each in (0, -1))
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(first))
    lines, found, aside = [], [], set()
    for number, entry in enumerate(windows({"since": since}, "", last + 3600, "p.prom", 60, 0)):
        part = tmp_path / f"{number}.prom"
        assert at(0, scraped.url, queries=QUERIES).fetch(entry, part)
        hour = part.read_text().splitlines()
        assert hour == sorted(hour, key=lambda line: line.split("} ")[0])
        rows, tally = read_path("prometheus_text", "device_samples", part)
        lines += hour
        found.append(rows)
        aside |= set(tally.set_aside)
    loads = [line.split(" ")[1:] for line in lines if line.startswith("node_load1{")]
    assert loads == [[value, f"{stamp * 1000:.0f}"] for stamp, value in whole]
    samples = pl.concat(found)
    assert samples.height == 2 * len(loads), "a row per card and scrape"
    assert set(samples["power_w"].cast(pl.Float64)) == {71.5, 300.25}
    assert any("node_load1" in name for name in aside)


def _span(scraped: Scraping) -> float:
    """Seconds between the first scrape and the newest."""
    scrapes = scraped.scrapes()
    return scrapes[-1][0] - scrapes[0][0] if scrapes else 0
