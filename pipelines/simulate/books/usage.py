"""Who held what and when: pieces of records by business day and resource kind, and unit-seconds by hour.

What a record held is told by `holdings`. Capacity is set against usage in `utilisation`, prices in `rating`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipelines.simulate.books.holdings import Holding, Key
from pipelines.simulate.books.nesting import WHOLE, Share, nest, over_allocated, shares
from pipelines.simulate.books.tables import Table, Value, boolean, half_up
from pipelines.simulate.clock import DAY, HOUR, day_number, day_text, number_start, utc_text

SILENT = 7 * DAY
"""A layer so far behind the furthest of its site has fallen silent."""

Place = tuple[Key, int]
"""A key and the number of an hour since the epoch."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one record held of one resource kind on one business day; `quantity` in unit-seconds.

    `hours` say it by the hour of the day: (hour, quantity, nested).
    """

    site_id: str
    account: str
    day: int
    key: Key
    quantity: int
    is_open: bool
    is_conflict: bool
    nested: int = 0
    qos: str = ""
    hours: tuple[tuple[int, int, int], ...] = ()


@dataclass
class SiteUsage:
    """A site's usage. Hours are numbered from the epoch; `first` and `watermark` bound the horizon, `furthest` is how
    far the layer reaches that reaches most.

    In `unknown_hours` somebody held an unknown number; `unknown` tells who, by the day, for how long.
    """

    site_id: str
    first: int | None = None
    watermark: int | None = None
    furthest: int = 0
    pieces: list[Piece] = field(default_factory=list)
    hourly: dict[Key, dict[int, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    open_hours: set[Place] = field(default_factory=set)
    conflict_days: set[int] = field(default_factory=set)
    unknown_hours: set[Place] = field(default_factory=set)
    unknown: list[Piece] = field(default_factory=list)
    over_hours: set[Place] = field(default_factory=set)
    over_allocations: list[tuple[Value, ...]] = field(default_factory=list)

    @property
    def hours(self) -> range:
        """The hours of the horizon; empty without usage."""
        if self.first is None or self.watermark is None or self.first >= self.watermark:
            return range(0)
        return range(self.first // HOUR, -(-self.watermark // HOUR))

    def is_unknown(self, key: Key, hour: int) -> bool:
        """Whether somebody held an unknown number of the key's units, or of units of an unknown model of its class."""
        return (key, hour) in self.unknown_hours or ((*key[:2], "unknown"), hour) in self.unknown_hours


