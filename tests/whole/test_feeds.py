"""Every feed beside jobs and meters, and every mart of a second network: what stands is what the delivered bytes can
prove, row by row; and what happened, where what went wrong was sent again."""

import json
from pathlib import Path

import pytest

from pipelines.home import Home
from pipelines.warehouse import Target, connected
from tests.whole.comparing import (
    OF_METERS,
    TABLES,
    TRUE_TABLES,
    difference,
    release_tables,
    standing_difference,
)
from tests.whole.network import month_end, settled
from tests.whole.ratios import RATIOS, ratio_differences

pytestmark = pytest.mark.slow
DATASETS = [
    "instance_records",
    "storage_records",
    "network_usage",
    "device_samples",
    "network_probes",
    "rack_inventory",
    "outages",
    "dispatch_orders",
    "cloud_charges",
]


@pytest.fixture(scope="module", params=["normal", "hostile"])
def network(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Path]:
    """A network with each level of faults, settled."""
    return settled(tmp_path_factory.mktemp("feeds"), month_end(7, request.param))


@pytest.mark.parametrize("dataset", DATASETS)
def test_what_stands_is_what_the_delivered_bytes_prove(network: tuple[Home, Path], dataset: str) -> None:
    home, folder = network
    with connected(Target(home)) as connection:
        found = standing_difference(connection, folder / "expected", dataset)
    assert found.rows
    assert not found, found.text()


@pytest.mark.parametrize("table", TABLES)
def test_every_mart_equals_what_the_delivered_bytes_can_prove(network: tuple[Home, Path], table: str) -> None:
    home, folder = network
    with release_tables(home) as connection:
        found = difference(connection, folder / "expected", table)
    assert not found, found.text()


@pytest.mark.parametrize("table", RATIOS)
def test_every_ratio_is_that_of_whole_numbers(network: tuple[Home, Path], table: str) -> None:
    home, folder = network
    with release_tables(home) as connection:
        assert ratio_differences(connection, folder / "expected", table) == []


@pytest.mark.parametrize("network", ["normal"], indirect=True)
@pytest.mark.parametrize("table", [table for table in TRUE_TABLES if table not in OF_METERS])
def test_after_all_that_was_sent_again_every_mart_equals_what_happened(
    network: tuple[Home, Path], table: str
) -> None:
    home, folder = network
    notes = (folder / "truth" / "notes.jsonl").read_text(encoding="utf-8").splitlines()
    assert {note["fault"] for note in map(json.loads, notes) if note["final"]} <= {"meter_reset"}
    with release_tables(home) as connection:
        found = difference(connection, folder / "truth", table)
    assert found.rows
    assert not found, found.text()
