"""Metering in plain Python, second by second where it can be: what utilisation and energy must say of a World.

Belongs here: the rules of revisions, intervals, capacity and meters, written down a second time with loops over
hours and days. Does not belong here: anything from the models, or SQL.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import floor
from typing import Any

from pipelines.simulate.books.nesting import Share, nest, over_allocated, shares
from tests.dbt.plain_watching import Busy, added, seen, watched
from tests.dbt.world import EPOCH, Row, World

HOUR, DAY, SHIFT = 3600, 86400, 28800
RANK = {"PENDING": 0, "RUNNING": 1, "SUSPENDED": 1}
ALIASES = {"h20": "nvidia-h20", "nvidia h20": "nvidia-h20"}
WH = {"Wh": 1, "kWh": 1000, "MWh": 1_000_000}
WATTS = {"W": 1, "kW": 1000}
Key = tuple[str, str, str]
Level = Callable[[Key, int], list[int | None]]


@dataclass
class Metered:
    """Facts by their keys. Days are numbers of Shanghai days since the epoch, instants epoch seconds."""

    usage: list[tuple[Any, ...]] = field(default_factory=list)
    hours: dict[tuple[Any, ...], tuple[Any, ...]] = field(default_factory=dict)
    days: dict[tuple[Any, ...], tuple[Any, ...]] = field(default_factory=dict)
    over: list[tuple[Any, ...]] = field(default_factory=list)
    energy: dict[tuple[str, int], tuple[Any, ...]] = field(default_factory=dict)


def seconds(at: datetime) -> int:
    """Whole seconds since the epoch."""
    return floor((at - EPOCH).total_seconds())


def day_of(at: int) -> int:
    """Number of the Shanghai day of an instant."""
    return (at + SHIFT) // DAY


def metered(world: World) -> Metered:
    """What the effective deliveries of a world prove."""
    result = Metered()
    for site in world.sites:
        _meter_site(world, str(site["site_id"]), result)
        _measure_site(world, str(site["site_id"]), result)
    return result


def known_rows(world: World, site: str, dataset: str) -> list[Row]:
    """The site's rows that count, each with the time when it was known."""
    return [
        {**row, "known_at": delivery.known_at}
        for delivery in world.deliveries.values()
        if delivery.effective and delivery.source_id == site and delivery.dataset == dataset
        for row in delivery.records()
    ]


