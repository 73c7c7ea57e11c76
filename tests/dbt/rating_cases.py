"""Given-then cases of rating: each case is a site of its own in one world, which the models build once for all of them.

    @given
    def seven_core_hours(case: Case) -> None:
        case.sells(price="0.10")
        case.job(hours=7)

    def test_seven_core_hours_cost_seven_times_the_price() -> None:
        assert billed("seven_core_hours", "Usage") == [700_000]

Belongs here: how a case is told and how its rows are read. Does not belong here: any expected number.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.dbt.harness import DbtFailure, Warehouse
from tests.dbt.world import Row, World, shanghai

KNOWN_AT = shanghai("2027-01-10 00:00")
START = date(2026, 1, 1)
SETTLED = "+path:models/marts/billing +path:models/marts/settlement +lineage path:tests/money"
SELECT = f"{SETTLED} --indirect-selection cautious"
"""What settles usage, with the audits of money; tests that need other models too are left to those models."""

GIVEN: dict[str, "Callable[[Case], None]"] = {}


def given(describe: "Callable[[Case], None]") -> "Callable[[Case], None]":
    """Registers what a case consists of under the function's name."""
    assert describe.__name__ not in GIVEN, f"two cases are called {describe.__name__}"
    GIVEN[describe.__name__] = describe
    return describe


class Case:
    """One site with its tenants, prices and jobs; every identifier carries the case's name."""

    def __init__(self, world: World, name: str, **site: Any) -> None:
        self.site = name.replace("_", "-")
        self.sku = f"sku-{self.site}"
        self.tenant = f"tenant-{self.site}"
        self.jobs: list[Row] = []
        self.sent: dict[str, list[Row]] = {}
        self.reference: dict[str, list[Row]] = {}
        self.world = world
        self._numbered = 0
        world.site(self.site, **site)
        for partition, model in (("cpu", None), ("gpu", "card-a"), ("npu", "card-b")):
            world.partition(self.site, partition, "super", model)

    def add(self, dataset: str, **columns: Any) -> None:
        """A row of a reference dataset."""
        self.reference.setdefault(dataset, []).append(columns)

    def sends(self, dataset: str, **columns: Any) -> None:
        """A row that the site delivers besides its jobs."""
        self.sent.setdefault(dataset, []).append(columns)

    def number(self) -> int:
        """1, 2, … within the case."""
        self._numbered += 1
        return self._numbered

    def tenant_is_known(self, tenant: str | None = None, since: date = START, **columns: Any) -> None:
        name = tenant or self.tenant
        known = {
            "tenant_id": name,
            "valid_from": since,
            "name_en": name,
            "name_zh": name,
            "segment": "campus",
        }
        self.add("tenants", **{**known, **columns})

    def maps(
        self, account: str = "acc", tenant: str | None = None, since: date = START, until: date | None = None
    ) -> None:
        """The account belongs to the tenant from one day to the day before another."""
        self.add(
            "tenant_accounts",
            site_id=self.site,
            account=account,
            valid_from=since,
            tenant_id=tenant or self.tenant,
            valid_to=until,
        )

    def offers(
        self, sku: str | None = None, kind: str = "cpu_core", model: str | None = None, **columns: Any
    ) -> None:
        """A SKU, with the names of tariff, tax category and share rule that `prices`, `taxes` and `shares` use."""
        self.add(
            "skus",
            **{
                "sku_id": sku or self.sku,
                "valid_from": START,
                "site_id": self.site,
                "compute_class": "super",
                "resource_kind": kind,
                "model": model,
                "unit": "card-hour" if kind == "accelerator" else "core-hour",
                "tariff_id": f"tariff-{self.site}",
                "tax_category": f"tax-{self.site}",
                "share_rule": f"share-{self.site}",
                **columns,
            },
        )

    def prices(self, price: str, sku: str | None = None, included: bool = False, **columns: Any) -> None:
        """A row of the tariff."""
        self.add(
            "tariff_rates",
            **{
                "tariff_id": f"tariff-{self.site}",
                "version": "v1",
                "sku_id": sku or self.sku,
                "band_from": 0,
                "window": "00-24",
                "unit": "core-hour",
                "price": Decimal(price),
                "tax_included": included,
                "valid_from": START,
                **columns,
            },
        )

    def tiers(self, model: str, bands: dict[int, str], **columns: Any) -> None:
        """Prices by the quantity from which they hold; tax comes on top, at no rate unless `taxes` says so."""
        for band, price in bands.items():
            self.prices(price, band_from=band, price_model=model, **columns)

    def multiplies(self, kind: str, value: str, factor: str, version: str = "v1") -> None:
        """A factor of the tariff for a QOS or member class."""
        self.add(
            "tariff_multipliers",
            tariff_id=f"tariff-{self.site}",
            version=version,
            kind=kind,
            value=value,
            factor=Decimal(factor),
            valid_from=START,
        )

    def agrees(self, kind: str, name: str = "c1", **columns: Any) -> None:
        """A term of a contract with the case's tenant, in force since the start unless said otherwise."""
        amounts = ("discount_share", "quantity", "fee", "target", "credit_share")
        exact = {key: Decimal(value) if key in amounts else value for key, value in columns.items()}
        known = {
            "contract_id": f"{self.site}.{name}",
            "valid_from": START,
            "tenant_id": self.tenant,
            "kind": kind,
        }
        self.add("service_contracts", **{**known, **exact})

    def taxes(self, rate: str = "0.06", since: date = START) -> None:
        self.add("tax_rates", tax_category=f"tax-{self.site}", valid_from=since, rate=Decimal(rate))

    def shares(self, provider: str, operator: str, network: str, since: date = START, **minima: str) -> None:
        """A row of the share rule; `minima` are what is guaranteed."""
        self.add(
            "revenue_shares",
            share_rule=f"share-{self.site}",
            valid_from=since,
            provider_share=Decimal(provider),
            operator_share=Decimal(operator),
            network_operator_share=Decimal(network),
            **{name: Decimal(amount) for name, amount in minima.items()},
        )

    def sells(
        self, price: str = "0.10", included: bool = False, rate: str = "0.06", kind: str = "cpu_core"
    ) -> None:
        """All that billing needs: tenant, account, SKU, price, tax and shares."""
        self.serves(rate, kind)
        self.prices(price, included=included, unit="card-hour" if kind == "accelerator" else "core-hour")

    def serves(self, rate: str = "0", kind: str = "cpu_core", **tenant: Any) -> None:
        """All that billing needs but a price; no tax unless said otherwise."""
        self.tenant_is_known(**tenant)
        self.maps()
        self.offers(kind=kind)
        self.taxes(rate)
        self.shares("0.70", "0.20", "0.10")

    def job(
        self,
        hours: int = 0,
        seconds: int = 0,
        cores: int = 1,
        cards: int = 0,
        start: str = "2026-10-05 10:00",
        account: str | None = "acc",
        **columns: Any,
    ) -> Row:
        """A completed job, by its length and its start in Shanghai."""
        begun, elapsed = shanghai(start), hours * 3600 + seconds
        row: Row = {
            "site_id": self.site,
            "cluster": "c1",
            "job_id": str(self.number()),
            "submit_time": begun,
            "restart_no": 0,
            "account": account,
            "partition": "gpu" if cards else "cpu",
            "state": "COMPLETED",
            "start_time": begun,
            "end_time": begun + timedelta(seconds=elapsed),
            "elapsed_s": elapsed,
            "cpu_cores": cores,
            "accelerators": cards,
            **columns,
        }
        self.jobs.append(row)
        return row


