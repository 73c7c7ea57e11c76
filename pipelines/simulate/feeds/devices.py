"""What cards and nodes show of themselves: samples of two nodes of every pool, once an hour.

A card is busy in the share of time in which its pool is held; its energy register counts since its driver was started,
and starts anew when the driver does.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from uuid import UUID

from pipelines.simulate.clock import HOUR, utc_text
from pipelines.simulate.events import Events
from pipelines.simulate.feeds.pods import Cluster, Pod
from pipelines.simulate.feeds.records import RecordFact, fact
from pipelines.simulate.network import PoolFacts
from pipelines.simulate.scheduler import Job
from pipelines.simulate.workload import load_weight

WATCHED = 2
RESETS = {"none": 0, "normal": 1, "hostile": 3}
"""How many nodes' drivers are started anew within the range, at each level of faults."""


@dataclass(frozen=True)
class Card:
    """A model of card: its exporter's name of it, watts idle and busy, memory in MiB."""

    model: str
    idle_w: float
    busy_w: float
    memory: int


CARDS = {
    "nvidia-a800-80g": Card("NVIDIA A800-SXM4-80GB", 58, 355, 81920),
    "nvidia-h20": Card("NVIDIA H20", 72, 395, 97871),
    "nvidia-l20": Card("NVIDIA L20", 34, 262, 49140),
    "huawei-ascend-910b": Card("Ascend910B3", 92, 330, 65536),
}


@dataclass(frozen=True, slots=True)
class Device:
    """A watched card: its node, its number there, its identifier as the exporter gives it, its address on the bus."""

    site_id: str
    node: str
    number: int
    identifier: str
    bus: str
    card: Card


Busy = Callable[[int, Device], tuple[float, Pod | None]]
"""(share of the hour in which a device is busy, the pod that holds it)."""


def pool_samples(events: Events, site: str, pool: PoolFacts, pods: Cluster | None) -> list[list[RecordFact]]:
    """Scrapes of a pool's watched cards, in order of time, each with all cards."""
    rng = Random(f"{events.world.params.seed}/{site}/{pool.pool}/devices")
    model = events.world.pool_model(site, pool)
    names = pods.gpu_nodes[:WATCHED] if pods else [f"{pool.pool[:3]}{number:04d}" for number in (1, 2)]
    ascend = model.startswith("huawei")
    devices = [
        Device(site, name, number, _identifier(ascend, rng), f"{16 + number * 7:02X}:00.0", CARDS[model])
        for name in names[: WATCHED if events.world.params.scale >= 0.5 else 1]
        for number in range(pool.node_devices)
    ]
    busy = _held_by_pods(pods) if pods else _held_by_jobs(events, site, pool)
    started = [at for where, name, at in driver_restarts(events) if (where, name) == (site, pool.pool)]
    registers = {device.identifier: rng.randrange(10**9, 10**13) for device in devices}
    scrapes = []
    for at in range(events.first_instant, events.last_instant, HOUR):
        scrape = []
        for device in devices:
            if device.node == devices[0].node and any(at - HOUR < start <= at for start in started):
                registers[device.identifier] = 0
            share, pod = busy(at, device)
            sample, used = _sample(device, at, share, pod, registers[device.identifier], ascend, rng)
            registers[device.identifier] += used
            scrape.append(sample)
        scrapes.append(scrape)
    return scrapes


def _identifier(ascend: bool, rng: Random) -> str:
    if ascend:
        return "-".join(f"{rng.getrandbits(32):08X}" for _ in range(5))
    return f"GPU-{UUID(int=rng.getrandbits(128), version=4)}"


def driver_restarts(events: Events) -> list[tuple[str, str, int]]:
    """(site, pool, instant) at which the drivers of a pool's first watched node are started anew."""
    params = events.world.params
    rng = Random(f"{params.seed}/restarts")
    pools = [
        (site, pool.pool)
        for site in events.world.physical_sites
        for pool in events.world.pools(site)
        if events.world.pool_model(site, pool).startswith("nvidia")
    ]
    chosen = rng.sample(pools, min(len(pools), RESETS[params.faults]))
    return [
        (*each, rng.randrange(events.first_instant + HOUR, events.last_instant - HOUR)) for each in chosen
    ]


