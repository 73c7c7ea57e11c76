"""Generated probes, jobs and orders: percentiles as a plain sort gives them, and the same tables however built."""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from math import ceil
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.dbt.harness import Warehouse
from tests.dbt.service_cases import SELECT, TABLES, job, network, order, probe
from tests.dbt.world import Delivery, Row, World, shanghai, utc

FIRST = utc("2026-03-01 00:00")
KNOWN = (shanghai("2026-03-05 00:00"), shanghai("2026-03-06 00:00"))
SOURCES = {"network_probes": "qy", "job_records": "zz", "dispatch_orders": "network-dispatch"}


def moment(random: Random) -> str:
    """An instant of three days."""
    return f"{FIRST + timedelta(seconds=random.randrange(3 * 86_400)):%Y-%m-%d %H:%M:%S}"


def probe_rows(random: Random) -> list[Row]:
    rows = []
    for number in range(random.randint(0, 60)):
        average = None if random.random() < 0.1 else f"{random.randint(4_990, 5_010)}.{random.choice('05')}"
        way = random.choice([{}, {"basis": "round_trip"}])
        pair = random.choice([("qy", "zz"), ("zz", "qy"), ("gx", "zz")])
        rows.append(probe(moment(random), average, *pair, target=f"t{number % 3}", **way))
    return rows


def job_rows(random: Random) -> list[Row]:
    return [
        job(
            str(random.randint(1, 9)),
            random.choice([None, moment(random)]),
            moment(random),
            random.choice([0, 3, 60, 7_000]),
            state=random.choice(["COMPLETED", "COMPLETED", "RUNNING", "PENDING"]),
            submit_time=shanghai(f"2026-03-0{random.randint(1, 2)} 00:00"),
        )
        for _ in range(random.randint(0, 30))
    ]


def order_rows(random: Random) -> list[Row]:
    return [
        order(
            str(random.randint(1, 12)),
            random.randint(1, 3),
            random.choice(["REQUESTED", "REFUSED", "CANCELLED"]),
            moment(random),
            reason=random.choice([None, "quota of the tenant is used up"]),
        )
        for _ in range(random.randint(0, 20))
    ]


MAKERS = {"network_probes": probe_rows, "job_records": job_rows, "dispatch_orders": order_rows}


def worlds(seed: int) -> tuple[World, World]:
    """A network, and the same after deliveries came, went and came again."""
    random = Random(seed)
    before = network()
    after = before.copy()
    for dataset, make in MAKERS.items():
        for number in range(4):
            name = f"{dataset}-{number}"
            rows = tuple(make(random))
            delivery = Delivery(
                name, SOURCES[dataset], dataset, random.choice(KNOWN), rows, random.random() < 0.8
            )
            becomes = random.choice(["stays", "turns", "arrives"])
            if becomes != "arrives":
                before.deliveries[name] = delivery
            turned = replace(delivery, effective=not delivery.effective)
            after.deliveries[name] = turned if becomes == "turns" else delivery
    return before, after


def published(warehouse: Warehouse) -> dict[str, list[dict[str, Any]]]:
    return {table: warehouse.rows(f"marts.{table}") for table in TABLES}


def plain_percentiles(warehouse: Warehouse) -> dict[tuple[Any, ...], list[float]]:
    """The percentiles of what stands, by sorting."""
    groups: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    for row in warehouse.rows("intermediate.int_probes", is_conflict=False):
        if row["latency_us"] is not None:
            groups[row["from_site_id"], row["to_site_id"], row["day"], row["basis"]].append(row["latency_us"])
    return {
        key: [sorted(values)[ceil(p * len(values) / 100) - 1] for p in (50, 95, 99)]
        for key, values in groups.items()
    }


@pytest.mark.slow
@settings(max_examples=3, deadline=None, database=None, phases=[Phase.generate])
@given(seed=st.integers(0, 2**32))
def test_built_by_changes_or_whole_and_in_any_order_the_tables_are_the_same(seed: int) -> None:
    before, after = worlds(seed)
    turned = after.copy()
    turned.deliveries = dict(reversed(after.deliveries.items()))
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        stepwise, whole = Warehouse(Path(one), SELECT), Warehouse(Path(other), SELECT)
        stepwise.build(before)
        stepwise.build(after, test=True)
        whole.build(turned)
        assert published(stepwise) == published(whole)
        found = {
            (row["from_site_id"], row["to_site_id"], row["day"], row["basis"]): [
                row[name] for name in ("p50_us", "p95_us", "p99_us")
            ]
            for row in whole.rows("marts.latency_circles_daily")
            if row["measured"]
        }
        assert found == plain_percentiles(whole)
