"""What happens in the simulated network: jobs, machines, meters and business, before anybody reports it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from pipelines.simulate.catalogue import Catalogue, catalogue
from pipelines.simulate.clock import DAY, HOUR, day_start
from pipelines.simulate.facts import ReadingFact
from pipelines.simulate.network import SITES, PoolFacts, World
from pipelines.simulate.params import JOB_SITES, SIMULATED
from pipelines.simulate.power import site_readings
from pipelines.simulate.scheduler import (
    Block,
    Job,
    PoolRun,
    capacity_steps,
    failure_times,
    pool_blocks,
)
from pipelines.simulate.tenants import TableRow, Tenancy, tenancy
from pipelines.simulate.workload import WARM_UP, last_dump, site_demands

Progress = Callable[[str], None]
INVENTORY_AGE = 30 * DAY
MAINTAINED = (*JOB_SITES, "unicom-zy")
"""The sites with a maintenance window in the range."""


@dataclass(frozen=True)
class Events:
    """Everything that happened. `jobs`, `capacity` and `readings` by site, `blocks` by site and pool.

    `capacity` rows are in time order.

    Jobs that ended before the first business day are not told of: no delivery could name them.
    """

    world: World
    tenancy: Tenancy
    catalogue: Catalogue
    changed_on: date
    jobs: dict[str, list[Job]]
    capacity: dict[str, list[TableRow]]
    readings: dict[str, list[ReadingFact]]
    blocks: dict[str, dict[str, list[Block]]]

    @property
    def first_instant(self) -> int:
        return day_start(self.world.params.first_day)

    @property
    def last_instant(self) -> int:
        """The end of the last business day."""
        return day_start(self.world.params.last_day) + DAY


def happen(world: World, progress: Progress) -> Events:
    """Lets the network live through the days that are asked for."""
    params = world.params
    days = (params.last_day - params.first_day).days + 1
    changed_on = params.first_day + timedelta(days=days // 2)
    people = tenancy(world, changed_on)
    events = Events(world, people, catalogue(world, changed_on), changed_on, {}, {}, {}, {})
    for site in world.physical_sites:
        blocks: dict[str, list[Block]] = {}
        jobs: list[Job] = []
        for facts in SITES[site].pools:
            blocks[facts.pool] = _blocks(world, site, facts, changed_on, days)
        if site in world.job_sites:
            demands = site_demands(world, site, people.accounts)
            for facts in SITES[site].pools:
                run = PoolRun(
                    blocks[facts.pool],
                    facts.node_devices or facts.node_cores,
                    last_dump(world),
                    Random(f"{params.seed}/{site}/{facts.pool}/failures"),
                )
                fails = failure_times(run.rng, events.first_instant - WARM_UP, run.stop, world.nodes(facts))
                run.run([demand for demand in demands if demand.pool is facts], fails)
                jobs += [job for job in run.jobs if job.end is None or job.end >= events.first_instant]
        jobs.sort(key=lambda job: (job.submit, job.demand.raw_id, job.demand.job_id))
        events.jobs[site] = jobs
        events.blocks[site] = blocks
        events.capacity[site] = _capacity(world, site, blocks, events.first_instant - INVENTORY_AGE)
        events.readings[site] = site_readings(world, site, jobs, events.first_instant, events.last_instant)
        progress(f"{site}: {len(jobs):,} jobs, {len(events.readings[site]):,} meter readings")
    return events


def _blocks(world: World, site: str, facts: PoolFacts, opens: date, days: int) -> list[Block]:
    """The pool's machines, with the site's one maintenance window where its turn has come."""
    order = SIMULATED.index(site)
    pools = SITES[site].pools
    window = None
    if facts is pools[order % len(pools)] and site in MAINTAINED:
        start = day_start(world.params.first_day + timedelta(days=days * (order + 1) // 9)) + 8 * HOUR
        window = (start, start + 12 * HOUR)
    grown = max(1, round(world.nodes(facts) * facts.grown)) if facts.grown else 0
    return pool_blocks(
        world.nodes(facts), facts.node_devices or facts.node_cores, grown, day_start(opens), window
    )


def _capacity(world: World, site: str, blocks: dict[str, list[Block]], since: int) -> list[TableRow]:
    """The inventory rows of all the site's pools, one per state at every change."""
    rows: list[tuple[int, TableRow]] = []
    for facts in SITES[site].pools:
        ever_down = False
        for at, in_service, down in capacity_steps(blocks[facts.pool], since, last_dump(world)):
            rows.append((at, _inventory(world, site, facts, "in_service", at, in_service)))
            ever_down = ever_down or down > 0
            if ever_down:
                rows.append((at, _inventory(world, site, facts, "down", at, down)))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _inventory(world: World, site: str, facts: PoolFacts, state: str, at: int, nodes: int) -> TableRow:
    units = nodes * (facts.node_devices or facts.node_cores)
    in_service = state == "in_service"
    return {
        "site_id": site,
        "resource_pool": facts.pool,
        "model": world.pool_model(site, facts),
        "state": state,
        "valid_from": f"@{at}",
        "compute_class": world.pool_class(site, facts),
        "nodes": str(nodes),
        "devices": str(nodes * facts.node_devices),
        "cores": str(nodes * facts.node_cores),
        "sellable": _part(units, facts.sellable) if in_service else "",
        "reserved": _part(units, facts.reserved) if in_service else "",
    }


def _part(units: int, share: float | None) -> str:
    return "" if share is None else str(int(units * share))
