"""What published targets and rules come to: each with the network's own figure, or why there is none."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from pipelines.simulate.books.tables import Table, Value, added, ratio
from pipelines.simulate.network import World

Row = dict[str, Any]
Share = tuple[int | None, int]
SPAN = timedelta(days=30)
AI = ("intelligent", "fp16")
HOLDS: dict[str, Callable[[float, float], bool]] = {
    "gt": lambda value, bound: value > bound,
    "ge": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "le": lambda value, bound: value <= bound,
}
COLUMNS = (
    "target_id scope_kind scope_id resource_kind region value value_before estimated_share status precision "
    "period_from as_of days sites sites_counted reason"
)


def table(world: World, books: Iterable[Table], seeds: Mapping[str, list[Row]]) -> Table:
    """target_scorecard from the tables that it rests on."""
    by_name = {each.name: [dict(zip(each.columns, row, strict=True)) for row in each.rows] for each in books}
    sites = {each.site_id: each for each in world.sources.values() if each.site_id}
    parents = {row["region_id"]: row["parent"] for row in seeds["regions"]}
    members: dict[tuple[str, str], list[str]] = defaultdict(list)
    for site, source in sites.items():
        members[("site", site)].append(site)
        region = source.region
        while region:
            members[("region", region)].append(site)
            region = parents.get(region)
    circles = {row["circle_id"]: row["from_region"] for row in seeds["latency_circles"]}
    rows: list[tuple[Value, ...]] = []
    for target in seeds["network_targets"]:
        own = (target["scope_kind"], target["scope_id"])
        for kind, name in members if target["scope_kind"] == "any" else [own]:
            place = members.get((kind, name), [])
            region = sites[name].region if kind == "site" else circles.get(name, name)
            for resource, found in figures(target, place, by_name, {s: sites[s].kind or "" for s in place}):
                rows.append(
                    (target["target_id"], kind, name, resource, region, *_judged(target, place, found))
                )
    return Table.of("target_scorecard", COLUMNS, rows)


def figures(
    target: Row, place: list[str], books: Mapping[str, list[Row]], kinds: Mapping[str, str]
) -> list[tuple[str | None, Row]]:
    """(resource kind, what can be said) of a target at a place: `now`, `before`, or `reason`, and what lies behind."""
    indicator = target["indicator"]
    if "classes are added" in target["note"]:
        return [(None, {"reason": "classes_added"})]
    if indicator == "latency":
        return [(None, _circle(target["scope_id"], books["latency_circles_daily"]))]
    if not place:
        return [(None, {"reason": "no_site"})]
    if indicator == "data_centres":
        centres = sum(kind != "public_cloud" for kind in kinds.values())
        return [(None, {"now": (centres, 1), "counted": len(place)})]
    if indicator.endswith("utilisation") and indicator != "rack_utilisation":
        return _rates(indicator, place, books["utilisation_daily"])
    return [(None, _stock(indicator, place, books["capacity_statement"]))]


def _rates(indicator: str, place: list[str], daily: list[Row]) -> list[tuple[str | None, Row]]:
    last = max(date.fromisoformat(row["day"]) for row in daily)
    used: dict[str, list[Row]] = defaultdict(list)
    for row in daily:
        if row["site_id"] in place and (indicator == "utilisation" or row["compute_class"] == "super"):
            used[row["resource_kind"]].append(row)
    found: list[tuple[str | None, Row]] = []
    for resource, rows in used.items():
        now = [row for row in rows if last - SPAN < date.fromisoformat(row["day"]) <= last]
        earlier = [row for row in rows if last - 2 * SPAN < date.fromisoformat(row["day"]) <= last - SPAN]
        days = {row["day"] for row in now}
        if not now:
            continue
        share = _share(now)
        said: Row = {"now": share, "reason": "supply_unknown", "from": min(days), "as_of": max(days)}
        said |= {"days": len(days), "counted": len({row["site_id"] for row in now})}
        said["estimated"] = ratio(added(row["estimated_unit_seconds"] for row in now), share[0])
        if len({row["day"] for row in earlier}) == SPAN.days:
            said["before"] = _share(earlier)
        found.append((resource, said))
    return found or [(None, {"reason": "no_usage"})]


def _share(rows: list[Row]) -> Share:
    if any(row["idle_unit_seconds"] is None for row in rows):
        return None, 0
    allocated = added(row["allocated_unit_seconds"] for row in rows)
    installed = added(row["installed_unit_seconds"] for row in rows)
    return (None, 0) if allocated is None or not installed else (allocated, installed)


def _circle(circle: str, daily: list[Row]) -> Row:
    """The worst of the pairs that could be decided, in milliseconds."""
    decided = [row for row in daily if row["circle_id"] == circle and row["met"] is not None]
    said: Row = {"reason": "no_probes"}
    if not decided:
        return said
    last = max(row["day"] for row in decided)
    then = (date.fromisoformat(last) - SPAN).isoformat()
    for when, day in (("now", last), ("before", then)):
        worst = [row["p95_us"] for row in decided if row["day"] == day and row["p95_us"] is not None]
        if worst:
            said[when] = (max(worst), 1000)
    of_last = [row for row in decided if row["day"] == last]
    said |= {"as_of": last, "counted": len({row["from_site_id"] for row in of_last})}
    return said | {"all_met": all(row["met"] == "true" for row in of_last)}


def _stock(indicator: str, place: list[str], statement: list[Row]) -> Row:
    last = max(row["as_of"] for row in statement)
    then = (date.fromisoformat(last) - SPAN).isoformat()
    racks = indicator in ("standard_racks", "rack_utilisation")
    said: Row = {"reason": "no_racks" if racks else "no_capacity"}
    for when, day in (("now", last), ("before", then)):
        stated: dict[str, list[Row]] = defaultdict(list)
        for row in statement:
            if row["as_of"] == day and row["site_id"] in place:
                stated[row["site_id"]].append(row)
        if not stated:
            continue
        said[when] = _of_racks(indicator, stated) if racks else _of_ai(indicator, stated)
        if when == "now":
            with_racks = sum(rows[0]["racks_installed"] is not None for rows in stated.values())
            said |= {"as_of": day, "counted": with_racks if racks else len(stated)}
            said["reason"] = "no_racks" if racks else "peak_unknown"
    return said


def _of_racks(indicator: str, stated: Mapping[str, list[Row]]) -> Share:
    """Racks are the site's: each of its rows repeats them."""
    rows = [rows[0] for rows in stated.values() if rows[0]["racks_installed"] is not None]
    installed = sum(row["racks_installed"] for row in rows)
    if indicator == "standard_racks":
        return (installed, 1) if rows else (None, 1)
    occupied = added(row["racks_occupied"] for row in rows)
    return (occupied, installed) if rows and installed and occupied is not None else (None, 1)


