"""Energy and water by site and business day from registers: what readings prove, and what they let us estimate."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from pipelines.simulate.books.tables import Table, Value, half_up, ratio
from pipelines.simulate.clock import DAY, HOUR, day_number, day_text, number_start
from pipelines.simulate.facts import ReadingFact
from pipelines.simulate.network import World

LONGEST_MEASURED = HOUR
LONGEST_ESTIMATED = DAY
UNITS = {"Wh": 1, "kWh": 1000, "MWh": 1_000_000, "L": 1, "m3": 1000}
KINDS = ("facility", "it", "cooling", "renewable", "water")
Register = list[tuple[int, int]]
"""(instant, watt-hours or litres), in order of time."""


@dataclass(frozen=True)
class Stretch:
    """Between two readings `used` was counted, evenly as far as anybody knows."""

    start: int
    stop: int
    used: int
    estimated: bool

    def until(self, instant: int) -> int:
        """What was counted from the start until an instant within."""
        return half_up(self.used * (instant - self.start), self.stop - self.start)


@dataclass
class Quantity:
    """What was counted in a time, of it what is estimated, and how many seconds of the time are told of."""

    used: int = 0
    estimated: int = 0
    told: int = 0


class SiteEnergy:
    """What a site's meters tell, by kind and hour."""

    def __init__(self, facts: list[ReadingFact]) -> None:
        registers: dict[tuple[str, str], Register] = defaultdict(list)
        for fact in sorted(facts, key=lambda fact: fact.read_at):
            value = half_up(fact.value * UNITS[fact.unit], 1_000_000)
            registers[(fact.meter_kind, fact.meter_id)].append((fact.read_at, value))
        self.counted = {meter: _hourly(register) for meter, register in registers.items()}
        self.seen = {meter: {day_number(at) for at, _ in found} for meter, found in registers.items()}
        days = set().union(*self.seen.values()) if registers else set()
        self.days = range(min(days), max(days) + 1) if days else range(0)

    def meters(self, kind: str, day: int) -> list[tuple[str, str]]:
        """The meters of a kind that were read on the day or on one beside it."""
        near = {day - 1, day, day + 1}
        return [meter for meter, days in self.seen.items() if meter[0] == kind and days & near]

    def hour(self, kind: str, start: int) -> Quantity | None:
        """What all meters of a kind counted in the hour; None where one of them does not tell of all of it."""
        meters = self.meters(kind, day_number(start))
        found = [self.counted[meter].get(start) for meter in meters]
        if not found or any(each is None or each.told < HOUR for each in found):
            return None
        return _sum(found)

    def day(self, kind: str, day: int) -> Quantity | None:
        """The same of a day."""
        return _sum([self.hour(kind, start) for start in hours_of(day)])


def hours_of(day: int) -> range:
    """The beginnings of a business day's hours."""
    return range(number_start(day), number_start(day + 1), HOUR)


def table(
    world: World, sites: dict[str, SiteEnergy], greens: Callable[[str, int], tuple[Value, ...]]
) -> Table:
    """energy_daily of all sites; `greens` says the columns of green energy and carbon of a site's day."""
    rows: list[tuple[Value, ...]] = []
    for site, energy in sites.items():
        source = world.sources[site]
        for day in energy.days:
            facility, it, cooling, renewable, water = (energy.day(kind, day) for kind in KINDS)
            clean = greens(site, day)
            green, _, carbon, *_ = clean
            assert not isinstance(green, str)
            assert not isinstance(carbon, str)
            litres = None if water is None else water.used * 1000
            rows.append(
                (
                    *(site, source.region, day_text(day), used(facility), used(it)),
                    *(estimated(facility), estimated(it), used(cooling), used(renewable)),
                    *(used(water), estimated(water), source.pue_category, quality(facility, it)),
                    *clean,
                    *(ratio(used(facility), used(it)), ratio(litres, used(it))),
                    *(ratio(carbon, used(it)), ratio(green, used(facility))),
                )
            )
    return Table.of(
        "energy_daily",
        "site_id region day facility_wh it_wh facility_estimated_wh it_estimated_wh cooling_wh renewable_wh water_l "
        "water_estimated_l pue_category quality green_wh certificate_used_wh carbon_g carbon_market_g carbon_basis "
        "ipue wue cue green_share",
        rows,
    )


def quality(facility: Quantity | None, it: Quantity | None) -> str:
    """How well a day's facility and IT energy are known."""
    if facility is None or it is None:
        return "incomplete"
    return "estimated" if facility.estimated or it.estimated else "measured"


def used(quantity: Quantity | None) -> int | None:
    """What was counted, where that is known."""
    return None if quantity is None else quantity.used


def estimated(quantity: Quantity | None) -> int | None:
    """What of it is estimated."""
    return None if quantity is None else quantity.estimated


def _sum(parts: list[Quantity | None]) -> Quantity | None:
    total = Quantity()
    for part in parts:
        if part is None:
            return None
        total.used += part.used
        total.estimated += part.estimated
        total.told += part.told
    return total


def _hourly(register: Register) -> dict[int, Quantity]:
    hours: dict[int, Quantity] = defaultdict(Quantity)
    for stretch in _stretches(register):
        at = stretch.start
        while at < stretch.stop:
            begin = at - at % HOUR
            then = min(begin + HOUR, stretch.stop)
            part = stretch.until(then) - stretch.until(at)
            hours[begin].used += part
            hours[begin].estimated += part if stretch.estimated else 0
            hours[begin].told += then - at
            at = then
    return dict(hours)


def _stretches(register: Register) -> Iterator[Stretch]:
    """Between neighbours; a register that fell was reset if what it shows since fits what it counts afterwards."""
    following = [*register[2:], None]
    for ((t1, v1), (t2, v2)), after in zip(pairwise(register), following, strict=True):
        gap = t2 - t1
        if v2 >= v1:
            if gap <= LONGEST_ESTIMATED:
                yield Stretch(t1, t2, v2 - v1, gap > LONGEST_MEASURED)
        elif after is not None and gap <= LONGEST_MEASURED and after[0] - t2 <= LONGEST_MEASURED:
            period, rise = after[0] - t2, after[1] - v2
            if rise >= 0 and v2 * period <= 2 * rise * gap:
                yield Stretch(t1, t2, max(v2, half_up(rise * gap, period)), True)
