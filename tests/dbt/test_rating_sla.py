"""Credits for service that fell short: six sites with probes, outages or neither, in October 2026, told by hand."""

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.harness import Warehouse, scratch_folder
from tests.dbt.rating_cases import KNOWN_AT, SETTLED, START, Case, told
from tests.dbt.service_cases import probes
from tests.dbt.world import Row, World, shanghai

pytestmark = pytest.mark.slow

LATER = shanghai("2027-01-20 00:00")
SELECT = f"{SETTLED} --indirect-selection cautious"
NINETEEN_OF_TWENTY: list[str | None] = [*["900"] * 19, "1100"]
"""Microseconds; the circle within the city is one millisecond."""


def _promises(case: Case, target: str, name: str = "sla", **columns: Any) -> None:
    """A contract that credits a tenth of the cost where less than the target is kept."""
    case.add(
        "service_contracts",
        **{
            "contract_id": f"{name}-{case.site}",
            "valid_from": START,
            "tenant_id": case.tenant,
            "kind": "sla",
            "metric": "latency_circle",
            "target": Decimal(target).quantize(Decimal("0.000001")),
            "credit_share": Decimal("0.100000"),
            "auto_apply": True,
            **columns,
        },
    )


def _case(world: World, name: str, hours: int = 10, **sold: Any) -> Case:
    """Core-hours at one yuan, ten of them from the first of October on, and one on the first of November."""
    case = Case(world, name)
    case.sells(**{"price": "1", **sold})
    case.job(hours=hours, start="2026-10-01 00:00")
    case.job(hours=1, start="2026-11-01 00:00")
    return case


def _second_tenant(case: Case, name: str) -> str:
    case.tenant_is_known(name)
    case.maps(name, name)
    case.job(hours=10, start="2026-10-02 00:00", account=name)
    return name


def _outage(site: str, devices: int | None, planned: bool = False, **columns: Any) -> Row:
    """An outage of the whole of the 10th of October."""
    return {
        "site_id": site,
        "outage_id": f"o-{planned}",
        "revision": 1,
        "resource_pool": "cpu",
        "outage_from": shanghai("2026-10-10 00:00"),
        "outage_to": shanghai("2026-10-11 00:00"),
        "planned": planned,
        "devices": devices,
        **columns,
    }


def _cores(world: World, site: str) -> None:
    """A hundred cores from the year's start."""
    stated = {"site_id": site, "resource_pool": "cpu", "model": "cpu-a", "state": "in_service", "nodes": 1}
    world.deliver(
        site,
        "capacity_inventory",
        KNOWN_AT,
        [
            {
                **stated,
                "valid_from": shanghai("2026-01-01 00:00"),
                "compute_class": "super",
                "devices": 0,
                "cores": 100,
            }
        ],
    )


def _world() -> World:
    world = World()
    world.site("peer")
    missed = _case(world, "missed")
    _promises(missed, "0.99")
    _promises(missed, "0.95", name="met", tenant_id=_second_tenant(missed, "kept"))
    _promises(missed, "0.99", name="proposed", tenant_id=_second_tenant(missed, "asks"), auto_apply=None)
    _promises(missed, "0.99", name="elsewhere", tenant_id=_second_tenant(missed, "away"), site_id="peer")
    halves = _case(world, "halves", hours=5, price="0.000001", rate="0")
    _promises(halves, "0.99")
    unprobed = _case(world, "unprobed")
    _promises(unprobed, "0.99")
    down = _case(world, "down", price="1.06", included=True)
    _promises(down, "0.99", metric="availability")
    up = _case(world, "up")
    _promises(up, "0.99", metric="availability")
    unknown = _case(world, "no-inventory")
    _promises(unknown, "0.99", metric="availability")
    vague = _case(world, "contradictory")
    _promises(vague, "0.99", metric="availability")
    for site in ("down", "up", "contradictory"):
        _cores(world, site)
    results = [
        *probes("2026-10-05", NINETEEN_OF_TWENTY, one="missed", other="peer"),
        *probes("2026-10-05", NINETEEN_OF_TWENTY, one="halves", other="peer"),
    ]
    world.deliver("peer", "network_probes", KNOWN_AT, results)
    world.deliver("down", "outages", KNOWN_AT, [_outage("down", 80), _outage("down", 20, planned=True)])
    world.deliver("up", "outages", KNOWN_AT, [_outage("up", 31), _outage("up", 20, planned=True)])
    twice = [_outage("contradictory", 80), _outage("contradictory", 80, outage_id="again")]
    world.deliver("contradictory", "outages", KNOWN_AT, twice)
    return told(world, [missed, halves, unprobed, down, up, unknown, vague])


@cache
def _books() -> Warehouse:
    warehouse = Warehouse(scratch_folder(), SELECT)
    warehouse.build(_world(), test=True)
    return warehouse


def _judged(site: str, contract: str = "sla", warehouse: Warehouse | None = None) -> Row:
    (row,) = (warehouse or _books()).rows("marts.sla_credits", contract_id=f"{contract}-{site}")
    return row


def _charged(site: str, warehouse: Warehouse | None = None) -> list[tuple[str, str, int]]:
    """(tenant, category, billed) of a site's credits, in micro-yuan."""
    found = (warehouse or _books()).rows("marts.charges", site_id=site, line_kind="sla_credit")
    return sorted((row["tenant_id"], row["charge_category"], row["billed_cost_micro_yuan"]) for row in found)


