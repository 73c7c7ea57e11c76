"""Parcels as they go wrong: pure functions from a good parcel to a damaged one, with the facts that it then states.

Which delivery is damaged, and what its sender does about it, is decided in `faults`.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from random import Random

from pipelines.simulate import wire_csv, wire_sacct
from pipelines.simulate.facts import ENDED_RANK, Fact, JobFact, ReadingFact, TableFact
from pipelines.simulate.feeds.records import RecordFact
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
    "facility_readings": (
        ("read_at", "2026-10-32 10:00:00"),
        ("value", "abc"),
        ("meter_kind", "heat"),
        ("unit", "BTU"),
    ),
    "feed_totals": (("record_count", "many"),),
    "storage_records": (("used_bytes", "1.5TB"), ("observed_at", "yesterday")),
    "network_usage": (("bytes_out", "-7"), ("interval_end", "24:60")),
    "network_probes": (("received", "all"), ("basis", "both"), ("probed_at", "2026-10-32 10:00:00")),
}
MEASURES = {
    "instance_records": ("vcpus",),
    "storage_records": ("used_bytes",),
    "network_usage": ("bytes_in",),
    "device_samples": ("power_w", "temperature_c", "energy_total_mj"),
    "network_probes": ("jitter_us", "max_us"),
}
"""What is mistaken where a sender has wrong values: the first that a record has."""

Change = Callable[[Fact], Fact]


def damageable(parcel: Parcel) -> list[int]:
    """Indices of the parcel's records that state something; of job records, those that ended and ran."""
    return [
        index
        for index, row in enumerate(parcel.rows)
        if row.kind == "record"
        and row.fact is not None
        and (not isinstance(row.fact, JobFact) or _ran(row.fact))
    ]


def some(parcel: Parcel, share: float, rng: Random) -> list[int]:
    """Indices of a share of the records that can be damaged, at least one."""
    fit = damageable(parcel)
    return sorted(rng.sample(fit, min(len(fit), max(1, round(len(fit) * share)))))


def _ran(fact: JobFact) -> bool:
    return fact.rank == ENDED_RANK and fact.elapsed > 0


def written(world: World, parcel: Parcel, fact: Fact) -> Row:
    """The row of the parcel's wire that states a fact; a job's steps are left out."""
    zone = world.sources[parcel.source].time_zone
    if isinstance(fact, JobFact):
        return wire_sacct.rows([fact], zone)[0]
    if isinstance(fact, ReadingFact):
        return wire_csv.meter_rows([fact], zone)[0]
    assert isinstance(fact, RecordFact)
    assert parcel.write is not None
    return parcel.write(fact)


def rewritten(world: World, parcel: Parcel, chosen: list[int], change: Change) -> Parcel:
    """The parcel with the chosen records changed; the steps of jobs stay as they were."""
    rows = list(parcel.rows)
    for index in chosen:
        fact = rows[index].fact
        assert fact is not None
        rows[index] = written(world, parcel, change(fact))
    return parcel.with_rows(rows)


def wrong_zone(world: World, parcel: Parcel) -> Parcel:
    """All times eight hours early: written in UTC where local time is meant."""
    facts = [_shifted(row.fact) for row in parcel.rows if row.kind == "record" and row.fact is not None]
    jobs = [fact for fact in facts if isinstance(fact, JobFact)]
    zone = world.sources[parcel.source].time_zone
    rows = wire_sacct.rows(jobs, zone) if jobs else [written(world, parcel, fact) for fact in facts]
    return parcel.with_rows(rows)


def _shifted(fact: Fact) -> Fact:
    def moved(instant: int | None) -> int | None:
        return None if instant is None else instant + WRONG_ZONE_SHIFT

    if isinstance(fact, RecordFact):
        return fact.shifted(WRONG_ZONE_SHIFT)
    if isinstance(fact, ReadingFact):
        return replace(fact, read_at=fact.read_at + WRONG_ZONE_SHIFT)
    assert isinstance(fact, JobFact)
    return replace(
        fact,
        submit=fact.submit + WRONG_ZONE_SHIFT,
        eligible=moved(fact.eligible),
        start=moved(fact.start),
        end=moved(fact.end),
    )


