"""Racks: standard ones of 2.5 kW, from dated statements per room, over the hours that the network's usage reaches."""

from decimal import Decimal

import pytest

from tests.dbt.usage_cases import Row, Site, given, hourly, rows
from tests.dbt.world import shanghai

pytestmark = pytest.mark.slow


def room(site: Site, valid_from: str, installed: int, occupied: int, **columns: object) -> Row:
    """A room's statement; 2.5 kW a rack unless told otherwise."""
    said = {"room": "A", "rated_kw": Decimal("2.500"), **columns}
    return {
        "site_id": site.name,
        "valid_from": shanghai(valid_from),
        "installed": installed,
        "occupied": occupied,
        **said,
    }


def racks(name: str, hour: str) -> tuple[int, int, int]:
    """Rack-seconds installed, occupied and free in an hour."""
    return tuple(  # type: ignore[return-value]
        hourly(name, "rack", f"{part}_unit_seconds")[hour] for part in ("installed", "allocated", "idle")
    )


@given
def racks_only(site: Site) -> None:
    site.send(
        room(site, "2026-03-01 00:00", 10, 4, rated_kw=Decimal("8.000")),
        room(site, "2026-03-01 00:00", 3, 3, room="B", rated_kw=None),
        dataset="rack_inventory",
    )


@given
def others_use_the_network(site: Site) -> None:
    site.job("2026-03-10 10:00", hours=2)


def test_a_site_of_racks_alone_has_the_hours_of_the_network() -> None:
    # 10 × 8 kW ÷ 2.5 = 32 standard racks and 3 that state no power; 4 × 3.2 = 12.8 and 3 are occupied
    assert racks("racks_only", "03-10 10") == (35 * 3600, 56_880, 69_120)
    assert "03-10 11" in hourly("racks_only", "rack")
    row = rows("racks_only", "marts.utilisation_hourly")[0]
    assert (row["compute_class"], row["model"], row["quality"]) == ("all", "standard", "measured")
    assert row["down_unit_seconds"] == 0


@given
def a_room_is_stated_anew(site: Site) -> None:
    site.job("2026-03-10 10:00", hours=2)
    site.pool("2026-01-01 00:00")
    site.send(
        room(site, "2026-03-10 09:30", 10, 5),
        room(site, "2026-03-10 10:45", 10, 7, rated_kw=Decimal("2.501")),
        dataset="rack_inventory",
    )


def test_a_statement_holds_until_the_rooms_next_and_is_rounded_once() -> None:
    # 5 × 2700 s; then 7 × 2.501 kW ÷ 2.5 × 900 s = 6302.52: 19802.52 → 19803; 10 × 2700 + 9003.6 = 36003.6 → 36004
    assert racks("a_room_is_stated_anew", "03-10 10") == (36_004, 19_803, 16_201)
    assert "03-10 09" not in hourly("a_room_is_stated_anew", "rack")


def test_a_capacity_statement_has_the_sites_racks_in_every_row() -> None:
    found = rows("a_room_is_stated_anew", "marts.capacity_statement")
    ends = {
        (row["racks_installed"], row["racks_occupied"]) for row in found if str(row["as_of"]) == "2026-03-10"
    }
    assert ends == {(10, 7)}
    assert {row["rack_rate"] for row in found if str(row["as_of"]) == "2026-03-10"} == {0.7}
    assert {row["racks_installed"] for row in found if str(row["as_of"]) < "2026-03-10"} <= {None}


@given
def contradicting_racks(site: Site) -> None:
    site.send(room(site, "2026-03-01 00:00", 10, 4), dataset="rack_inventory", known="2026-03-02 00:00")
    site.send(
        room(site, "2026-03-05 00:00", 10, 5),
        room(site, "2026-03-05 00:00", 10, 6),
        dataset="rack_inventory",
    )


def test_statements_that_contradict_each_other_count_for_nothing() -> None:
    assert racks("contradicting_racks", "03-10 10") == (36_000, 4 * 3600, 6 * 3600)
