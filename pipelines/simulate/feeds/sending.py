"""Who sends which of these feeds and when, if nothing goes wrong: mostly one file per feed and business day."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from pipelines.simulate.clock import DAY, HOUR, day_start
from pipelines.simulate.events import Events
from pipelines.simulate.feeds import outages, pods, probes, racks, storage, traffic
from pipelines.simulate.feeds.billing import BILLS, billing
from pipelines.simulate.feeds.devices import node_samples, pool_samples
from pipelines.simulate.feeds.exposition import expositions
from pipelines.simulate.feeds.kubernetes import kubernetes
from pipelines.simulate.feeds.machines import ALIVE
from pipelines.simulate.feeds.openstack import openstack
from pipelines.simulate.feeds.orders import order_files
from pipelines.simulate.feeds.records import RecordFact
from pipelines.simulate.feeds.wire import csv_parcel
from pipelines.simulate.network import SITES
from pipelines.simulate.params import DISPATCH_SOURCE
from pipelines.simulate.parcels import Act, Parcel

MINUTE = 60
NODE_SITE = "nscc-zz"
"""The site whose cards have no exporter of a known vendor: its nodes are sampled."""


@dataclass(frozen=True)
class Table:
    """A feed of CSV files: how they are named, their columns, what they tell of a site by day, when after midnight.

    What holds from before the first day is told under None, the afternoon before.
    """

    dataset: str
    name: str
    columns: Sequence[str]
    told: Callable[[Events, str], Mapping[date | None, list[RecordFact]]]
    sites: tuple[str, ...]
    after: int
    header: Sequence[str] = ()


TABLES = (
    Table("storage_records", "volumes", storage.COLUMNS, storage.storage, tuple(SITES), 25 * MINUTE),
    Table("network_usage", "lines", traffic.COLUMNS, traffic.traffic, ("unicom-zy",), 10 * MINUTE),
    Table("network_probes", "probes", probes.COLUMNS, probes.probes, tuple(probes.PATHS), 5 * MINUTE),
    Table("rack_inventory", "racks", racks.COLUMNS, racks.racks, tuple(racks.ROOMS), 9 * HOUR, racks.HEADER),
    Table(
        "outages", "outages", outages.COLUMNS, outages.outages,
        ("nscc-zz", "unicom-zy", "yunai-ai", "qingyang", "hami"), 30 * MINUTE,
    ),
)  # fmt: skip


def acts(events: Events) -> list[Act]:
    """All acts of these feeds, faultless."""
    world = events.world
    found: list[Act] = []
    for site in world.physical_sites:
        for table in TABLES:
            if site in table.sites:
                found += _table(events, site, table)
        if site in ALIVE:
            found += _daily(events, site, "instances", openstack(events, site).items())
        cluster = pods.cluster(events) if site == pods.SITE else None
        if cluster is not None:
            found += _daily(events, site, "pods", kubernetes(events, cluster).items(), 6 * MINUTE)
        found += _daily(events, site, "devices", _devices(events, site, cluster))
    found += _daily(events, DISPATCH_SOURCE, "orders", order_files(events))
    for cloud in (site for site in world.params.chosen if site in BILLS):
        found += billing(events, cloud)
    return found


def _daily(
    events: Events, source: str, name: str, parcels: Iterable[tuple[date, Parcel]], after: int = 20 * MINUTE
) -> Iterator[Act]:
    """A parcel a day, some time after the midnight that ends it."""
    rng = Random(f"{events.world.params.seed}/{source}/{name}/deliveries")
    for day, parcel in parcels:
        yield Act(day_start(day) + DAY + after + rng.randrange(20 * MINUTE), parcel)


def _table(events: Events, site: str, table: Table) -> Iterator[Act]:
    rng = Random(f"{events.world.params.seed}/{site}/{table.dataset}/deliveries")
    windows = SITES[site].windows_text and table.dataset == "rack_inventory"
    for day, records in table.told(events, site).items():
        at = events.first_instant - 8 * HOUR if day is None else day_start(day) + DAY
        name = f"{table.name}_{day or events.world.params.first_day - timedelta(days=1):%Y%m%d}.csv"
        if records:
            parcel = csv_parcel(
                events.world, site, table.dataset, name, table.columns, records, table.header, windows
            )
            yield Act(at + table.after + rng.randrange(20 * MINUTE), parcel)


def _devices(events: Events, site: str, cluster: pods.Cluster | None) -> Iterator[tuple[date, Parcel]]:
    """The samples of a site's pools of cards, each by its exporter; of the supercomputer's nodes."""
    if site == NODE_SITE:
        yield from expositions(events.world, site, "nodes", node_samples(events, site), "node")
        return
    for pool in events.world.pools(site):
        if pool.node_devices:
            exporter = "npu" if events.world.pool_model(site, pool).startswith("huawei") else "dcgm"
            scrapes = pool_samples(events, site, pool, cluster)
            yield from expositions(events.world, site, pool.pool, scrapes, exporter)
