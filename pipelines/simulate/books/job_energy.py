"""Where a site's energy went on a known day: jobs, idle devices, the rest of IT, and the overhead that all bear."""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby, pairwise

from pipelines.simulate.books.energy import SiteEnergy, quality
from pipelines.simulate.books.tables import Table, Value, half_up
from pipelines.simulate.clock import DAY, HOUR, day_number, day_text, number_start
from pipelines.simulate.facts import ENDED_RANK, JobFact
from pipelines.simulate.feeds.records import RecordFact
from pipelines.simulate.network import World
from pipelines.simulate.replay import Known
from pipelines.simulate.wire_sacct import energy_j

Share = tuple[str, str, str, str, str]
"""(kind, cluster, account, job, basis)."""
Shares = dict[int, dict[Share, int]]
"""Watt-hours by business day."""
UNMEASURED: Share = ("unmeasured", "all", "all", "all", "meter")
MJ_PER_WH = 3_600_000
J_PER_WH = 3600


def table(world: World, sites: dict[str, SiteEnergy], known: Known) -> Table:
    """energy_by_job_daily."""
    rows: list[tuple[Value, ...]] = []
    samples = known.records.get("device_samples", {})
    for site, energy in sites.items():
        jobs = known.jobs[site].current if site in known.jobs else []
        sampled, counted = _sampled(samples.get(site, [])), _counted(jobs)
        for day in energy.days:
            facility, it = energy.day("facility", day), energy.day("it", day)
            if facility is None or it is None:
                continue
            shares = dict(sampled.get(day) or counted.get(day) or {})
            shares[UNMEASURED] = it.used - sum(shares.values())
            overhead = facility.used - it.used
            wrong = overhead < 0 or min(shares.values()) < 0
            label = "exceeds_meter" if wrong else quality(facility, it)
            borne = _shared(overhead, shares) if not wrong and it.used else {}
            where = (site, world.sources[site].region, day_text(day))
            rows += [
                (*where, *share[:4], wh, borne.get(share), share[4], label) for share, wh in shares.items()
            ]
            label = "exceeds_meter" if overhead < 0 else quality(facility, it)
            rows.append((*where, "overhead", "all", "all", "all", overhead, None, "meter", label))
    return Table.of(
        "energy_by_job_daily",
        "site_id region day share_kind cluster account job energy_wh overhead_share_wh basis quality",
        rows,
    )


def _shared(overhead: int, shares: dict[Share, int]) -> dict[Share, int]:
    """The overhead by energy: whole watt-hours first, then one more for those who are owed most of one."""
    total = sum(shares.values())
    owed = {share: Fraction(overhead * wh, total) for share, wh in shares.items()}
    whole = {share: int(exact) for share, exact in owed.items()}
    order = sorted(shares, key=lambda share: (whole[share] - owed[share], share))
    for share in order[: overhead - sum(whole.values())]:
        whole[share] += 1
    return whole


def _sampled(samples: list[RecordFact]) -> Shares:
    """From devices, on days on which a sample names a job."""
    exact: dict[int, dict[tuple[str, str], Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    speaking = [each for each in samples if (each["power_w"] or each["energy_total_mj"])]
    speaking.sort(key=lambda each: (each["device_id"], each["sampled_at"]))
    for _, own in groupby(speaking, key=lambda each: each["device_id"]):
        for this, following in pairwise(own):
            for day, millijoules in _between(this, following):
                exact[day][(this["account"], this["job"])] += millijoules
    result: Shares = {}
    for day, holders in exact.items():
        if any(job for _, job in holders):
            shares: dict[Share, int] = defaultdict(int)
            for (account, job), millijoules in holders.items():
                wh = half_up(millijoules.numerator, millijoules.denominator * MJ_PER_WH)
                name = ("job", "all", account or "unknown", job) if job else ("idle", "all", "all", "all")
                shares[(*name, "device_samples")] += wh
            result[day] = shares
    return result


def _between(this: RecordFact, following: RecordFact) -> Iterator[tuple[int, Fraction]]:
    """Millijoules by day between two samples of a device that are an hour apart at most."""
    start, stop = this.instant("sampled_at"), following.instant("sampled_at")
    assert start is not None
    assert stop is not None
    if stop - start > HOUR:
        return
    counters = this["energy_total_mj"], following["energy_total_mj"]
    rise = int(counters[1]) - int(counters[0]) if all(counters) else -1
    for day, begin, end in _days(start, stop):
        if rise >= 0:
            until = half_up(rise * (end - start), stop - start)
            yield day, Fraction(until - half_up(rise * (begin - start), stop - start))
        elif this["power_w"]:
            yield day, Fraction(this["power_w"]) * 1000 * (end - begin)
        else:
            yield day, Fraction(0)


def _counted(jobs: list[JobFact]) -> Shares:
    """From the scheduler's joules of ended jobs."""
    joules: dict[int, dict[Share, int]] = defaultdict(lambda: defaultdict(int))
    for fact in jobs:
        energy = energy_j(fact)
        if fact.rank != ENDED_RANK or fact.start is None or fact.elapsed <= 0 or not energy:
            continue
        share = ("job", fact.cluster, fact.account or "unknown", fact.job_id, "scheduler_joules")
        told = 0
        for day, _, end in _days(fact.start, fact.start + fact.elapsed):
            until = half_up(energy * (end - fact.start), fact.elapsed)
            joules[day][share] += until - told
            told = until
    return {day: {share: half_up(j, J_PER_WH) for share, j in found.items()} for day, found in joules.items()}


def _days(start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """(business day, begin, end) of the parts of a time."""
    for day in range(day_number(start), day_number(stop - 1) + 1):
        yield day, max(start, number_start(day)), min(stop, number_start(day) + DAY)
