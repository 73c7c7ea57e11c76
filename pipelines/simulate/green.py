"""Grids and green power: what a kilowatt-hour from a grid emits in each hour, and the certificates that sites claim.

Factors and certificates are invented, of the size that such grids have.
"""

import math
from datetime import date
from random import Random

from pipelines.simulate.clock import (
    DAY,
    HOUR,
    SHANGHAI_OFFSET,
    day_number,
    day_of_number,
    days_between,
    number_start,
)
from pipelines.simulate.events import Events
from pipelines.simulate.tenants import TableRow

GRIDS = {"cn-central": 540.0, "cn-northwest": 586.0}
CLAIMING = ("qingyang", "hami")
REGISTRY = "国家绿证核发交易系统（模拟）"
UNIT_WH = {"Wh": 1, "kWh": 1000, "MWh": 1_000_000}


def factors(events: Events) -> dict[date, list[TableRow]]:
    """The factors of a day's hours, of the grids that sites are on. One grid never says the last day's."""
    world = events.world
    grids = sorted({world.sources[site].grid or "" for site in world.physical_sites} & GRIDS.keys())
    last = world.params.last_day
    found: dict[date, list[TableRow]] = {}
    for day in days_between(world.params.first_day, last):
        found[day] = [
            {
                "grid": grid,
                "hour": f"@{start}",
                "g_per_kwh": _factor(events, grid, start),
                "source": f"Dispatch centre of {grid} (simulated)",
            }
            for grid in grids
            if (grid, day) != ("cn-northwest", last)
            for start in range(_start(day), _start(day) + DAY, HOUR)
        ]
    return {day: rows for day, rows in found.items() if rows}


def _start(day: date) -> int:
    return number_start((day - date(1970, 1, 1)).days)


def _factor(events: Events, grid: str, start: int) -> str:
    """Less around noon, when the sun shines."""
    rng = Random(f"{events.world.params.seed}/{grid}/{start}")
    noon = math.cos(((start + SHANGHAI_OFFSET) % DAY / HOUR - 13) / 24 * 2 * math.pi)
    return f"{GRIDS[grid] * (1 - 0.15 * noon) * rng.uniform(0.98, 1.02):.3f}".rstrip("0").rstrip(".")


def certificates(events: Events) -> dict[date, list[TableRow]]:
    """The certificates that sites claim, by the day on which they are told: one of each site for every day.

    A hostile network holds one that claims another's serial numbers.
    """
    found: dict[date, list[TableRow]] = {}
    serial = 20_260_000_001
    for site in CLAIMING:
        rng = Random(f"{events.world.params.seed}/{site}/certificates")
        for day, used in _used(events, site).items():
            energy = int(used * rng.uniform(0.2, 1.1))
            from_s, to_s = _start(day), _start(day) + DAY
            if site == "hami":
                from_s, to_s = from_s + rng.randrange(0, 8 * HOUR, 60), to_s - rng.randrange(0, 8 * HOUR, 60)
            units = energy // 1_000_000 + 1
            row = {
                "certificate_id": f"GEC-{site}-{day:%Y%m%d}",
                "site_id": site,
                "certificate_from": f"@{from_s}",
                "certificate_to": f"@{to_s}",
                "certificate_wh": str(energy),
                "registry": REGISTRY,
                "serial_first": str(serial),
                "serial_last": str(serial + units - 1),
            }
            serial += units
            found.setdefault(day, []).append(row)
    if events.world.params.faults == "hostile" and found:
        claimed = found[max(found)][0]
        found[max(found)].append(claimed | {"certificate_id": f"{claimed['certificate_id']}-B"})
    return found


def _used(events: Events, site: str) -> dict[date, int]:
    """Facility energy by day, from the first register to the last of it."""
    days: dict[date, int] = {}
    registers: dict[tuple[str, int], list[int]] = {}
    for reading in events.readings.get(site, []):
        if reading.meter_kind == "facility":
            watt_hours = reading.value * UNIT_WH[reading.unit] // 1_000_000
            registers.setdefault((reading.meter_id, day_number(reading.read_at)), []).append(watt_hours)
    params = events.world.params
    for (_, number), values in registers.items():
        day = day_of_number(number)
        if params.first_day <= day <= params.last_day:
            days[day] = days.get(day, 0) + values[-1] - values[0]
    return dict(sorted(days.items()))
