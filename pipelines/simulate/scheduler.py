"""When jobs run: a first-come scheduler with backfill over one pool, with maintenance windows and failing nodes.

It never allocates more than what is installed and up: a pool is a few blocks of nodes, a job holds units of one block,
and no job starts on a block whose maintenance its time limit would reach.
"""

import heapq
from dataclasses import dataclass, field, replace
from random import Random

from pipelines.simulate.clock import DAY, HOUR
from pipelines.simulate.workload import Demand

BACKFILL_DEPTH = 40
PATIENCE = 10 * HOUR
GRACE = 60
END, REPAIR, OPEN, FAIL, ARRIVE = range(5)


@dataclass(slots=True)
class Job:
    """What became of a demand. `start` and `end` are None while they lie ahead of the last dump.

    `cores` and `cards` are what it holds or asks for; it consumed them for `elapsed` seconds from `start`.
    """

    demand: Demand
    submit: int
    start: int | None = None
    end: int | None = None
    elapsed: int = 0
    state: str = "PENDING"

    @property
    def eligible(self) -> int:
        return self.submit + self.demand.hold_s


@dataclass
class Block:
    """Some nodes of a pool that are maintained together. Times in epoch seconds, windows half open."""

    nodes: int
    free: int
    in_service_from: int
    windows: list[tuple[int, int]] = field(default_factory=list)
    failures: list[tuple[int, int]] = field(default_factory=list)

    def closed(self, start: int, stop: int) -> bool:
        return start < self.in_service_from or any(a < stop and start < b for a, b in self.windows)


@dataclass
class PoolRun:
    """One pool from the first submission to `stop`; `jobs` and `blocks` are the outcome."""

    blocks: list[Block]
    node_units: int
    stop: int
    rng: Random
    jobs: list[Job] = field(default_factory=list)
    _queue: list[Job] = field(default_factory=list)
    _events: list[tuple[int, int, int, Job | Block | None]] = field(default_factory=list)
    _running: dict[int, tuple[Job, Block]] = field(default_factory=dict)
    _sequence: int = 0

    def run(self, demands: list[Demand], failures: list[int]) -> None:
        """Schedules the demands; at each instant of `failures` a node under a running job fails."""
        for demand in demands:
            self._push(demand.submit + demand.hold_s, ARRIVE, Job(demand, demand.submit))
        for at in failures:
            self._push(at, FAIL, None)
        for block in self.blocks:
            for instant in (block.in_service_from, *(end for _, end in block.windows)):
                self._push(instant, OPEN, block)
        while self._events and self._events[0][0] <= self.stop:
            at, kind, _, subject = heapq.heappop(self._events)
            self._happen(at, kind, subject)
        held = [event[3] for event in sorted(self._events, key=lambda event: event[:3]) if event[1] == ARRIVE]
        for job in (*self._queue, *held):
            if isinstance(job, Job) and job.submit <= self.stop:
                self._leave(job, self.stop)
                self.jobs.append(job)
        self.jobs += [job for job, _ in self._running.values()]

    def _push(self, at: int, kind: int, subject: Job | Block | None) -> None:
        self._sequence += 1
        heapq.heappush(self._events, (at, kind, self._sequence, subject))

    def _happen(self, at: int, kind: int, subject: Job | Block | None) -> None:
        if kind == ARRIVE and isinstance(subject, Job):
            waiting = bool(self._queue) and at - self._queue[0].eligible > PATIENCE
            if waiting or not self._start(subject, at):
                self._queue.append(subject)
            return
        if kind == END and isinstance(subject, Job):
            if id(subject) not in self._running:
                return
            self._finish(subject, at, subject.demand.outcome)
        elif kind == REPAIR and isinstance(subject, Block):
            subject.free += self.node_units
        elif kind == FAIL and not self._fail(at):
            return
        self._backfill(at)

    def _start(self, job: Job, at: int) -> bool:
        demand = job.demand
        if self._leave(job, at):
            self.jobs.append(job)
            return True
        reach = at + demand.limit_s + demand.suspended_s + GRACE
        for block in self.blocks:
            if block.free >= demand.units and not block.closed(at, reach):
                block.free -= demand.units
                job.start, job.state = at, "RUNNING"
                self._running[id(job)] = (job, block)
                self._push(at + demand.run_s + demand.suspended_s, END, job)
                return True
        return False

    def _leave(self, job: Job, at: int) -> bool:
        """Cancels a waiting job whose user gave up by `at`."""
        leaves = job.demand.leaves_at
        if leaves is None or leaves > at or leaves < job.submit:
            return False
        job.end, job.state = leaves, "CANCELLED"
        return True

    def _finish(self, job: Job, at: int, state: str) -> None:
        _, block = self._running.pop(id(job))
        demand = job.demand
        block.free += demand.units
        assert job.start is not None
        job.end, job.state = at, state
        ran_on = at - job.start == demand.run_s + demand.suspended_s
        job.elapsed = demand.run_s if ran_on else at - job.start
        self.jobs.append(job)
        if state in ("REQUEUED", "NODE_FAIL") and demand.requeues < 2:
            again = replace(
                demand, requeues=demand.requeues + 1, outcome="COMPLETED", leaves_at=None, hold_s=120
            )
            self._push(at + 120, ARRIVE, Job(again, at))

    def _backfill(self, at: int) -> None:
        head_waits = bool(self._queue) and at - self._queue[0].eligible > PATIENCE
        depth = 1 if head_waits else BACKFILL_DEPTH
        index = 0
        while index < len(self._queue) and index < depth:
            if self._start(self._queue[index], at):
                del self._queue[index]
            else:
                index += 1

    def _fail(self, at: int) -> bool:
        """A node of a running job that holds whole nodes fails and stays down for some hours."""
        whole = [pair for pair in self._running.values() if pair[0].demand.units % self.node_units == 0]
        if not whole:
            return False
        job, block = whole[self.rng.randrange(len(whole))]
        if job.start == at:
            return False
        repaired = at + self.rng.randrange(HOUR, 14 * HOUR)
        self._finish(job, at, "NODE_FAIL")
        block.free -= self.node_units
        block.failures.append((at, repaired))
        self._push(repaired, REPAIR, block)
        return True