def site_usage(site: str, held: Iterable[Holding], watermarks: Mapping[str, int]) -> SiteUsage:
    """The usage that a site's records state; `watermarks` say how far its layers reach."""
    usage = SiteUsage(site)
    firsts: dict[str, int] = {}
    covered: dict[str, set[Key]] = defaultdict(set)
    held = list(held)
    shared = _shares(usage, held)
    for number, holding in enumerate(held):
        if not holding.is_conflict:
            firsts[holding.layer] = min(holding.start, firsts.get(holding.layer, holding.start))
        for key, milli in holding.resources():
            covered[holding.layer].update([key] if milli != 0 else [])
            if milli is None:
                _unknown(usage, holding, key)
            elif milli > 0:
                _count(usage, holding, key, milli, shared.get(number, []) if key[1] == "accelerator" else [])
        if holding.is_conflict:
            days = range(day_number(holding.start), day_number(holding.stop - 1) + 1)
            usage.conflict_days.update(days if any(milli for _, milli in holding.resources()) else ())
    speaking = {layer: at for layer, at in watermarks.items() if firsts.get(layer, at) < at}
    if speaking:
        usage.furthest = furthest = max(speaking.values())
        usage.first = min(firsts[layer] for layer in speaking)
        usage.watermark = min(at for at in speaking.values() if at >= furthest - SILENT)
        for layer, at in speaking.items():
            if at < furthest - SILENT:
                silent = range(at // HOUR, usage.hours.stop)
                usage.unknown_hours.update((key, hour) for key in covered[layer] for hour in silent)
    return usage


def _shares(usage: SiteUsage, held: list[Holding]) -> dict[int, list[Share]]:
    """The shares of cards that records held, by the record's place in the list: nested ones are told apart, and devices
    of which too much was held go to the usage."""
    if all(holding.layer == "job" or not holding.card_milli for holding in held):
        return {}
    found: dict[int, list[Share]] = {}
    keys: dict[int, Key] = {}
    for number, each in enumerate(held):
        if each.card_milli and not each.is_conflict:
            found[number] = shares(
                each.layer, each.node, each.devices, each.card_milli, (each.start, each.stop)
            )
            keys |= {id(share): (each.compute_class, "accelerator", each.model) for share in found[number]}
    everything = [share for each in found.values() for share in each]
    nest(everything)
    last = max(share.stop for share in everything)
    first = min(share.start for share in everything)
    midnights = [number_start(day) for day in range(day_number(first), day_number(last) + 1)]
    for _, (start, stop), milli, records, there in over_allocated(everything, midnights):
        day = day_text(day_number(start))
        device = (there[0].node, there[0].device)
        usage.over_allocations.append(
            (usage.site_id, *device, day, utc_text(start), utc_text(stop), milli, WHOLE, records)
        )
        for share in there:
            hours = range(max(start, share.start) // HOUR, (min(stop, share.stop) - 1) // HOUR + 1)
            usage.over_hours.update((keys[id(share)], hour) for hour in hours)
    return found


def over_allocations(usages: Iterable[SiteUsage]) -> Table:
    """Devices of which more than the whole was held at once."""
    return Table.of(
        "over_allocations",
        "site_id node device_id day from_at to_at allocated_milli capacity_milli records",
        (row for usage in usages for row in usage.over_allocations),
    )


def _spread(holding: Holding) -> Iterable[tuple[int, int, int]]:
    """(hour, from, to) for every hour that the holding touches; from and to are seconds within it."""
    for hour in range(holding.start // HOUR, (holding.stop - 1) // HOUR + 1):
        yield hour, max(0, holding.start - hour * HOUR), min(HOUR, holding.stop - hour * HOUR)


def _count(usage: SiteUsage, holding: Holding, key: Key, milli: int, parts: list[Share]) -> None:
    """Adds what a record held, hour by hour and day by day.

    Core-seconds are counted from each hour's start, half up: a fraction of a core may not come to whole ones.
    Cards that another record counts (nested `parts`) are told apart.
    """
    per_unit = 1000 if key[1] == "cpu_core" else 1
    days: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    spans = [(share.milli, *span) for share in parts for span in share.nested]
    hours = usage.hourly[key] if not holding.is_conflict else {}
    for hour, begin, end in _spread(holding):
        if milli % per_unit:
            quantity = half_up(milli * end, per_unit) - half_up(milli * begin, per_unit)
        else:
            quantity = milli // per_unit * (end - begin)
        both = sum(
            part * max(0, min(hour * HOUR + end, stop) - max(hour * HOUR + begin, start))
            for part, start, stop in spans
        )
        quantity -= both
        day = day_number(hour * HOUR)
        days[day].append(((hour * HOUR - number_start(day)) // HOUR, quantity, both))
        if not holding.is_conflict:
            hours[hour] += quantity
            if holding.is_open:
                usage.open_hours.add((key, hour))
    for day, parts_of_day in days.items():
        quantity, nested = (sum(part[index] for part in parts_of_day) for index in (1, 2))
        marks = (holding.is_open, holding.is_conflict, nested, holding.qos, tuple(parts_of_day))
        usage.pieces.append(Piece(usage.site_id, holding.account, day, key, quantity, *marks))


def _unknown(usage: SiteUsage, holding: Holding, key: Key) -> None:
    if holding.is_conflict:
        return
    days: dict[int, int] = defaultdict(int)
    for hour, begin, end in _spread(holding):
        usage.unknown_hours.add((key, hour))
        days[day_number(hour * HOUR)] += end - begin
    for day, seconds in days.items():
        piece = Piece(usage.site_id, holding.account, day, key, seconds, holding.is_open, False)
        usage.unknown.append(piece)


def unknown_usage(unknown: Iterable[Piece]) -> Table:
    """Who held an unknown number of cores or cards, or kept an unknown number of bytes, by day."""
    found: dict[tuple[Value, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    for piece in unknown:
        counts = found[(day_text(piece.day), piece.site_id, piece.account or None, *piece.key)]
        counts[0] += piece.quantity
        counts[1] += 1
        counts[2] |= piece.is_open
    return Table.of(
        "unknown_usage",
        "day site_id account compute_class resource_kind model record_seconds records open",
        (
            (*row, seconds, records, boolean(bool(opened)))
            for row, (seconds, records, opened) in found.items()
        ),
    )
