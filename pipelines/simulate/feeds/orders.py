"""Dispatch orders: some of the network's jobs were asked for through the dispatch system, which tells each step of it.

An order's steps are those of its job: placed when the job was submitted, started and ended when it was. Some orders
are refused and never become a job.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from random import Random

from pipelines.simulate.clock import day_number, day_of_number, local_text, utc_text
from pipelines.simulate.events import Events
from pipelines.simulate.feeds.records import RecordFact, fact
from pipelines.simulate.feeds.wire import feed_of
from pipelines.simulate.params import DISPATCH_SOURCE
from pipelines.simulate.parcels import Parcel, Row
from pipelines.simulate.scheduler import Job

ONE_IN = 25
"""One job of so many came through the dispatch system."""

REFUSALS = (
    "no capacity within 5 ms", "quota of the tenant is used up", "requested model is not offered",
    "请求的网络时延无法满足", "the requested site is under maintenance", "",
)  # fmt: skip
AWAY = "home site is full"


def order_files(events: Events) -> Iterator[tuple[date, Parcel]]:
    """A file of revisions per business day."""
    wire, options = feed_of(events.world, DISPATCH_SOURCE, "dispatch_orders")
    zone = events.world.sources[DISPATCH_SOURCE].time_zone

    def write(record: RecordFact) -> Row:
        return Row(_text(record, zone), record)

    for day, revisions in sorted(orders(events).items()):
        rows = tuple(write(revision) for revision in revisions)
        name = f"orders_{day:%Y%m%d}.jsonl"
        yield day, Parcel(DISPATCH_SOURCE, "dispatch_orders", wire, options, name, "", rows, write=write)


def _text(record: RecordFact, zone: str) -> str:
    """A revision as the dispatch system writes it: the request, the placement once there is one, times local."""

    def at(column: str) -> str | None:
        instant = record.instant(column)
        return None if instant is None else local_text(instant, zone, " ")

    placement = {
        "site": record["placed_site_id"],
        "placed_at": at("placed_at"),
        "reason": record["reason"] or None,
    }
    request = {
        "class": record["requested_class"],
        "cores": int(record["requested_cores"]),
        "accelerators": int(record["requested_accelerators"]),
        "model": record["requested_model"] or None,
        "at": at("requested_at"),
    }
    document = {
        "order_id": record["order_id"],
        "revision": int(record["revision"]),
        "account": record["account"],
        "state": record["state"],
        "home_site": record["home_site_id"] or None,
        "request": request,
        "placement": placement if record["placed_at"] else None,
        "started_at": at("started_at"),
        "ended_at": at("ended_at"),
    }
    if record["reason"] and not record["placed_at"]:
        document["reason"] = record["reason"]
    return json.dumps(document, ensure_ascii=False)


def orders(events: Events) -> dict[date, list[RecordFact]]:
    """The revisions of all orders by the business day on which they were made, in order of time."""
    rng = Random(f"{events.world.params.seed}/orders")
    made: dict[date, list[tuple[int, RecordFact]]] = defaultdict(list)
    for site in events.world.job_sites:
        for job in _chosen(events, site, rng):
            for at, revision in _life(events, site, job, rng):
                if at < events.last_instant:
                    made[day_of_number(day_number(at))].append((at, revision))
    return {
        day: [row for _, row in sorted(rows, key=lambda each: (each[0], each[1].key))]
        for day, rows in made.items()
    }


def _chosen(events: Events, site: str, rng: Random) -> Iterator[Job]:
    """Jobs of tenants that nobody had asked for before."""
    unknown = {each.account for each in events.tenancy.accounts if each.segment == "nobody"}
    for job in events.jobs[site]:
        demand = job.demand
        fresh = demand.requeues == 0 and "_" not in demand.job_id and demand.account not in unknown
        if fresh and job.submit - 900 >= events.first_instant and rng.randrange(ONE_IN) == 0:
            yield job


def _life(events: Events, site: str, job: Job, rng: Random) -> Iterator[tuple[int, RecordFact]]:
    """(instant, revision) of an order, from its request on."""
    demand = job.demand
    requested = job.submit - rng.randrange(5, 900)
    model = events.world.pool_model(site, demand.pool) if demand.cards and rng.random() < 0.7 else ""
    away = site in ("qingyang", "hami") and rng.random() < 0.6
    values = {
        "order_id": f"DO-{site}-{demand.raw_id}",
        "account": demand.account,
        "requested_class": events.world.pool_class(site, demand.pool),
        "requested_cores": str(demand.cores),
        "requested_accelerators": str(demand.cards),
        "requested_model": model,
        "requested_at": utc_text(requested),
        "home_site_id": "" if rng.random() < 0.1 else "yunai-ai" if away else site,
    }
    yield requested, _revision(values, 1, "REQUESTED")
    if rng.random() < 0.12:
        refused = values | {"order_id": f"DO-{site}-{demand.raw_id}-R", "reason": rng.choice(REFUSALS)}
        yield requested, _revision(refused | {"reason": ""}, 1, "REQUESTED")
        yield requested + rng.randrange(1, 300), _revision(refused, 2, "REFUSED")
    placed = {"placed_at": utc_text(job.submit), "placed_site_id": site, "reason": AWAY if away else ""}
    values |= placed
    yield job.submit, _revision(values, 2, "PLACED")
    if job.start is not None:
        values["started_at"] = utc_text(job.start)
        yield job.start, _revision(values, 3, "STARTED")
        if job.end is not None:
            yield job.end, _revision(values | {"ended_at": utc_text(job.end)}, 4, "ENDED")
    elif job.end is not None:
        yield job.end, _revision(values | {"reason": "cancelled by the requester"}, 3, "CANCELLED")


def _revision(values: dict[str, str], number: int, state: str) -> RecordFact:
    return fact("dispatch_orders", **(values | {"revision": str(number), "state": state}))
