"""Downtime by pool and day: outages by their newest revisions, added up, beside what the inventory calls down."""

from typing import Any

import pytest

from tests.dbt.usage_cases import Row, Site, given, rows
from tests.dbt.world import shanghai

pytestmark = pytest.mark.slow


def outage(site: Site, start: str, stop: str | None, devices: int | None, **columns: Any) -> Row:
    """An outage of the pool cpu, unplanned unless told otherwise."""
    return {
        "site_id": site.name,
        "outage_id": "o1",
        "revision": 1,
        "resource_pool": "cpu",
        "outage_from": shanghai(start),
        "outage_to": shanghai(stop) if stop else None,
        "planned": False,
        "devices": devices,
        **columns,
    }


def down(name: str, day: str = "2026-03-10", pool: str = "cpu") -> tuple[Any, ...]:
    """(planned, unplanned, inventory's down, difference, outages, open, quality) of a pool's day."""
    found = [row for row in rows(name, "marts.downtime_daily") if str(row["day"]) == day]
    (row,) = [row for row in found if row["resource_pool"] == pool]
    parts = ("planned", "unplanned", "inventory_down", "difference")
    return (*(row[f"{part}_unit_seconds"] for part in parts), row["outages"], row["open"], row["quality"])


@given
def all_of_march(site: Site) -> None:
    site.job("2026-03-01 00:00", hours=24 * 12)


@given
def planned_and_failed(site: Site) -> None:
    site.pool("2026-01-01 00:00", cores=100)
    site.pool("2026-03-10 10:00", cores=60)
    site.pool("2026-03-10 10:00", cores=40, state="down")
    site.pool("2026-03-10 11:00", cores=100)
    site.pool("2026-03-10 11:00", cores=0, state="down")
    site.send(
        outage(site, "2026-03-10 08:00", "2026-03-10 20:00", 40, planned=True),
        outage(site, "2026-03-10 10:00", "2026-03-10 11:00", 40, planned=True, revision=2),
        outage(site, "2026-03-10 10:30", "2026-03-10 10:31", 5, outage_id="o2"),
        dataset="outages",
    )


def test_the_newest_revision_counts_and_the_difference_to_the_inventory_is_shown() -> None:
    # 40 cores × 3600 s planned, 5 × 60 s failed; the inventory calls 40 × 3600 down
    assert down("planned_and_failed") == (144_000, 300, 144_000, 300, 2, 0, "stated")


@given
def beyond_the_pool(site: Site) -> None:
    site.pool("2026-01-01 00:00", cores=100)
    site.send(
        outage(site, "2026-03-10 10:00", "2026-03-10 11:00", 70),
        outage(site, "2026-03-10 10:30", "2026-03-10 11:30", None, outage_id="all"),
        dataset="outages",
    )


def test_overlapping_outages_are_added_up_and_labelled_where_the_pool_has_less() -> None:
    # 70 × 3600 and the whole pool, 100 × 3600; between 10:30 and 11:00 they say 170 of 100
    assert down("beyond_the_pool") == (0, 612_000, 0, 612_000, 2, 0, "exceeds_pool")


@given
def open_over_midnight(site: Site) -> None:
    site.pool("2026-01-01 00:00", model="nvidia-h20", compute_class="intelligent", devices=8, cores=64)
    site.send(outage(site, "2026-03-11 23:00", None, 2), dataset="outages")


def test_an_open_outage_of_cards_lasts_until_the_networks_books_end() -> None:
    # 2 cards in thousandths, an hour on the 11th and the whole of the 12th, when the network's usage still reaches
    assert down("open_over_midnight", "2026-03-11")[:2] == (0, 2000 * 3600)
    assert down("open_over_midnight", "2026-03-12") == (0, 2000 * 86_400, 0, 2000 * 86_400, 1, 1, "open")


@given
def nobody_knows_the_pool(site: Site) -> None:
    site.pool("2026-01-01 00:00", cores=100)
    site.send(
        outage(site, "2026-03-10 10:00", "2026-03-10 11:00", 5, resource_pool=None),
        outage(site, "2026-03-10 10:00", "2026-03-10 11:00", 5, outage_id="o2", resource_pool="other"),
        dataset="outages",
    )


def test_outages_of_a_pool_that_no_inventory_tells_of_are_unknown() -> None:
    assert down("nobody_knows_the_pool", pool="unknown") == (0, None, None, None, 1, 0, "unknown")
    assert down("nobody_knows_the_pool", pool="other") == (0, None, None, None, 1, 0, "unknown")


@given
def contradicting_outage(site: Site) -> None:
    site.pool("2026-01-01 00:00", cores=100)
    site.send(
        outage(site, "2026-03-10 10:00", "2026-03-10 11:00", 1),
        outage(site, "2026-03-10 10:00", "2026-03-10 11:00", 2, revision=2),
        outage(site, "2026-03-10 10:00", "2026-03-10 12:00", 2, revision=2),
        dataset="outages",
    )


def test_contradicting_newest_revisions_count_for_nothing_and_are_labelled() -> None:
    assert down("contradicting_outage") == (0, 0, None, None, 0, 0, "conflict")


@given
def only_the_inventory_tells(site: Site) -> None:
    site.pool("2026-01-01 00:00", cores=90)
    site.pool("2026-03-10 22:00", cores=10, state="down")
    site.pool("2026-03-11 02:00", cores=0, state="down")


def test_what_only_the_inventory_calls_down_stands_as_a_difference() -> None:
    assert down("only_the_inventory_tells") == (0, 0, 72_000, -72_000, 0, 0, "stated")
    assert down("only_the_inventory_tells", "2026-03-11") == (0, 0, 72_000, -72_000, 0, 0, "stated")
