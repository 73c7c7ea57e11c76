"""Utilisation by hour and day, and peak-FLOPS figures, from usage and capacity."""

from collections import defaultdict
from collections.abc import Iterator

from pipelines.simulate.books.activity import quality_of, quality_of_hour, site_activity
from pipelines.simulate.books.capacity import MEASURES, KeyCapacity, site_capacity
from pipelines.simulate.books.holdings import Key
from pipelines.simulate.books.racks import KEY, Power, Racks
from pipelines.simulate.books.silence import expected, silent_hours
from pipelines.simulate.books.tables import Table, Value, added
from pipelines.simulate.books.usage import SiteUsage
from pipelines.simulate.clock import HOUR, day_number, day_text, utc_text
from pipelines.simulate.feeds.records import RecordFact
from pipelines.simulate.network import World
from pipelines.simulate.tenants import TableRow

QUALITIES = (
    "measured",
    "open",
    "estimated",
    "capacity_unknown",
    "usage_unknown",
    "over_allocated",
    "conflict",
)
"""From best to worst."""

COLUMNS = (
    "compute_class resource_kind model installed_unit_seconds down_unit_seconds allocated_unit_seconds "
    "idle_unit_seconds active_unit_seconds reserved_unit_seconds sellable_unit_seconds "
    "estimated_unit_seconds observed_unit_seconds active_quality quality"
)
PARTS = (
    "installed", "down", "allocated", "idle", "active", "reserved", "sellable", "estimated", "observed",
)  # fmt: skip
RACK_QUALITY = ("unobserved", "measured")
Hour = dict[str, int | None]


def tables(
    world: World,
    usages: list[SiteUsage],
    inventories: dict[str, list[TableRow]],
    racks: dict[str, Racks],
    peaks: dict[str, dict[str, int | None]],
    samples: dict[str, list[RecordFact]],
    aliases: dict[str, str],
    heard_until: int,
) -> list[Table]:
    """utilisation_hourly, utilisation_daily and pflops_hours_daily of all sites."""
    hourly: list[tuple[Value, ...]] = []
    daily: list[tuple[Value, ...]] = []
    flops: list[tuple[Value, ...]] = []
    unknown: dict[str, int | None] = dict.fromkeys(
        each for precisions in peaks.values() for each in precisions
    )
    for usage in usages:
        region = world.sources[usage.site_id].region
        capacity = site_capacity(inventories.get(usage.site_id, []))
        silent = silent_hours(world, usage.site_id, usage.hours, reach(usages), heard_until)
        watched = site_activity(samples.get(usage.site_id, []), {*usage.hourly, *capacity}, aliases)
        for key in sorted({*usage.hourly, *capacity, *(key for key, _ in usage.unknown_hours)}):
            precisions = peaks.get(key[2], unknown) if key[1] == "accelerator" else {}
            days: dict[int, list[tuple[Hour, str, str]]] = defaultdict(list)
            for number, held, quality in _key_hours(usage, key, capacity.get(key), silent):
                in_full = number in silent or number in usage.hours[1:-1]
                figures = held | _watched(watched.get((key, number)) if in_full else None)
                active = quality_of_hour(figures["active"], figures["observed"] or 0, figures)
                days[day_number(number * HOUR)].append((figures, active, quality))
                hourly.append(
                    (usage.site_id, region, utc_text(number * HOUR), *key, *_cells(figures), active, quality)
                )
            for day, parts in days.items():
                figures = _day([part for part, _, _ in parts])
                active = quality_of([each for _, each, _ in parts])
                quality = max((each for _, _, each in parts), key=QUALITIES.index)
                daily.append((usage.site_id, region, day_text(day), *key, *_cells(figures), active, quality))
                flops += [
                    (
                        usage.site_id,
                        region,
                        day_text(day),
                        *key,
                        precision,
                        peak,
                        *_peak(figures, peak),
                        quality,
                    )
                    for precision, peak in precisions.items()
                ]
    rack_hours, rack_days = _racks(world, reach(usages), racks)
    hourly += rack_hours
    daily += rack_days
    return [
        Table.of("utilisation_hourly", f"site_id region hour {COLUMNS}", hourly),
        Table.of("utilisation_daily", f"site_id region day {COLUMNS}", daily),
        Table.of(
            "pflops_hours_daily",
            "site_id region day compute_class resource_kind model precision peak_gflops installed_gflops_unit_seconds "
            "allocated_gflops_unit_seconds idle_gflops_unit_seconds quality",
            flops,
        ),
    ]


