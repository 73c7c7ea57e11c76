"""Utilisation by region: a site counts in its region, in those above and in their corridor; unknown stays unknown."""

from pathlib import Path
from typing import Any

import pytest

from tests.dbt.harness import Warehouse
from tests.dbt.usage_cases import Site
from tests.dbt.world import World

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str], dict[str, Any]]:
    """(region, class, kind) → its row of 2026-03-10."""
    world = World()
    for name, region in (("zz", "zhengzhou"), ("gx", "gaoxin"), ("qy", "qingyang"), ("ali", "cloud")):
        world.site(name, region=region)
        world.partition(name, "cpu", "super")
        world.partition(name, "gpu", "intelligent", "nvidia-h20")
        site = Site(world, name, new=False)
        site.job("2026-03-10 00:00", hours=24, cores=60)
        if name != "gx":
            site.pool("2026-01-01 00:00", cores=100)
    site.job("2026-03-10 00:00", hours=1, cores=0, cards=1, job="2")
    site.pool("2026-01-01 00:00", model="nvidia-h20", compute_class="intelligent", devices=1, cores=50)
    warehouse = Warehouse(Path(tmp_path_factory.mktemp("regions")), "+utilisation_region_daily")
    warehouse.build(world, test=True)
    found = warehouse.rows("marts.utilisation_region_daily")
    return {
        (row["region"], row["compute_class"], row["resource_kind"]): row
        for row in found
        if str(row["day"]) == "2026-03-10"
    }


def test_a_site_counts_in_its_region_in_those_above_and_in_the_corridor(regions: Any) -> None:
    assert {region for region, *_ in regions} == {
        "zhengzhou", "gaoxin", "henan", "zhengqingha", "qingyang", "gansu", "cloud",
    }  # fmt: skip
    gansu = regions["gansu", "super", "cpu_core"]
    assert (gansu["installed_unit_seconds"], gansu["allocated_unit_seconds"]) == (100 * 86_400, 60 * 86_400)
    assert (gansu["sites"], gansu["sites_known"], gansu["below_half"]) == (1, 1, False)
    assert gansu["utilisation_installed"] == 0.6


def test_what_one_site_does_not_tell_is_unknown_in_the_sum(regions: Any) -> None:
    # zhengzhou holds gaoxin's site, which states no inventory: 2 × 60 cores were held of an unknown number
    henan = regions["henan", "super", "cpu_core"]
    assert (henan["installed_unit_seconds"], henan["allocated_unit_seconds"]) == (None, 120 * 86_400)
    assert (henan["sites"], henan["sites_known"], henan["below_half"]) == (2, 1, None)
    assert henan["quality"] == "capacity_unknown"
    assert regions["zhengqingha", "super", "cpu_core"]["sites"] == 3


def test_classes_stand_apart_and_together(regions: Any) -> None:
    apart, together = regions["cloud", "super", "cpu_core"], regions["cloud", "all", "cpu_core"]
    assert apart["installed_unit_seconds"] == 100 * 86_400
    # the pool of cards has 50 cores more, of the class intelligent: 60 of 150 is below half
    assert (together["installed_unit_seconds"], together["below_half"]) == (150 * 86_400, True)
    assert ("cloud", "all", "accelerator") in regions
