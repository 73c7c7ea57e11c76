"""Traffic of the network's lines at the carrier's base: bytes per quarter of an hour, never above what is committed."""

from collections.abc import Mapping
from datetime import date
from random import Random

from pipelines.simulate.clock import DAY, day_start, days_between, utc_text
from pipelines.simulate.events import Events
from pipelines.simulate.feeds.records import RecordFact, fact
from pipelines.simulate.workload import load_weight

COLUMNS = (
    "line_id", "site_id", "peer_site_id", "interval_start", "interval_end", "bytes_in", "bytes_out", "committed_mbps",
    "account",
)  # fmt: skip
QUARTER = 900
LINES = (
    ("zz-qy-01", "qingyang", 10_000, "park1-vdc"),
    ("zz-hm-01", "hami", 10_000, "park2-vdc"),
    ("zz-internet-01", "", 2_000, "ent05-prod"),
)
"""Name, other end, Mbps, and the account that rents it."""
BUSIEST = 2.1
"""What `load_weight` reaches at most, rounded up."""


def traffic(events: Events, site: str) -> Mapping[date | None, list[RecordFact]]:
    """The traffic of the lines that end at a site, by business day."""
    params = events.world.params
    rng = Random(f"{params.seed}/{site}/traffic")
    days = days_between(params.first_day, params.last_day)
    return {
        day: [
            _interval(site, line, at, rng)
            for at in range(day_start(day), day_start(day) + DAY, QUARTER)
            for line in LINES
        ]
        for day in days
    }


def _interval(site: str, line: tuple[str, str, int, str], at: int, rng: Random) -> RecordFact:
    name, peer, mbps, account = line
    whole = mbps * 1_000_000 // 8 * QUARTER
    busy = load_weight(at) / BUSIEST
    return fact(
        "network_usage",
        line_id=name,
        interval_start=utc_text(at),
        interval_end=utc_text(at + QUARTER),
        site_id=site,
        account=account,
        peer_site_id=peer,
        bytes_in=str(int(whole * busy * rng.uniform(0.2, 0.8))),
        bytes_out=str(int(whole * busy * rng.uniform(0.1, 0.95))),
        committed_mbps=str(mbps),
    )