def _watched(seen: tuple[int, int] | None) -> Hour:
    """What telemetry adds to the figures of an hour: unknown, and not nothing, where nobody looked."""
    return dict(zip(("active", "observed"), seen or (None, 0), strict=True))


def _day(hours: list[Hour]) -> Hour:
    """The sums over a day's hours; what is active is known as far as somebody looked."""
    sums = {name: added(hour[name] for hour in hours) for name in hours[0] if name != "active"}
    seen = [hour["active"] for hour in hours if hour["active"] is not None]
    return sums | {"active": sum(seen) if seen else None}


def reach(usages: list[SiteUsage]) -> range:
    """The hours from the first that any site's usage is known in to the last; empty where nothing ran."""
    spans = [usage.hours for usage in usages if usage.hours]
    return range(min(span.start for span in spans), max(span.stop for span in spans)) if spans else range(0)


def _racks(
    world: World, hours: range, racks: dict[str, Racks]
) -> tuple[list[tuple[Value, ...]], list[tuple[Value, ...]]]:
    """The rows of racks by hour and by day."""
    hourly: list[tuple[Value, ...]] = []
    daily: list[tuple[Value, ...]] = []
    for site, rooms in sorted(racks.items()):
        place = (site, world.sources[site].region)
        days: dict[int, list[Hour]] = defaultdict(list)
        for number in hours:
            had = rooms.hour(number)
            if had is not None:
                figures = _rack_figures(had)
                days[day_number(number * HOUR)].append(figures)
                hourly.append((*place, utc_text(number * HOUR), *KEY, *_cells(figures), *RACK_QUALITY))
        for day, parts in days.items():
            daily.append((*place, day_text(day), *KEY, *_cells(_day(parts)), *RACK_QUALITY))
    return hourly, daily


def _rack_figures(had: Power) -> Hour:
    """A rack is occupied or free: none is down, none is told of as reserved or sellable, no telemetry watches it."""
    installed, occupied = had
    parts: Hour = {"installed": installed, "down": 0, "allocated": occupied, "idle": installed - occupied}
    return parts | {"reserved": None, "sellable": None, "estimated": 0, "active": None, "observed": 0}


def _key_hours(
    usage: SiteUsage, key: Key, capacity: KeyCapacity | None, silent: range
) -> Iterator[tuple[int, Hour, str]]:
    """The hours of a key, in order, with their figures and how good they are: known ones, then those it owes.

    Of what is known, the first and the last hour are no history, nor is what contradicts itself."""
    history: dict[int, int] = {}
    for number in usage.hours:
        allocated = usage.hourly[key].get(number, 0) if key in usage.hourly else 0
        figures, quality = _hour(usage, key, capacity, number, allocated, False)
        sound = quality not in ("conflict", "over_allocated", "usage_unknown")
        if sound and number not in (usage.hours[0], usage.hours[-1]):
            history[number] = allocated
        yield number, figures | {"estimated": 0}, quality
    for number in silent:
        estimate = expected(number, history)
        figures, quality = _hour(usage, key, capacity, number, estimate, True)
        yield number, figures | {"estimated": estimate}, quality


def _hour(
    usage: SiteUsage,
    key: Key,
    capacity: KeyCapacity | None,
    number: int,
    allocated: int | None,
    is_silent: bool,
) -> tuple[Hour, str]:
    """The figures of one hour and how good they are."""
    had = capacity.hour(number) if capacity else dict.fromkeys(MEASURES)
    installed, down = had["installed"], had["down"]
    unknown = allocated is None or (not is_silent and usage.is_unknown(key, number))
    idle = None
    if installed is not None and down is not None and allocated is not None and not unknown:
        idle = installed - down - allocated
    marks = {
        "conflict": day_number(number * HOUR) in usage.conflict_days,
        "over_allocated": (key, number) in usage.over_hours or (idle is not None and idle < 0),
        "usage_unknown": unknown,
        "capacity_unknown": installed is None,
        "estimated": is_silent,
        "open": (key, number) in usage.open_hours,
    }
    quality = next((name for name in reversed(QUALITIES) if marks.get(name)), "measured")
    return had | {"allocated": allocated, "idle": idle}, quality


def _cells(figures: Hour) -> tuple[Value, ...]:
    """In the order of COLUMNS."""
    return tuple(figures[name] for name in PARTS)


def _peak(figures: Hour, peak: int | None) -> tuple[Value, ...]:
    """Installed, allocated and idle unit-seconds (of thousandths of cards) times the peak; None where unknown."""
    parts = (figures["installed"], figures["allocated"], figures["idle"])
    return tuple(None if part is None or peak is None else part * peak for part in parts)
