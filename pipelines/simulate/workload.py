"""What people ask of a site's pools: demands with submit times, sizes, limits and how they will end.

When a demand runs is the scheduler's business. Demands are drawn from one seeded generator per site, so that a site's
jobs do not depend on which other sites are simulated.
"""

import math
from bisect import bisect
from dataclasses import dataclass, field, replace
from itertools import accumulate
from random import Random

from pipelines.simulate.clock import DAY, HOUR, SHANGHAI_OFFSET, business_day, day_start
from pipelines.simulate.network import SITES, PoolFacts, World
from pipelines.simulate.tenants import Account

WARM_UP = 3 * DAY
DUMP_HOUR = 2 * HOUR
LONGEST_RUN = 60 * HOUR
SEGMENT_WEEKEND = 0.62
AWKWARD_NAMES = (
    "train|v2|lr=1e-4", 'say "hi"', "水槽计算 第3组", "tab\there", "Grüße-Ωμέγα", "semi;colon, comma",
    "back\\slash", "`quoted`", " leading space", "fine 🚀 tune", "100%_done", "it's", "a||b|", "#hash", "=1+1",
    "作业，名称（测试）", "NULL",
)  # fmt: skip
NAMES = {
    "cpu_core": (
        "lammps",
        "vasp_relax",
        "wrf_d03",
        "gromacs_md",
        "blast",
        "openfoam",
        "post",
        "qe_scf",
        "mesh",
    ),
    "accelerator": (
        "pretrain",
        "finetune-7b",
        "sft",
        "eval",
        "infer-batch",
        "diffusion",
        "dpo",
        "embed",
        "sweep",
    ),
}
LIMITS = (600, 1800, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 36 * HOUR, 48 * HOUR, 72 * HOUR)
OUTCOMES = {
    "COMPLETED": 826, "FAILED": 78, "CANCELLED": 48, "TIMEOUT": 26, "OUT_OF_MEMORY": 11, "REQUEUED": 6, "PREEMPTED": 3,
    "DEADLINE": 1, "BOOT_FAIL": 1,
}  # fmt: skip
"""How jobs end, in thousandths."""


