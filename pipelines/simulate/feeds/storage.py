"""What volumes and quotas hold: one observation of each at 23:30 of every business day, growing, sometimes cleared."""

from collections.abc import Mapping
from datetime import date
from random import Random

from pipelines.simulate.clock import day_start, days_between, utc_text
from pipelines.simulate.events import Events
from pipelines.simulate.feeds.records import RecordFact, fact

COLUMNS = ("volume_id", "account", "tier", "observed_at", "used_bytes", "provisioned_bytes")
VOLUMES = 60
OBSERVED = 23 * 3600 + 1800
GIB = 1 << 30
TIERS = {
    "nscc-zz": ("lustre-scratch", "lustre-home", "tape-archive"),
    "unicom-zy": ("ceph-ssd", "ceph-hdd", "s3-standard"),
    "cmcc-gx": ("ceph-rbd", "cephfs"),
    "yunai-ai": ("nvme-cache", "parallel-fs"),
    "qingyang": ("parallel-fs", "s3-cold"),
    "hami": ("parallel-fs", "s3-cold"),
}


def storage(events: Events, site: str) -> Mapping[date | None, list[RecordFact]]:
    """The day's observations of a site's volumes, by business day. A volume without a quota has nothing provisioned."""
    params = events.world.params
    rng = Random(f"{params.seed}/{site}/storage")
    accounts = [each.account for each in events.tenancy.accounts if each.site_id == site]
    days = days_between(params.first_day, params.last_day)
    observed: dict[date | None, list[RecordFact]] = {day: [] for day in days}
    for number in range(max(4, round(VOLUMES * params.scale))):
        account, tier = accounts[number % len(accounts)], rng.choice(TIERS[site])
        quota = rng.choice((500, 1024, 2048, 10240, 51200)) * GIB
        provisioned = str(quota) if rng.random() < 0.85 else ""
        used = quota * rng.uniform(0.1, 0.7)
        volume = f"{tier}/{account}/{number // len(accounts) + 1}"
        for day in days:
            used = min(used * rng.uniform(1.0, 1.02), float(quota)) * (0.4 if rng.random() < 0.01 else 1.0)
            observed[day].append(
                fact(
                    "storage_records",
                    site_id=site,
                    volume_id=volume,
                    observed_at=utc_text(day_start(day) + OBSERVED),
                    account=account,
                    tier=tier,
                    used_bytes=str(int(used)),
                    provisioned_bytes=provisioned,
                )
            )
    return observed