def standing(rows: Iterable[Row], key: tuple[str, ...], ranked: bool = False) -> list[tuple[Row, bool]]:
    """The payloads at the top of each key, each with whether it is in conflict."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in key)].append(row)
    result = []
    for group in groups.values():
        order = [(RANK.get(row.get("state", ""), 2) if ranked else 0, row["known_at"]) for row in group]
        top = [row for row, at in zip(group, order, strict=True) if at == max(order)]
        payloads = {row["record_hash"]: row for row in top}
        result += [(row, len(payloads) > 1) for row in payloads.values()]
    return result


@dataclass(frozen=True)
class Held:
    """What one record held of its keys in [start, stop), in thousandths of units; None where nobody knows."""

    layer: str
    start: int
    stop: int
    is_open: bool
    conflict: bool
    units: list[tuple[Key, int | None]]
    shares: list[Share] = field(default_factory=list)

    def nested(self, key: Key, start: int, stop: int) -> int:
        """Milli-card-seconds in [start, stop) that another record counts."""
        spans = [(share.milli, *span) for share in self.shares for span in share.nested]
        seconds = [milli * max(0, min(stop, to) - max(start, at)) for milli, at, to in spans]
        return sum(seconds) if key[1] == "accelerator" else 0


def _meter_site(world: World, site: str, result: Metered) -> None:
    held, watermarks = _held(world, site)
    over_hours = _cards(held, site, result)
    used: dict[tuple[Key, int], int] = defaultdict(int)
    open_hours: set[tuple[Key, int]] = set()
    unknown: set[tuple[Key, int]] = set()
    conflict_days: set[int] = set()
    for each in held:
        hours = range(each.start // HOUR, (each.stop - 1) // HOUR + 1)
        for key, milli in each.units:
            if milli is None and not each.conflict:
                unknown |= {(key, hour) for hour in hours}
            for day in range(day_of(each.start), day_of(each.stop - 1) + 1) if milli else ():
                part = max(each.start, day * DAY - SHIFT), min(each.stop, (day + 1) * DAY - SHIFT)
                quantity = sum(_within(key, milli or 0, hour, *part) for hour in hours) - each.nested(
                    key, *part
                )
                result.usage.append((site, day, *key, *part, quantity, each.is_open, each.conflict))
                if each.conflict:
                    conflict_days.add(day)
            for hour in hours if milli and not each.conflict else ():
                used[key, hour] += _within(key, milli or 0, hour, each.start, each.stop)
                used[key, hour] -= each.nested(key, hour * HOUR, (hour + 1) * HOUR)
                if each.is_open:
                    open_hours.add((key, hour))
    firsts: dict[str, int] = {}
    for each in held:
        if not each.conflict:
            firsts[each.layer] = min(each.start, firsts.get(each.layer, each.start))
    reached = {layer: watermarks[layer] for layer in firsts if firsts[layer] < watermarks[layer]}
    if not reached:
        return
    first, watermark = min(firsts[layer] for layer in reached), min(reached.values())
    assert max(reached.values()) - watermark <= 7 * DAY, (
        "a layer fell silent: say here what it leaves unknown"
    )
    pools = [row for row, conflict in standing(*_inventory(world, site)) if not conflict]
    level = cache(lambda key, at: _levels(key, at, pools))
    changes = sorted({seconds(row["valid_from"]) for row in pools})
    placed = {key for key, _ in used} | _capacity_keys(pools)
    looked = _looked(world, site, placed)
    hours = range(first // HOUR, -(-watermark // HOUR))
    for key in placed | {key for key, _ in unknown}:
        by_day: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        busy_by_day: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        known_from = min((seconds(row["valid_from"]) for row in _own(pools, key)), default=None)
        for hour in hours:
            figures = _hour(level, key, hour, used.get((key, hour), 0), changes, known_from)
            day = day_of(hour * HOUR)
            is_unknown = bool({(key, hour), ((*key[:2], "unknown"), hour)} & unknown)
            if is_unknown:
                figures = (*figures[:3], None, *figures[4:])
            marks = [day in conflict_days, (key, hour) in over_hours, is_unknown, (key, hour) in open_hours]
            quality = _quality(marks, figures)
            busy = seen(looked.get((key, hour)) if hour in hours[1:-1] else None, *figures[:3])
            result.hours[(site, hour * HOUR, *key)] = (*figures, quality, *busy)
            by_day[day].append((*figures, quality))
            busy_by_day[day].append(busy)
        for day, parts in by_day.items():
            columns = list(zip(*parts, strict=True))
            sums = [None if None in column else sum(column) for column in columns[:-1]]
            worst = min(columns[-1], key=QUALITIES.index)
            result.days[(site, day, *key)] = (*sums, worst, *added(busy_by_day[day]))


def _looked(world: World, site: str, placed: set[Key]) -> dict[tuple[Key, int], Busy]:
    """What samples say of the keys of models, each of which stands in one class alone or nowhere."""
    places: dict[str, list[Key]] = defaultdict(list)
    for key in placed:
        if key[1] == "accelerator":
            places[key[2]].append(key)
    samples = known_rows(world, site, "device_samples")
    return watched(standing(samples, ("site_id", "device_id", "sampled_at")), places, ALIASES)


QUALITIES = ["conflict", "over_allocated", "usage_unknown", "capacity_unknown", "open", "measured"]


def _quality(known: list[bool], figures: tuple[Any, ...]) -> str:
    (conflict, over, is_unknown, is_open), (installed, _, _, idle, *_) = known, figures
    marks = [conflict, over or (idle is not None and idle < 0), is_unknown, installed is None, is_open, True]
    return QUALITIES[marks.index(True)]


def _within(key: Key, milli: int, hour: int, start: int, stop: int) -> int:
    """Unit-seconds in an hour's part of [start, stop): core-seconds are rounded from the hour's start on, half up."""
    begin, end = max(0, start - hour * HOUR), min(HOUR, stop - hour * HOUR)
    if end <= begin:
        return 0
    if key[1] == "accelerator":
        return milli * (end - begin)
    return _half_up(Fraction(milli * end, 1000)) - _half_up(Fraction(milli * begin, 1000))


def _held(world: World, site: str) -> tuple[list[Held], dict[str, int]]:
    """What the site's records held, and how far each layer reaches."""
    jobs, instances = known_rows(world, site, "job_records"), known_rows(world, site, "instance_records")
    reached: dict[str, list[int]] = defaultdict(list)
    for row in jobs:
        reached["job"].append(min(seconds(row["known_at"]), _latest(row)))
    for row in instances:
        latest = max(seconds(row[name]) for name in ("interval_start", "interval_end") if row.get(name))
        reached[_layer(row)].append(min(seconds(row["known_at"]), latest))
    watermarks = {layer: max(instants) for layer, instants in reached.items()}
    partitions = {each["partition"]: each for each in world.partitions if each["site_id"] == site}
    rules = [each for each in world.instances if each["site_id"] == site]
    held = []
    for row, conflict in standing(
        jobs, ("site_id", "cluster", "job_id", "submit_time", "restart_no"), ranked=True
    ):
        interval = _interval(row, watermarks["job"])
        if interval:
            each = Held("job", *interval, conflict, _job_units(row, partitions))
            milli, where = each.units[1][1], row.get("node_list") or ","
            if milli and not conflict:
                node = None if "," in where or "[" in where else where
                each.shares.extend(shares("job", node, None, milli, interval[:2]))
            held.append(each)
    for row, conflict in standing(instances, ("site_id", "instance_id", "interval_start"), ranked=True):
        start, end = seconds(row["interval_start"]), row.get("interval_end")
        stop = seconds(end) if end else watermarks[_layer(row)]
        if row["state"] != "PENDING" and stop > start:
            units = _instance_units(row, rules)
            each = Held(_layer(row), start, stop, not end, conflict, units)
            if units[1][1] and not conflict:
                each.shares.extend(
                    shares(each.layer, row.get("node"), row.get("device_ids"), units[1][1], (start, stop))
                )
            held.append(each)
    return held, watermarks


