"""Given cases of metering: each case is a site of its own in one world, which the models build once for all of them.

    @given
    def over_midnight(site: Site) -> None:
        site.job("2026-03-10 23:30", hours=2, cores=4)

    def test_a_job_over_midnight_counts_on_both_days() -> None:
        assert allocated("over_midnight") == {"2026-03-10": 4 * 1800, "2026-03-11": 4 * 5400}

Belongs here: how a case is told and how its rows are read. Does not belong here: any expected number.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from tests.dbt.harness import DbtFailure, Warehouse, scratch_folder
from tests.dbt.world import Row, World, shanghai

SELECT = "+path:models/marts/utilisation +int_conflicts +int_over_allocations path:tests/usage"
LATER = shanghai("2026-04-10 00:00")
GIVEN: dict[str, "Callable[[Site], None]"] = {}


def given(describe: "Callable[[Site], None]") -> "Callable[[Site], None]":
    """Registers what a case consists of under the function's name."""
    assert describe.__name__ not in GIVEN, f"two cases are called {describe.__name__}"
    GIVEN[describe.__name__] = describe
    return describe


class Site:
    """One site, which sends job records, inventories and readings. Times are told in Shanghai."""

    def __init__(self, world: World, name: str, new: bool = True) -> None:
        self.name = name
        self.world = world
        if new:
            world.site(name)
            world.partition(name, "cpu", "super")
            world.partition(name, "gpu", "intelligent", "nvidia-h20")
            world.partition(name, "any", "intelligent")

    def send(self, *rows: Row, dataset: str = "job_records", known: str | datetime = LATER) -> str:
        """A delivery of rows; returns its landing_id."""
        at = shanghai(known) if isinstance(known, str) else known
        return self.world.deliver(self.name, dataset, at, rows)

    def job(self, start: str | None, known: str | datetime = LATER, **columns: Any) -> str:
        """A delivery of one job record."""
        return self.send(self.record(start, **columns), known=known)

    def record(
        self,
        start: str | None,
        hours: int = 0,
        seconds: int = 0,
        cores: int | None = 1,
        cards: int | None = 0,
        job: str = "1",
        **columns: Any,
    ) -> Row:
        """A job record, completed unless another state is given."""
        begun = shanghai(start) if start else None
        elapsed = hours * 3600 + seconds
        ended = columns.get("state", "COMPLETED") not in ("PENDING", "RUNNING", "SUSPENDED")
        return {
            "site_id": self.name,
            "cluster": "c1",
            "job_id": job,
            "submit_time": shanghai("2026-03-01 00:00"),
            "restart_no": 0,
            "account": "acc",
            "partition": "gpu" if cards else "cpu",
            "state": "COMPLETED",
            "start_time": begun,
            "end_time": begun + timedelta(seconds=elapsed) if begun and ended else None,
            "elapsed_s": elapsed,
            "cpu_cores": cores,
            "accelerators": cards,
            **columns,
        }

    def instance(self, start: str, known: str | datetime = LATER, **columns: Any) -> str:
        """A delivery of one interval of an instance."""
        return self.send(self.held(start, **columns), dataset="instance_records", known=known)

    def held(
        self,
        start: str,
        hours: float | None = None,
        cores: str | None = "1",
        cards: int | None = 0,
        name: str = "i1",
        **columns: Any,
    ) -> Row:
        """An interval of a pod that ended after `hours`, or goes on; cards in thousandths, the node is gpu-1."""
        begun = shanghai(start)
        return {
            "site_id": self.name,
            "instance_id": name,
            "interval_start": begun,
            "interval_end": None if hours is None else begun + timedelta(hours=hours),
            "instance_kind": "pod",
            "account": "acc",
            "node": "gpu-1",
            "vcpus": None if cores is None else Decimal(cores).quantize(Decimal("0.001")),
            "accelerator_milli": cards,
            "state": "RUNNING" if hours is None else "SUCCEEDED",
            **columns,
        }

    def pool(self, valid_from: str, known: str | datetime = LATER, **columns: Any) -> str:
        """A delivery of one row of the inventory: 100 cores of the class super, unless told otherwise."""
        return self.send(self.stated(valid_from, **columns), dataset="capacity_inventory", known=known)

    def stated(self, valid_from: str, **columns: Any) -> Row:
        """A row of the inventory."""
        return {
            "site_id": self.name,
            "resource_pool": "cpu",
            "model": "hygon-7285",
            "state": "in_service",
            "valid_from": shanghai(valid_from),
            "compute_class": "super",
            "nodes": 1,
            "devices": 0,
            "cores": 100,
            **columns,
        }

    def meter(
        self, start: str, values: list[float | str], minutes: int = 30, kind: str = "facility", **columns: Any
    ) -> str:
        """A delivery of a meter's readings at even distances."""
        first = shanghai(start)
        rows = [
            self.reading(first + timedelta(minutes=minutes * number), value, kind, **columns)
            for number, value in enumerate(values)
        ]
        return self.send(*rows, dataset="facility_readings")

    def reading(self, at: datetime, value: float | str, kind: str = "facility", **columns: Any) -> Row:
        """One reading."""
        return {
            "site_id": self.name,
            "meter_id": f"meter-{kind}",
            "read_at": at,
            "meter_kind": kind,
            "reading_type": "cumulative",
            "value": round(Decimal(str(value)), 6),
            "unit": "kWh",
            **columns,
        }


def metered() -> Warehouse:
    """The warehouse of all registered cases, which passed dbt's tests."""
    built = _built()
    if isinstance(built, DbtFailure):
        raise built
    return built


@cache
def _built() -> Warehouse | DbtFailure:
    world = World()
    for name, describe in GIVEN.items():
        describe(Site(world, name))
    warehouse = Warehouse(scratch_folder(), SELECT)
    try:
        warehouse.build(world, test=True)
    except DbtFailure as failure:
        return failure
    return warehouse


def rows(name: str, table: str, **equal: Any) -> list[Row]:
    """A case's rows of a table."""
    return metered().rows(table, site_id=name, **equal)


def usage(name: str, **equal: Any) -> list[Row]:
    """A case's usage with its evidence, conflicts included."""
    return rows(name, "intermediate.int_usage_days", **equal)


def hourly(
    name: str, kind: str = "cpu_core", column: str = "allocated_unit_seconds", **equal: Any
) -> dict[str, Any]:
    """One column of a case's utilisation by hour, by the hour's start in Shanghai."""
    found = rows(name, "marts.utilisation_hourly", resource_kind=kind, **equal)
    return {f"{row['hour'] + timedelta(hours=8):%m-%d %H}": row[column] for row in found}


def daily(
    name: str, kind: str = "cpu_core", column: str = "allocated_unit_seconds", **equal: Any
) -> dict[str, Any]:
    """One column of a case's utilisation by business day."""
    found = rows(name, "marts.utilisation_daily", resource_kind=kind, **equal)
    return {str(row["day"]): row[column] for row in found}


def energy(name: str, column: str = "facility_wh") -> dict[str, Any]:
    """One column of a case's energy by business day."""
    return {str(row["day"]): row[column] for row in rows(name, "marts.energy_daily")}
