"""What happened, as the books would know it if nothing went wrong: straight from the events, no delivery between."""

from pipelines.simulate import green, wire_sacct
from pipelines.simulate.agreements import agreements
from pipelines.simulate.books.tables import Table
from pipelines.simulate.clock import utc_text
from pipelines.simulate.events import Events
from pipelines.simulate.facts import PENDING_RANK, JobFact
from pipelines.simulate.feeds.standing import Standing
from pipelines.simulate.replay import Known, SiteJobs, reach
from pipelines.simulate.tenants import TableRow
from pipelines.simulate.workload import last_dump


def known(events: Events, standing: Standing, added: dict[str, list[TableRow]]) -> Known:
    """The events as facts: every job as it stood at the last dump, every register as it truly was.

    `standing` is what the other feeds would come to without a fault, `added` further rows of business tables."""
    result = Known(records=standing.records, instances=standing.instances)
    until = last_dump(events.world)
    for site in events.world.job_sites:
        stood = (wire_sacct.fact_at(job, until) for job in events.jobs[site])
        facts = [fact for fact in stood if fact is not None]
        watermark = max((min(until, reach(fact)) for fact in facts), default=None)
        result.jobs[site] = SiteJobs(facts, [], watermark)
    result.readings = dict(events.readings)
    people, prices = events.tenancy, events.catalogue
    moved = {row["valid_from"] + row["site_id"] + row["account"] for row in people.remapping}
    kept = [
        row for row in people.mappings if row["valid_from"] + row["site_id"] + row["account"] not in moved
    ]
    result.tables = {
        "capacity_inventory": [row for rows in events.capacity.values() for row in rows],
        "parties": people.parties,
        "tenants": people.tenants,
        "tenant_accounts": [*kept, *people.remapping],
        "skus": prices.skus,
        "tariff_rates": [*prices.tariffs, *prices.later_tariffs],
        "tariff_multipliers": [*prices.multipliers, *prices.later_multipliers],
        "service_contracts": agreements(events.world),
        "revenue_shares": [*prices.shares, *prices.later_shares],
        "tax_rates": prices.taxes,
        "emission_factors": [row for rows in green.factors(events).values() for row in rows],
        "green_certificates": [row for rows in green.certificates(events).values() for row in rows],
    }
    for name, rows in added.items():
        result.tables[name] = [*result.tables.get(name, []), *rows]
    return result


def jobs(known: Known) -> Table:
    """Every job as it stood at the last dump; `holds_until` is empty where it never held anything."""
    facts = [fact for jobs in known.jobs.values() for fact in jobs.current]
    return Table.of(
        "jobs",
        "site_id cluster job_id submit_time account partition state start_time end_time elapsed_s holds_until "
        "cpu_cores accelerators job_name",
        (
            (
                *(
                    fact.site_id,
                    fact.cluster,
                    fact.job_id,
                    utc_text(fact.submit),
                    fact.account,
                    fact.partition,
                ),
                *(fact.state, _instant(fact.start), _instant(fact.end), fact.elapsed, _holds_until(fact)),
                *(fact.cores, fact.job.demand.cards, fact.job.demand.name),
            )
            for fact in facts
        ),
    )


def _instant(instant: int | None) -> str | None:
    return None if instant is None else utc_text(instant)


def _holds_until(fact: JobFact) -> str | None:
    ran = fact.rank != PENDING_RANK and fact.start is not None and fact.elapsed > 0
    return utc_text((fact.start or 0) + fact.elapsed) if ran else None