def _cards(held: list[Held], site: str, result: Metered) -> set[tuple[Key, int]]:
    """Nests what two layers tell of, lists devices of which too much was held, and returns the hours of that."""
    keys = {id(share): each.units[1][0] for each in held for share in each.shares}
    everything = [share for each in held for share in each.shares]
    nest(everything)
    midnights = range(-SHIFT, 3_000_000_000, DAY) if everything else ()
    first = min((share.start for share in everything), default=0)
    last = max((share.stop for share in everything), default=0)
    hours = set()
    for _, (start, stop), milli, records, there in over_allocated(
        everything, [at for at in midnights if first < at < last]
    ):
        device = min(share.device or "" for share in there)
        result.over.append((site, device, start, stop, milli, records))
        for share in there:
            span = max(start, share.start), min(stop, share.stop)
            hours |= {(keys[id(share)], hour) for hour in range(span[0] // HOUR, (span[1] - 1) // HOUR + 1)}
    return hours


def _layer(row: Row) -> str:
    return {"virtual_machine": "machine", "bare_metal": "machine"}.get(
        row["instance_kind"], row["instance_kind"]
    )


def _latest(row: Row) -> int:
    start = row.get("start_time")
    instants = [seconds(row[name]) for name in ("submit_time", "start_time", "end_time") if row.get(name)]
    if start and row.get("elapsed_s") is not None:
        instants.append(seconds(start) + row["elapsed_s"])
    return max(instants)


def _interval(row: Row, watermark: int) -> tuple[int, int, bool] | None:
    rank = RANK.get(row["state"], 2)
    if not row.get("start_time") or rank == 0:
        return None
    start = seconds(row["start_time"])
    stop = watermark if rank == 1 else start + row["elapsed_s"]
    return (start, stop, rank == 1) if stop > start else None


def _keys(compute_class: str, sent: str | None, configured: str | None) -> tuple[Key, Key]:
    model = ALIASES.get(sent.lower(), sent) if sent else configured
    return (compute_class, "cpu_core", "all"), (compute_class, "accelerator", model or "unknown")


def _job_units(row: Row, partitions: dict[str, Row]) -> list[tuple[Key, int | None]]:
    where = partitions.get(row.get("partition") or "", {})
    cores, cards = row.get("cpu_cores"), row.get("accelerators")
    if cards is None and where and not where.get("accelerator_model"):
        cards = 0
    keys = _keys(
        where.get("compute_class") or "unknown", row.get("accelerator_model"), where.get("accelerator_model")
    )
    return [(key, None if n is None else 1000 * n) for key, n in zip(keys, (cores, cards), strict=True)]


def _instance_units(row: Row, rules: list[Row]) -> list[tuple[Key, int | None]]:
    """By the first rule that fits; without one, cards tell the class."""
    found: Row = next((rule for rule in rules if _fits(rule, row.get(rule["matches"]) or "")), {})
    cards = row.get("accelerator_milli")
    if cards is None and found and not found["accelerator_model"]:
        cards = 0
    by_cards = "unknown" if cards is None else "intelligent" if cards else "general"
    cores = None if row.get("vcpus") is None else int(row["vcpus"] * 1000)
    keys = _keys(
        found.get("compute_class") or by_cards, row.get("accelerator_model"), found.get("accelerator_model")
    )
    return list(zip(keys, (cores, cards), strict=True))


def _fits(rule: Row, name: str) -> bool:
    return name.startswith(rule["pattern"]) if rule["is_prefix"] else name == rule["pattern"]


def _inventory(world: World, site: str) -> tuple[list[Row], tuple[str, ...]]:
    return known_rows(world, site, "capacity_inventory"), (
        "site_id",
        "resource_pool",
        "model",
        "state",
        "valid_from",
    )


def _capacity_keys(pools: list[Row]) -> set[Key]:
    cores = {(row["compute_class"], "cpu_core", "all") for row in pools if _ever(pools, row, "cores")}
    return cores | {
        (row["compute_class"], "accelerator", row["model"]) for row in pools if _ever(pools, row, "devices")
    }


def _ever(pools: list[Row], row: Row, what: str) -> bool:
    """Whether the row's pool, in the row's model, has any of it at any time."""
    return any(other[what] > 0 for other in pools if _pool(other) == _pool(row))


def _pool(row: Row) -> tuple[str, str]:
    return row["resource_pool"], row["model"]


def _own(pools: list[Row], key: Key) -> list[Row]:
    compute_class, kind, model = key
    what = "cores" if kind == "cpu_core" else "devices"
    return [
        row
        for row in pools
        if row["compute_class"] == compute_class
        and _ever(pools, row, what)
        and (kind == "cpu_core" or row["model"] == model)
    ]


def _hour(
    level: Level, key: Key, hour: int, allocated: int, changes: list[int], known_from: int | None
) -> tuple[Any, ...]:
    """Installed, down, allocated, idle, reserved, sellable unit-seconds of an hour."""
    begin, end = hour * HOUR, (hour + 1) * HOUR
    if known_from is None or known_from > begin:
        return None, None, allocated, None, None, None
    totals: list[int | None] = [0, 0, 0, 0]
    for start, stop in pairwise([begin, *(at for at in changes if begin < at < end), end]):
        for index, units in enumerate(level(key, changes[bisect_right(changes, start) - 1])):
            total = totals[index]
            totals[index] = None if total is None or units is None else total + units * (stop - start)
    installed, down, reserved, sellable = totals
    assert installed is not None
    assert down is not None
    return installed, down, allocated, installed - down - allocated, reserved, sellable


def _levels(key: Key, at: int, pools: list[Row]) -> list[int | None]:
    """Installed, down, reserved and sellable units at an instant."""
    newest: dict[tuple[Any, ...], Row] = {}
    for row in sorted(pools, key=lambda row: row["valid_from"]):
        if seconds(row["valid_from"]) <= at:
            newest[(*_pool(row), row["state"])] = row
    own = [row for row in newest.values() if row in _own(pools, key)]
    kind = key[1]
    scale, what = (1, "cores") if kind == "cpu_core" else (1000, "devices")
    selling = [row for row in own if row["state"] == "in_service" and _sells(pools, row) == kind]
    levels: list[int | None] = [
        scale * sum(row[what] for row in own),
        scale * sum(row[what] for row in own if row["state"] == "down"),
    ]
    for part in ("reserved", "sellable"):
        stated = [row.get(part) for row in selling]
        levels.append(scale * sum(stated) if stated and None not in stated else None)  # type: ignore[arg-type]
    return levels


def _sells(pools: list[Row], row: Row) -> str:
    cards = any(other["devices"] > 0 for other in pools if other["resource_pool"] == row["resource_pool"])
    return "accelerator" if cards else "cpu_core"


def _measure_site(world: World, site: str, result: Metered) -> None:
    rows = standing(known_rows(world, site, "facility_readings"), ("site_id", "meter_id", "read_at"))
    meters: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row, conflict in rows:
        if not conflict:
            meters[row["meter_kind"], row["meter_id"]].append(row)
    if not meters:
        return
    read_on = {meter: {day_of(seconds(row["read_at"])) for row in found} for meter, found in meters.items()}
    flows = {meter: _flows(found) for meter, found in meters.items()}
    everything = set().union(*read_on.values())
    for day in range(min(everything), max(everything) + 1):
        figures: list[int | None] = []
        for kind in ("facility", "it"):
            known = [
                meter
                for meter, days in read_on.items()
                if meter[0] == kind and days & {day - 1, day, day + 1}
            ]
            parts = [_day_energy(flows[meter], day) for meter in known]
            whole = [part for part in parts if part is not None]
            is_known = bool(parts) and len(whole) == len(parts)
            figures += [sum(part[side] for part in whole) if is_known else None for side in (0, 1)]
        facility, facility_guess, it, it_guess = figures
        guessed = bool(facility_guess or it_guess)
        quality = "incomplete" if None in figures else "estimated" if guessed else "measured"
        result.energy[site, day] = (facility, it, facility_guess, it_guess, quality)


def _half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


@dataclass(frozen=True)
class Flow:
    """Between two instants a meter counts evenly: `total` of a register, or `watts`."""

    start: int
    stop: int
    guessed: bool
    total: Fraction = Fraction(0)
    watts: Fraction = Fraction(0)

    def register(self, instant: int) -> int:
        return _half_up(self.total * (instant - self.start) / (self.stop - self.start))


def _flows(rows: list[Row]) -> list[Flow]:
    """What a meter's readings, in order of time, say of the times between them."""
    points = sorted((seconds(row["read_at"]), _shown(row)) for row in rows)
    result = []
    for place, ((t1, (register, watts)), (t2, (then, _))) in enumerate(pairwise(points)):
        after = points[place + 2] if place + 2 < len(points) else None
        gap = t2 - t1
        if gap > DAY:
            continue
        if watts is not None:
            result.append(Flow(t1, t2, gap > HOUR, watts=watts))
        elif register is not None and then is not None and then >= register:
            result.append(Flow(t1, t2, gap > HOUR, Fraction(then - register)))
        elif register is not None and then is not None and after is not None and gap <= HOUR:
            soon, (later, _) = after
            if later is not None and later >= then and soon - t2 <= HOUR:
                likely = Fraction(later - then, soon - t2) * gap
                if then <= 2 * likely:
                    result.append(Flow(t1, t2, True, Fraction(max(then, _half_up(likely)))))
    return result


def _shown(row: Row) -> tuple[int | None, Fraction | None]:
    if row["unit"] in WATTS:
        return None, Fraction(row["value"]) * WATTS[row["unit"]]
    return _half_up(Fraction(row["value"]) * WH[row["unit"]]), None


def _day_energy(flows: list[Flow], day: int) -> tuple[int, int] | None:
    """Watt-hours of a meter on a day and the guessed part; None where its flows leave a second out."""
    energy = guessed = 0
    for begin in range(day * DAY - SHIFT, (day + 1) * DAY - SHIFT, HOUR):
        rise = {False: 0, True: 0}
        joules = {False: Fraction(0), True: Fraction(0)}
        covered = 0
        for flow in flows:
            start, stop = max(flow.start, begin), min(flow.stop, begin + HOUR)
            if start < stop:
                covered += stop - start
                rise[flow.guessed] += flow.register(stop) - flow.register(start)
                joules[flow.guessed] += flow.watts * (stop - start)
        if covered < HOUR:
            return None
        measured = rise[False] + _half_up(joules[False] / HOUR)
        total = sum(rise.values()) + _half_up(sum(joules.values()) / HOUR)
        energy += total
        guessed += total - measured
    return energy, guessed
