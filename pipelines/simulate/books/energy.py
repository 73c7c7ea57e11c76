"""Energy by site and business day from cumulative meters: only what readings on both sides prove."""

from collections import defaultdict
from itertools import pairwise

from pipelines.simulate.books.tables import Table, Value, added, half_up
from pipelines.simulate.clock import DAY, day_number, day_text, number_start
from pipelines.simulate.facts import ReadingFact
from pipelines.simulate.network import World

LONGEST_GAP = 3600
WH_PER_UNIT = {"Wh": 1, "kWh": 1000, "MWh": 1_000_000}
KINDS = ("facility", "it")
Register = list[tuple[int, int]]
"""(instant, watt-hours), in order of time."""


def table(world: World, readings: dict[str, list[ReadingFact]]) -> Table:
    """energy_daily of all sites."""
    rows: list[tuple[Value, ...]] = []
    for site, facts in readings.items():
        meters: dict[tuple[str, str], Register] = defaultdict(list)
        for fact in sorted(facts, key=lambda fact: fact.read_at):
            wh = half_up(fact.value * WH_PER_UNIT[fact.unit], 1_000_000)
            meters[(fact.meter_kind, fact.meter_id)].append((fact.read_at, wh))
        if not meters:
            continue
        used = {meter: _daily(register) for meter, register in meters.items()}
        seen = {meter: {day_number(at) for at, _ in register} for meter, register in meters.items()}
        everything = set().union(*seen.values())
        for day in range(min(everything), max(everything) + 1):
            figures = [_figure(kind, day, used, seen) for kind in KINDS]
            quality = "incomplete" if None in figures else "measured"
            rows.append((site, world.sources[site].region, day_text(day), *figures, quality))
    return Table.of("energy_daily", "site_id region day facility_wh it_wh quality", rows)


def _figure(
    kind: str, day: int, used: dict[tuple[str, str], dict[int, int]], seen: dict[tuple[str, str], set[int]]
) -> int | None:
    """The sum over the kind's meters that are known on that day or one beside it."""
    meters = [meter for meter, days in seen.items() if meter[0] == kind and days & {day - 1, day, day + 1}]
    return added(used[meter].get(day) for meter in meters) if meters else None


def _daily(register: Register) -> dict[int, int]:
    """Watt-hours of every business day that intervals between neighbouring readings cover wholly."""
    energy: dict[int, int] = defaultdict(int)
    covered: dict[int, int] = defaultdict(int)
    for (t1, v1), (t2, v2) in pairwise(register):
        if v2 < v1 or t2 - t1 > LONGEST_GAP:
            continue
        at, value = t1, v1
        for day in range(day_number(t1), day_number(t2 - 1) + 1):
            stop = min(t2, number_start(day + 1))
            then = v1 + half_up((v2 - v1) * (stop - t1), t2 - t1)
            energy[day] += then - value
            covered[day] += stop - at
            at, value = stop, then
    return {day: energy[day] for day, seconds in covered.items() if seconds == DAY}
