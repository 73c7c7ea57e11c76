"""What jobs waited before they started, by site, business day of the start and compute class."""

from collections import defaultdict
from dataclasses import dataclass, field

from pipelines.simulate.books.holdings import RUNNING_STATES
from pipelines.simulate.books.ranks import mean, nearest_rank
from pipelines.simulate.books.tables import Table, Value, half_up
from pipelines.simulate.clock import day_number, day_text, number_start
from pipelines.simulate.facts import JobFact
from pipelines.simulate.network import World
from pipelines.simulate.replay import SiteJobs

NAMES = (
    "site_id region day compute_class jobs waits from_submit contradictory wait_p50_s wait_p95_s wait_mean_s ended "
    "expansion_p50_milli expansion_p95_milli expansion_mean_milli quality"
)
SHORTEST_RUN = 10
"""A run below so many seconds is taken as that long in the expansion factor."""


@dataclass
class Starts:
    """The jobs of a class that started at a site on one day."""

    jobs: list[JobFact] = field(default_factory=list)
    contested: bool = False


def table(world: World, jobs: dict[str, SiteJobs]) -> Table:
    """queue_daily of all sites."""
    rows: list[tuple[Value, ...]] = []
    for site, known in sorted(jobs.items()):
        days: dict[tuple[int, str], Starts] = defaultdict(Starts)
        for fact in known.current:
            if _started(fact):
                days[_place(world, fact)].jobs.append(fact)
        for fact in known.conflicting:
            if _started(fact):
                days[_place(world, fact)].contested = True
        for (number, compute_class), starts in days.items():
            over = known.watermark is not None and known.watermark >= number_start(number + 1)
            place = (site, world.sources[site].region, day_text(number), compute_class)
            rows.append((*place, *_figures(starts, over)))
    return Table.of("queue_daily", NAMES, rows)


def _started(fact: JobFact) -> bool:
    """It runs, or it ended after it had run."""
    return fact.start is not None and (
        fact.state in RUNNING_STATES or (fact.state != "PENDING" and fact.elapsed > 0)
    )


def _place(world: World, fact: JobFact) -> tuple[int, str]:
    assert fact.start is not None
    partition = world.partition(fact.site_id, fact.partition)
    return day_number(fact.start), partition.compute_class if partition else "unknown"


def _figures(starts: Starts, over: bool) -> tuple[Value, ...]:
    """Everything after the class, of a day that is over for the feed or not."""
    waits, factors = [], []
    for fact in starts.jobs:
        assert fact.start is not None
        wait = fact.start - (fact.submit if fact.eligible is None else fact.eligible)
        if wait < 0:
            continue
        waits.append(wait)
        if fact.state not in RUNNING_STATES:
            run = max(fact.elapsed, SHORTEST_RUN)
            factors.append(max(1000, half_up((wait + fact.elapsed) * 1000, run)))
    from_submit = sum(fact.eligible is None for fact in starts.jobs)
    contradictory = len(starts.jobs) - len(waits)
    grades = {
        "conflict": starts.contested,
        "contradictory": contradictory > 0,
        "open": not over,
        "estimated": from_submit > 0,
        "measured": True,
    }
    return (
        *(len(starts.jobs), len(waits), from_submit, contradictory),
        *(nearest_rank(waits, 50), nearest_rank(waits, 95), mean(waits), len(factors)),
        *(nearest_rank(factors, 50), nearest_rank(factors, 95), mean(factors)),
        next(grade for grade, applies in grades.items() if applies),
    )
