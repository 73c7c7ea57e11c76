"""What probes between the regions measure: never faster than light in fibre, slower when the path is busy or moved.

One way where both ends are stamped by hardware, there and back elsewhere. Microseconds, to the tenth.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from pipelines.simulate.clock import DAY, day_start, days_between, utc_text
from pipelines.simulate.events import Events
from pipelines.simulate.feeds.records import RecordFact, fact
from pipelines.simulate.workload import load_weight

COLUMNS = (
    "probe_id", "target", "probed_at", "from_site_id", "to_site_id", "sent", "received", "basis", "min_us", "avg_us",
    "max_us", "jitter_us", "method",
)  # fmt: skip
EVERY = 600
PACKETS = 20
CIRCUIT_FACTOR = 1.3
"""How much longer a real path is than the shortest fibre."""


@dataclass(frozen=True)
class Path:
    """A probed path: `light_us` is the shortest that light in fibre needs one way.

    Not every method tells how the latency varies between packets.
    """

    probe_id: str
    target: str
    to_site: str
    light_us: int
    basis: str
    method: str

    @property
    def tells_jitter(self) -> bool:
        return self.method == "twamp"


PATHS = {
    "nscc-zz": (
        Path("zz-probe-1", "unicom-zy.net.example", "unicom-zy", 160, "round_trip", "icmp"),
        Path("zz-probe-1", "10.32.0.1", "cmcc-gx", 40, "one_way", "twamp"),
        Path("zz-probe-1", "10.48.0.1", "yunai-ai", 60, "one_way", "twamp"),
        Path("zz-probe-2", "10.80.0.1", "qingyang", 2700, "one_way", "twamp"),
        Path("zz-probe-2", "10.80.0.9", "qingyang", 2700, "round_trip", "icmp"),
        Path("zz-probe-2", "10.96.0.1", "hami", 9600, "one_way", "udp"),
    ),
    "qingyang": (
        Path("qy-probe-1", "10.64.0.1", "nscc-zz", 2700, "one_way", "twamp"),
        Path("qy-probe-1", "10.96.0.1", "hami", 7200, "round_trip", "icmp"),
    ),
    "hami": (
        Path("hm-probe-1", "zz-core.net.example", "nscc-zz", 9600, "round_trip", "twamp"),
        Path("hm-probe-1", "10.80.0.1", "qingyang", 7200, "one_way", "twamp"),
    ),
}


def probes(events: Events, site: str) -> Mapping[date | None, list[RecordFact]]:
    """The results of a site's probes by business day, each path every ten minutes."""
    params = events.world.params
    rng = Random(f"{params.seed}/{site}/probes")
    days = days_between(params.first_day, params.last_day)
    detours = {path: _detours(events, rng) for path in PATHS[site]}
    return {
        day: [
            _result(site, path, at + offset * 7, detours[path], rng)
            for at in range(day_start(day), day_start(day) + DAY, EVERY)
            for offset, path in enumerate(PATHS[site])
        ]
        for day in days
    }


def _detours(events: Events, rng: Random) -> list[tuple[int, int, float]]:
    """(from, to, factor) of the hours in which a path is led elsewhere: about one a week."""
    weeks = max(1, (events.last_instant - events.first_instant) // (7 * DAY))
    starts = (rng.randrange(events.first_instant, events.last_instant) for _ in range(weeks))
    return [(start, start + rng.randrange(1200, 9000), rng.uniform(1.25, 1.8)) for start in starts]


def _result(site: str, path: Path, at: int, detours: list[tuple[int, int, float]], rng: Random) -> RecordFact:
    ways = 1 if path.basis == "one_way" else 2
    factor = max([rate for start, stop, rate in detours if start <= at < stop], default=1.0)
    least = path.light_us * ways * CIRCUIT_FACTOR * factor + rng.uniform(0, 60)
    queue = rng.expovariate(1 / (120 * load_weight(at))) * ways
    lost = PACKETS if rng.random() < 0.002 else sum(rng.random() < 0.002 for _ in range(PACKETS))
    known = {}
    if lost < PACKETS:
        spread = queue * rng.uniform(1.5, 4)
        known = {
            "min_us": _tenths(least),
            "avg_us": _tenths(least + queue),
            "max_us": _tenths(least + queue + spread),
        }
        if path.tells_jitter:
            known["jitter_us"] = _tenths(spread / 3)
    return fact(
        "network_probes",
        probe_id=path.probe_id,
        target=path.target,
        probed_at=utc_text(at),
        from_site_id=site,
        to_site_id=path.to_site,
        sent=str(PACKETS),
        received=str(PACKETS - lost),
        basis=path.basis,
        method=path.method,
        **known,
    )


def _tenths(microseconds: float) -> str:
    whole, tenth = divmod(int(microseconds * 10), 10)
    return f"{whole}.{tenth}" if tenth else str(whole)
