"""Latency circles by day: what probes between the sites of a circle measured, and whether the circle was met."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise, permutations

from pipelines.simulate.books.ranks import mean, nearest_rank
from pipelines.simulate.books.tables import Table, Value, boolean, half_up
from pipelines.simulate.clock import day_number, day_text
from pipelines.simulate.feeds.records import RecordFact
from pipelines.simulate.network import World

NAMES = (
    "from_site_id to_site_id day circle_id basis circle_ms probes measured lost_probes sent received p50_us p95_us "
    "p99_us jitter_us jitter_basis within too_fast met undecided quality"
)
MILLION = 1_000_000
Seed = list[dict[str, str]]


@dataclass
class Day:
    """A pair's results of one day and basis, and whether some contradict each other."""

    results: list[RecordFact] = field(default_factory=list)
    contested: bool = False


def table(
    world: World,
    standing: Iterable[RecordFact],
    contested: Iterable[RecordFact],
    regions: Seed,
    circles: Seed,
) -> Table:
    """latency_circles_daily from results that stand and results in conflict."""
    days: dict[tuple[str, str, int, int], Day] = defaultdict(Day)
    for result in standing:
        days[_place(result)].results.append(result)
    for result in contested:
        days[_place(result)].contested = True
    rows: list[tuple[Value, ...]] = []
    for one, other, circle in _pairs(world, regions, circles):
        for number in sorted({number for _, _, number, _ in days}):
            told = [ways for ways in (1, 2) if (one, other, number, ways) in days]
            for ways in told:
                found = _figures(days[one, other, number, ways], ways, circle)
                rows.append((one, other, day_text(number), circle["circle_id"], *found))
            if not told:
                nothing = ("not_probed", int(circle["circle_ms"]), 0, 0, 0, 0, 0, *[None] * 5, 0, 0, None)
                rows.append(
                    (one, other, day_text(number), circle["circle_id"], *nothing, *["not_probed"] * 2)
                )
    return Table.of("latency_circles_daily", NAMES, rows)


def _place(result: RecordFact) -> tuple[str, str, int, int]:
    at = result.instant("probed_at")
    assert at is not None
    return (
        *(result["from_site_id"], result["to_site_id"]),
        *(day_number(at), 1 if result["basis"] == "one_way" else 2),
    )


def _pairs(world: World, regions: Seed, circles: Seed) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Ordered pairs of sites with a circle that covers them: each of its ends holds one of them."""
    parents = {row["region_id"]: row["parent"] for row in regions}
    within: dict[str, set[str]] = {}
    for name, source in world.sources.items():
        region, within[name] = source.region or "", set()
        while region and source.site_id:
            within[name].add(region)
            region = parents.get(region, "")
    for circle in circles:
        ends = (circle["from_region"], circle["to_region"])
        for (one, here), (other, there) in permutations(within.items(), 2):
            if any(first in here and second in there for first, second in (ends, ends[::-1])):
                yield one, other, circle


def _nanoseconds(text: str) -> int:
    """Microseconds with at most three places, in nanoseconds."""
    whole, _, part = text.partition(".")
    return int(whole) * 1000 + int(part.ljust(3, "0"))


def _figures(day: Day, ways: int, circle: dict[str, str]) -> tuple[Value, ...]:
    """Everything after the circle's name."""
    latencies = [half_up(_nanoseconds(each["avg_us"]), 1000 * ways) for each in day.results if each["avg_us"]]
    lost = sum(each["received"] == "0" for each in day.results)
    sent, received = (sum(int(each[name]) for each in day.results) for name in ("sent", "received"))
    limit = int(circle["circle_ms"])
    too_fast = sum(value < int(circle["light_us"]) for value in latencies) if circle["light_us"] else 0
    if too_fast:
        undecided = "faster_than_light"
    elif len(latencies) + lost < int(circle["least_probes"]):
        undecided = "too_few"
    else:
        undecided = None
    p95 = nearest_rank(latencies, 95)
    met = (
        (sent - received) * MILLION <= int(circle["max_lost_ppm"]) * sent
        and p95 is not None
        and p95 <= limit * 1000
    )
    if undecided is None and len(latencies) + lost < len(day.results):
        grade = "incomplete"
    else:
        grade = undecided or ("measured" if ways == 1 else "estimated")
    return (
        "one_way" if ways == 1 else "round_trip_half",
        *(limit, len(day.results), len(latencies), lost, sent, received),
        *(nearest_rank(latencies, 50), p95, nearest_rank(latencies, 99)),
        *_jitter(day.results, ways),
        *(sum(value <= limit * 1000 for value in latencies), too_fast),
        *(None if undecided else boolean(met), undecided, "conflict" if day.contested else grade),
    )


def _jitter(results: list[RecordFact], ways: int) -> tuple[int | None, str | None]:
    """Microseconds, and where they come from."""
    stated = [
        _nanoseconds(each["jitter_us"]) for each in results if each["jitter_us"] and each["received"] != "0"
    ]
    if stated:
        return half_up(sum(stated), 1000 * ways * len(stated)), "stated"
    series: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    for each in results:
        if each["avg_us"]:
            latency = half_up(_nanoseconds(each["avg_us"]), 1000 * ways)
            series[each["probe_id"], each["target"]].append((each["probed_at"], latency))
    steps = [
        abs(after - before)
        for values in series.values()
        for (_, before), (_, after) in pairwise(sorted(values))
    ]
    return mean(steps), "differences" if steps else None
