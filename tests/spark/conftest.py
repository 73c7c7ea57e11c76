"""One cluster and one network for all tests on Spark; without Java they are skipped, by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from data_contracts.contract import load_contracts
from tests.spark.cluster import cluster, missing_java
from tests.spark.engine import export, export_from_duckdb, register, run_models
from tests.spark.network import Network


@dataclass(frozen=True)
class Exported:
    """The marts of one build, by name, as folders of Parquet files."""

    of_duckdb: Mapping[str, Path]
    of_spark: Mapping[str, Path]


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A SparkSession on a cluster of its own."""
    why_not = missing_java()
    if why_not:
        pytest.skip(why_not)
    with cluster(tmp_path_factory.mktemp("cluster")) as session:
        yield session


@pytest.fixture(scope="session")
def network(session: Any, tmp_path_factory: pytest.TempPathFactory) -> Network:
    """The network, for machines that can run Spark."""
    return Network(tmp_path_factory.mktemp("network"))


@pytest.fixture(scope="session")
def whole(session: Any, network: Network, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The first build, from nothing."""
    return _built(session, network, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="session")
def changed(
    session: Any, network: Network, whole: Exported, tmp_path_factory: pytest.TempPathFactory
) -> Exported:
    """The second build, of the days that changed since the first, after a month was closed."""
    network.close_and_withdraw()
    return _built(session, network, tmp_path_factory.mktemp("changed"))


def _built(session: Any, network: Network, folder: Path) -> Exported:
    marts = [contract.name for contract in load_contracts("published")]
    register(session, network.build())
    run_models(network.home.root / "spark")
    return Exported(
        export_from_duckdb(network.target, marts, folder / "duckdb"), export(session, marts, folder / "spark")
    )
