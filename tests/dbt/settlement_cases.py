"""One world for the cases of settlement: guarantees, payments, ages and reconciliation of the months August to December
2026, as known on 2027-01-10.

Belongs here: what the world holds and how it is closed. Does not belong here: any expected number.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.dbt.harness import Warehouse
from tests.dbt.rating_cases import KNOWN_AT, SELECT, START, Case, told
from tests.dbt.world import Row, World, shanghai

SETTLED = f"int_conflicts {SELECT}"
FROZEN = {
    "metered_usage": "period",
    "charges": "billing_period",
    "statement_lines": "period",
    "line_splits": "period",
    "guarantee_topups": "period",
    "journal_entries": "period",
}
NETWORK = "party-network"


def pays(
    case: Case, name: str, payer: str, payee: str, amount: str, on: date, period: str = "2026-10"
) -> None:
    """A payment for a period."""
    case.add(
        "payments",
        payment_id=name,
        payer_party_id=payer,
        payee_party_id=payee,
        period=period,
        amount=Decimal(amount),
        paid_on=on,
    )


def seller(world: World, name: str, **minima: str) -> Case:
    """A site that sells core-hours at 1 yuan and shares 70, 20 and 10 per cent."""
    case = Case(world, name)
    case.sells(price="1.00")
    case.reference["revenue_shares"].clear()
    case.shares("0.70", "0.20", "0.10", START, **minima)
    return case


def guaranteed(world: World) -> list[Case]:
    """Sites with guarantees."""
    short = seller(world, "short", provider_minimum="50.00", operator_minimum="1.50")
    short.job(hours=10)
    short.job(hours=1, start="2026-12-20 10:00")
    unused = seller(world, "unused", provider_minimum="20.00")
    exact = seller(world, "exact", provider_minimum="7.00")
    exact.job(hours=10)
    begun = seller(world, "begun")
    begun.shares("0.70", "0.20", "0.10", since=date(2026, 10, 10), provider_minimum="30.00")
    begun.job(hours=10, start="2026-10-20 10:00")
    first = seller(world, "first", provider_minimum="10.00")
    first.job(hours=10)
    second = seller(world, "second")
    world.sites[-1]["provider_party"] = "party-first"
    second.reference["skus"][0]["share_rule"] = "share-first"
    second.job(hours=3)
    return [short, unused, exact, begun, first, second]


def paying(world: World) -> list[Case]:
    """Tenants that used 10 core-hours in October (10.60 yuan) and paid, or not."""
    paid, partly, over, outside = (seller(world, name) for name in ("paid", "partly", "over", "outside"))
    for case in (paid, partly, over):
        case.job(hours=10)
    pays(paid, "p1", paid.tenant, NETWORK, "5.00", date(2026, 11, 20))
    pays(paid, "p2", paid.tenant, NETWORK, "5.60", date(2026, 12, 5))
    pays(paid, "p3", NETWORK, "party-paid", "7.00", date(2026, 11, 30))
    pays(paid, "p4", NETWORK, "party-tax", "0.60", date(2026, 11, 15))
    pays(partly, "p5", partly.tenant, NETWORK, "4.00", date(2026, 11, 30))
    pays(over, "p6", over.tenant, NETWORK, "12.00", date(2026, 11, 1))
    pays(outside, "p7", "a-stranger", NETWORK, "3.00", date(2026, 11, 2))
    pays(outside, "p8", outside.tenant, NETWORK, "2.00", date(2026, 11, 3))
    pays(outside, "p9", "party-over", "party-paid", "9.00", date(2026, 11, 4))
    pays(outside, "twice", outside.tenant, NETWORK, "1.00", date(2026, 11, 5))
    pays(outside, "twice", outside.tenant, NETWORK, "1.01", date(2026, 11, 5))
    for kind in ("holiday", "workday"):
        outside.add("calendar_days", day=date(2026, 11, 6), kind=kind, name_en=kind, name_zh=kind)
    return [paid, partly, over, outside]


def ageing(world: World) -> list[Case]:
    """A tenant that owes for every month."""
    case = seller(world, "months")
    for month in range(8, 13):
        case.job(hours=10, start=f"2026-{month:02}-05 10:00")
    return [case]


def agreed(world: World) -> list[Case]:
    """Tenants that owe for October, and what their contracts say of the days in which to pay."""
    own, both, ended, renewed, segment, none = (
        seller(world, name) for name in ("own", "both", "ended", "renewed", "segment", "none")
    )
    own.agrees("payment", payment_days=60)
    both.agrees("payment", "a", payment_days=45)
    both.agrees("payment", "b", payment_days=10)
    ended.agrees("payment", payment_days=60, valid_to=date(2026, 10, 31))
    renewed.agrees("payment", payment_days=60, valid_from=date(2026, 10, 31))
    renewed.agrees("payment", payment_days=0, valid_from=date(2026, 11, 1))
    for case in (segment, none):
        case.reference["tenants"][0]["segment"] = "park"
    segment.agrees("payment", tenant_id=None, segment="park", payment_days=90)
    none.agrees("payment", payment_days=15)
    for case in (own, both, ended, renewed, segment, none):
        case.job(hours=10)
    renewed.job(hours=10, start="2026-12-05 10:00")
    return [own, both, ended, renewed, segment, none]


def declared(world: World) -> list[Case]:
    """Sites that declare what their jobs of October came to: record counts and core-seconds."""
    cases = []
    for name, records, core_seconds in (
        ("agrees", 1, "36000"),
        ("differs", 2, "72000"),
        ("nearly", 1, "35980"),
        ("counts", 1, None),
    ):
        case = seller(world, name)
        case.job(hours=10)
        total = None if core_seconds is None else Decimal(core_seconds)
        row: Row = {
            "dataset": "job_records",
            "day": date(2026, 10, 5),
            "record_count": records,
            "control_sum": total,
        }
        world.deliver(case.site, "feed_totals", KNOWN_AT, [row])
        cases.append(case)
    strangers = seller(world, "strangers")
    strangers.job(hours=10)
    strangers.job(hours=5, account="nobody")
    unknown = seller(world, "unknown")
    unknown.job(hours=10)
    unknown.job(hours=10, cores=None)  # type: ignore[arg-type]
    return [*cases, strangers, unknown]


def bill(world: World) -> None:
    """A provider's bill of three lines in two currencies, with 18 decimals."""
    amounts = (("CNY", "0.100000000000000001"), ("CNY", "99.9"), ("USD", "5"))
    rows: list[dict[str, Any]] = [
        {
            "provider": "a cloud",
            "billing_account": "acct-1",
            "billing_period": "2026-10",
            "line_id": str(number),
            "line_ordinal": 1,
            "charge_category": "Usage",
            "billed_cost": Decimal(amount),
            "billing_currency": currency,
        }
        for number, (currency, amount) in enumerate(amounts)
    ]
    world.deliver("short", "cloud_charges", KNOWN_AT, rows)


