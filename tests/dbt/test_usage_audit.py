"""Audits of usage: what is sound passes; no line of metered usage is lost, added or moved unseen, and of no device is
more than the whole held unseen."""

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
    assert [name for name, spoil in SPOILED.items() if not _finds(warehouse, METERED, spoil)] == []
    warehouse.run("test")
    assert warehouse.rows(METERED) == sound


OVER, NESTED = "intermediate.int_over_allocations", "intermediate.int_nested_days"
OF_DEVICES = {
    "an over-allocation is not shown": (OVER, f"delete from {OVER}"),
    "less of it is shown": (OVER, f"update {OVER} set allocated_milli = 1001"),
    "it is shown too long": (OVER, f"update {OVER} set to_s = to_s + 1"),
    "it is shown too late": (OVER, f"update {OVER} set from_s = from_s + 1"),
    "what is within a machine counts as well": (NESTED, f"delete from {NESTED}"),
    "more is taken back than was held": (NESTED, f"update {NESTED} set start_s = start_s - 7200"),
}


def test_the_audit_of_devices_finds_what_is_more_than_whole_and_less_than_nothing(tmp_path: Path) -> None:
    # 600 and 700 thousandths of a card from 10:00 to 12:00; a pod within a machine on another card
    cards = [f"GPU-0000000{number}-0000-4000-8000-000000000000" for number in range(2)]
    site = Site(World(), "a")
    site.instance("2026-03-10 09:00", hours=3, cards=600, name="p1", device_ids=cards[0])
    site.instance("2026-03-10 10:00", hours=4, cards=700, name="p2", device_ids=cards[0])
    machine = {"instance_kind": "virtual_machine", "name": "m", "device_ids": cards[1]}
    site.instance("2026-03-10 08:00", hours=6, cards=1000, **machine)
    site.instance("2026-03-10 09:00", hours=1, cards=1000, name="p3", device_ids=cards[1])
    audit = "devices_hold_one_whole_or_are_shown"
    warehouse = Warehouse(tmp_path, f"+int_over_allocations {audit}")
    warehouse.build(site.world, test=True)
    (shown,) = warehouse.rows(OVER)
    assert (shown["allocated_milli"], shown["to_s"] - shown["from_s"]) == (1300, 2 * 3600)
    warehouse.select = audit
    unseen = [name for name, spoil in OF_DEVICES.items() if not _finds(warehouse, *spoil, audit)]
    assert unseen == []
    warehouse.run("test")


def _finds(
    warehouse: Warehouse, table: str, spoil: str, audit: str = "metered_usage_is_what_was_held"
) -> bool:
    """Whether the audit fails while a table is spoiled; afterwards it is as it was."""
    with warehouse.connected() as connection:
        connection.execute(f"create or replace table kept as select * from {table}")
        connection.execute(spoil)
    try:
        warehouse.run("test")
    except DbtFailure as failure:
        return audit in str(failure)
    finally:
        with warehouse.connected() as connection:
            connection.execute(f"delete from {table}")
            connection.execute(f"insert into {table} select * from kept")
    return False
