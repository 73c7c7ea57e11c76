"""Who sends what and when, if nothing goes wrong: one act per file, from the events of the network.

A site's scheduler is dumped at 02:00 Shanghai time after each business day: the jobs that ended since the day began,
and those that run or wait at the dump. What goes wrong is added by `faults`.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from pipelines.simulate import green, wire_csv, wire_sacct
from pipelines.simulate.agreements import agreements
from pipelines.simulate.clock import DAY, HOUR, day_number, day_start, days_between
from pipelines.simulate.events import Events
from pipelines.simulate.facts import ENDED_RANK, PENDING_RANK, JobFact, ReadingFact
from pipelines.simulate.feeds import sending
from pipelines.simulate.feeds.standing import Standing
from pipelines.simulate.feeds.wire import feed_of
from pipelines.simulate.network import SITES, World
from pipelines.simulate.params import BUSINESS_SOURCE
from pipelines.simulate.parcels import Act, Parcel, Row
from pipelines.simulate.scheduler import Job
from pipelines.simulate.tenants import TableRow
from pipelines.simulate.workload import DUMP_HOUR

MINUTE = 60
METER_HEADER = ",".join(wire_csv.METER_COLUMNS)


def deliveries(events: Events, readings: dict[str, list[ReadingFact]]) -> tuple[list[Act], Standing]:
    """All acts of a faultless network, and what of the other feeds' records then stands.

    `readings` are what the meters show, in order of time.
    """
    world = events.world
    others = sending.acts(events)
    standing = Standing.of(others)
    acts = [*others, *_business(events), *_green(events)]
    for site in world.physical_sites:
        rng = Random(f"{world.params.seed}/{site}/deliveries")
        acts += _site(events, site, readings[site], standing, rng)
    return acts, standing


def opening(events: Events) -> int:
    """When the business tables and inventories arrive that hold from the start: the afternoon before."""
    return events.first_instant - 8 * HOUR


def _site(
    events: Events, site: str, readings: list[ReadingFact], standing: Standing, rng: Random
) -> list[Act]:  # fmt: skip
    world = events.world
    acts = [Act(opening(events) + rng.randrange(HOUR), _inventory(events, site, 0, opening(events)))]
    dumps = _dumps(events, site)
    known_until = opening(events)
    for day in days_between(world.params.first_day, world.params.last_day):
        midnight = day_start(day) + DAY
        dump = midnight + DUMP_HOUR
        meters = _meters(events, site, readings, day)
        acts.append(Act(midnight + rng.randrange(20 * MINUTE, 90 * MINUTE), meters))
        totals = _totals(day, events.jobs[site] if site in world.job_sites else None, readings)
        totals += [_total(*total) for total in standing.totals(site, day)]
        acts.append(
            Act(dump + rng.randrange(40 * MINUTE, 2 * HOUR), table(world, site, "feed_totals", day, totals))
        )
        inventory = _inventory(events, site, known_until, dump)
        if inventory.rows:
            acts.append(Act(dump + rng.randrange(60 * MINUTE, 3 * HOUR), inventory))
        if site in world.job_sites:
            acts.append(
                Act(dump + rng.randrange(3 * MINUTE, 35 * MINUTE), _job_file(world, site, day, dumps[day]))
            )
        known_until = dump
    return acts


def _inventory(events: Events, site: str, since: int, until: int) -> Parcel:
    """The inventory's changes in (since, until]."""
    rows = [row for row in events.capacity[site] if since < int(row["valid_from"][1:]) <= until]
    return table(events.world, site, "capacity_inventory", _day_of(until), rows)


def _day_of(instant: int) -> date:
    """The business day that a dump at `instant` tells of."""
    return date(1970, 1, 1) + timedelta(days=day_number(instant - DUMP_HOUR - 1))


def table(world: World, source: str, dataset: str, day: date, rows: list[TableRow], name: str = "") -> Parcel:
    """A file of the format `table`; the header is the rows' columns."""
    wire, options = feed_of(world, source, dataset)
    columns = list(rows[0]) if rows else []
    return Parcel(
        source=source,
        dataset=dataset,
        format=wire,
        options=options,
        name=f"{name or dataset}_{day:%Y%m%d}.csv",
        header=wire_csv.line(columns),
        rows=tuple(wire_csv.table_rows(dataset, rows, world.sources[source].time_zone)),
    )


def _meters(events: Events, site: str, readings: list[ReadingFact], day: date) -> Parcel:
    """The readings from the last at or before the day's start (first day) to the first at or after its end."""
    start, end = day_start(day), day_start(day) + DAY
    first = start if day != events.world.params.first_day else start - 900 + 1
    last = end + 900 - 1
    zone = events.world.sources[site].time_zone
    rows = wire_csv.meter_rows(_between(readings, first, last + 1), zone)
    wire, options = feed_of(events.world, site, "facility_readings")
    windows = SITES[site].windows_text
    return Parcel(
        source=site,
        dataset="facility_readings",
        format=wire,
        options=options,
        name=f"dcim_{day:%Y%m%d}.csv",
        header=METER_HEADER,
        rows=tuple(rows),
        newline="\r\n" if windows else "\n",
        bom=windows,
    )


def _between(readings: list[ReadingFact], start: int, end: int) -> list[ReadingFact]:
    """The readings in [start, end); all are in order of time."""
    first, last = (bisect_left(readings, at, key=lambda reading: reading.read_at) for at in (start, end))
    return readings[first:last]


