"""Random networks for the models: sites with colliding jobs, pools and meters, and what becomes of their deliveries.

Belongs here: the making of a World, and of the World that follows it, from a seed. Does not belong here: what either
must give.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from tests.dbt.world import Delivery, Row, World, shanghai

FIRST = shanghai("2026-02-27 00:00")
DAYS = 4
KNOWN = (FIRST + timedelta(days=2, hours=5), FIRST + timedelta(days=6))
STATES = ("COMPLETED", "COMPLETED", "FAILED", "RUNNING", "RUNNING", "SUSPENDED", "PENDING")
ENDED = ("COMPLETED", "FAILED")
CARDS = [f"GPU-{number:08}-0000-4000-8000-000000000000" for number in range(2)]


def network(seed: int, sites: int) -> tuple[World, World]:
    """A network, and the same after deliveries came, went and came again."""
    random = Random(seed)
    before = World()
    for number in range(sites):
        name = f"site-{number:02}"
        before.site(name)
        before.partition(name, "cpu", "super")
        before.partition(name, "gpu", "intelligent", "nvidia-h20")
        before.rule(name, "intelligent", "nvidia-h20", node="gpu-*")
        before.rule(name, "general", flavor="s6")
    after = before.copy()
    for site in before.sites:
        _tell(random, str(site["site_id"]), before, after)
    return before, after


def _tell(random: Random, site: str, before: World, after: World) -> None:
    datasets = (
        ["job_records"] * 3
        + ["instance_records"] * 3
        + ["capacity_inventory"] * 2
        + ["facility_readings"] * 2
        + ["device_samples"] * 2
    )
    for number, dataset in enumerate(random.sample(datasets, random.randint(3, len(datasets)))):
        rows = [{"site_id": site, **row} for row in MAKERS[dataset](random)]
        name = f"{site}-{number}"
        delivery = Delivery(name, site, dataset, random.choice(KNOWN), tuple(rows), random.random() < 0.8)
        becomes = random.choice(["stays", "stays", "stays", "turns", "arrives"])
        if becomes != "arrives":
            before.deliveries[name] = delivery
        turned = replace(delivery, effective=not delivery.effective)
        after.deliveries[name] = turned if becomes == "turns" else delivery


def _instant(random: Random) -> datetime:
    """Often on the quarter of an hour."""
    seconds = random.randint(0, DAYS * 86_400)
    return FIRST + timedelta(seconds=seconds - seconds % random.choice([1, 900, 3600]))


def _seconds(random: Random) -> int:
    return random.choice([random.randint(0, 4) * 3600, random.randint(0, 5_000), random.randint(0, 200_000)])


def _jobs(random: Random) -> list[Row]:
    """Records of few jobs, so that payloads of one job meet."""
    return [_job(random) for _ in range(random.randint(1, 5))]


def _job(random: Random) -> Row:
    state = random.choice(STATES)
    number = random.randint(0, 5)
    start, elapsed = _instant(random), _seconds(random)
    return {
        "cluster": "c1",
        "job_id": str(number),
        "submit_time": FIRST + timedelta(hours=7 * number),
        "restart_no": 0,
        "account": "acc",
        "state": state,
        "partition": random.choice(["cpu", "gpu", "mystery", None]),
        "start_time": None if state == "PENDING" else start,
        "end_time": start + timedelta(seconds=elapsed) if state in ENDED else None,
        "elapsed_s": elapsed if state in ENDED else random.choice([None, 0, elapsed]),
        "cpu_cores": random.choice([0, 1, 16, 64, None]),
        "accelerators": random.choice([None, 0, 1, 8]),
        "accelerator_model": random.choice([None, "H20", "home-made"]),
        "node_list": random.choice([None, "gpu-1", "gpu-[1-2]", "gpu-1,gpu-2", "host-1"]),
    }


def _instances(random: Random) -> list[Row]:
    """Intervals of few machines and pods, so that payloads of one interval meet."""
    return [_instance(random) for _ in range(random.randint(1, 6))]


def _instance(random: Random) -> Row:
    state = random.choice(("RUNNING", "RUNNING", "SUCCEEDED", "DELETED", "STOPPED", "PENDING"))
    number = random.randint(0, 5)
    start = FIRST + timedelta(hours=7 * number, seconds=random.choice([0, 0, 1111]))
    ends = state != "PENDING" and (state != "RUNNING" or random.random() < 0.3)
    return {
        "instance_id": f"i{number}",
        "interval_start": start,
        "interval_end": start + timedelta(seconds=_seconds(random)) if ends else None,
        "instance_kind": ("virtual_machine", "bare_metal", "pod")[number % 3],
        "account": random.choice(["acc", None]),
        "flavor": random.choice([None, "s6", "s6.large"]),
        "vcpus": random.choice(
            [None, *map(Decimal, ("0.000", "0.001", "0.250", "0.333", "1.500", "16.000"))]
        ),
        "accelerator_milli": random.choice([None, 0, 142, 500, 1000, 8000]),
        "accelerator_model": random.choice([None, "H20", "home-made"]),
        "node": random.choice([None, "gpu-1", "gpu-2", "host-1"]),
        "device_ids": random.choice(
            [None, None, CARDS[0], CARDS[1], ",".join(CARDS), "npu-0", "npu-0, npu-1,npu-2"]
        ),
        "state": state,
    }


def _pools(random: Random) -> list[Row]:
    """Statements about few pools."""
    return [_pool(random) for _ in range(random.randint(1, 4))]


def _pool(random: Random) -> Row:
    cards, cores = random.choice([0, 0, 4, 16]), random.choice([0, 32, 500])
    return {
        "resource_pool": random.choice(["p", "q"]),
        "model": random.choice(["nvidia-h20", "hygon-7285"]),
        "state": random.choice(["in_service", "in_service", "down"]),
        "valid_from": random.choice([FIRST - timedelta(days=30), _instant(random)]),
        "compute_class": random.choice(["super", "intelligent"]),
        "nodes": 1,
        "devices": cards,
        "cores": cores,
        "sellable": random.choice([None, cards or cores]),
        "reserved": random.choice([None, 0, (cards or cores) // 2]),
    }


def _readings(random: Random) -> list[Row]:
    """A meter read every twenty minutes, a counter or a gauge, with readings that fail, gaps of hours and a reset now
    and then."""
    kind = random.choice(["facility", "it"])
    first = FIRST + timedelta(seconds=random.randint(0, 30_000))
    readings = random.randint(1, 300)
    failed = set(random.sample(range(300), random.choice([0, 0, 4])))
    gap = random.choice([0, 0, 5, 60, 80])
    begin = random.randint(0, 300)
    failed |= set(range(begin, begin + gap))
    reset = random.choice([None, None, random.randint(0, 300)])
    shown_at_reset = random.choice([0, 0, 900_000, 5_000_000])
    step, value = random.randint(0, 3_000_000), random.randint(0, 10**9)
    is_gauge = random.random() < 0.3
    name = f"{kind}-{random.randint(0, 1)}"
    rows = []
    for number in range(readings):
        value = shown_at_reset if number == reset else value + step + number % 7
        if number not in failed:
            rows.append(
                {
                    "meter_id": name,
                    "read_at": first + timedelta(seconds=1200 * number),
                    "meter_kind": kind,
                    "reading_type": "gauge" if is_gauge else "cumulative",
                    "value": Decimal(value).scaleb(-6),
                    "unit": "kW" if is_gauge else "kWh",
                }
            )
    return rows


def _samples(random: Random) -> list[Row]:
    """Scrapes of a few cards, every twenty minutes or more seldom than every hour; payloads of one scrape meet."""
    first = FIRST + timedelta(seconds=random.choice([0, 0, 1200, 1111]))
    model = random.choice(["H20", "H20", "NVIDIA H20", "home-made", None])
    return [
        {
            "device_id": f"card-{number}",
            "sampled_at": first + timedelta(seconds=random.choice([1200, 1200, 1200, 3700]) * scrape),
            "model": model,
            "node": random.choice(["gpu-1", "gpu-1", "card-0", None]),
            "slice_profile": random.choice([None] * 9 + ["1g.10gb"]),
            "utilisation_pct": random.choice(
                [None, *map(Decimal, ("0.000000", "3.333333", "33.333333", "100.000000"))]
            ),
            "power_w": Decimal("100.000000"),
        }
        for number in range(random.choice([1, 2, 4, 16]))
        for scrape in range(random.randint(1, 60))
    ]


MAKERS = {
    "job_records": _jobs,
    "instance_records": _instances,
    "capacity_inventory": _pools,
    "facility_readings": _readings,
    "device_samples": _samples,
}
