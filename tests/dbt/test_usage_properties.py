"""Generated networks and what becomes of them: built whole, then changed and built again, the models agree with plain
Python, and dbt's own tests hold."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.dbt.generated_networks import network
from tests.dbt.harness import Warehouse
from tests.dbt.plain_metering import Metered, metered
from tests.dbt.world import World

SITES = 40
SELECT = "+path:models/marts/utilisation +int_conflicts path:tests/usage"


def modelled(warehouse: Warehouse) -> Metered:
    """What the models say, in the shape of plain metering."""
    with warehouse.connected() as connection:

        def keyed(query: str, width: int) -> dict[Any, tuple[Any, ...]]:
            found = connection.sql(query).fetchall()
            result = {row[:width]: row[width:] for row in found}
            assert len(result) == len(found)
            return result

        figures = (
            "installed_unit_seconds, down_unit_seconds, allocated_unit_seconds, idle_unit_seconds, "
            "reserved_unit_seconds, sellable_unit_seconds, quality, "
            "active_unit_seconds, observed_unit_seconds, active_quality"
        )
        key, number = "compute_class, resource_kind, model", "day - date '1970-01-01'"
        return Metered(
            usage=connection.sql(
                f"select site_id, {number}, {key}, start_s, end_s, quantity, is_open, is_conflict "
                "from intermediate.int_usage_days"
            ).fetchall(),
            over=connection.sql(
                "select site_id, device_id, from_s, to_s, allocated_milli, records "
                "from intermediate.int_over_allocations"
            ).fetchall(),
            hours=keyed(
                f"select site_id, epoch(hour)::bigint, {key}, {figures} from marts.utilisation_hourly", 5
            ),
            days=keyed(f"select site_id, {number}, {key}, {figures} from marts.utilisation_daily", 5),
            energy=keyed(
                f"select site_id, {number}, facility_wh, it_wh, facility_estimated_wh, it_estimated_wh, quality "
                "from marts.energy_daily",
                2,
            ),
        )


def assert_agree(warehouse: Warehouse, world: World) -> None:
    """The models say what plain Python says."""
    found, expected = modelled(warehouse), metered(world)
    assert sorted(found.usage) == sorted(expected.usage)
    assert sorted(found.over) == sorted(expected.over)
    assert found.hours == expected.hours
    assert found.days == expected.days
    assert found.energy == expected.energy


@pytest.mark.slow
@settings(max_examples=3, deadline=None, database=None, phases=[Phase.generate])
@given(seed=st.integers(0, 2**32))
def test_the_models_agree_with_plain_python_built_whole_and_built_by_changes(seed: int) -> None:
    before, after = network(seed, SITES)
    with TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder), SELECT)
        warehouse.build(before)
        assert_agree(warehouse, before)
        warehouse.build(after, test=True)
        assert_agree(warehouse, after)
