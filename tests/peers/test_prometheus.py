"""Prometheus: a store that promtool fills, so that every sample is known."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from pipelines.formats import FORMATS
from pipelines.home import Home
from pipelines.landing import read_events
from pipelines.transports.base import Secrets
from pipelines.transports.prometheus import Prometheus
from pipelines.transports.pull import Puller
from pipelines.transports.windows import windows
from tests.formats.reading import read_path
from tests.peers.prometheus import serve
from tests.peers.servers import free_port, need
from tests.transports.places import one

pytestmark = pytest.mark.peers

BEGIN = 1_793_491_200
"""2026-11-01T00:00:00Z"""
STEP, HOURS, CARDS = 15, 3, 8
GAP = range(BEGIN + 4000, BEGIN + 4600)


@dataclass
class Store:
    """A running Prometheus and the lines that its samples are as text."""

    url: str
    lines: list[str]


def samples() -> Iterator[tuple[str, str, int]]:
    """Series, value, second: eight cards over three hours with a gap, a NaN and an infinity."""
    for card in range(CARDS):
        series = f'DCGM_FI_DEV_GPU_UTIL{{UUID="GPU-{card}",gpu="{card}",Hostname="n1"}}'
        for at in range(BEGIN, BEGIN + HOURS * 3600, STEP):
            if at not in GAP:
                value = {BEGIN: "NaN", BEGIN + STEP: "+Inf"}.get(at, str((at + card) % 101))
                yield series, value, at


def backfill(promtool: str, folder: Path) -> list[str]:
    """Writes the samples into a store; returns them as sorted lines."""
    import subprocess

    text = folder / "samples.om"
    body = "".join(f"{series} {value} {at}\n" for series, value, at in samples())
    text.write_text(f"# TYPE DCGM_FI_DEV_GPU_UTIL gauge\n{body}# EOF\n")
    subprocess.run(
        [promtool, "tsdb", "create-blocks-from", "openmetrics", str(text), str(folder / "data")],
        check=True,
        capture_output=True,
    )
    return [f"{_sorted(series)} {value} {at}000" for series, value, at in samples()]


def _sorted(series: str) -> str:
    name, labels = series.rstrip("}").split("{")
    return f"{name}{{{','.join(sorted(labels.split(',')))}}}"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    (promtool,) = need("promtool")
    folder, port = tmp_path_factory.mktemp("prometheus"), free_port()
    lines = backfill(promtool, folder)
    with serve(folder, "global: {}\n", port):
        yield Store(f"http://127.0.0.1:{port}", lines)


def settings(url: str, **more: Any) -> dict[str, Any]:
    since = "2026-11-01T00:00:00Z"
    return {"url": url, "queries": ["DCGM_FI_DEV_GPU_UTIL"], "since": since, "lag_seconds": 0, **more}


def at(clock: float, url: str, **more: Any) -> Prometheus:
    return Prometheus(httpx.Client(), settings(url, **more), lambda: clock)


def landed(home: Home) -> list[str]:
    """All lines landed, in the order of their files."""
    events = sorted(read_events(home), key=lambda event: event.name)
    return [line for event in events for line in home.object(event.content_sha256).read_text().splitlines()]


@pytest.mark.parametrize("minutes", [60, 180])
def test_every_sample_is_fetched_once_and_as_it_was_scraped(store: Store, home: Home, minutes: int) -> None:
    """Three hours are more than the server's 3,000 samples per query: they are asked for in parts."""
    puller = Puller(home, Secrets({}), lambda _: None)
    puller.connect = lambda each, secrets: at(BEGIN + HOURS * 3600, store.url, window_minutes=minutes)
    (pulled,) = puller.pull(one("prometheus", **settings(store.url, window_minutes=minutes)))
    assert (pulled.listed, pulled.findings) == (HOURS * 60 // minutes, [])
    assert sorted(landed(home)) == sorted(store.lines)
    assert len(store.lines) == CARDS * (HOURS * 3600 - 600) // STEP


def test_the_same_span_gives_the_same_bytes(store: Store, tmp_path: Path) -> None:
    (entry,) = windows(settings(store.url), "", BEGIN + 3600, "p.prom", 60, 0)
    texts = []
    for number in range(2):
        part = tmp_path / str(number)
        assert at(BEGIN + 3600, store.url).fetch(entry, part)
        texts.append(part.read_bytes())
    assert texts[0] == texts[1]
    assert texts[0].decode().splitlines() == sorted(
        (line for line in store.lines if int(line.rsplit(" ", 1)[1]) < (BEGIN + 3600) * 1000),
        key=lambda line: (line.split("} ")[0], int(line.rsplit(" ", 1)[1])),
    )


def test_what_was_fetched_is_read_as_device_samples(store: Store, tmp_path: Path) -> None:
    """A row per card and scrape; NaN is no sample, infinity no utilisation."""
    (entry,) = windows(settings(store.url), "", BEGIN + 3600, "p.prom", 60, 0)
    part = tmp_path / "fetched.prom"
    assert at(BEGIN + 3600, store.url).fetch(entry, part)
    assert FORMATS["prometheus_text"].sniff(part.read_bytes()[: 64 << 10])
    rows, _ = read_path("prometheus_text", "device_samples", part)
    assert rows.height == CARDS * (3600 // STEP - 1)
    assert set(rows["device_id"]) == {f"GPU-{card}" for card in range(CARDS)}
    assert set(rows["node"]) == {"n1"}
    values = rows["utilisation_pct"].cast(pl.Float64, strict=False).drop_nulls()
    known = [float(value) for _, value, second in samples() if BEGIN + STEP < second < BEGIN + 3600]
    assert values.filter(values.is_finite()).sum() == sum(known)


def test_a_range_query_would_repeat_samples(store: Store) -> None:
    """Why raw selectors: at ten seconds' step a range query gives more samples than were scraped."""
    answer = httpx.get(
        f"{store.url}/api/v1/query_range",
        params={"query": 'DCGM_FI_DEV_GPU_UTIL{gpu="0"}', "start": BEGIN, "end": BEGIN + 600, "step": 10},
    ).json()
    assert len(answer["data"]["result"][0]["values"]) > 600 // STEP + 1


def test_what_a_server_refuses_is_told(store: Store, home: Home) -> None:
    puller = Puller(home, Secrets({}), lambda _: None)
    puller.connect = lambda each, secrets: at(BEGIN + 3600, store.url, queries=["{"])
    (pulled,) = puller.pull(one("prometheus", **settings(store.url)))
    assert "answers bad_data" in pulled.findings[0]


def test_a_gap_of_the_server_is_fetched_when_it_is_back(home: Home, tmp_path: Path) -> None:
    (promtool,) = need("promtool")
    port = free_port()
    lines = backfill(promtool, tmp_path)
    url = f"http://127.0.0.1:{port}"
    puller = Puller(home, Secrets({}), lambda _: None)
    clock = [BEGIN + 3600.0]
    puller.connect = lambda each, secrets: at(clock[0], url)
    work = one("prometheus", **settings(url))
    with serve(tmp_path, "global: {}\n", port):
        assert len(puller.pull(work)[0].landed) == 1
    clock[0] += 2 * 3600
    assert "cannot be reached" in puller.pull(work)[0].findings[0]
    with serve(tmp_path, "global: {}\n", port):
        assert len(puller.pull(work)[0].landed) == 2
    assert sorted(landed(home)) == sorted(lines)
