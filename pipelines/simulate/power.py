"""What the meters of a site show: cumulative registers read every quarter of an hour, from load and machines.

Registers are whole watt-hours; how a site writes them (unit, offset of the reading) is in `network`.
"""

import math
from dataclasses import replace
from itertools import accumulate
from random import Random

from pipelines.simulate.clock import DAY, SHANGHAI_OFFSET, day_number
from pipelines.simulate.facts import ReadingFact
from pipelines.simulate.network import SITES, PoolFacts, World
from pipelines.simulate.scheduler import Job
from pipelines.simulate.workload import load_weight

QUARTER = 900
MILLIONTHS = {"Wh": 1_000_000, "kWh": 1_000, "MWh": 1, "m3": 1_000}
"""One watt-hour, or one litre, in millionths of the unit."""

METERS = (("facility", ("INCOMER-A", "INCOMER-B")), ("it", ("PDU-ROW-1", "PDU-ROW-2", "PDU-ROW-3")))


OTHER_METERS = {
    "nscc-zz": (("cooling", "CHILLER-1"),),
    "qingyang": (("renewable", "PV-1"), ("water", "WATER-1")),
    "hami": (("renewable", "WIND-1"), ("water", "WATER-1")),
}
"""Kind and name of the meters that some sites have beside these."""
LITRES_PER_WH = 0.0012


def site_readings(world: World, site: str, jobs: list[Job], first: int, last: int) -> list[ReadingFact]:
    """All readings of a site's meters whose instants cover `first` to `last`, by instant and meter."""
    facts = SITES[site]
    rng = Random(f"{world.params.seed}/{site}/power")
    start = first - first % QUARTER + facts.meter_offset_s
    start -= QUARTER if start > first else 0
    instants = list(range(start, last + QUARTER, QUARTER))
    it_watts = [0.0] * len(instants)
    for pool in facts.pools:
        for index, level in enumerate(_levels(world, pool, jobs, instants)):
            nodes = world.nodes(pool)
            it_watts[index] += nodes * (pool.idle_w + (pool.busy_w - pool.idle_w) * level)
    registers = {meter: rng.randrange(10**8, 10**10) for _, names in METERS for meter in names}
    others = {meter: Random(f"{world.params.seed}/{site}/{meter}") for _, meter in OTHER_METERS.get(site, ())}
    registers |= {meter: own.randrange(10**6, 10**8) for meter, own in others.items()}
    readings: list[ReadingFact] = []
    unit = facts.meter_unit
    for index, instant in enumerate(instants):
        for kind, names in METERS:
            for meter in names:
                value = registers[meter] * MILLIONTHS[unit]
                readings.append(ReadingFact(site, meter, instant, kind, value, unit))
        for kind, meter in OTHER_METERS.get(site, ()):
            own_unit = "m3" if kind == "water" else unit
            value = registers[meter] * MILLIONTHS[own_unit]
            readings.append(ReadingFact(site, meter, instant, kind, value, own_unit))
        it_wh = it_watts[index] * QUARTER / 3600 * rng.uniform(0.99, 1.01)
        used = {"it": it_wh, "facility": it_wh * _pue(facts.pue, instant)}
        for kind, names in METERS:
            for meter in names:
                registers[meter] += int(used[kind] / len(names) * rng.uniform(0.97, 1.03))
        for kind, meter in OTHER_METERS.get(site, ()):
            share = _other_share(kind, instant, used["facility"] / it_wh if it_wh else 1.0)
            registers[meter] += int(it_wh * share * others[meter].uniform(0.9, 1.1))
    return readings


def _other_share(kind: str, instant: int, pue: float) -> float:
    """What a meter counts for each watt-hour of IT: three quarters of the overhead for cooling, litres of water, the
    sun's or the wind's power, which around noon exceeds what the site takes."""
    if kind == "cooling":
        return (pue - 1) * 0.75
    if kind == "water":
        return LITRES_PER_WH
    hour = (instant + SHANGHAI_OFFSET) % DAY / 3600
    return max(0.0, 1.6 * math.cos((hour - 13) / 12 * math.pi))


def reset(readings: list[ReadingFact], meter_id: str, at: int) -> list[ReadingFact]:
    """The readings as a site sends them whose meter's register starts from zero after `at`."""
    before = [r.value for r in readings if r.meter_id == meter_id and r.read_at <= at]
    base = before[-1]
    return [
        replace(r, value=r.value - base) if r.meter_id == meter_id and r.read_at > at else r for r in readings
    ]


def _pue(base: float, instant: int) -> float:
    """Facility ÷ IT energy: worse in summer and in the afternoon."""
    season = math.cos((day_number(instant) % 365 - 200) / 365 * 2 * math.pi)
    afternoon = math.cos(((instant + SHANGHAI_OFFSET) % DAY / 3600 - 15) / 24 * 2 * math.pi)
    return base + (base - 1) * (0.12 * season + 0.08 * afternoon)


def _levels(world: World, pool: PoolFacts, jobs: list[Job], instants: list[int]) -> list[float]:
    """The share of the pool that is held at each instant; without a scheduler, the hour's usual load."""
    if not pool.jobs_per_day:
        return [min(1.0, pool.load * (0.5 + 0.5 * load_weight(instant))) for instant in instants]
    capacity = world.nodes(pool) * (pool.node_devices or pool.node_cores)
    changes = [0] * (len(instants) + 1)
    first, last = instants[0], len(instants)
    for job in jobs:
        if job.start is not None and job.demand.pool is pool:
            changes[min(last, max(0, -(-(job.start - first) // QUARTER)))] += job.demand.units
            if job.end is not None:
                changes[min(last, max(0, -(-(job.end - first) // QUARTER)))] -= job.demand.units
    return [level / capacity for level in accumulate(changes[:-1])]