def _sample(
    device: Device, at: int, share: float, pod: Pod | None, register: int, ascend: bool, rng: Random
) -> tuple[RecordFact, int]:
    """A card's sample and the millijoules that it uses until the next."""
    card = device.card
    percent = int(share * rng.uniform(80, 100))
    watts = round(
        (card.idle_w + (card.busy_w - card.idle_w) * percent / 100) * rng.uniform(0.97, 1.03),
        1 if ascend else 3,
    )
    sample = fact(
        "device_samples",
        device,
        site_id=device.site_id,
        device_id=device.identifier,
        sampled_at=utc_text(at),
        node="" if ascend else device.node,
        model=card.model,
        utilisation_pct=str(percent),
        memory_used_mib=str(int(card.memory * (0.9 * share * rng.uniform(0.7, 1) + 0.01))),
        power_w=f"{watts:.3f}".rstrip("0").rstrip("."),
        energy_total_mj="" if ascend else str(register),
        temperature_c=str(int(31 + percent * 0.34 + rng.uniform(-2, 2))),
        health="critical" if ascend and rng.random() < 0.0005 else "ok",
        account=pod.namespace if pod else "",
        job=pod.name if pod else "",
    )
    return sample, int(watts * HOUR * 1000)


def _held_by_jobs(events: Events, site: str, pool: PoolFacts) -> Busy:
    """Cards are busy as the pool is held: the first ones first, so that a full pool has all of them busy."""
    levels = _levels(events, pool, events.jobs[site])

    def busy(at: int, device: Device) -> tuple[float, Pod | None]:
        level = levels[(at - events.first_instant) // HOUR]
        return max(0.0, min(1.0, level * 8 - device.number + 0.5)), None

    return busy


def _levels(events: Events, pool: PoolFacts, jobs: list[Job]) -> list[float]:
    """The share of the pool that is held at the beginning of each hour."""
    hours = (events.last_instant - events.first_instant) // HOUR
    capacity = events.world.nodes(pool) * (pool.node_devices or pool.node_cores)
    changes = [0] * (hours + 1)
    for job in jobs:
        if job.start is not None and job.demand.pool is pool:
            changes[min(hours, max(0, -((events.first_instant - job.start) // HOUR)))] += job.demand.units
            if job.end is not None:
                changes[min(hours, max(0, -((events.first_instant - job.end) // HOUR)))] -= job.demand.units
    return [level / capacity for level in accumulate(changes[:-1])]


def _held_by_pods(pods: Cluster) -> Busy:
    """A card is busy while a pod holds it."""
    holders: dict[tuple[str, int], list[Pod]] = {}
    for pod in pods.pods:
        for card in pod.cards if pod.started is not None else ():
            holders.setdefault((pod.node, card), []).append(pod)

    def busy(at: int, device: Device) -> tuple[float, Pod | None]:
        for pod in holders.get((device.node, device.number), ()):
            assert pod.started is not None
            if pod.started <= at and (pod.ended is None or at < pod.ended):
                return 0.35 + 0.6 * load_weight(at) / 2.1, pod
        return 0.0, None

    return busy


def node_samples(events: Events, site: str) -> list[list[RecordFact]]:
    """Scrapes of the processors, boards and power meters of a few nodes that have no cards of a known exporter."""
    rng = Random(f"{events.world.params.seed}/{site}/nodes")
    nodes = [f"cpu{number:04d}" for number in range(1, WATCHED + 1)]
    registers = {(node, socket): rng.randrange(10**6, 10**9) for node in nodes for socket in (0, 1)}
    pool = events.world.pools(site)[0]
    levels = _levels(events, pool, events.jobs[site])
    scrapes = []
    for hour, at in enumerate(range(events.first_instant, events.last_instant, HOUR)):
        scrape: list[RecordFact] = []
        for node in nodes:
            watts = (pool.idle_w + (pool.busy_w - pool.idle_w) * min(1.0, levels[hour])) * rng.uniform(
                0.98, 1.02
            )
            scrape += _node(site, node, at, watts, registers, rng)
        scrapes.append(scrape)
    return scrapes


def _node(
    site: str, node: str, at: int, watts: float, registers: dict[tuple[str, int], int], rng: Random
) -> Iterator[RecordFact]:
    """A node's power meter, the temperature of its processors and their energy registers, in joules."""
    common = {"site_id": site, "sampled_at": utc_text(at), "node": f"{node}:9100"}
    yield fact(
        "device_samples", **common, device_id=f"{node}:9100/power_meter_acpi000d:00", power_w=str(int(watts))
    )
    for socket in (0, 1):
        chip = f"pci0000:00_0000:00:{24 + socket}_3"
        heat = str(int(36 + watts / 18 + rng.uniform(-2, 2)))
        yield fact("device_samples", **common, device_id=f"{node}:9100/{chip}", temperature_c=heat)
    for socket in (0, 1):
        joules = registers[(node, socket)]
        registers[(node, socket)] += int(watts * HOUR * 0.38)
        named = f"{node}:9100/rapl-package-{socket}"
        yield fact("device_samples", **common, device_id=named, energy_total_mj=str(joules * 1000))
