"""Utilisation by region: every place's sites with those of all places within it, by class and over all classes."""

from collections import defaultdict

from pipelines.simulate.books.activity import quality_of
from pipelines.simulate.books.tables import Table, Value, added, boolean

PARTS = ("installed", "down", "allocated", "idle", "reserved", "sellable", "estimated", "observed")


def table(daily: Table, seed: list[dict[str, str]], qualities: tuple[str, ...]) -> Table:
    """utilisation_region_daily from utilisation_daily; `qualities` from best to worst."""
    names = [f"{part}_unit_seconds" for part in PARTS]
    within = {row["region_id"]: _within(row, {each["region_id"]: each for each in seed}) for row in seed}
    cells: dict[tuple[Value, ...], list[dict[str, Value]]] = defaultdict(list)
    for values in daily.rows:
        row = dict(zip(daily.columns, values, strict=True))
        for region in within.get(str(row["region"]), ()):
            for compute_class in {row["compute_class"], "all"}:
                cells[(region, row["day"], compute_class, row["resource_kind"])].append(row)
    rows: list[tuple[Value, ...]] = []
    for key, members in cells.items():
        sums = {name: added(_number(row[name]) for row in members) for name in names}
        seen = [
            _number(row["active_unit_seconds"]) or 0
            for row in members
            if row["active_unit_seconds"] is not None
        ]
        active = sum(seen) if seen else None
        watched = quality_of([str(row["active_quality"]) for row in members])
        unknown = {row["site_id"] for row in members if row["idle_unit_seconds"] is None}
        sites = {row["site_id"] for row in members}
        installed, allocated = sums["installed_unit_seconds"], sums["allocated_unit_seconds"]
        below = None
        if not unknown and installed is not None and allocated is not None:
            below = boolean(2 * allocated < installed)
        quality = max((str(row["quality"]) for row in members), key=qualities.index)
        counts = (len(sites), len(sites - unknown))
        rows.append((*key, *sums.values(), active, *counts, below, watched, quality))
    return Table.of(
        "utilisation_region_daily",
        f"region day compute_class resource_kind {' '.join(names)} active_unit_seconds sites sites_known "
        "below_half active_quality quality",
        rows,
    )


def _number(value: Value) -> int | None:
    return None if value is None else int(value)


def _within(row: dict[str, str], seed: dict[str, dict[str, str]]) -> set[str]:
    """The region itself, all above it, and the corridors that any of them belongs to."""
    found: set[str] = set()
    place: dict[str, str] | None = row
    while place:
        found |= {place["region_id"], place["corridor"]} - {""}
        place = seed.get(place["parent"])
    return found
