"""What a site says of its outages: maintenance announced beforehand, nodes that failed, each in numbered statements."""

from datetime import date

from pipelines.simulate.clock import DAY, HOUR, day_number, day_of_number, utc_text
from pipelines.simulate.events import Events
from pipelines.simulate.feeds.records import RecordFact, fact
from pipelines.simulate.network import SITES, PoolFacts

COLUMNS = ("outage_id", "revision", "resource_pool", "outage_from", "outage_to", "planned", "devices")
ANNOUNCED = 3 * DAY
NOTICED = 600
SLACK = 2 * HOUR
"""Maintenance is announced with so much more than it takes."""


def outages(events: Events, site: str) -> dict[date | None, list[RecordFact]]:
    """Statements by the business day on which they were made; None holds those made before the first day."""
    made: dict[date | None, list[tuple[int, RecordFact]]] = {}
    for pool in SITES[site].pools:
        units = pool.node_devices or pool.node_cores
        for number, block in enumerate(events.blocks[site][pool.pool]):
            for start, stop in block.windows:
                name = f"CHG-{utc_text(start)[:10]}-{pool.pool}"
                size = block.nodes * units
                _say(
                    events,
                    made,
                    start - ANNOUNCED,
                    _row(site, name, 1, pool, start, stop + SLACK, True, size),
                )
                _say(events, made, stop + NOTICED, _row(site, name, 2, pool, start, stop, True, size))
            for start, stop in block.failures:
                name = f"INC-{pool.pool}{number}-{start}"
                _say(events, made, start + NOTICED, _row(site, name, 1, pool, start, None, False, units))
                _say(events, made, stop + NOTICED, _row(site, name, 2, pool, start, stop, False, units))
    return {
        day: [row for _, row in sorted(rows, key=lambda each: (each[0], each[1].key))]
        for day, rows in made.items()
    }


def _say(
    events: Events, made: dict[date | None, list[tuple[int, RecordFact]]], at: int, row: RecordFact
) -> None:
    """Books a statement made at `at`; what happens after the last day is not told of."""
    if at < events.last_instant:
        day = day_of_number(day_number(at)) if at >= events.first_instant else None
        made.setdefault(day, []).append((at, row))


def _row(
    site: str, name: str, revision: int, pool: PoolFacts, start: int, stop: int | None, planned: bool, devices: int
) -> RecordFact:  # fmt: skip
    return fact(
        "outages",
        site_id=site,
        outage_id=name,
        revision=str(revision),
        resource_pool=pool.pool,
        outage_from=utc_text(start),
        outage_to="" if stop is None else utc_text(stop),
        planned="true" if planned else "false",
        devices=str(devices),
    )