def settlement_world() -> World:
    """All of it."""
    world = World()
    cases = [case for make in (guaranteed, paying, ageing, agreed, declared) for case in make(world)]
    bill(world)
    return told(world, cases)


@cache
def settled() -> Warehouse:
    """The world's books, which passed the audits of money."""
    warehouse = Warehouse(Path(mkdtemp(prefix="suanzhang-settlement-")), SETTLED)
    warehouse.build(settlement_world(), test=True)
    return warehouse


def closed(warehouse: Warehouse, world: World, periods: Sequence[str]) -> World:
    """The world after a close froze what the warehouse says of the periods."""
    after = world.copy()
    after.ledger = {
        "closes": [
            {
                "period": period,
                "cutoff": shanghai("2027-01-10 00:00"),
                "proposed_by": "proposer (simulated)",
                "approved_by": "approver (simulated)",
                "pack_sha256": "0" * 64,
                "state": "closed",
            }
            for period in periods
        ],
        **{
            f"closed_{table}": [
                row for period in periods for row in warehouse.rows(f"marts.{table}", **{column: period})
            ]
            for table, column in FROZEN.items()
        },
    }
    charges = {row["charge_id"] for row in after.ledger["closed_charges"]}
    after.ledger["closed_lineage"] = [
        row for row in warehouse.rows("marts.lineage", table_name="charges") if row["row_key"] in charges
    ]
    return after
