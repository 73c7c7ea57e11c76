"""A network whose probes, jobs and orders are told by hand: three sites of two cities, times in Shanghai."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.dbt.world import Row, World, shanghai

SELECT = "+latency_circles_daily +queue_daily +dispatch_daily +dispatch_refusals_daily +lineage"
TABLES = ("latency_circles_daily", "queue_daily", "dispatch_daily", "dispatch_refusals_daily")
LATER = shanghai("2026-04-10 00:00")


def network() -> World:
    """Two sites in Zhengzhou, one of them in its High-tech Zone, one in Qingyang, and a cloud in no place."""
    world = World()
    for site, region in (("zz", "zhengzhou"), ("gx", "gaoxin"), ("qy", "qingyang"), ("sky", "cloud")):
        world.site(site, region=region)
        world.partition(site, "cpu", "super")
    return world


def probe(at: str, average: str | None, one: str = "qy", other: str = "zz", **columns: Any) -> Row:
    """One result, one way, of twenty packets; without an average all of them were lost."""
    instant = shanghai(at)
    return {
        "probe_id": f"probe-{one}",
        "target": other,
        "probed_at": instant,
        "from_site_id": one,
        "to_site_id": other,
        "sent": 20,
        "received": 20 if average else 0,
        "basis": "one_way",
        "avg_us": Decimal(average).quantize(Decimal("0.001")) if average else None,
        **columns,
    }


def probes(day: str, averages: list[str | None], **columns: Any) -> list[Row]:
    """Results a minute apart from the day's first."""
    first = datetime.fromisoformat(f"{day} 00:00")
    return [
        probe(f"{first + timedelta(minutes=number)}", average, **columns)
        for number, average in enumerate(averages)
    ]


def microseconds(text: str) -> Decimal:
    """A value as a probe's columns hold it."""
    return Decimal(text).quantize(Decimal("0.001"))


def job(name: str, eligible: str | None, start: str | None, run: int = 60, **columns: Any) -> Row:
    """A job of zz that was submitted at midnight of the 10th of March and ran for so many seconds."""
    return {
        "site_id": "zz",
        "cluster": "c1",
        "job_id": name,
        "submit_time": shanghai("2026-03-10 00:00"),
        "restart_no": 0,
        "partition": "cpu",
        "state": "COMPLETED",
        "eligible_time": shanghai(eligible) if eligible else None,
        "start_time": shanghai(start) if start else None,
        "elapsed_s": run,
        "cpu_cores": 1,
        **columns,
    }


def order(name: str, revision: int, state: str, at: str, **columns: Any) -> Row:
    """A revision of an order for intelligent compute."""
    times = {
        name: shanghai(value)
        for name, value in columns.items()
        if name in ("placed_at", "started_at", "ended_at")
    }
    return {
        "order_id": name,
        "revision": revision,
        "requested_class": "intelligent",
        "requested_at": shanghai(at),
        "state": state,
        **columns,
        **times,
    }
