"""The whole simulation in order: what happens, who sends what, what goes wrong, and what all of it must come to."""

import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.simulate import additions, books, output, payments, replay, truth
from pipelines.simulate.books.completeness import completeness, landed
from pipelines.simulate.clock import business_day
from pipelines.simulate.events import Events, Progress, happen
from pipelines.simulate.faults import apply, shown_readings
from pipelines.simulate.feeds import lives
from pipelines.simulate.network import World
from pipelines.simulate.params import SimulationParams
from pipelines.simulate.parcels import Act
from pipelines.simulate.schedule import deliveries

HERE = Path(__file__).resolve().parent
SEEDS_READ = (
    "device_aliases",
    "device_peaks",
    "dispatch_reasons",
    "grid_factors",
    "latency_circles",
    "network_targets",
    "regions",
)


def simulate(params: SimulationParams, out: Path, progress: Progress) -> Path:
    """Writes the simulation into `out` and returns the path of its manifest.

    Equal parameters and code give equal bytes; where they lie there already, nothing is done. Raises
    WrongUse where `out` holds other files.
    """
    world = World.of(params)
    identity = {"params": params.canonical(), "code": code_digest(world)}
    if output.finished(out, identity):
        progress(f"{out} holds this simulation already")
        return out / output.MANIFEST
    output.clear(out)
    with without_collector():
        return _write(world, out, identity, progress)


@contextmanager
def without_collector() -> Iterator[None]:
    """Python's cycle collector costs a quarter of the time here and finds nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _write(world: World, out: Path, identity: dict[str, Any], progress: Progress) -> Path:
    events = happen(world, progress)
    readings, resets = shown_readings(events)
    acts, standing = deliveries(events, readings)
    told = additions.additions(events)
    true = truth.known(events, standing, told.all())
    money = books.accounts(world, true)
    true.tables["payments"] = payments.payments(world, money.settled.nets())
    beside = [*additions.acts(events, told), *additions.bank_list(events, true.tables["payments"])]
    acts, notes = apply(events, acts, beside, resets)
    acts = output.numbered(acts)
    hashes = output.write_feeds(out, acts)
    progress(
        f"{len(acts):,} deliveries and withdrawals, {sum(bool(act.faults) for act in acts):,} of them faulty"
    )
    landings = replay.landings(acts)
    until = heard_until(acts), business_day(max(each.known_at or 0 for each in landings))
    _write_expected(out, world, landings, *until)
    progress("expected figures computed from what was delivered")
    output.write_tables(out / "truth", books.compute(world, true, money, *until))
    output.write_tables(out / "truth", [truth.jobs(true)])
    output.write_tables(out / "truth", [*books.feeds.tables(standing.records), *lives.tables(events)])
    output.write_notes(out / "truth", notes)
    progress("true figures computed from what happened")
    return output.write_manifest(out, identity, _summary(events, acts), hashes)


def _write_expected(out: Path, world: World, landings: list[replay.Landing], heard: int, as_of: date) -> None:
    known = replay.known(landings)
    tables = books.compute(world, known, books.accounts(world, known), heard, as_of)
    tables += [completeness(known), landed(landings), *books.feeds.tables(known.records)]
    output.write_tables(out / "expected", tables)


def heard_until(acts: list[Act]) -> int:
    """When the newest delivery comes."""
    return max(act.at for act in acts if act.parcel is not None)


def _summary(events: Events, acts: list[Act]) -> dict[str, Any]:
    receipts = [act for act in acts if act.parcel is not None]
    return {
        "jobs": sum(len(jobs) for jobs in events.jobs.values()),
        "tenants": len(events.tenancy.tenants),
        "receipts": len(receipts),
        "faulty_receipts": sum(bool(act.faults) for act in receipts),
        "withdrawals": len(acts) - len(receipts),
    }


def code_digest(world: World) -> str:
    """A hash over this package, the seeds that it reads and the sites' configuration."""
    digest = hashlib.sha256()
    files = sorted(HERE.rglob("*.py")) + [books.SEEDS / f"{name}.csv" for name in SEEDS_READ]
    for path in files:
        digest.update(path.name.encode())
        digest.update(path.read_bytes() if path.is_file() else b"")
    digest.update(repr(list(world.sources.items())).encode())
    return digest.hexdigest()
