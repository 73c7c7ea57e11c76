"""What outages say of each pool by business day, and what the pool's inventory calls down."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from pipelines.simulate.books.tables import Table, Value, added
from pipelines.simulate.clock import day_number, day_text, number_start
from pipelines.simulate.feeds.records import RecordFact
from pipelines.simulate.network import World
from pipelines.simulate.tenants import TableRow

MILLI = 1000
Span = tuple[int, int]
"""From an instant to before another."""


@dataclass(frozen=True)
class Outage:
    """An outage as its newest revision tells it, cut to the time of the books; `devices` None: the whole pool."""

    start: int
    stop: int
    planned: bool
    devices: int | None
    is_open: bool


@dataclass(frozen=True)
class Pool:
    """A pool's statements of inventory. It is counted in thousandths of cards where it ever has any, else in cores."""

    rows: list[TableRow]

    @property
    def kind(self) -> str | None:
        if not self.rows:
            return None
        return "accelerator" if any(int(row["devices"]) > 0 for row in self.rows) else "cpu_core"

    @property
    def scale(self) -> int | None:
        return {"accelerator": MILLI, "cpu_core": 1}.get(self.kind or "")

    def units(self, at: int) -> tuple[int | None, int | None]:
        """(all, down) at an instant; None where nothing is stated by then."""
        newest = {(row["model"], row["state"]): row for row in self.rows if int(row["valid_from"][1:]) <= at}
        if not newest:
            return None, None
        counts = [
            (row["state"], int(row["devices"]) * MILLI if self.kind == "accelerator" else int(row["cores"]))
            for row in newest.values()
        ]
        return sum(count for _, count in counts), sum(count for state, count in counts if state == "down")


def table(
    world: World,
    books: Span | None,
    outages: dict[str, list[RecordFact]],
    inventories: dict[str, list[TableRow]],
) -> Table:
    """downtime_daily of all sites; `books` is the time in which usage of any site reaches."""
    rows: list[tuple[Value, ...]] = []
    for site in sorted({*outages, *inventories}) if books else []:
        assert books is not None
        told = _by_pool(outages.get(site, []), books)
        pools: dict[str, list[TableRow]] = defaultdict(list)
        for row in sorted(inventories.get(site, []), key=lambda row: int(row["valid_from"][1:])):
            pools[row["resource_pool"]].append(row)
        for name in sorted({*told, *pools}):
            pool = Pool(pools.get(name, []))
            for day in range(day_number(books[0]), day_number(books[1] - 1) + 1):
                within = (max(books[0], number_start(day)), min(books[1], number_start(day + 1)))
                figures = _day(pool, told.get(name, []), within)
                if figures is not None:
                    rows.append((site, world.sources[site].region, day_text(day), name, pool.kind, *figures))
    return Table.of(
        "downtime_daily",
        "site_id region day resource_pool resource_kind planned_unit_seconds unplanned_unit_seconds "
        "inventory_down_unit_seconds difference_unit_seconds outages open quality",
        rows,
    )


def _by_pool(records: list[RecordFact], books: Span) -> dict[str, list[Outage]]:
    newest: dict[str, RecordFact] = {}
    for record in sorted(records, key=lambda record: int(record["revision"])):
        newest[record["outage_id"]] = record
    found: dict[str, list[Outage]] = defaultdict(list)
    for record in newest.values():
        start, stop = record.instant("outage_from"), record.instant("outage_to")
        assert start is not None
        outage = Outage(
            max(start, books[0]),
            books[1] if stop is None else min(stop, books[1]),
            record["planned"] == "true",
            int(record["devices"]) if record["devices"] else None,
            stop is None,
        )
        if outage.start < outage.stop:
            found[record["resource_pool"] or "unknown"].append(outage)
    return found


def _day(pool: Pool, outages: list[Outage], within: Span) -> tuple[Value, ...] | None:
    """A day's figures; None where nothing was down."""
    start, stop = within
    here = [each for each in outages if each.start < stop and each.stop > start]
    changes = {at for each in here for at in (each.start, each.stop)}
    changes |= {int(row["valid_from"][1:]) for row in pool.rows}
    bounds = [start, *sorted(at for at in changes if start < at < stop), stop]
    totals: dict[str, list[int | None]] = {"planned": [], "unplanned": [], "down": []}
    exceeds = False
    for begin, end in pairwise(bounds):
        units, down = pool.units(begin)
        struck = [each for each in here if each.start <= begin < each.stop]
        if not struck and not down:
            continue
        said = {
            kind: added(_units(each, pool, units) for each in struck if each.planned == (kind == "planned"))
            for kind in ("planned", "unplanned")
        }
        both = added(said.values())
        exceeds |= both is not None and units is not None and both > units
        for kind, value in (*said.items(), ("down", down)):
            totals[kind].append(None if value is None else value * (end - begin))
    if not totals["down"]:
        return None
    planned, unplanned, down = (added(totals[kind]) for kind in ("planned", "unplanned", "down"))
    found = added((planned, unplanned))
    is_open = sum(each.is_open for each in here)
    quality = "exceeds_pool" if exceeds else "unknown" if found is None else "open" if is_open else "stated"
    difference = None if found is None or down is None else found - down
    return planned, unplanned, down, difference, len(here), is_open, quality


def _units(outage: Outage, pool: Pool, units: int | None) -> int | None:
    if outage.devices is None:
        return units
    return None if pool.scale is None else outage.devices * pool.scale
