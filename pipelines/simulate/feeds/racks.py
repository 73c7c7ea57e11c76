"""Standard racks of a site's rooms: what is installed and occupied, from an instant on."""

from datetime import date, timedelta
from random import Random

from pipelines.simulate.clock import HOUR, day_start, utc_text
from pipelines.simulate.events import INVENTORY_AGE, Events
from pipelines.simulate.feeds.records import RecordFact, fact

COLUMNS = ("room", "valid_from", "installed", "occupied", "rated_kw")
HEADER = ("机房名称", "统计时间", "机柜总数", "已上架机柜数", "额定功率（kW）")
"""As the sites' DCIM names the columns."""

ROOMS = {
    "unicom-zy": (("A1-201", 620, "8"), ("A1-202", 620, "8"), ("A2-101", 480, "12"), ("B1-301", 300, "5.5")),
    "cmcc-gx": (("机房1-2F", 540, "7"), ("机房1-3F", 540, "7"), ("机房2-1F", 260, "20")),
    "nscc-zz": (("compute-hall", 430, "45"), ("storage-hall", 96, "12")),
}
"""By site: room, standard racks at scale 1, rated kilowatts of one."""


def racks(events: Events, site: str) -> dict[date | None, list[RecordFact]]:
    """The rows that hold from before the first day (under None), and the weekly changes by business day."""
    params = events.world.params
    rng = Random(f"{params.seed}/{site}/racks")
    since = events.first_instant - INVENTORY_AGE
    weeks = range((params.last_day - params.first_day).days // 7 + 1)
    changes = sorted({events.changed_on, *(params.first_day + timedelta(days=7 * week) for week in weeks)})
    told: dict[date | None, list[RecordFact]] = {None: [], **{day: [] for day in changes}}
    for room, full, kilowatts in ROOMS[site]:
        installed = max(4, round(full * params.scale))
        occupied = int(installed * rng.uniform(0.55, 0.85))
        told[None].append(_row(site, room, since, installed, occupied, kilowatts))
        for day in changes:
            at = day_start(day) + 9 * HOUR + rng.randrange(8) * HOUR
            if rng.random() < 0.1:
                installed += max(1, installed // 50)
            occupied = max(0, min(installed, occupied + rng.randrange(-2, 6)))
            told[day].append(_row(site, room, at, installed, occupied, kilowatts))
    return told


def _row(site: str, room: str, at: int, installed: int, occupied: int, kilowatts: str) -> RecordFact:
    return fact(
        "rack_inventory",
        site_id=site,
        room=room,
        valid_from=utc_text(at),
        installed=str(installed),
        occupied=str(occupied),
        rated_kw=kilowatts,
    )
