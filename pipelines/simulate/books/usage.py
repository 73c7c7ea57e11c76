"""Who held what and when: pieces of job records by business day and resource kind, and unit-seconds by hour.

Capacity is set against them in `utilisation`, prices in `rating`.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from pipelines.simulate.clock import HOUR, day_number, number_start
from pipelines.simulate.facts import JobFact
from pipelines.simulate.network import World
from pipelines.simulate.replay import SiteJobs

Key = tuple[str, str, str]
"""(compute class, resource kind, model)."""

MILLI = 1000
RUNNING_STATES = ("RUNNING", "SUSPENDED")


@dataclass(frozen=True, slots=True)
class Piece:
    """What one record held of one resource kind on one business day; `quantity` in unit-seconds."""

    site_id: str
    account: str
    day: int
    key: Key
    quantity: int
    is_open: bool
    is_conflict: bool


@dataclass
class SiteUsage:
    """A site's usage. Hours are numbered from the epoch; `first` and `watermark` bound the horizon."""

    site_id: str
    first: int | None = None
    watermark: int | None = None
    pieces: list[Piece] = field(default_factory=list)
    hourly: dict[Key, dict[int, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    open_hours: set[tuple[Key, int]] = field(default_factory=set)
    conflict_days: set[int] = field(default_factory=set)

    @property
    def hours(self) -> range:
        """The hours of the horizon; empty without usage."""
        if self.first is None or self.watermark is None:
            return range(0)
        return range(self.first // HOUR, -(-self.watermark // HOUR))


def site_usage(world: World, site: str, jobs: SiteJobs, aliases: dict[str, str]) -> SiteUsage:
    """The usage that a site's records state."""
    usage = SiteUsage(site, watermark=jobs.watermark)
    for fact, conflict in (*((f, False) for f in jobs.current), *((f, True) for f in jobs.conflicting)):
        interval = held(fact, jobs.watermark)
        if interval is None:
            continue
        if not conflict:
            usage.first = interval[0] if usage.first is None else min(usage.first, interval[0])
        is_open = fact.state in RUNNING_STATES
        for key, units in resources(world, fact, aliases):
            _by_day(usage, fact, key, units, interval, (is_open, conflict))
            if not conflict:
                _by_hour(usage, key, units, interval, is_open)
        if conflict:
            usage.conflict_days.update(range(day_number(interval[0]), day_number(interval[1] - 1) + 1))
    return usage


def held(fact: JobFact, watermark: int | None) -> tuple[int, int] | None:
    """The interval in which a job held its resources; None where there is none."""
    if fact.start is None or fact.state == "PENDING":
        return None
    stop = watermark if fact.state in RUNNING_STATES else fact.start + fact.elapsed
    return (fact.start, stop) if stop is not None and stop > fact.start else None


def resources(world: World, fact: JobFact, aliases: dict[str, str]) -> list[tuple[Key, int]]:
    """What a job held: per resource kind its key and its units (cores; thousandths of cards)."""
    partition = world.partition(fact.site_id, fact.partition)
    compute_class = partition.compute_class if partition else "unknown"
    found: list[tuple[Key, int]] = []
    if fact.cores > 0:
        found.append(((compute_class, "cpu_core", "all"), fact.cores))
    if fact.cards > 0:
        named = next((word.split(":")[1] for word in fact.gres if ":" in word), None)
        model = aliases.get(named, named) if named else partition.accelerator_model if partition else None
        found.append(((compute_class, "accelerator", model or "unknown"), fact.cards * MILLI))
    return found


def _by_day(
    usage: SiteUsage, fact: JobFact, key: Key, units: int, interval: tuple[int, int], marks: tuple[bool, bool]
) -> None:
    start, stop = interval
    for day in range(day_number(start), day_number(stop - 1) + 1):
        seconds = min(stop, number_start(day + 1)) - max(start, number_start(day))
        usage.pieces.append(Piece(usage.site_id, fact.account, day, key, units * seconds, *marks))


def _by_hour(usage: SiteUsage, key: Key, units: int, interval: tuple[int, int], is_open: bool) -> None:
    start, stop = interval
    hours = usage.hourly[key]
    for hour in range(start // HOUR, (stop - 1) // HOUR + 1):
        hours[hour] += units * (min(stop, (hour + 1) * HOUR) - max(start, hour * HOUR))
        if is_open:
            usage.open_hours.add((key, hour))