def down_nodes(block: Block, at: int) -> int:
    """Nodes of the block that are installed but down at an instant."""
    if at < block.in_service_from:
        return 0
    if any(a <= at < b for a, b in block.windows):
        return block.nodes
    return sum(a <= at < b for a, b in block.failures)


def capacity_steps(blocks: list[Block], since: int, until: int) -> list[tuple[int, int, int]]:
    """(instant, nodes in service, nodes down) from `since` on, at every change up to `until`."""
    changes = {since}
    for block in blocks:
        changes.add(max(since, block.in_service_from))
        changes |= {at for span in (*block.windows, *block.failures) for at in span if since < at <= until}
    steps: list[tuple[int, int, int]] = []
    for at in sorted(changes):
        installed = sum(block.nodes for block in blocks if block.in_service_from <= at)
        down = sum(down_nodes(block, at) for block in blocks)
        if not steps or steps[-1][1:] != (installed - down, down):
            steps.append((at, installed - down, down))
    return steps


def pool_blocks(
    nodes: int, node_units: int, grown: int, opens: int, window: tuple[int, int] | None
) -> list[Block]:
    """A pool of `nodes`, a third of which has the maintenance window, and `grown` more from `opens` on."""
    third = nodes // 3
    blocks = [Block(nodes - third, (nodes - third) * node_units, 0)]
    blocks.append(Block(third, third * node_units, 0, [window] if window else []))
    if grown:
        blocks.append(Block(grown, grown * node_units, opens))
    return blocks


def failure_times(rng: Random, start: int, stop: int, nodes: int) -> list[int]:
    """When nodes fail: more often the more there are, at least now and then."""
    mean = DAY * 6 / max(1.0, min(20.0, nodes / 60))
    times: list[int] = []
    at = start + int(rng.expovariate(1 / mean))
    while at < stop:
        times.append(at)
        at += 1 + int(rng.expovariate(1 / mean))
    return times