@dataclass(slots=True)
class Demand:
    """One job as its user asks for it. `units` are cores of a pool without cards, else cards.

    `run_s` is how long it would hold its resources, `outcome` how it ends; `leaves_at` is when its user gives
    up waiting. `hold_s` delays its eligibility, `suspended_s` is spent suspended.
    """

    site_id: str
    pool: PoolFacts
    partition: str
    submit: int
    units: int
    cores_per_card: int
    limit_s: int
    run_s: int
    outcome: str
    leaves_at: int | None
    hold_s: int
    suspended_s: int
    account: str
    user: str
    uid: int
    qos: str
    name: str
    job_id: str = ""
    raw_id: int = 0
    requeues: int = 0
    array: list["Demand"] = field(default_factory=list, repr=False)

    @property
    def cards(self) -> int:
        return self.units if self.pool.node_devices else 0

    @property
    def cores(self) -> int:
        return self.units * self.cores_per_card if self.pool.node_devices else self.units

    @property
    def nodes(self) -> int:
        return -(-self.units // (self.pool.node_devices or self.pool.node_cores))


def last_dump(world: World) -> int:
    """The instant of the last scheduler dump: 02:00 Shanghai time after the last business day."""
    return day_start(world.params.last_day) + DAY + DUMP_HOUR


def site_demands(world: World, site: str, accounts: list[Account]) -> list[Demand]:
    """All demands of a site in order of submission, with job ids, from before the first day to the last dump."""
    rng = Random(f"{world.params.seed}/{site}/workload")
    here = [account for account in accounts if account.site_id == site]
    demands = [
        demand for facts in SITES[site].pools for demand in _pool_demands(world, site, facts, here, rng)
    ]
    demands.sort(key=lambda demand: demand.submit)
    _number(demands, 100_000 + rng.randrange(50_000))
    return [task for demand in demands for task in (demand, *demand.array)]


def load_weight(instant: int) -> float:
    """How busy the hour of an instant is: day and night, working week and holiday."""
    day = business_day(instant)
    hour = (instant + SHANGHAI_OFFSET) % DAY / HOUR
    daily = (
        1.0
        + 0.55 * math.cos((hour - 15.0) / 24 * 2 * math.pi)
        + 0.2 * math.cos((hour - 10.5) / 12 * 2 * math.pi)
    )
    weekly = SEGMENT_WEEKEND if day.weekday() >= 5 else 1.0
    holiday = 0.7 if day.month == 10 and day.day <= 7 else 1.0
    return daily * weekly * holiday


def _pool_demands(
    world: World, site: str, facts: PoolFacts, accounts: list[Account], rng: Random
) -> list[Demand]:
    start, stop = day_start(world.params.first_day) - WARM_UP, last_dump(world)
    wanted = max(8, round(facts.jobs_per_day * world.params.scale * (stop - start) / DAY))
    hours = range(start, stop, HOUR)
    cumulative = list(accumulate(load_weight(hour) for hour in hours))
    submits = sorted(
        min(hours[bisect(cumulative, rng.random() * cumulative[-1])] + rng.randrange(HOUR), stop - 1)
        for _ in range(wanted)
    )
    largest = max(1, world.nodes(facts) * (facts.node_devices or facts.node_cores) // 5)
    weights = list(accumulate(account.weight for account in accounts))
    demands: list[Demand] = []
    tasks = 0
    for submit in submits:
        if tasks >= wanted:
            break
        account = accounts[min(bisect(weights, rng.random() * weights[-1]), len(accounts) - 1)]
        demand = _demand(world, site, facts, account, submit, largest, rng)
        if account.segment == "campus" and not facts.node_devices and rng.random() < 0.05:
            demand.array = _array(demand, rng.choice((3, 5, 8, 12, 20, 32)), rng)
        demands.append(demand)
        tasks += 1 + len(demand.array)
    _calibrate(
        demands, facts.load * world.nodes(facts) * (facts.node_devices or facts.node_cores) * (stop - start)
    )
    return demands


def _demand(
    world: World, site: str, facts: PoolFacts, account: Account, submit: int, largest: int, rng: Random
) -> Demand:
    partitions = [each.partition for each in world.pool_partitions(site, facts.pool)]
    partition = partitions[0] if len(partitions) == 1 or rng.random() > 0.07 else rng.choice(partitions[1:])
    small = partition != partitions[0] or account.segment == "household"
    units = min(largest, _cards(rng, small) if facts.node_devices else _cores(facts, rng, small))
    run_s = rng.lognormvariate(8.2, 1.35) * (0.15 if partition != partitions[0] else 0.5 if small else 1.0)
    outcome = rng.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]
    if outcome in ("FAILED", "OUT_OF_MEMORY", "CANCELLED"):
        run_s *= rng.random() ** 2
    person = rng.randrange(12 if account.segment == "campus" else 4)
    kind = "accelerator" if facts.node_devices else "cpu_core"
    name = (
        rng.choice(AWKWARD_NAMES)
        if rng.random() < 0.02
        else f"{rng.choice(NAMES[kind])}_{rng.randrange(1000)}"
    )
    per_node = facts.node_cores // facts.node_devices if facts.node_devices else 1
    return Demand(
        site_id=site,
        pool=facts,
        partition=partition,
        submit=submit,
        units=units,
        cores_per_card=max(1, per_node // rng.choice((1, 1, 2))),
        limit_s=0,
        run_s=max(1, int(run_s)),
        outcome=outcome,
        leaves_at=submit + int(rng.expovariate(1 / (6 * HOUR))) + 60 if rng.random() < 0.06 else None,
        hold_s=0 if rng.random() < 0.93 else rng.choice((1, 30, 600, HOUR, 5 * HOUR)),
        suspended_s=rng.randrange(60, 1800) if rng.random() < 0.004 else 0,
        account=account.account,
        user=f"{account.account.split('_')[0].split('-')[0].replace('.', '')[:10]}{person:02d}",
        uid=20_000 + sum(map(ord, account.account)) % 900 * 10 + person % 10,
        qos=rng.choice(("normal", "normal", "normal", "high", "low")),
        name=name,
    )


def _cores(facts: PoolFacts, rng: Random, small: bool) -> int:
    draw = rng.random()
    if small or draw < 0.4:
        return rng.choice((1, 1, 2, 4, 8, 16, 32))
    if draw < 0.65:
        return facts.node_cores
    if draw < 0.95:
        return facts.node_cores * rng.choice((2, 2, 3, 4, 6, 8, 16))
    return facts.node_cores * rng.choice((24, 32, 48, 64))


def _cards(rng: Random, small: bool) -> int:
    draw = rng.random()
    if small or draw < 0.35:
        return rng.choice((1, 1, 1, 2, 4))
    if draw < 0.7:
        return 8
    if draw < 0.95:
        return rng.choice((16, 16, 24, 32, 64))
    return rng.choice((96, 128, 256))


def _array(first: Demand, tasks: int, rng: Random) -> list[Demand]:
    """The further tasks of an array job: like the first, each with its own run time."""
    return [
        replace(first, run_s=max(1, int(first.run_s * rng.uniform(0.6, 1.5))), array=[], hold_s=first.hold_s)
        for _ in range(tasks - 1)
    ]


def _calibrate(demands: list[Demand], work: float) -> None:
    """Scales run times so that the demands hold `work` unit-seconds, and chooses time limits to fit."""
    everything = [task for demand in demands for task in (demand, *demand.array)]
    drawn = sum(task.units * task.run_s for task in everything)
    factor = work / drawn
    for number, task in enumerate(everything):
        task.run_s = max(1, min(LONGEST_RUN - number % 89 * 900, int(task.run_s * factor)))
        roomy = task.run_s * (1.1 + number % 7 * 0.3)
        task.limit_s = next((limit for limit in LIMITS if limit >= roomy), LIMITS[-1])
        if task.outcome == "TIMEOUT":
            task.limit_s = next((limit for limit in LIMITS if limit >= task.run_s), LIMITS[-1])
            task.run_s = task.limit_s + number % 25
        elif task.outcome == "BOOT_FAIL":
            task.run_s = min(task.run_s, 300)


def _number(demands: list[Demand], first_id: int) -> None:
    """Gives job ids in order of submission; the last task of an array has the array's own raw id."""
    next_id = first_id
    for demand in demands:
        array_id, next_id = next_id, next_id + 1
        if not demand.array:
            demand.job_id, demand.raw_id = str(array_id), array_id
            continue
        tasks = [demand, *demand.array]
        for index, task in enumerate(tasks):
            task.job_id = f"{array_id}_{index}"
            if index == len(tasks) - 1:
                task.raw_id = array_id
            else:
                task.raw_id, next_id = next_id, next_id + 1
