"""Every feed beside jobs and meters: what stands in the warehouse is what the delivered bytes can prove, row by row."""

from pathlib import Path

import pytest

from pipelines.home import Home
from pipelines.warehouse import Target, connected
from tests.whole.comparing import difference, release_tables, standing_difference
from tests.whole.network import month_end, settled

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


@pytest.fixture(scope="module", params=["none", "hostile"])
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


@pytest.mark.parametrize("table", ["landings", "completeness_daily"])
def test_every_record_and_every_declared_day_is_accounted_for(network: tuple[Home, Path], table: str) -> None:
    home, folder = network
    with release_tables(home) as connection:
        found = difference(connection, folder / "expected", table)
    assert not found, found.text()
