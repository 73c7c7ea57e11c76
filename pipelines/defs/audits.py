"""Checks beside the marts, by business day, that name the sites: within capacity, attributed, complete. They warn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import dagster as dg

from pipelines.defs.reporting import Row, report
from pipelines.defs.resources import Platform
from pipelines.partitions import business_days, days_of
from pipelines.warehouse import Target, connected, locked


@dataclass(frozen=True)
class Audit:
    """A question to a mart: `query` gives day, who is meant, and how many rows, between two days."""

    table: str
    name: str
    description: str
    query: str
    passed: str
    failed: str


AUDITS = (
    Audit(
        "utilisation_daily",
        "within_capacity",
        "Whether a site has more allocated than installed. 容量内：各节点的分配量是否不超过装机量。",
        "select day, site_id, count(*) from marts.utilisation_daily "
        "where quality = 'over_allocated' and day between ? and ? group by all order by all",
        "No site has more allocated than installed.",
        "More allocated than installed",
    ),
    Audit(
        "metered_usage",
        "attributed",
        "Whether every used resource has a tenant and a price. 可归属：每笔用量是否都有租户和价格。",
        "select day, site_id || ' (' || reason || ')', count(*) from marts.metered_usage "
        "where reason is not null and day between ? and ? group by all order by all",
        "All usage has a tenant and a price.",
        "Usage without tenant or price",
    ),
    Audit(
        "completeness_daily",
        "complete",
        "Whether each declared day was found whole. 完整性：来源申报的每一天是否全部收到。",
        "select day, source_id || ' ' || dataset, count(*) from marts.completeness_daily "
        "where complete is not true and day between ? and ? group by all order by all",
        "What was declared was found.",
        "Not what was declared",
    ),
)


def _asked(platform: Platform, audit: Audit, days: list[date]) -> Mapping[date, list[Row]]:
    found: dict[date, list[Row]] = {day: [] for day in days}
    with locked(platform.home), connected(Target(platform.home)) as connection:
        for day, who, rows in connection.execute(audit.query, [days[0], days[-1]]).fetchall():
            found[day].append({"site": who, "day": day.isoformat(), "rows": rows})
    return found


def _check(audit: Audit) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=["marts", audit.table],
        name=audit.name,
        description=audit.description,
        partitions_def=business_days,
    )
    def check(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = _asked(platform, audit, days_of(context))
        return report(
            context, found, columns=("site", "day", "rows"), passed=audit.passed, failed=audit.failed
        )

    return check


defs = dg.Definitions(asset_checks=[_check(audit) for audit in AUDITS])
