"""The scorecard: rates over thirty days beside those before, places with their parts, and why a value is missing."""

from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from tests.dbt.harness import Warehouse, scratch_folder
from tests.dbt.usage_cases import Site
from tests.dbt.world import World, shanghai

pytestmark = pytest.mark.slow
KNOWN = shanghai("2026-06-01 00:00")
RULE = "low-utilisation-rule"


def _months(site: Site, *cores: int, first: str = "2026-03-01 00:00") -> None:
    """A job for each 30 days, one after another, holding that many of 100 cores."""
    site.pool("2026-01-01 00:00")
    start = shanghai(first)
    for number, count in enumerate(cores):
        at = (start + timedelta(hours=8, days=30 * number)).strftime("%Y-%m-%d %H:%M")
        site.job(at, hours=720, cores=count, job=str(number), known=KNOWN)


@cache
def _built() -> Warehouse:
    world = World()
    for name, region in (
        ("sixty-days", "luoyang"),
        ("from-the-third", "hebi"),
        ("no-inventory", "shangqiu"),
        ("nothing-sent", "xinyang"),
        ("fell-silent", "hami"),
        ("cloud", "cloud"),
    ):
        world.site(name, region=region, kind="public_cloud" if name == "cloud" else "ai_centre")
        world.partition(name, "cpu", "super")
    _months(Site(world, "sixty-days", new=False), 40, 30, first="2026-03-02 00:00")
    _months(Site(world, "from-the-third", new=False), 60, first="2026-03-03 00:00")
    Site(world, "no-inventory", new=False).job("2026-04-20 00:00", hours=5, cores=3, known=KNOWN)
    # 50 of 100 cores from 5 March to 3 April, and nothing sent of 4 to 30 April, though all was due
    _months(Site(world, "fell-silent", new=False), 50, first="2026-03-05 00:00")
    world.due = [
        {
            "source_id": "fell-silent",
            "dataset": "job_records",
            "due_through": shanghai("2026-06-01 08:00").date(),
        }
    ]
    warehouse = Warehouse(scratch_folder(), "+target_scorecard")
    warehouse.build(world, test=True)
    return warehouse


def line(target: str, scope: str, **equal: Any) -> dict[str, Any]:
    """The one row of a target and a place."""
    (row,) = _built().rows("marts.target_scorecard", target_id=target, scope_id=scope, **equal)
    return row


def test_a_rate_is_that_of_the_last_thirty_days_beside_the_thirty_before() -> None:
    row = line(RULE, "sixty-days")
    assert (row["days"], str(row["period_from"]), str(row["as_of"])) == (30, "2026-04-01", "2026-04-30")
    assert (row["value"], row["value_before"]) == (0.3, 0.4)
    assert row["trend"] == pytest.approx(-0.1)
    assert row["status"] == "flagged"


def test_a_trend_needs_all_thirty_days_before() -> None:
    row = line(RULE, "from-the-third")
    # 60 of 100 cores until 1 April, the one day that is known of the last thirty; from 2 to 31 March one is not
    assert (row["days"], row["value"], row["status"]) == (1, 0.6, "not_flagged")
    assert (row["value_before"], row["trend"]) == (None, None)


def test_a_rate_says_how_much_of_it_is_estimated() -> None:
    assert line(RULE, "sixty-days")["estimated_share"] == 0
    # 27 of the last 30 days, all at half
    row = line(RULE, "fell-silent")
    assert (row["value"], row["estimated_share"], row["status"]) == (0.5, 0.9, "not_flagged")
    assert line("circle-zhengzhou-hami", "zhengzhou-hami")["estimated_share"] is None


def test_a_region_has_its_parts() -> None:
    row = line(RULE, "henan", resource_kind="cpu_core")
    assert row["sites"] == 4
    assert (row["value"], row["reason"]) == (None, "supply_unknown")


@pytest.mark.parametrize(
    ("target", "scope", "reason"),
    [
        (RULE, "no-inventory", "supply_unknown"),
        (RULE, "nothing-sent", "no_usage"),
        (RULE, "cloud", "no_usage"),
        ("gaoxin-ai-compute-reached", "gaoxin", "no_site"),
        ("henan-compute-2026", "henan", "classes_added"),
        ("henan-racks-2026", "henan", "no_racks"),
        ("circle-zhengzhou-hami", "zhengzhou-hami", "no_probes"),
    ],
)
def test_what_cannot_be_computed_says_why(target: str, scope: str, reason: str) -> None:
    rows = _built().rows("marts.target_scorecard", target_id=target, scope_id=scope)
    assert {
        (row["status"], row["value"], row["reason"]) for row in rows if row["scope_kind"] != "region"
    } <= {("cannot_be_computed", None, reason)}
    assert reason in {row["reason"] for row in rows}
    assert all(row["reason_en"].startswith("cannot be computed because") for row in rows)
    assert all(row["reason_zh"].startswith("无法计算") for row in rows)


def test_every_target_has_a_row() -> None:
    missing = _built().sql(
        "select target_id from seeds.network_targets except select target_id from marts.target_scorecard"
    )
    assert missing == []
