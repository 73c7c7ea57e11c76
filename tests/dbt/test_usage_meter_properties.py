"""Laws of meters over generated readings: nothing is lost by splitting time, and the order of arrival says nothing."""

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.dbt.harness import Warehouse
from tests.dbt.usage_cases import LATER, Site
from tests.dbt.world import World, shanghai

METERS = 25
START = shanghai("2026-03-09 17:23")
Points = list[tuple[int, int]]
"""(seconds since the start, watt-hours on the register)."""


def rising(random: Random) -> Points:
    """A register that never falls, read at gaps of a second to a day."""
    points = [(0, random.randint(0, 10**9))]
    for _ in range(random.randint(2, 60)):
        at, value = points[-1]
        gap = random.choice([1, 900, 900, 900, 3600, 3601, random.randint(1, 86_400)])
        points.append((at + gap, value + random.choice([0, random.randint(0, gap * 1000)])))
    return points


def split(random: Random, points: Points) -> Points:
    """The same register read more often, at any instants, showing any value between its neighbours'."""
    more = list(points)
    for (t1, v1), (t2, v2) in pairwise(points):
        if t2 - t1 > 1 and random.random() < 0.5:
            more.append((random.randint(t1 + 1, t2 - 1), random.randint(v1, v2)))
    return sorted(more)


def falling(random: Random, points: Points) -> Points:
    """The register set back to little at one of its readings."""
    place = random.randrange(1, len(points))
    base = points[place][1] - random.choice([0, 0, 500])
    return [
        (at, value if number < place else max(0, value - base)) for number, (at, value) in enumerate(points)
    ]


def readings(site: Site, points: Points) -> list[dict[str, Any]]:
    return [
        site.reading(START + timedelta(seconds=at), value, unit="Wh", meter_id="m") for at, value in points
    ]


@pytest.mark.slow
@settings(max_examples=2, deadline=None, database=None, phases=[Phase.generate])
@given(seed=st.integers(0, 2**32))
def test_splitting_loses_nothing_and_the_order_of_arrival_says_nothing(seed: int) -> None:
    random = Random(seed)
    world = World()
    spans = {}
    for number in range(METERS):
        points = rising(random)
        spans[f"{number}"] = points[-1][1] - points[0][1]
        for name, told in (
            ("whole", points),
            ("split", split(random, points)),
            ("fell", falling(random, points)),
        ):
            ordered, shuffled = Site(world, f"{name}-{number}"), Site(world, f"{name}-{number}-shuffled")
            ordered.send(*readings(ordered, told), dataset="facility_readings")
            parts = readings(shuffled, told)
            random.shuffle(parts)
            for part in (parts[::2], parts[1::2]):
                shuffled.send(*part, dataset="facility_readings", known=LATER)
    before = world.copy()
    for name in random.sample(sorted(before.deliveries), METERS):
        del before.deliveries[name]
    with TemporaryDirectory() as folder:
        warehouse = Warehouse(
            Path(folder),
            "+int_energy_hours +int_feed_horizon path:tests/usage/meter_hours_stay_within_the_hour.sql",
        )
        warehouse.build(before)
        warehouse.build(world, test=True)
        rows = warehouse.sql(
            "select site_id, hour_s, covered_us, quantity, measured from intermediate.int_meter_hours"
        )
    found: dict[str, dict[int, tuple[int, ...]]] = defaultdict(dict)
    for row in rows:
        found[row["site_id"]][row["hour_s"]] = (row["covered_us"], row["quantity"], row["measured"])
    for name in [name for name in found if not name.endswith("-shuffled")]:
        assert found[name] == found[f"{name}-shuffled"], name
    for number, span in spans.items():
        for kind in ("whole", "split"):
            assert sum(hour[1] for hour in found[f"{kind}-{number}"].values()) == span, f"{kind}-{number}"
