"""Pods of a Kubernetes cluster: when each was created, started and ended, on which node, with which cards.

Pods are placed where processors, memory and cards are free, and wait where nothing is: a node never holds more than it
has.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from pipelines.simulate.clock import DAY, HOUR
from pipelines.simulate.events import Events
from pipelines.simulate.workload import load_weight

SITE = "cmcc-gx"
CPU_NODES, GPU_NODES = 12, 6
NODE_MILLI_CPU, NODE_MIB, NODE_CARDS = 128_000, 512 << 10, 8
SERVICES, BATCH_A_DAY = 40, 90
CUT_NODE, CUT_CARDS = "gx-gpu-cut-01", 2
"""The node whose cards are cut by percent, and how many of them are."""

LONGEST_WAIT = 12 * HOUR
"""A pod for which nothing is free for so long is deleted by its owner."""


@dataclass
class Node:
    """A node and what of it is free; `cards` are the numbers of free cards."""

    name: str
    milli_cpu: int = NODE_MILLI_CPU
    mib: int = NODE_MIB
    cards: list[int] = field(default_factory=list)


@dataclass
class Pod:
    """A pod; `started` and `ended` are None while they lie beyond the last day. `cards` are numbers within its node.

    `percent` of each of its cards are its own where cards are cut, and `device` is the card then. A `sliced` card is
    shared by turns: nobody knows how much of it the pod has.
    """

    uid: str
    name: str
    namespace: str
    created: int
    milli_cpu: int
    mib: int
    card_count: int
    lasts: int
    failing: bool
    started: int | None = None
    ended: int | None = None
    node: str = ""
    cards: tuple[int, ...] = ()
    percent: int = 100
    device: str = ""
    sliced: bool = False


@dataclass(frozen=True)
class Cluster:
    """What became of all pods, in order of creation, and the nodes with cards."""

    pods: tuple[Pod, ...]
    gpu_nodes: tuple[str, ...]


def cluster(events: Events) -> Cluster:
    """The site's cluster from two days before the first day on."""
    scale, rng = events.world.params.scale, Random(f"{events.world.params.seed}/{SITE}/pods")
    accounts = [each.account for each in events.tenancy.accounts if each.site_id == SITE]
    plain = [Node(f"gx-k8s-{number:03d}") for number in range(1, max(2, round(CPU_NODES * scale)) + 1)]
    carded = [
        Node(f"gx-gpu-{number:03d}", cards=list(range(NODE_CARDS)))
        for number in range(1, max(2, round(GPU_NODES * scale)) + 1)
    ]
    pods = sorted(_pods(events, accounts, rng), key=lambda pod: (pod.created, pod.uid))
    _run(pods, plain, carded, events.last_instant, rng)
    everything = sorted((*pods, *_cutting(events, accounts)), key=lambda pod: (pod.created, pod.uid))
    return Cluster(tuple(everything), tuple(node.name for node in carded))


def _cutting(events: Events, accounts: list[str]) -> Iterator[Pod]:
    """Pods that hold parts of the cards of one node, day by day: never more than a card has while nothing is wrong.

    In a hostile network the device plugin gives a card away twice on the second day, and slices one on all others.
    """
    rng = Random(f"{events.world.params.seed}/{SITE}/cut")
    devices = [f"GPU-{UUID(int=rng.getrandbits(128), version=4)}" for _ in range(CUT_CARDS)]
    hostile = events.world.params.faults == "hostile"
    days = (events.last_instant - events.first_instant) // DAY
    for day in range(days):
        for card, device in enumerate(devices):
            parts = rng.choice(((60, 40), (50, 30, 20), (25, 25, 25, 25)))
            again = (60,) if hostile and day == 1 and card == 0 else ()
            for number, percent in enumerate((*parts, *again)):
                pod = _pod(f"cut-{day:03d}-{card}{number}", rng.choice(accounts), 0, 0, False, rng)
                pod.created = events.first_instant + day * DAY + rng.randrange(2 * HOUR, 9 * HOUR)
                pod.started = pod.created + rng.randrange(2, 40)
                pod.ended = pod.started + rng.randrange(HOUR, 12 * HOUR)
                pod.milli_cpu, pod.mib, pod.card_count = 4000, 16384, 1
                pod.node, pod.cards, pod.device, pod.percent = CUT_NODE, (card,), device, percent
                pod.sliced = hostile and day != 1 and (card, number) == (1, 0)
                yield pod


