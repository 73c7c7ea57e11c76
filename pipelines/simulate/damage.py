"""Parcels as they go wrong: pure functions from a good parcel to a damaged one, with the facts that it then states.

Which delivery is damaged, and what its sender does about it, is decided in `faults`.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from pipelines.simulate import wire_csv, wire_sacct
from pipelines.simulate.facts import ENDED_RANK, JobFact, ReadingFact, TableFact
from pipelines.simulate.network import SITES, World
from pipelines.simulate.parcels import Parcel, Row
from pipelines.simulate.tenants import TableRow

WRONG_ZONE_SHIFT = -8 * 3600
"""Times written in UTC and read as Asia/Shanghai."""

UNKNOWN_PARTITION = "newpart"
SACCT_BREAKS = (
    ("Submit", "2026-13-45T99:99:99"), ("NCPUS", "x4"), ("AllocCPUS", "x4"), ("State", "GONE"),
    ("Elapsed", "1:xx"), ("ElapsedRaw", "abc"),
)  # fmt: skip
CSV_BREAKS = {
    "facility_readings": ((3, "2026-10-32 10:00:00"), (4, "abc"), (1, "heat"), (5, "BTU")),
    "feed_totals": ((2, "many"),),
}
JobChange = Callable[[JobFact], JobFact]


def damageable(parcel: Parcel) -> list[int]:
    """Indices of the parcel's records; of job records, those that ended and ran."""
    return [
        index
        for index, row in enumerate(parcel.rows)
        if row.kind == "record" and (not isinstance(row.fact, JobFact) or _ran(row.fact))
    ]


def some(parcel: Parcel, share: float, rng: Random) -> list[int]:
    """Indices of a share of the records that can be damaged, at least one."""
    fit = damageable(parcel)
    return sorted(rng.sample(fit, min(len(fit), max(1, round(len(fit) * share)))))


def _ran(fact: JobFact) -> bool:
    return fact.rank == ENDED_RANK and fact.elapsed > 0


def rewritten(world: World, parcel: Parcel, chosen: list[int], change: JobChange, suffix: str = "") -> Parcel:
    """The parcel with the chosen job records changed; their steps stay as they were."""
    zone = world.sources[parcel.source].time_zone
    rows = list(parcel.rows)
    for index in chosen:
        fact = rows[index].fact
        assert isinstance(fact, JobFact)
        rows[index] = wire_sacct.rows([change(fact)], zone)[0]
    return parcel.with_rows(rows, suffix)


def wrong_zone(world: World, parcel: Parcel) -> Parcel:
    """All times eight hours early: written in UTC where local time is meant."""
    zone = world.sources[parcel.source].time_zone
    facts = [row.fact for row in parcel.rows if row.kind == "record"]
    jobs = [_shifted(fact) for fact in facts if isinstance(fact, JobFact)]
    meters = [
        replace(fact, read_at=fact.read_at + WRONG_ZONE_SHIFT)
        for fact in facts
        if isinstance(fact, ReadingFact)
    ]
    return parcel.with_rows(wire_sacct.rows(jobs, zone) if jobs else wire_csv.meter_rows(meters, zone))


def _shifted(fact: JobFact) -> JobFact:
    def moved(instant: int | None) -> int | None:
        return None if instant is None else instant + WRONG_ZONE_SHIFT

    return replace(
        fact,
        submit=fact.submit + WRONG_ZONE_SHIFT,
        eligible=moved(fact.eligible),
        start=moved(fact.start),
        end=moved(fact.end),
    )


def truncated(parcel: Parcel, rng: Random) -> Parcel:
    """The file ends in the middle of a record, before it can be read."""
    records = [index for index, row in enumerate(parcel.rows) if row.kind == "record"]
    last = records[int(len(records) * rng.uniform(0.4, 0.95))]
    delimiter = "|" if parcel.dataset == "job_records" else ","
    stump = delimiter.join(parcel.rows[last].text.split(delimiter)[: wire_sacct.SAFE_CUT])
    return parcel.with_rows([*parcel.rows[:last], Row(stump, None, "broken")], cut=True)


def broken(parcel: Parcel, chosen: list[int], rng: Random) -> Parcel:
    """The chosen records each have one value that cannot be read."""
    rows = list(parcel.rows)
    for index in chosen:
        rows[index] = Row(_broken_text(parcel, rows[index].text, rng), None, "broken")
    return parcel.with_rows(rows)


