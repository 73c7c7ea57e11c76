"""Ratios of a release held against those of the simulator's whole numbers: as fractions, to 1e-12 of their magnitude.

Belongs here: what each derived figure is a ratio of. Figures that the simulator writes as they are published are held
by `comparing`.
"""

import csv
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from data_contracts.contract import load_contract
from tests.whole.comparing import VIEWS, text

Row = Mapping[str, str]
Ratio = Callable[[Row], Fraction | None]
WITHIN = Fraction(1, 10**12)
PER_HOUR = {"cpu_core": 3_600, "rack": 3_600, "accelerator": 3_600_000}


def whole(row: Row, column: str) -> int | None:
    return int(row[column]) if row[column] else None


def over(part: int | None, total: int | None) -> Fraction | None:
    """A share; unknown where either is, or where there is nothing to have a share of."""
    return None if part is None or not total else Fraction(part, total)


def of(part: str, total: str) -> Ratio:
    return lambda row: over(whole(row, part), whole(row, total))


def divided(part: str, by: int) -> Ratio:
    return lambda row: over(whole(row, part), by)


def hours(part: str) -> Ratio:
    return lambda row: over(whole(row, f"{part}_unit_seconds"), PER_HOUR[row["resource_kind"]])


def peak_hours(part: str, scale: int) -> Ratio:
    return divided(f"{part}_gflops_unit_seconds", PER_HOUR["accelerator"] * scale)


def used_of(total: str) -> Ratio:
    """Of what is allocated, where it is known that it is all."""

    def ratio(row: Row) -> Fraction | None:
        return (
            over(whole(row, "allocated_unit_seconds"), whole(row, f"{total}_unit_seconds"))
            if row["idle_unit_seconds"]
            else None
        )

    return ratio


def used_of_available(row: Row) -> Fraction | None:
    installed, down = whole(row, "installed_unit_seconds"), whole(row, "down_unit_seconds")
    if not row["idle_unit_seconds"] or installed is None or down is None:
        return None
    return over(whole(row, "allocated_unit_seconds"), installed - down)


UTILISATION: dict[str, Ratio] = {
    **{f"{part}_hours": hours(part) for part in ("installed", "allocated", "idle", "down", "active")},
    **{f"utilisation_{part}": used_of(part) for part in ("installed", "sellable", "reserved")},
    "utilisation_available": used_of_available,
    "active_of_observed": of("active_unit_seconds", "observed_unit_seconds"),
}
RATIOS: dict[str, dict[str, Ratio]] = {
    "utilisation_hourly": UTILISATION,
    "utilisation_daily": UTILISATION,
    "utilisation_region_daily": UTILISATION,
    "pflops_hours_daily": {
        f"{part}_{unit}_hours": peak_hours(part, scale)
        for part in ("installed", "allocated", "idle")
        for unit, scale in (("pflops", 10**6), ("eflops", 10**9))
    },
    "capacity_statement": {
        "pflops": divided("gflops", 10**6),
        "eflops": divided("gflops", 10**9),
        "rack_rate": of("racks_occupied", "racks_installed"),
    },
    "dispatch_daily": {"away_share": of("away", "placed_with_home")},
    "queue_daily": {"expansion_factor": divided("expansion_mean_milli", 1000)},
    "latency_circles_daily": {
        "lost_share": lambda row: over(int(row["sent"]) - int(row["received"]), int(row["sent"])),
        "within_share": lambda row: over(
            whole(row, "within"), int(row["measured"]) + int(row["lost_probes"])
        ),
        **{f"{figure}_ms": divided(f"{figure}_us", 1000) for figure in ("p50", "p95", "p99", "jitter")},
    },
    "usage_by_segment": {"usage_hours": lambda row: over(whole(row, "unit_seconds"), PER_HOUR[row["resource_kind"]])},
    "sla_credits": {"measured_share": of("good", "total")},
    "target_scorecard": {
        "trend": lambda row: Fraction(float(row["value"]) - float(row["value_before"]))
        if row["value"] and row["value_before"]
        else None
    },
}  # fmt: skip


def ratio_differences(connection: duckdb.DuckDBPyConnection, folder: Path, table: str) -> list[str]:
    """Every figure of a table that is not the ratio that it should be."""
    key, columns = load_contract(table).key, RATIOS[table]
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        expected = {tuple(row[name] for name in key): row for row in csv.DictReader(stream)}
    names = ", ".join(f'"{name}"' for name in (*key, *columns))
    found = connection.sql(f"select {names} from ({VIEWS.get(table, f'select * from {table}')})").fetchall()
    assert found
    wrong = [] if len(found) == len(expected) else [f"{len(found)} rows of {len(expected)}"]
    for values in found:
        row = expected[tuple(map(text, values[: len(key)]))]
        for (name, ratio), value in zip(columns.items(), values[len(key) :], strict=True):
            if not equal(ratio(row), value):
                wrong.append(f"{table}.{name} of {values[: len(key)]}: {value}, expected {ratio(row)}")
    return wrong


def equal(expected: Fraction | None, value: Any) -> bool:
    if expected is None or value is None:
        return expected is value
    return abs(Fraction(value) - expected) <= WITHIN * abs(expected)