def truncated(parcel: Parcel, rng: Random) -> Parcel:
    """The file ends in the middle of a record, before it can be read."""
    records = damageable(parcel)
    last = records[int(len(records) * rng.uniform(0.4, 0.95))]
    while parcel.families and last > 0 and _marker(parcel, last - 1) == _marker(parcel, last):
        last -= 1
    return parcel.with_rows([*parcel.rows[:last], Row(_stump(parcel, last), None, "broken")], cut=True)


def _stump(parcel: Parcel, index: int) -> str:
    """The beginning of a row that cannot be read."""
    text = parcel.rows[index].text
    if text.startswith("{"):
        return text[: len(text) * 2 // 3]
    if parcel.families:
        whole = next(line for line in text.split("\n")[1:] if line)
        return f"{text.partition(whole)[0]}{whole[: whole.index('{') + 9]}"
    delimiter = "|" if parcel.dataset == "job_records" else ","
    return delimiter.join(text.split(delimiter)[: wire_sacct.SAFE_CUT])


def _marker(parcel: Parcel, index: int) -> str:
    """What is equal for all rows of one scrape."""
    return parcel.rows[index].text.partition("\n")[0]


def broken(parcel: Parcel, chosen: list[int], rng: Random) -> Parcel:
    """The chosen records each have one value that cannot be read."""
    rows = list(parcel.rows)
    for index in chosen:
        rows[index] = Row(_broken_text(parcel, index, rng), None, "broken")
    return parcel.with_rows(rows)


def _broken_text(parcel: Parcel, index: int, rng: Random) -> str:
    text = parcel.rows[index].text
    if parcel.dataset == "job_records":
        layout = wire_sacct.LAYOUTS[SITES[parcel.source].layout]
        fields = text.split("|", len(layout) - 1)
        column, value = rng.choice([pair for pair in SACCT_BREAKS if pair[0] in layout])
        fields[layout.index(column)] = value
        return "|".join(fields)
    if text.startswith("{"):
        return _stump(parcel, index)
    fields = text.split(",")
    column, value = rng.choice(CSV_BREAKS[parcel.dataset])
    fields[parcel.header.split(",").index(column)] = value
    return ",".join(fields)


def repeated(parcel: Parcel, chosen: list[int]) -> Parcel:
    """The chosen records stand in the file twice."""
    return parcel.with_rows([*parcel.rows, *(parcel.rows[index] for index in chosen)])


def mistaken(fact: Fact) -> Fact:
    """A record with wrong values.

    A job held twice its cores, for ten minutes less than it did; a reading is a thousand times too large, as where a
    unit was mistaken; the main measure of any other record is three times too large.
    """
    if isinstance(fact, JobFact):
        return replace(fact, cores=fact.cores * 2, elapsed=max(1, fact.elapsed - 600))
    if isinstance(fact, ReadingFact):
        return replace(fact, value=fact.value * 1000)
    assert isinstance(fact, RecordFact)
    return _measured(fact, lambda value: value * 3)


def contradicting(fact: Fact) -> Fact:
    """A record with a value a little above another record's of the same key."""
    if isinstance(fact, JobFact):
        return replace(fact, cores=fact.cores + 1)
    if isinstance(fact, ReadingFact):
        return replace(fact, value=fact.value + 1)
    assert isinstance(fact, RecordFact)
    return _measured(fact, lambda value: value + 1)


def _measured(fact: RecordFact, change: Callable[[Decimal], Decimal]) -> RecordFact:
    column = next((name for name in MEASURES[fact.dataset] if fact[name]), None)
    return fact.changed(**{column: f"{change(Decimal(fact[column])):f}"}) if column else fact


def misspelled(fact: Fact) -> Fact:
    """A record that names an account that nobody knows."""
    if isinstance(fact, RecordFact):
        return fact.changed(account=f"{fact['account']}-x")
    assert isinstance(fact, JobFact)
    return replace(fact, account=f"{fact.account}-x")


def unannounced(fact: Fact) -> Fact:
    """A job that names a partition that the site has not announced."""
    assert isinstance(fact, JobFact)
    return replace(fact, partition=UNKNOWN_PARTITION)


def conflicting(world: World, parcel: Parcel, chosen: list[int]) -> Parcel:
    """The chosen records stand in the file twice, the second time with another value."""
    changed = rewritten(world, parcel, chosen, contradicting)
    return parcel.with_rows([*parcel.rows, *(changed.rows[index] for index in chosen)])


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
