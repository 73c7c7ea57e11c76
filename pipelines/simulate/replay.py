"""What the platform can know after all acts: effective landings, what each holds, and the newest knowledge per key.

Written from the rules of revision alone: a landing counts from a receipt until it is replaced or withdrawn; per natural
key the highest rank of state (of jobs and instances), then the newest knowledge wins; two payloads left are a conflict
and count in nothing.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipelines.simulate.facts import Fact, JobFact, ReadingFact, TableFact
from pipelines.simulate.feeds.records import COLUMNS, RecordFact
from pipelines.simulate.parcels import Act, Parcel
from pipelines.simulate.tenants import TableRow

LandingKey = tuple[str, str, str, tuple[tuple[str, str], ...], str]


@dataclass
class Landing:
    """One content as one source sent it for one dataset. `known_at` is None while it does not count.

    `acts` are the numbers of its receipts. `accepted` has each payload of the file once.
    """

    parcel: Parcel
    acts: list[int] = field(default_factory=list)
    known_at: int | None = None
    rows_in: int = 0
    quarantined: int = 0
    set_aside: int = 0
    accepted: list[Fact] = field(default_factory=list)

    @property
    def duplicates(self) -> int:
        return self.rows_in - self.quarantined - len(self.accepted)


@dataclass
class SiteJobs:
    """A site's job records as they are known: one per key, those in conflict, and the feed's watermark."""

    current: list[JobFact]
    conflicting: list[JobFact]
    watermark: int | None


@dataclass
class SiteInstances:
    """A site's instance records as they are known: one per key, those in conflict, and how far each layer reaches."""

    current: list[RecordFact] = field(default_factory=list)
    conflicting: list[RecordFact] = field(default_factory=list)
    watermarks: dict[str, int] = field(default_factory=dict)

    def reached(self, record: RecordFact, known_at: int) -> None:
        """Takes note of the latest instant that a record proves at the time when it is known."""
        instants = (record.instant("interval_start"), record.instant("interval_end"))
        latest = min(known_at, max(at for at in instants if at is not None))
        layer = layer_of(record)
        self.watermarks[layer] = max(latest, self.watermarks.get(layer, latest))


@dataclass
class Known:
    """All that is known: jobs, instances and readings by site, totals by source, business tables by dataset.

    `records` are those of the other feeds, by dataset and source; `contested` are their records in conflict.
    """

    jobs: dict[str, SiteJobs] = field(default_factory=dict)
    instances: dict[str, SiteInstances] = field(default_factory=dict)
    readings: dict[str, list[ReadingFact]] = field(default_factory=dict)
    totals: dict[str, list[TableRow]] = field(default_factory=dict)
    tables: dict[str, list[TableRow]] = field(default_factory=dict)
    records: dict[str, dict[str, list[RecordFact]]] = field(default_factory=dict)
    contested: dict[str, list[RecordFact]] = field(default_factory=dict)

    def of(self, dataset: str) -> tuple[list[RecordFact], list[RecordFact]]:
        """The records of one of the other feeds that stand, and those in conflict, of all sources."""
        standing = [fact for facts in self.records.get(dataset, {}).values() for fact in facts]
        return standing, self.contested.get(dataset, [])


def landings(acts: list[Act]) -> list[Landing]:
    """The landings of numbered acts in order of their first receipt, as they stand after the last act."""
    found: dict[LandingKey, Landing] = {}
    for act in sorted(acts, key=lambda act: act.at):
        if act.target is not None and act.target.parcel is not None:
            found[_key(act.target.parcel)].known_at = None
        if act.parcel is None:
            continue
        if act.replaces is not None and act.replaces.parcel is not None:
            found[_key(act.replaces.parcel)].known_at = None
        landing = found.get(_key(act.parcel))
        if landing is None:
            landing = found[_key(act.parcel)] = _read(act.parcel)
        landing.acts.append(act.number)
        landing.known_at = act.at if landing.known_at is None else landing.known_at
    return list(found.values())


def _key(parcel: Parcel) -> LandingKey:
    return parcel.source, parcel.dataset, parcel.format, parcel.options, parcel.sha256


