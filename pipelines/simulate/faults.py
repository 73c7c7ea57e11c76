"""Which deliveries go wrong, how, and what their senders do about it later.

`normal`: re-sends make everything that happened provable, but for counters that were reset. `hostile`: more of it, and
some that is never put right. Every damaged act names its fault; every fault has a note with what it means in the end.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from math import ceil
from random import Random

from pipelines.simulate import damage
from pipelines.simulate.clock import DAY, HOUR
from pipelines.simulate.events import Events
from pipelines.simulate.facts import ReadingFact
from pipelines.simulate.feeds.devices import driver_restarts
from pipelines.simulate.network import World
from pipelines.simulate.parcels import Act, Parcel
from pipelines.simulate.power import METERS, reset

SILENT = ("yunai-ai", "qingyang", "hami")
SILENT_SHARE = 4
"""Of so many days one is at the end of the range, at most five, of which a site sends nothing."""

SHARES = {"none": 0.0, "normal": 0.08, "hostile": 0.22}
RESETS = {"none": 0, "normal": 1, "hostile": 3}
KINDS: dict[str, tuple[str, ...]] = {
    # by dataset, or by format where a dataset comes in several
    "job_records": (
        "wrong_zone", "late", "truncated", "broken_rows", "wrong_values", "withdrawn", "twice", "duplicate_rows",
        "unknown_account", "withdrawn_by_mistake",
    ),
    "facility_readings": (
        "late", "wrong_zone", "twice", "truncated", "broken_rows", "wrong_values", "duplicate_rows",
        "withdrawn_by_mistake",
    ),
    "feed_totals": ("late", "wrong_totals", "twice", "broken_rows"),
    "openstack_events": (
        "late", "wrong_values", "unknown_account", "twice", "withdrawn", "broken_rows", "withdrawn_by_mistake",
    ),
    "kubernetes_pods": ("truncated", "wrong_values", "twice", "late", "unknown_account", "withdrawn", "broken_rows"),
    "storage_records": ("late", "broken_rows", "truncated", "wrong_values", "duplicate_rows", "unknown_account"),
    "network_usage": ("wrong_zone", "truncated", "late", "wrong_values", "broken_rows", "withdrawn_by_mistake"),
    "device_samples": ("late", "wrong_values", "truncated", "withdrawn", "twice", "withdrawn_by_mistake"),
    "network_probes": ("wrong_zone", "late", "duplicate_rows", "truncated", "broken_rows", "wrong_values", "twice"),
    "dispatch_orders": ("twice", "late", "truncated", "duplicate_rows", "unknown_account", "withdrawn_by_mistake"),
    "rack_inventory": ("wrong_zone", "twice", "duplicate_rows"),
    "outages": ("duplicate_rows", "twice", "late"),
    "cloud_charges": ("incomplete", "twice"),
    "capacity_inventory": ("twice", "late", "duplicate_rows"),
}  # fmt: skip
BUSINESS_KINDS = ("twice", "duplicate_rows")
"""Of the business tables: one that came late would undo, as the newest knowledge, what changed in between."""

HOSTILE_KINDS: dict[str, tuple[str, ...]] = {
    "job_records": (
        "conflict", "unreadable", "broken_rows_final", "conflict_final", "unknown_partition_final", "lost_final",
        "unknown_account_final",
    ),
    "facility_readings": ("conflict", "truncated_final", "unreadable", "lost_final", "conflict_final"),
    "feed_totals": ("wrong_totals_final", "lost_final", "unreadable"),
    "openstack_events": ("unreadable", "lost_final", "unknown_account_final", "broken_rows_final"),
    "kubernetes_pods": ("lost_final", "broken_rows_final"),
    "storage_records": ("conflict", "truncated_final", "lost_final"),
    "network_usage": ("conflict_final", "unreadable"),
    "device_samples": ("lost_final", "unreadable", "truncated_final"),
    "network_probes": ("conflict", "conflict_final", "truncated_final", "lost_final"),
    "dispatch_orders": ("truncated_final", "lost_final"),
}  # fmt: skip
WEIGHTS = {
    "job_records": 0.3, "facility_readings": 0.14, "feed_totals": 0.08, "openstack_events": 0.06,
    "kubernetes_pods": 0.05, "storage_records": 0.07, "network_usage": 0.05, "device_samples": 0.08,
    "network_probes": 0.06, "dispatch_orders": 0.05,
}  # fmt: skip
"""Which share of the faults meets these; the rest meets all others."""

REST = "all others"
UNSIZED = ("feed_totals", REST)
SMALLEST_PARCEL = 3
"""Other files with fewer records that could be damaged are left alone."""

MEANINGS = {
    "late": "arrives days late; nothing is lost",
    "twice": "the same bytes arrive twice; they count once",
    "wrong_zone": "times in UTC where local time is meant; replaced by the right file",
    "truncated": "ends in the middle of a record; sent again whole",
    "truncated_final": "ends in the middle of a record; the rest is never sent",
    "broken_rows": "some values cannot be read; sent again whole",
    "broken_rows_final": "some values cannot be read; never sent again",
    "wrong_values": "some records have wrong values; corrected records follow",
    "withdrawn": "wrong throughout; withdrawn, the right file follows",
    "withdrawn_by_mistake": "withdrawn by mistake and sent again: it counts again",
    "lost_final": "withdrawn and never sent again",
    "duplicate_rows": "some records stand in the file twice; they count once",
    "unknown_account": "some accounts are misspelled; corrected records follow",
    "unknown_account_final": "some accounts are misspelled and stay so",
    "unknown_partition_final": "some jobs name a partition that was never announced",
    "conflict": "some records stand in the file twice with different values; corrected records follow",
    "conflict_final": "some records stand in the file twice with different values; they count in nothing",
    "unreadable": "an archive where text is expected; the right file follows",
    "wrong_totals": "declared totals are too high; corrected later",
    "wrong_totals_final": "declared totals are too high and stay so",
    "incomplete": "a bill before the end of its month; replaced by the whole one",
    "silent": "the site sends nothing from some hours later on; its last days stay unknown",
    "counter_reset": "a driver was started anew and its energy counter with it; nothing is lost",
    "meter_reset": "a meter's register starts from zero; the energy across the reset is estimated",
}


@dataclass(frozen=True)
class Note:
    """What went wrong with one act and what remains of it in the end."""

    act: Act
    fault: str
    final: bool
    records: int

    @property
    def text(self) -> str:
        return MEANINGS[self.fault]


def shown_readings(events: Events) -> tuple[dict[str, list[ReadingFact]], list[tuple[str, int]]]:
    """What the meters show, by site, and (site, instant) of every reset of one."""
    params = events.world.params
    rng = Random(f"{params.seed}/resets")
    shown = dict(events.readings)
    sites = rng.sample(sorted(shown), min(len(shown), RESETS[params.faults]))
    resets: list[tuple[str, int]] = []
    for site in sites:
        names = [name for _, meters in METERS for name in meters]
        days = (events.last_instant - events.first_instant) // DAY
        at = events.first_instant + rng.randrange(days) * DAY + rng.randrange(6 * HOUR, 20 * HOUR)
        shown[site] = reset(shown[site], rng.choice(names), at)
        resets.append((site, at))
    return shown, resets


def apply(
    events: Events, acts: list[Act], beside: list[Act], resets: list[tuple[str, int]]
) -> tuple[list[Act], list[Note]]:
    """The acts with faults, in no particular order, and the notes on them. What goes wrong with the acts of one list
    does not depend on the other."""
    params = events.world.params
    notes = [_note_reset(acts, "meter_reset", site, "facility_readings", at) for site, at in resets]
    notes += [
        _note_reset(acts, "counter_reset", site, "device_samples", at, pool)
        for site, pool, at in driver_restarts(events)
    ]
    wanted = ceil(len(acts) * SHARES[params.faults]) - len(notes)
    extra: list[Act] = []
    for some, count, stream in (
        (acts, max(0, wanted), "faults"),
        (beside, ceil(len(beside) * SHARES[params.faults]), "faults/beside"),
    ):
        rng = Random(f"{params.seed}/{params.faults}/{stream}")
        for act, kind in _chosen(some, count, params.faults == "hostile", rng):
            further, records = _Fault(events.world, act, rng).happen(kind)
            act.faults.append(kind)
            extra += further
            notes.append(Note(act, kind, kind.endswith("_final"), records))
    return _fallen_silent(events, [*acts, *beside, *extra], notes)


def _fallen_silent(events: Events, acts: list[Act], notes: list[Note]) -> tuple[list[Act], list[Note]]:
    """Without what is new of one site from the noon of one of the last days on, where faults are hostile."""
    params = events.world.params
    sites = [site for site in SILENT if site in params.chosen]
    days = (params.last_day - params.first_day).days + 1
    if params.faults != "hostile" or not sites or days < SILENT_SHARE:
        return acts, notes
    site = Random(f"{params.seed}/silence").choice(sites)
    since = events.last_instant - max(1, min(5, days // SILENT_SHARE)) * DAY + 12 * HOUR
    unsent: set[int] = set()
    for act in sorted(acts, key=lambda act: act.at):
        corrected, sender = act.target or act.replaces, act.parcel and act.parcel.source
        if id(corrected) in unsent or (corrected is None and sender == site and act.at >= since):
            unsent.add(id(act))
    sent = [act for act in acts if id(act) not in unsent]
    last = max(
        (act for act in sent if act.parcel is not None and act.parcel.source == site), key=lambda act: act.at
    )
    last.faults.append("silent")
    kept = [note for note in notes if id(note.act) not in unsent]
    return sent, [*kept, Note(last, "silent", True, 0)]


def _note_reset(acts: list[Act], fault: str, site: str, dataset: str, at: int, name: str = "") -> Note:
    """Marks the delivery that first shows the reset register."""
    act = min(
        (
            act
            for act in acts
            if act.at > at and act.parcel is not None
            and (act.parcel.source, act.parcel.dataset) == (site, dataset)
            and act.parcel.name.startswith(name)
        ),
        key=lambda act: act.at,
    )  # fmt: skip
    act.faults.append(fault)
    return Note(act, fault, fault == "meter_reset", 1)


def _chosen(acts: list[Act], wanted: int, hostile: bool, rng: Random) -> Iterator[tuple[Act, str]]:
    """`wanted` acts of all datasets and the fault of each; every kind has its turn."""
    pools: dict[str, list[Act]] = {}
    for act in acts:
        if act.parcel is not None and not act.faults:
            pool = _pool(act.parcel)
            if pool in UNSIZED or len(damage.damageable(act.parcel)) >= SMALLEST_PARCEL:
                pools.setdefault(pool, []).append(act)
    turns = {name: cycle(_kinds(name, hostile)) for name in (*KINDS, REST)}
    weights = {name: WEIGHTS.get(name, 1 - sum(WEIGHTS.values())) for name in pools}
    for members in pools.values():
        rng.shuffle(members)
    for _ in range(wanted):
        names = [name for name in sorted(pools) if pools[name]]
        if not names:
            return
        name = rng.choices(names, [weights[name] for name in names])[0]
        act = pools[name].pop()
        assert act.parcel is not None
        yield act, next(turns[_usual(act.parcel)])


def _usual(parcel: Parcel) -> str:
    """The name under which a parcel's kinds of fault are listed."""
    return next((name for name in (parcel.format, parcel.dataset) if name in KINDS), REST)


