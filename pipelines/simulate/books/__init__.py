"""The books by plain arithmetic: what published tables must say, computed from facts without the pipeline's code.

Integers, dicts and dates only. The rules are written down a second time here, on purpose: two readings that agree
prove more than one. Nothing from the pipeline, its contracts or its models is imported; the seeds of device peaks and
names are read as data.
"""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.simulate.books import (
    dispatch,
    downtime,
    energy,
    feeds,
    green,
    job_energy,
    latency,
    pricing,
    queue,
    rating,
    regions,
    scorecard,
    segments,
    service,
    settlement,
    sold,
    statement,
    utilisation,
)
from pipelines.simulate.books.holdings import site_holdings
from pipelines.simulate.books.racks import site_racks
from pipelines.simulate.books.tables import Table
from pipelines.simulate.books.usage import Piece, SiteUsage, over_allocations, site_usage, unknown_usage
from pipelines.simulate.clock import HOUR
from pipelines.simulate.network import World
from pipelines.simulate.replay import Known

__all__ = ["SEEDS", "accounts", "compute", "feeds", "seed"]

SEEDS = Path(__file__).resolve().parents[3] / "dbt" / "seeds"


@dataclass(frozen=True)
class Accounts:
    """What sites' usage comes to in money; `pieces` are those of cores and cards, `tables` what is ready with it."""

    usages: list[SiteUsage]
    pieces: list[Piece]
    besides: sold.Sold
    business: rating.Business
    rated: rating.Rated
    settled: settlement.Settlement
    tables: list[Table]


def accounts(world: World, known: Known) -> Accounts:
    """From what is known to what is owed; nothing of payments is asked."""
    aliases = _aliases()
    usages = [
        site_usage(site, *site_holdings(world, known, site, aliases))
        for site in sorted({*known.jobs, *known.instances})
    ]
    business = rating.Business(known.tables)
    pieces = [piece for usage in usages for piece in usage.pieces]
    besides = sold.sold(business, known)
    rated = rating.rate(business, [*pieces, *besides.pieces])
    extent = sold.extent(usages, besides)
    charged = pricing.charges(business, rated.quantities, extent)
    probes = latency.table(world, *known.of("network_probes"), seed("regions"), seed("latency_circles"))
    judged = service.judge(business, charged, probes, extent)
    charged.update(service.applied(judged))
    settled = settlement.settle(world, business, charged, known.tables, extent)
    own = [probes, service.table(judged), pricing.unbilled(business, extent)]
    return Accounts(usages, pieces, besides, business, rated, settled, own)


def compute(world: World, known: Known, money: Accounts, heard_until: int, as_of: date) -> list[Table]:
    """All tables that follow from what is known when the newest delivery has come, which was at `heard_until`; the
    newest that counts was of business day `as_of`."""
    aliases, usages = _aliases(), money.usages
    precisions = dict.fromkeys(row["precision"] for row in seed("device_peaks"))
    peaks: dict[str, dict[str, int | None]] = {}
    for row in seed("device_peaks"):
        if row["unit"] == "card":
            own = peaks.setdefault(row["model"], dict(precisions))
            own[row["precision"]] = int(row["peak_gflops"]) if row["peak_gflops"] else None
    inventories: dict[str, list[dict[str, str]]] = {}
    for row in known.tables.get("capacity_inventory", []):
        inventories.setdefault(row["site_id"], []).append(row)
    racks = {site: site_racks(records) for site, records in known.records.get("rack_inventory", {}).items()}
    meters = {site: energy.SiteEnergy(facts) for site, facts in known.readings.items()}
    green_power = green.Green(world, meters, known.tables, seed("grid_factors"))
    samples = known.records.get("device_samples", {})
    hourly, daily, flops = utilisation.tables(
        world, usages, inventories, racks, peaks, samples, aliases, heard_until
    )
    hours = utilisation.reach(usages)
    tables = [
        *(hourly, daily, flops),
        regions.table(daily, seed("regions"), utilisation.QUALITIES),
        downtime.table(
            world,
            (hours.start * HOUR, hours.stop * HOUR) if hours else None,
            known.records.get("outages", {}),
            inventories,
        ),
        statement.table(
            world, statement.days(usages, known.readings), inventories, racks, seed("device_peaks")
        ),
        energy.table(world, meters, green_power.day),
        job_energy.table(world, meters, known),
        green_power.use(),
        green_power.rolling(),
        queue.table(world, known.jobs),
        *money.tables,
        *dispatch.tables(*known.of("dispatch_orders"), seed("dispatch_reasons")),
        *money.rated.tables,
        segments.table(world, money.business, money.pieces),
        unknown_usage([*(piece for usage in usages for piece in usage.unknown), *money.besides.unknown]),
        over_allocations(usages),
        *settlement.tables(world, money.settled, known.tables, as_of),
    ]
    aims = {name: seed(name) for name in ("network_targets", "regions", "latency_circles")}
    return [*tables, scorecard.table(world, tables, aims)]


def _aliases() -> dict[str, str]:
    return {row["alias"]: row["model"] for row in seed("device_aliases")}


def seed(name: str) -> list[dict[str, str]]:
    """The rows of a reference table of the models; none where the file is not there."""
    path = SEEDS / f"{name}.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