def _read(parcel: Parcel) -> Landing:
    """What is accepted, rejected and set aside of a parcel. One that cannot be read is one rejected row."""
    landing = Landing(parcel)
    if parcel.blob is not None:
        landing.rows_in = landing.quarantined = 1
        return landing
    kinds = Counter(row.kind for row in parcel.rows)
    landing.set_aside = kinds["aside"] + parcel.comments + sum([row.asides for row in parcel.rows])
    landing.quarantined = kinds["broken"]
    landing.rows_in = kinds["record"] + kinds["joined"] + kinds["broken"]
    distinct = {(row.fact.key, row.fact.payload): row.fact for row in parcel.rows if row.fact is not None}
    landing.accepted = list(distinct.values())
    return landing


def known(found: Iterable[Landing]) -> Known:
    """The newest knowledge of every key among the landings that count."""
    effective: dict[tuple[str, str], list[Landing]] = {}
    for landing in found:
        if landing.known_at is not None:
            effective.setdefault((landing.parcel.dataset, landing.parcel.source), []).append(landing)
    result = Known()
    for (dataset, source), group in sorted(effective.items()):
        current, conflicting = _newest(group)
        if dataset == "job_records":
            result.jobs[source] = SiteJobs(
                [fact for fact in current if isinstance(fact, JobFact)],
                [fact for fact in conflicting if isinstance(fact, JobFact)],
                _watermark(group),
            )
        elif dataset == "facility_readings":
            result.readings[source] = [fact for fact in current if isinstance(fact, ReadingFact)]
        elif dataset in COLUMNS:
            rows = [fact for fact in current if isinstance(fact, RecordFact)]
            result.records.setdefault(dataset, {})[source] = rows
            if dataset == "instance_records":
                result.instances[source] = _instances(group, rows, conflicting)
            conflicts = [fact for fact in conflicting if isinstance(fact, RecordFact)]
            result.contested.setdefault(dataset, []).extend(conflicts)
        elif dataset == "feed_totals":
            result.totals[source] = [fact.values for fact in current if isinstance(fact, TableFact)]
        else:
            table = [fact.values for fact in current if isinstance(fact, TableFact)]
            result.tables.setdefault(dataset, []).extend(table)
    return result


def _instances(group: list[Landing], current: list[RecordFact], conflicting: list[Fact]) -> SiteInstances:
    found = SiteInstances(current, [fact for fact in conflicting if isinstance(fact, RecordFact)])
    for landing in group:
        for fact in landing.accepted:
            if isinstance(fact, RecordFact) and landing.known_at is not None:
                found.reached(fact, landing.known_at)
    return found


def layer_of(record: RecordFact) -> str:
    """Who tells of an instance: a machine or a pod."""
    kind = record["instance_kind"]
    return "machine" if kind in ("virtual_machine", "bare_metal") else kind


def _newest(group: list[Landing]) -> tuple[list[Fact], list[Fact]]:
    """(facts that win their key alone, facts in conflict)."""
    best: dict[tuple[str, ...], tuple[tuple[int, int], dict[tuple[object, ...], Fact]]] = {}
    for landing in group:
        assert landing.known_at is not None
        for fact in landing.accepted:
            order = (fact.rank if isinstance(fact, JobFact | RecordFact) else 0, landing.known_at)
            key = fact.key
            top = best.get(key)
            if top is None or order > top[0]:
                best[key] = (order, {fact.payload: fact})
            elif order == top[0]:
                top[1].setdefault(fact.payload, fact)
    current = [next(iter(facts.values())) for _, facts in best.values() if len(facts) == 1]
    return current, [fact for _, facts in best.values() if len(facts) > 1 for fact in facts.values()]


def reach(fact: JobFact) -> int:
    """The latest instant that a job record proves."""
    instants = [fact.submit]
    if fact.start is not None:
        instants += [fact.start, fact.start + fact.elapsed]
    if fact.end is not None:
        instants.append(fact.end)
    return max(instants)


def _watermark(group: list[Landing]) -> int | None:
    reached = [
        min(landing.known_at, reach(fact))
        for landing in group
        if landing.known_at is not None
        for fact in landing.accepted
        if isinstance(fact, JobFact)
    ]
    return max(reached, default=None)