def test_a_level_that_was_missed_is_credited_with_its_tax() -> None:
    # 19 of 20 probes < 0.99; a tenth of 10 yuan, and 6 % of it
    row = _judged("missed")
    assert (row["good"], row["total"], row["probes"], row["evidence_rows"]) == (19, 20, 20, 1)
    assert (row["status"], row["applied"], row["contracted_cost_micro_yuan"]) == ("missed", True, 10_000_000)
    assert (row["credit_micro_yuan"], row["credit_tax_micro_yuan"]) == (1_000_000, 60_000)
    assert _charged("missed") == [
        ("tenant-missed", "Credit", -1_000_000),
        ("tenant-missed", "Tax", -60_000),
    ]


def test_a_credit_is_a_line_of_its_own_that_those_bear_who_shared_the_sale() -> None:
    # 106 fen with 6 of tax; 0.70 : 0.20 : 0.10 of 100
    (line,) = _books().rows("marts.statement_lines", site_id="missed", line_kind="sla_credit")
    assert (line["gross_fen"], line["tax_fen"], line["net_fen"], line["quantity"]) == (-106, -6, -100, None)
    found = _books().rows("marts.line_splits", line_id=line["line_id"])
    assert {row["role"]: row["amount_fen"] for row in found} == {
        "tax": -6,
        "provider": -70,
        "operator": -20,
        "network_operator": -10,
    }


def test_a_level_that_is_kept_exactly_is_met() -> None:
    # 19 of 20 = 0.95
    row = _judged("missed", "met")
    assert (row["status"], row["credit_micro_yuan"], row["applied"]) == ("met", 0, False)


def test_what_the_contract_does_not_apply_is_only_proposed() -> None:
    row = _judged("missed", "proposed")
    assert (row["status"], row["credit_micro_yuan"], row["applied"]) == ("missed", 1_000_000, False)


def test_a_contract_on_one_site_says_nothing_of_another() -> None:
    assert _books().rows("marts.sla_credits", contract_id="elsewhere-missed") == []


def test_half_a_micro_yuan_of_a_credit_rounds_up() -> None:
    # 5 hours at a micro-yuan: 5 × 0.1 = 0.5 → 1
    assert _judged("halves")["credit_micro_yuan"] == 1
    assert ("tenant-halves", "Credit", -1) in _charged("halves")


def test_without_probes_the_service_is_unknown_and_nothing_is_credited() -> None:
    row = _judged("unprobed")
    assert (row["status"], row["total"], row["credit_micro_yuan"]) == ("unknown", None, None)
    assert (row["applied"], row["evidence_rows"]) == (False, 0)
    assert _charged("unprobed") == []


def test_availability_counts_unplanned_downtime_alone() -> None:
    # October has 744 hours: 100 × 744 × 3,600 = 267,840,000 core-seconds, less 80 × 86,400 = 6,912,000: 0.9742
    row = _judged("down")
    assert (row["good"], row["total"], row["resource_kind"]) == (260_928_000, 267_840_000, "cpu_core")
    assert row["status"] == "missed"


def test_a_price_with_tax_is_credited_with_its_tax_within() -> None:
    # 10 × 1.06 = 10.60 with 0.60 of tax; a tenth is 1.06 with 0.06
    row = _judged("down")
    assert (row["contracted_cost_micro_yuan"], row["credit_micro_yuan"]) == (10_000_000, 1_000_000)
    assert _charged("down") == [("tenant-down", "Credit", -1_000_000), ("tenant-down", "Tax", -60_000)]


def test_availability_is_met_where_downtime_stays_within_the_target() -> None:
    # 31 × 86,400 = 2,678,400 of 267,840,000: exactly 0.01
    row = _judged("up")
    assert (row["good"], row["status"], row["credit_micro_yuan"]) == (265_161_600, "met", 0)


def test_without_inventory_or_with_contradictory_outages_availability_is_unknown() -> None:
    # two outages of 80 of the same 100 cores
    assert _judged("no-inventory")["status"] == "unknown"
    assert _judged("contradictory")["status"] == "unknown"


def test_a_month_that_is_not_over_is_not_judged() -> None:
    assert {row["period"] for row in _books().rows("marts.sla_credits")} == {"2026-10"}


def test_late_probes_and_outages_judge_their_months_again(tmp_path: Path) -> None:
    """Nothing of usage changes, and the books are those of a build from nothing."""
    world = _world()
    changed = Warehouse(tmp_path / "changed", SELECT)
    changed.build(world)
    later = world.copy()
    # 19 + 80 of 20 + 80 = 0.99: met
    good = [str(number) for number in range(800, 880)]
    later.deliver("peer", "network_probes", LATER, probes("2026-10-06", [*good], one="missed", other="peer"))
    # revised to 30 cores: 30 × 86,400 = 2,592,000 of 267,840,000 = 0.0097: met
    later.deliver("down", "outages", LATER, [_outage("down", 30, revision=2)])
    changed.build(later, test=True)
    assert (_judged("missed", warehouse=changed)["status"], _charged("missed", changed)) == ("met", [])
    assert (_judged("down", warehouse=changed)["status"], _charged("down", changed)) == ("met", [])

    whole = Warehouse(tmp_path / "whole", SELECT)
    whole.build(later)
    for table in ("sla_credits", "charges", "statement_lines", "journal_entries"):
        assert changed.rows(f"marts.{table}") == whole.rows(f"marts.{table}"), table


def test_a_contract_ends_on_its_last_day(tmp_path: Path) -> None:
    world = World()
    case = _case(world, "ended")
    _promises(case, "0.99", valid_to=date(2026, 10, 1))
    warehouse = Warehouse(tmp_path, SELECT)
    warehouse.build(told(world, [case]))
    assert warehouse.rows("marts.sla_credits") == []
