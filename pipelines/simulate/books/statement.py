"""What a site has at the end of each business day: the peak of its machines by class and precision, and its racks."""

from collections import defaultdict

from pipelines.simulate.books.racks import Racks
from pipelines.simulate.books.tables import Table, Value
from pipelines.simulate.books.usage import SiteUsage
from pipelines.simulate.clock import day_number, day_text, number_start
from pipelines.simulate.facts import ReadingFact
from pipelines.simulate.network import World
from pipelines.simulate.tenants import TableRow

Peaks = dict[tuple[str, str], dict[str, int | None]]
"""(model, card or core) → precision → billions of operations a second, None where nobody states it."""


def days(usages: list[SiteUsage], readings: dict[str, list[ReadingFact]]) -> range:
    """The business days that usage and meters of any site reach."""
    found = [day_number(fact.read_at) for facts in readings.values() for fact in facts]
    for usage in usages:
        if usage.first is not None:
            found += [day_number(usage.first), day_number(usage.furthest - 1)]
    return range(min(found), max(found) + 1) if found else range(0)


def table(
    world: World,
    reached: range,
    inventories: dict[str, list[TableRow]],
    racks: dict[str, Racks],
    seed: list[dict[str, str]],
) -> Table:
    """capacity_statement of all sites that state an inventory."""
    peaks: Peaks = defaultdict(dict)
    for row in seed:
        peaks[(row["model"], row["unit"])][row["precision"]] = (
            int(row["peak_gflops"]) if row["peak_gflops"] else None
        )
    precisions = sorted({row["precision"] for row in seed})
    rows: list[tuple[Value, ...]] = []
    for site, statements in sorted(inventories.items()):
        place = (site, world.sources[site].region)
        began = day_number(min(int(row["valid_from"][1:]) for row in statements))
        for day in range(max(began, reached.start), reached.stop):
            end = number_start(day + 1)
            has = racks[site].at(end - 1) if site in racks else None
            for compute_class, units in sorted(_installed(statements, end).items()):
                for precision in precisions:
                    gflops = _gflops(units, precision, peaks)
                    rows.append(
                        (*place, day_text(day), compute_class, precision, gflops, *(has or (None, None)))
                    )
    return Table.of(
        "capacity_statement",
        "site_id region as_of compute_class precision gflops racks_installed racks_occupied",
        rows,
    )


def _installed(statements: list[TableRow], end: int) -> dict[str, dict[tuple[str, str], int]]:
    """Cards, or cores of a pool's model that has none, by class; from statements that hold when the day has ended."""
    newest: dict[tuple[str, str, str], TableRow] = {}
    for row in sorted(statements, key=lambda row: int(row["valid_from"][1:])):
        if int(row["valid_from"][1:]) < end:
            newest[(row["resource_pool"], row["model"], row["state"])] = row
    with_cards = {(row["resource_pool"], row["model"]) for row in statements if int(row["devices"]) > 0}
    found: dict[str, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for (pool, model, _), row in newest.items():
        unit, column = ("card", "devices") if (pool, model) in with_cards else ("core", "cores")
        found[row["compute_class"]][(model, unit)] += int(row[column])
    return found


def _gflops(units: dict[tuple[str, str], int], precision: str, peaks: Peaks) -> int | None:
    """The sum over models; unknown where a model that is there has no stated peak."""
    total = 0
    for key, count in units.items():
        peak = peaks.get(key, {}).get(precision)
        if peak is None and count:
            return None
        total += (peak or 0) * count
    return total
