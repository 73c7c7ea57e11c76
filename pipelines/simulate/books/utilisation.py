"""Utilisation by hour and day, and peak-FLOPS figures, from usage and capacity."""

from collections import defaultdict

from pipelines.simulate.books.capacity import MEASURES, KeyCapacity, site_capacity
from pipelines.simulate.books.holdings import Key
from pipelines.simulate.books.racks import KEY, Power, Racks
from pipelines.simulate.books.tables import Table, Value, added
from pipelines.simulate.books.usage import SiteUsage
from pipelines.simulate.clock import HOUR, day_number, day_text, utc_text
from pipelines.simulate.network import World
from pipelines.simulate.tenants import TableRow

QUALITIES = ("measured", "open", "capacity_unknown", "usage_unknown", "over_allocated", "conflict")
"""From best to worst."""

COLUMNS = (
    "compute_class resource_kind model installed_unit_seconds down_unit_seconds allocated_unit_seconds "
    "idle_unit_seconds active_unit_seconds reserved_unit_seconds sellable_unit_seconds quality"
)
Hour = dict[str, int | None]


def tables(
    world: World,
    usages: list[SiteUsage],
    inventories: dict[str, list[TableRow]],
    racks: dict[str, Racks],
    peaks: dict[str, dict[str, int | None]],
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
        for key in sorted({*usage.hourly, *capacity, *(key for key, _ in usage.unknown_hours)}):
            precisions = peaks.get(key[2], unknown) if key[1] == "accelerator" else {}
            days: dict[int, list[tuple[Hour, str]]] = defaultdict(list)
            for number in usage.hours:
                figures, quality = _hour(usage, key, capacity.get(key), number)
                days[day_number(number * HOUR)].append((figures, quality))
                hourly.append(
                    (usage.site_id, region, utc_text(number * HOUR), *key, *_cells(figures), quality)
                )
            for day, parts in days.items():
                figures = {name: added(part[name] for part, _ in parts) for name in parts[0][0]}
                quality = max((each for _, each in parts), key=QUALITIES.index)
                daily.append((usage.site_id, region, day_text(day), *key, *_cells(figures), quality))
                flops += [
                    (usage.site_id, region, day_text(day), *key, precision, peak, *_peak(figures, peak))
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
            "allocated_gflops_unit_seconds idle_gflops_unit_seconds",
            flops,
        ),
    ]


def reach(usages: list[SiteUsage]) -> range:
    """The hours from the first that any site's usage touches to the last; empty where nothing ran."""
    spans = [(usage.first, usage.furthest) for usage in usages if usage.first is not None]
    first, furthest = min((each[0] for each in spans), default=0), max((each[1] for each in spans), default=0)
    return range(first // HOUR, -(-furthest // HOUR))


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
                hourly.append((*place, utc_text(number * HOUR), *KEY, *_cells(figures), "measured"))
        for day, parts in days.items():
            figures = {name: added(part[name] for part in parts) for name in parts[0]}
            daily.append((*place, day_text(day), *KEY, *_cells(figures), "measured"))
    return hourly, daily


def _rack_figures(had: Power) -> Hour:
    """A rack is occupied or free: none is down, and none is told of as reserved or sellable."""
    installed, occupied = had
    return {
        "installed": installed,
        "down": 0,
        "allocated": occupied,
        "idle": installed - occupied,
    } | dict.fromkeys(("active", "reserved", "sellable"))


def _hour(usage: SiteUsage, key: Key, capacity: KeyCapacity | None, number: int) -> tuple[Hour, str]:
    """The figures of one hour of the horizon and how good they are."""
    allocated = usage.hourly[key].get(number, 0) if key in usage.hourly else 0
    had = capacity.hour(number) if capacity else dict.fromkeys(MEASURES)
    installed, down = had["installed"], had["down"]
    unknown = usage.is_unknown(key, number)
    idle = None if installed is None or down is None or unknown else installed - down - allocated
    marks = {
        "conflict": day_number(number * HOUR) in usage.conflict_days,
        "over_allocated": (key, number) in usage.over_hours or (idle is not None and idle < 0),
        "usage_unknown": unknown,
        "capacity_unknown": installed is None,
        "open": (key, number) in usage.open_hours,
    }
    quality = next((name for name in reversed(QUALITIES) if marks.get(name)), "measured")
    return had | {"allocated": allocated, "idle": idle}, quality


def _cells(figures: Hour) -> tuple[Value, ...]:
    """In the order of COLUMNS; nothing is active as long as no telemetry says so."""
    order = ("installed", "down", "allocated", "idle", "active", "reserved", "sellable")
    return tuple(figures.get(name) for name in order)


def _peak(figures: Hour, peak: int | None) -> tuple[Value, ...]:
    """Installed, allocated and idle unit-seconds (of thousandths of cards) times the peak; None where unknown."""
    parts = (figures["installed"], figures["allocated"], figures["idle"])
    return tuple(None if part is None or peak is None else part * peak for part in parts)