def _of_ai(indicator: str, stated: Mapping[str, list[Row]]) -> Share:
    """PFLOPS of the AI class, or the sites that have 1 EFLOPS and more of it."""
    peaks = [
        row["gflops"]
        for rows in stated.values()
        for row in rows
        if (row["compute_class"], row["precision"]) == AI
    ]
    if None in peaks:
        return None, 1
    return (sum(peaks), 10**6) if indicator == "ai_compute" else (sum(peak >= 10**9 for peak in peaks), 1)


def _judged(target: Row, place: list[str], said: Row) -> tuple[Value, ...]:
    per = 1000 if target["unit"] == "EFLOPS" else 1
    value, before = (
        None if share is None or share[0] is None else share[0] / (share[1] * per)
        for share in (said.get("now"), said.get("before"))
    )
    ai = "fp16" if target["indicator"] in ("ai_compute", "large_centres") else None
    sites = said.get("counted", 0) if target["indicator"] == "latency" else len(place)
    behind = (ai, said.get("from"), said.get("as_of"), said.get("days"), sites)
    earlier = None if before is None else repr(before)
    if value is None:
        return (None, earlier, None, "cannot_be_computed", *behind, None, said["reason"])
    if target["kind"] in ("reached", "planned", "expected"):
        status = f"{target['kind']}_figure"
    else:
        holds = HOLDS[target["comparison"]](value, float(target["target_value"])) and said.get(
            "all_met", True
        )
        words = ("flagged", "not_flagged") if target["kind"] == "rule" else ("met", "not_met")
        status = words[0] if holds else words[1]
    return (repr(value), earlier, said.get("estimated"), status, *behind, said.get("counted"), None)
