"""The audit that holds metered usage against records: sound usage passes; no line is lost, added or moved unseen."""

from pathlib import Path

import pytest

from tests.dbt.harness import DbtFailure, Warehouse
from tests.dbt.usage_cases import Site
from tests.dbt.world import World

pytestmark = pytest.mark.slow

METERED = "intermediate.int_metered_usage"
MIDDLE = "quantity = 4 * 86400"
SPOILED = {
    "a day between is lost": f"delete from {METERED} where {MIDDLE}",
    "a line stands twice": f"insert into {METERED} select * from {METERED} where {MIDDLE}",
    "a second too many": f"update {METERED} set quantity = quantity + 4 where {MIDDLE}",
    "one day gives, another takes": (
        f"update {METERED} set quantity = quantity + case when {MIDDLE} then -8 else 4 end "
        "where resource_kind = 'cpu_core' and day <= date '2026-03-11'"
    ),
    "an empty line more": f"insert into {METERED} select * replace (0 as quantity) from {METERED} where {MIDDLE}",
    "another account": f"update {METERED} set account = 'other' where {MIDDLE}",
    "no account": f"update {METERED} set account = null where {MIDDLE}",
    "another kind": f"update {METERED} set resource_kind = 'accelerator' where {MIDDLE}",
    "another day": f"update {METERED} set day = day + 7 where {MIDDLE}",
}


def test_the_audit_finds_whatever_is_wrong_with_a_line(tmp_path: Path) -> None:
    site = Site(World(), "a")
    site.job("2026-03-10 22:00", hours=28, cores=4, cards=2)
    site.job("2026-03-10 00:00", hours=24, cores=3, job="midnight to midnight")
    warehouse = Warehouse(tmp_path, "+int_metered_usage metered_usage_is_what_was_held")
    warehouse.build(site.world, test=True)
    sound = warehouse.rows(METERED)
    assert len(sound) == 7
    warehouse.select = "metered_usage_is_what_was_held"
    assert [name for name, spoil in SPOILED.items() if not _finds(warehouse, spoil)] == []
    warehouse.run("test")
    assert warehouse.rows(METERED) == sound


def _finds(warehouse: Warehouse, spoil: str) -> bool:
    """Whether the audit fails while usage is spoiled; afterwards it is as it was."""
    with warehouse.connected() as connection:
        connection.execute(f"create or replace table kept as select * from {METERED}")
        connection.execute(spoil)
    try:
        warehouse.run("test")
    except DbtFailure as failure:
        return "metered_usage_is_what_was_held" in str(failure)
    finally:
        with warehouse.connected() as connection:
            connection.execute(f"delete from {METERED}")
            connection.execute(f"insert into {METERED} select * from kept")
    return False
