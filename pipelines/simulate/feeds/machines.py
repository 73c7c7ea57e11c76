"""Virtual machines of a carrier's cloud: when each was launched, resized, shelved, switched off and deleted.

A stay is the time in which a machine held one size at one host; between stays it held nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from pipelines.simulate.clock import DAY, HOUR
from pipelines.simulate.events import Events

ALIVE = {"unicom-zy": 90, "cmcc-gx": 40}
"""How many machines are up at a time, at scale 1."""

LONG_LIFE = 12 * DAY
RESIZED, SHELVED = 0.15, 0.1
"""Which share of the machines is resized once, and shelved once."""

SHORT_LIFE = 4 * HOUR
HOSTS = {"unicom-zy": "zy-cmp-{:04d}", "cmcc-gx": "gx-kvm-{:03d}"}


@dataclass(frozen=True)
class Flavor:
    """A size: virtual CPUs, memory in MiB, disk in GiB."""

    name: str
    number: int
    vcpus: int
    memory: int
    disk: int


FLAVORS = (
    Flavor("s6.medium.2", 3, 1, 2048, 40),
    Flavor("s6.large.2", 5, 2, 4096, 40),
    Flavor("s6.xlarge.4", 9, 4, 16384, 40),
    Flavor("c6.2xlarge.2", 12, 8, 16384, 100),
    Flavor("m6.4xlarge.8", 17, 16, 131072, 200),
    Flavor("c6.8xlarge.2", 21, 32, 65536, 200),
)


@dataclass(frozen=True)
class Stay:
    """From `start` to `end` (None: beyond the last day) the machine held `flavor` at `host`; then it `ended` so."""

    start: int
    end: int | None
    flavor: Flavor
    host: str
    ended: str = ""


@dataclass(frozen=True)
class Machine:
    """A virtual machine; `switched` are the instants at which it was shut off and started, in turn."""

    site_id: str
    machine_id: str
    name: str
    account: str
    user: str
    stays: tuple[Stay, ...]
    switched: tuple[int, ...] = field(default=())


def machines(events: Events, site: str) -> list[Machine]:
    """All machines that were up at some time since the first day, by their launch."""
    rng = Random(f"{events.world.params.seed}/{site}/machines")
    accounts = [each.account for each in events.tenancy.accounts if each.site_id == site]
    found = [
        _machine(site, accounts, launched, deleted, events, rng)
        for launched, deleted in _lives(events, max(3, round(ALIVE[site] * events.world.params.scale)), rng)
    ]
    return sorted(found, key=lambda machine: (machine.stays[0].start, machine.machine_id))


def _lives(events: Events, alive: int, rng: Random) -> Iterator[tuple[int, int]]:
    """(launched, deleted) of every machine: those that are up at the start, those that come, and short ones."""
    for _ in range(alive):
        launched = _within_hour(events.first_instant - rng.randrange(2 * HOUR, 90 * DAY))
        yield launched, events.first_instant + HOUR + int(rng.expovariate(1 / LONG_LIFE))
    days = (events.last_instant - events.first_instant) // DAY
    for life, number in ((LONG_LIFE, alive * days * DAY // LONG_LIFE), (SHORT_LIFE, alive * days // 10)):
        for _ in range(number):
            launched = _within_hour(rng.randrange(events.first_instant, events.last_instant))
            yield launched, launched + 240 + int(rng.expovariate(1 / life))


def _machine(
    site: str, accounts: list[str], launched: int, deleted: int, events: Events, rng: Random
) -> Machine:  # fmt: skip
    number, until = rng.randrange(10_000), events.last_instant
    told = _stays(site, launched, deleted, max(launched, events.first_instant), rng)
    stays = tuple(stay for stay in told if stay.start < until)
    last = stays[-1]
    if last.end is not None and last.end >= until:
        stays = (*stays[:-1], Stay(last.start, None, last.flavor, last.host))
    switched: tuple[int, ...] = ()
    if rng.random() < 0.1 and len(stays) == 1 and deleted - launched > DAY:
        off = launched + (deleted - launched) // 3
        switched = (_within_hour(off), _within_hour(off + (deleted - launched) // 4))
    account = rng.choice(accounts)
    return Machine(
        site,
        str(UUID(int=rng.getrandbits(128), version=4)),
        f"{rng.choice(('web', 'db', 'etl', 'dev', 'gis', 'oa'))}-{number:04d}",
        account,
        f"{account[:8]}-ops",
        stays,
        tuple(at for at in switched if at < until),
    )


def _stays(site: str, launched: int, deleted: int, since: int, rng: Random) -> Iterator[Stay]:
    """A machine's stays: most have one; some are resized and some are shelved for a while, after `since`."""
    flavor, host = rng.choice(FLAVORS), HOSTS[site].format(rng.randrange(1, 400))
    change = rng.random()
    middle = _within_hour(since + int((deleted - since) * rng.uniform(0.1, 0.8)))
    if deleted - since > 6 * HOUR and change < RESIZED + SHELVED:
        pause = rng.randrange(40, 400) if change < RESIZED else rng.randrange(2 * HOUR, 60 * HOUR)
        yield Stay(launched, middle, flavor, host, "RESIZED" if change < RESIZED else "SHELVED")
        if change < RESIZED:
            flavor = FLAVORS[(FLAVORS.index(flavor) + 1) % len(FLAVORS)]
        launched, host = _within_hour(middle + pause), HOSTS[site].format(rng.randrange(1, 400))
        deleted = max(deleted, launched + HOUR)
    yield Stay(launched, max(_within_hour(deleted), launched + 60), flavor, host, "DELETED")


def _within_hour(at: int) -> int:
    """The instant, moved into the inner three quarters of its hour: no step falls on an audit."""
    return at - at % HOUR + max(120, min(at % HOUR, 2700))