def told(world: World, cases: list[Case]) -> World:
    """Delivers what the cases hold: jobs by their sites, reference rows by the network's business system."""
    for case in cases:
        world.deliver(case.site, "job_records", KNOWN_AT, case.jobs)
        for dataset, sent in case.sent.items():
            world.deliver(case.site, dataset, KNOWN_AT, sent)
    for dataset in sorted({name for case in cases for name in case.reference}):
        rows = [row for case in cases for row in case.reference.get(dataset, [])]
        world.deliver("network-ops", dataset, KNOWN_AT, rows)
    world.deliver("network-ops", "parties", KNOWN_AT, parties())
    return world


def parties() -> list[Row]:
    """The two parties that every line needs."""
    kinds = {"party-network": "network_operator", "party-tax": "tax_authority"}
    return [
        {"party_id": name, "valid_from": START, "kind": kind, "name_en": name, "name_zh": name}
        for name, kind in kinds.items()
    ]


def books() -> Warehouse:
    """The warehouse in which all registered cases are rated, and which passed the audits of money."""
    built = _built()
    if isinstance(built, DbtFailure):
        raise built
    return built


@cache
def _built() -> Warehouse | DbtFailure:
    world = World()
    cases = []
    for name, describe in GIVEN.items():
        cases.append(Case(world, name))
        describe(cases[-1])
    warehouse = Warehouse(Path(mkdtemp(prefix="suanzhang-rating-")), SELECT)
    try:
        warehouse.build(told(world, cases), test=True)
    except DbtFailure as failure:
        return failure
    return warehouse


def rows(name: str, table: str, order: str = "all") -> list[Row]:
    """The rows of a published table that belong to a case."""
    return books().sql(
        f"select * from marts.{table} where site_id = ? order by {order}", [name.replace("_", "-")]
    )


def charges(name: str, category: str) -> list[Row]:
    """A case's charges of one category, by day and SKU."""
    found = rows(name, "charges", "charge_period_start, sku_id, tariff_version")
    return [row for row in found if row["charge_category"] == category]


def costs(name: str, measure: str, **columns: Any) -> list[int]:
    """One measure (list, contracted, effective, billed) of a case's charges that have the given values, in order."""
    found = rows(
        name, "charges", 'charge_period_start, "window", band_from, coverage nulls first, charge_category'
    )
    wanted = [row for row in found if all(row[key] == value for key, value in columns.items())]
    return [row[f"{measure}_cost_micro_yuan"] for row in wanted]


def billed(name: str, category: str) -> list[int]:
    """What a case's charges of one category come to, in micro-yuan, by day and SKU."""
    return [row["billed_cost_micro_yuan"] for row in charges(name, category)]


def lines(name: str) -> list[Row]:
    """A case's statement lines, by period, tariff version, tax rate and share rule."""
    return rows(name, "statement_lines", "period, sku_id, tariff_version, tax_rate_ppm, share_valid_from")


def parts(name: str) -> dict[str, int]:
    """How the only line of a case is divided, in fen by role."""
    (line,) = lines(name)
    found = books().rows("marts.line_splits", line_id=line["line_id"])
    return {row["role"]: row["amount_fen"] for row in found}


def reasons(name: str) -> list[str | None]:
    """The reasons of a case's metered usage, each once, billable usage as None."""
    return sorted({row["reason"] for row in rows(name, "metered_usage")}, key=str)