def _dumps(events: Events, site: str) -> dict[date, list[JobFact]]:
    """What the scheduler says at each day's dump."""
    days = days_between(events.world.params.first_day, events.world.params.last_day)
    jobs = events.jobs[site]
    found: dict[date, list[JobFact]] = {}
    ended: dict[int, JobFact] = {}
    carried: list[Job] = []
    upcoming = 0
    for day in days:
        start, dump = day_start(day), day_start(day) + DAY + DUMP_HOUR
        while upcoming < len(jobs) and jobs[upcoming].submit <= dump:
            carried.append(jobs[upcoming])
            upcoming += 1
        facts: list[JobFact] = []
        for job in carried:
            fact = ended.get(id(job)) or wire_sacct.fact_at(job, dump)
            if fact is None or (fact.end is not None and fact.end < start):
                continue
            if fact.rank == ENDED_RANK:
                ended[id(job)] = fact
            facts.append(fact)
        found[day] = _fold_waiting_arrays(facts)
        carried = [job for job in carried if job.end is None or job.end >= start + DAY]
    return found


def _fold_waiting_arrays(facts: list[JobFact]) -> list[JobFact]:
    """The waiting tasks of an array are one record, as the scheduler prints them: 123_[4-9]."""
    waiting: dict[tuple[str, int], list[JobFact]] = defaultdict(list)
    for fact in facts:
        if fact.rank == PENDING_RANK and "_" in fact.job_id:
            waiting[(fact.job_id.split("_")[0], fact.submit)].append(fact)
    folded: list[JobFact] = []
    for fact in facts:
        group = waiting.get((fact.job_id.split("_")[0], fact.submit), [])
        if len(group) < 2 or fact.rank != PENDING_RANK:
            folded.append(fact)
        elif fact is group[0]:
            array = fact.job_id.split("_")[0]
            tasks = _ranges(sorted(int(each.job_id.split("_")[1]) for each in group))
            folded.append(replace(fact, job_id=f"{array}_[{tasks}]"))
    return folded


def _ranges(numbers: Iterable[int]) -> str:
    """Numbers as Slurm writes them: 1,3-5."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def _job_file(world: World, site: str, day: date, facts: list[JobFact]) -> Parcel:
    return job_parcel(world, site, f"sacct_{day:%Y%m%d}.psv", facts)


def job_parcel(world: World, site: str, name: str, facts: list[JobFact]) -> Parcel:
    """A file of `sacct` text with those records and their jobs' steps."""
    wire, options = feed_of(world, site, "job_records")
    rows: list[Row] = wire_sacct.rows(facts, world.sources[site].time_zone)
    return Parcel(site, "job_records", wire, options, name, wire_sacct.header(SITES[site]), tuple(rows))


def _totals(day: date, jobs: list[Job] | None, readings: list[ReadingFact]) -> list[TableRow]:
    """What the site says of its business day: its ended jobs, if it has a scheduler, and its meters' readings."""
    start, end = day_start(day), day_start(day) + DAY
    rows: list[TableRow] = []
    if jobs is not None:
        ended = [job for job in jobs if job.end is not None and start <= job.end < end]
        seconds = sum(job.demand.cores * job.elapsed for job in ended)
        rows.append(_total("job_records", day, len(ended), seconds * wire_csv.MILLION))
    values = [reading.value for reading in _between(readings, start, end)]
    rows.append(_total("facility_readings", day, len(values), sum(values)))
    return rows


def _total(dataset: str, day: date, count: int, millionths: int) -> TableRow:
    return {
        "dataset": dataset,
        "day": day.isoformat(),
        "record_count": str(count),
        "control_sum": wire_csv.decimal_text(millionths),
    }


def _business(events: Events) -> list[Act]:
    """The business tables at the start, and what changes in the middle of the range two days before it holds."""
    people, prices = events.tenancy, events.catalogue
    first = {
        "parties": people.parties,
        "tenants": people.tenants,
        "tenant_accounts": people.mappings,
        "skus": prices.skus,
        "tariff_rates": prices.tariffs,
        "tariff_multipliers": prices.multipliers,
        "service_contracts": agreements(events.world),
        "revenue_shares": prices.shares,
        "tax_rates": prices.taxes,
    }
    later = {
        "tenant_accounts": people.remapping,
        "tariff_rates": prices.later_tariffs,
        "tariff_multipliers": prices.later_multipliers,
        "revenue_shares": prices.later_shares,
    }
    start = opening(events)
    changed = max(day_start(events.changed_on - timedelta(days=2)) + 15 * HOUR, start + 2 * HOUR)
    return [
        *business_files(events.world, BUSINESS_SOURCE, start, first),
        *business_files(events.world, BUSINESS_SOURCE, changed, later, "_changes"),
    ]


def business_files(
    world: World, source: str, at: int, tables: dict[str, list[TableRow]], suffix: str = ""
) -> list[Act]:
    """A file per table, three minutes apart from an instant on."""
    acts = []
    for number, (dataset, rows) in enumerate(tables.items()):
        instant = at + number * 3 * MINUTE
        day = _day_of(instant + DUMP_HOUR + 1)
        acts.append(Act(instant, table(world, source, dataset, day, rows, f"{dataset}{suffix}")))
    return acts


def _green(events: Events) -> list[Act]:
    """Factors and certificates of a day, told the morning after; the first certificates are told a second time later,
    in another file."""
    told = {"emission_factors": green.factors(events), "green_certificates": green.certificates(events)}
    acts = []
    for number, (dataset, by_day) in enumerate(told.items()):
        for day, rows in by_day.items():
            at = day_start(day) + DAY + 9 * HOUR + number * 5 * MINUTE
            acts.append(Act(at, table(events.world, BUSINESS_SOURCE, dataset, day, rows)))
    for day, rows in list(told["green_certificates"].items())[:1]:
        again = table(
            events.world, BUSINESS_SOURCE, "green_certificates", day, rows[::-1], "green_certificates_again"
        )
        acts.append(Act(day_start(day) + DAY + 11 * HOUR, again))
    return acts
