"""Given-then cases of corrections: each case is a site of its own, told in chapters with a close between them.

    @told
    def a_late_job(case: Closing) -> Iterator[None]:
        case.sells(price="1.00")
        case.job(hours=4)
        yield                               # October is closed
        case.job(hours=2, job_id="late")
        yield                               # November is closed
        case.job(hours=1, job_id="later")

Belongs here: how such a case is told and how its rows are read. Does not belong here: any expected number.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.dbt.closed_books import closed_books
from tests.dbt.harness import DbtFailure, Warehouse
from tests.dbt.rating_cases import KNOWN_AT, SELECT, Case, parties
from tests.dbt.world import Row, World

MONTHS = ("2026-10", "2026-11")
"""The months that are closed one after another."""
READ = ("charges", "statement_lines", "line_splits", "journal_entries", "adjustments", "lineage", "periods")
TOLD: dict[str, "Callable[[Closing], Iterator[None]]"] = {}


def told(describe: "Callable[[Closing], Iterator[None]]") -> "Callable[[Closing], Iterator[None]]":
    """Registers what a case consists of under the function's name."""
    assert describe.__name__ not in TOLD, f"two cases are called {describe.__name__}"
    TOLD[describe.__name__] = describe
    return describe


class Closing(Case):
    """A case whose jobs are delivered one by one, so that each can be taken back."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.decided: list[Row] = []
        self._delivered: dict[str, list[str]] = {}
        self._withdrawn: list[str] = []

    def withdraws(self, job_id: str) -> None:
        """The site takes back what it sent of a job."""
        self._withdrawn += self._delivered.pop(job_id)

    def tiers(self, *bands: tuple[int, str], model: str = "graduated") -> None:
        """The tariff as bands: from how many hours on, and the price."""
        for band_from, price in bands:
            self.add(
                "tariff_rates",
                tariff_id=f"tariff-{self.site}",
                version="v1",
                sku_id=self.sku,
                band_from=band_from,
                window="00-24",
                unit="core-hour",
                price=Decimal(price),
                price_model=model,
                tax_included=False,
                valid_from=date(2026, 1, 1),
            )

    def accepts(self, version: str) -> None:
        """A decision accepts a version of the tariff that arrived after a close."""
        self.decided.append({"tariff_id": f"tariff-{self.site}", "tariff_version": version})

    def deliver(self, chapter: int) -> None:
        """What this chapter tells, an hour later for each chapter."""
        at = KNOWN_AT + timedelta(hours=chapter)
        for landing in self._withdrawn:
            self.world.withdraw(landing)
        for job in self.jobs:
            landing = self.world.deliver(self.site, "job_records", at, [job])
            self._delivered.setdefault(job["job_id"], []).append(landing)
        for dataset, rows in sorted(self.sent.items()):
            self.world.deliver(self.site, dataset, at, rows)
        for dataset, rows in sorted(self.reference.items()):
            self.world.deliver("network-ops", dataset, at, rows)
        self._withdrawn, self.jobs, self.sent, self.reference = [], [], {}, {}


class Books:
    """All cases, told chapter by chapter; what is published after each chapter. The audits run after some of them."""

    def __init__(
        self,
        folder: Path,
        stories: Mapping[str, "Callable[[Closing], Iterator[None]]"],
        months: Sequence[str] = MONTHS,
        audited: Sequence[int] = (0, 1, 2),
    ) -> None:
        self.world = World()
        self.months, self.audited = months, audited
        self.warehouse = Warehouse(folder, SELECT)
        self.cases = [Closing(self.world, name) for name in stories]
        self._telling = [
            (case, describe(case)) for case, describe in zip(self.cases, stories.values(), strict=True)
        ]
        self.world.deliver("network-ops", "parties", KNOWN_AT, parties())
        self.published: list[dict[str, list[Row]]] = []
        for chapter in range(len(months) + 1):
            self._tell(chapter)

    def _tell(self, chapter: int) -> None:
        at = KNOWN_AT + timedelta(hours=chapter)
        for case, telling in self._telling:
            next(telling, None)
            case.deliver(chapter)
        self._decide(at)
        self.warehouse.build(self.world, test=chapter in self.audited)
        self.published.append({table: self.warehouse.rows(f"marts.{table}") for table in READ})
        if chapter < len(self.months):
            self.world.ledger = closed_books(self.warehouse, self.world, self.months[chapter], at).ledger

    def _decide(self, at: datetime) -> None:
        for case in self.cases:
            for decision in case.decided:
                decisions = self.world.ledger.setdefault("decisions", [])
                decisions.append(
                    {
                        "decision_id": f"{len(decisions) + 1:032x}",
                        "entry_no": len(decisions) + 1,
                        "kind": "late_tariff",
                        "outcome": "accepted",
                        "decided_by": "controller (simulated)",
                        "decided_at": at,
                        "reason": "agreed",
                        **decision,
                    }
                )
            case.decided = []


@cache
def _told() -> Books | DbtFailure:
    try:
        return Books(Path(mkdtemp(prefix="suanzhang-corrections-")), TOLD)
    except DbtFailure as failure:
        return failure


def books() -> Books:
    """The books of all registered cases, which passed the audits of money after each chapter."""
    found = _told()
    if isinstance(found, DbtFailure):
        raise found
    return found


def published(name: str, table: str, chapter: int) -> list[Row]:
    """A case's rows of a published table after a chapter: 1 once October is closed, 2 once November is."""
    return [row for row in books().published[chapter][table] if row["site_id"] == name.replace("_", "-")]


def corrections(name: str, chapter: int, category: str = "Usage") -> list[Row]:
    """A case's correction charges in the open period of a chapter, by charge period, tenant, version and band."""
    found = [
        row
        for row in published(name, "charges", chapter)
        if row["charge_class"] == "Correction"
        and row["charge_category"] == category
        and row["billing_period"] not in MONTHS[:chapter]
    ]
    return sorted(
        found,
        key=lambda row: (
            row["charge_period_start"], row["tenant_id"], row["tariff_version"], row["band_from"] or 0,
        ),
    )  # fmt: skip


def corrected(name: str, chapter: int, category: str = "Usage") -> list[int]:
    """What they come to, in micro-yuan."""
    return [row["billed_cost_micro_yuan"] for row in corrections(name, chapter, category)]


def lines(name: str, chapter: int) -> list[Row]:
    """A case's lines of corrections in the open period of a chapter, by tenant and tariff version."""
    found = [
        row
        for row in published(name, "statement_lines", chapter)
        if row["charge_class"] == "Correction" and row["period"] not in MONTHS[:chapter]
    ]
    return sorted(found, key=lambda row: (row["tenant_id"], row["tariff_version"], row["charge_period"]))


def evidence(charge: Row, chapter: int) -> list[int]:
    """How much of each record a charge has, least first."""
    rows = books().published[chapter]["lineage"]
    return sorted(row["quantity"] for row in rows if row["row_key"] == charge["charge_id"])


def bridge(name: str, chapter: int) -> list[tuple[Any, ...]]:
    """A case's adjustments: tenant, period, opening, adjustment and closing in fen."""
    return [
        (
            row["tenant_id"].removeprefix("tenant-"),
            row["period"],
            row["opening_fen"],
            row["adjustment_fen"],
            row["closing_fen"],
        )
        for row in published(name, "adjustments", chapter)
    ]


def why(name: str, chapter: int) -> list[set[str]]:
    """What is proved to have changed, by adjustment."""
    parts = ("quantity", "tenant", "price")
    return [
        {part for part in parts if row[f"{part}_changed"]} for row in published(name, "adjustments", chapter)
    ]