def _broken_text(parcel: Parcel, text: str, rng: Random) -> str:
    if parcel.dataset == "job_records":
        layout = wire_sacct.LAYOUTS[SITES[parcel.source].layout]
        fields = text.split("|", len(layout) - 1)
        column, value = rng.choice([pair for pair in SACCT_BREAKS if pair[0] in layout])
        fields[layout.index(column)] = value
        return "|".join(fields)
    fields = text.split(",")
    position, value = rng.choice(CSV_BREAKS[parcel.dataset])
    fields[position] = value
    return ",".join(fields)


def repeated(parcel: Parcel, chosen: list[int]) -> Parcel:
    """The chosen records stand in the file twice."""
    return parcel.with_rows([*parcel.rows, *(parcel.rows[index] for index in chosen)])


def wrong_job_values(world: World, parcel: Parcel, chosen: list[int]) -> Parcel:
    """The chosen jobs held twice their cores, for ten minutes less than they did."""

    def change(fact: JobFact) -> JobFact:
        return replace(fact, cores=fact.cores * 2, elapsed=max(1, fact.elapsed - 600))

    return rewritten(world, parcel, chosen, change)


def wrong_meter_values(world: World, parcel: Parcel, chosen: list[int]) -> Parcel:
    """The chosen readings are a thousand times too large, as where a unit was mistaken."""
    rows = list(parcel.rows)
    for index in chosen:
        rows[index] = _meter_row(world, parcel, rows[index], lambda value: value * 1000)
    return parcel.with_rows(rows)


def _meter_row(world: World, parcel: Parcel, row: Row, change: Callable[[int], int]) -> Row:
    fact = row.fact
    assert isinstance(fact, ReadingFact)
    changed = replace(fact, value=change(fact.value))
    return wire_csv.meter_rows([changed], world.sources[parcel.source].time_zone)[0]


def misspelled_accounts(world: World, parcel: Parcel, chosen: list[int]) -> Parcel:
    """The chosen jobs name accounts that nobody knows."""
    return rewritten(world, parcel, chosen, lambda fact: replace(fact, account=f"{fact.account}-x"))


def unknown_partition(world: World, parcel: Parcel, chosen: list[int]) -> Parcel:
    """The chosen jobs name a partition that the site has not announced."""
    return rewritten(world, parcel, chosen, lambda fact: replace(fact, partition=UNKNOWN_PARTITION))


def conflicting(world: World, parcel: Parcel, chosen: list[int]) -> Parcel:
    """The chosen records stand in the file twice, the second time with another value."""
    if parcel.dataset == "job_records":
        changed = rewritten(world, parcel, chosen, lambda fact: replace(fact, cores=fact.cores + 1))
        second = [changed.rows[index] for index in chosen]
    else:
        second = [_meter_row(world, parcel, parcel.rows[index], lambda value: value + 1) for index in chosen]
    return parcel.with_rows([*parcel.rows, *second])


def unreadable(parcel: Parcel, rng: Random) -> Parcel:
    """A compressed archive where text is expected."""
    return replace(parcel, rows=(), blob=b"\x1f\x8b\x08\x00\x00" + rng.randbytes(600) + b"\x00")


def wrong_totals(world: World, parcel: Parcel) -> Parcel:
    """Declared totals that are too high by seven records."""
    table: list[TableRow] = []
    for row in parcel.rows:
        assert isinstance(row.fact, TableFact)
        values = row.fact.values
        table.append(values | {"record_count": str(int(values["record_count"]) + 7)})
    zone = world.sources[parcel.source].time_zone
    return parcel.with_rows(wire_csv.table_rows(parcel.dataset, table, zone))


def only(parcel: Parcel, chosen: list[int], suffix: str) -> Parcel:
    """A small file with the chosen records alone, as a sender corrects some."""
    return parcel.with_rows([parcel.rows[index] for index in chosen], suffix)


def incomplete(parcel: Parcel) -> Parcel:
    """The first four fifths of the file: exported before the month was over."""
    return parcel.with_rows(list(parcel.rows[: len(parcel.rows) * 4 // 5]), "_early")