def _pods(events: Events, accounts: list[str], rng: Random) -> Iterator[Pod]:
    """Services, which last for weeks, and batches, of which more are created in the daytime."""
    first, last, scale = events.first_instant - 2 * DAY, events.last_instant, events.world.params.scale
    for number in range(max(3, round(SERVICES * scale))):
        created = rng.randrange(first, first + DAY)
        lasts = rng.randrange(5 * DAY, 90 * DAY)
        yield _pod(f"svc-{number:03d}", rng.choice(accounts), created, lasts, number % 5 == 0, rng)
    for day in range((last - first) // DAY):
        for number in range(max(3, round(BATCH_A_DAY * scale))):
            hour = rng.choices(range(24), [load_weight(first + at * HOUR) for at in range(24)])[0]
            created = first + day * DAY + hour * HOUR + rng.randrange(HOUR)
            lasts = 20 + int(rng.lognormvariate(8, 1.3))
            yield _pod(
                f"job-{day:03d}-{number:03d}", rng.choice(accounts), created, lasts, rng.random() < 0.45, rng
            )


def _pod(name: str, namespace: str, created: int, lasts: int, carded: bool, rng: Random) -> Pod:
    cards = rng.choice((1, 1, 1, 2, 4, 8)) if carded else 0
    milli_cpu = cards * 8000 if cards else rng.choice((100, 250, 500, 1500, 2000, 4000, 16000))
    uid = str(UUID(int=rng.getrandbits(128), version=4))
    return Pod(
        uid=uid,
        name=f"{name}-{uid[:5]}",
        namespace=namespace,
        created=created,
        milli_cpu=milli_cpu,
        mib=max(128, milli_cpu // 1000 * rng.choice((1024, 2048, 4096))),
        card_count=cards,
        lasts=min(lasts, 90 * DAY),
        failing=rng.random() < 0.06,
    )


def _run(pods: list[Pod], plain: list[Node], carded: list[Node], until: int, rng: Random) -> None:
    """Places the pods as they are created and as others end, first come first served where they fit."""
    nodes = {node.name: node for node in (*plain, *carded)}
    ending: list[tuple[int, str, Pod]] = []
    waiting: list[Pod] = []
    for pod in pods:
        while ending and ending[0][0] <= pod.created:
            at, _, ended = heapq.heappop(ending)
            _release(nodes[ended.node], ended)
            waiting = [
                each
                for each in waiting
                if not _settled(each, at, carded if each.card_count else plain, ending, rng)
            ]
        if not _settled(pod, pod.created, carded if pod.card_count else plain, ending, rng):
            waiting.append(pod)
    for pod in pods:
        if pod.started is not None and pod.started >= until:
            pod.started, pod.node, pod.cards = None, "", ()
        if pod.ended is not None and (pod.ended >= until or pod.started is None):
            pod.ended = None


def _settled(pod: Pod, at: int, nodes: list[Node], ending: list[tuple[int, str, Pod]], rng: Random) -> bool:
    """Whether the pod needs no more waiting: it was placed, or its owner gave up."""
    if at - pod.created > LONGEST_WAIT:
        return True
    for node in nodes:
        if node.milli_cpu >= pod.milli_cpu and node.mib >= pod.mib and len(node.cards) >= pod.card_count:
            node.milli_cpu -= pod.milli_cpu
            node.mib -= pod.mib
            pod.cards, node.cards = tuple(node.cards[: pod.card_count]), node.cards[pod.card_count :]
            pod.node, pod.started = node.name, at + rng.randrange(2, 40)
            pod.ended = pod.started + pod.lasts
            heapq.heappush(ending, (pod.ended, pod.uid, pod))
            return True
    return False


def _release(node: Node, pod: Pod) -> None:
    node.milli_cpu += pod.milli_cpu
    node.mib += pod.mib
    node.cards = sorted((*node.cards, *pod.cards))