def _pool(parcel: Parcel) -> str:
    """The name under which a parcel's share of the faults is listed."""
    name = _usual(parcel)
    return name if name in WEIGHTS else REST


def _kinds(name: str, hostile: bool) -> list[str]:
    usual, rare = KINDS.get(name, BUSINESS_KINDS), HOSTILE_KINDS.get(name, ()) if hostile else ()
    longest = max(len(usual), len(rare))
    return [kinds[index] for index in range(longest) for kinds in (rare, usual) if index < len(kinds)]


class _Fault:
    """One fault of one act: changes the act in place and returns what its sender sends because of it."""

    def __init__(self, world: World, act: Act, rng: Random) -> None:
        assert act.parcel is not None
        self.world, self.act, self.rng = world, act, rng
        self.good: Parcel = act.parcel

    def happen(self, kind: str) -> tuple[list[Act], int]:
        """The further acts and the number of records that are damaged."""
        further = HAPPENINGS[kind.removesuffix("_final")](self)
        damaged = self.act.parcel or self.good
        same = sum(a.text == b.text for a, b in zip(damaged.rows, self.good.rows, strict=False))
        records = max(len(damaged.rows), len(self.good.rows)) - same
        return [] if kind.endswith("_final") and kind != "lost_final" else further, records

    def _later(self, least: int = 3 * HOUR, most: int = 3 * DAY) -> int:
        return self.act.at + self.rng.randrange(least, most)

    def _again(self, suffix: str = ".r2") -> Parcel:
        return self.good.with_rows(list(self.good.rows), suffix)

    def _some(self, share: float = 0.02) -> list[int]:
        return damage.some(self.good, share, self.rng)

    def _sent_again(self, replaced: bool) -> list[Act]:
        return [Act(self._later(), self._again(), replaces=self.act if replaced else None)]

    def _corrected(self, chosen: list[int]) -> list[Act]:
        return [Act(self._later(), damage.only(self.good, chosen, ".corrected"))]

    def late(self) -> list[Act]:
        self.act.at = self._later(DAY, 4 * DAY)
        return []

    def twice(self) -> list[Act]:
        return [Act(self._later(300, 2 * DAY), self.good, faults=["twice"])]

    def wrong_zone(self) -> list[Act]:
        self.act.parcel = damage.wrong_zone(self.world, self.good)
        return self._sent_again(replaced=True)

    def truncated(self) -> list[Act]:
        self.act.parcel = damage.truncated(self.good, self.rng)
        return self._sent_again(replaced=self.rng.random() < 0.5)

    def broken_rows(self) -> list[Act]:
        self.act.parcel = damage.broken(self.good, self._some(), self.rng)
        return self._sent_again(replaced=self.rng.random() < 0.5)

    def _rewritten(self, chosen: list[int], change: damage.Change) -> Parcel:
        return damage.rewritten(self.world, self.good, chosen, change)

    def wrong_values(self) -> list[Act]:
        chosen = self._some()
        self.act.parcel = self._rewritten(chosen, damage.mistaken)
        return self._corrected(chosen)

    def withdrawn(self) -> list[Act]:
        self.act.parcel = self._rewritten(self._some(0.5), damage.mistaken)
        return [*self.lost(), *self._sent_again(replaced=False)]

    def withdrawn_by_mistake(self) -> list[Act]:
        withdrawal = self.lost()[0]
        return [withdrawal, Act(withdrawal.at + self.rng.randrange(HOUR, 9 * HOUR), self.good)]

    def lost(self) -> list[Act]:
        return [Act(self._later(), target=self.act, reason="The sender took it back.")]

    def duplicate_rows(self) -> list[Act]:
        self.act.parcel = damage.repeated(self.good, self._some())
        return []

    def unknown_account(self) -> list[Act]:
        chosen = self._some()
        self.act.parcel = self._rewritten(chosen, damage.misspelled)
        return self._corrected(chosen)

    def unknown_partition(self) -> list[Act]:
        self.act.parcel = self._rewritten(self._some(), damage.unannounced)
        return []

    def conflict(self) -> list[Act]:
        chosen = self._some()
        self.act.parcel = damage.conflicting(self.world, self.good, chosen)
        return self._corrected(chosen)

    def unreadable(self) -> list[Act]:
        self.act.parcel = damage.unreadable(self.good, self.rng)
        return self._sent_again(replaced=False)

    def wrong_totals(self) -> list[Act]:
        self.act.parcel = damage.wrong_totals(self.world, self.good)
        return self._sent_again(replaced=False)

    def incomplete(self) -> list[Act]:
        self.act.parcel = damage.incomplete(self.good)
        return self._sent_again(replaced=True)


HAPPENINGS: dict[str, Callable[[_Fault], list[Act]]] = {
    "late": _Fault.late,
    "twice": _Fault.twice,
    "wrong_zone": _Fault.wrong_zone,
    "truncated": _Fault.truncated,
    "broken_rows": _Fault.broken_rows,
    "wrong_values": _Fault.wrong_values,
    "withdrawn": _Fault.withdrawn,
    "withdrawn_by_mistake": _Fault.withdrawn_by_mistake,
    "lost": _Fault.lost,
    "duplicate_rows": _Fault.duplicate_rows,
    "unknown_account": _Fault.unknown_account,
    "unknown_partition": _Fault.unknown_partition,
    "conflict": _Fault.conflict,
    "unreadable": _Fault.unreadable,
    "wrong_totals": _Fault.wrong_totals,
    "incomplete": _Fault.incomplete,
}
