"""Checks beside the marts that name the sites: within capacity, attributed, complete. They warn; they stop nothing."""

from collections.abc import Sequence

import dagster as dg

from pipelines.defs.resources import Platform
from pipelines.partitions import business_days, days_of
from pipelines.tables import table_of
from pipelines.warehouse import Target, connected, locked

AUDITS = {
    ("utilisation_daily", "within_capacity"): (
        "No site has more allocated than installed.",
        "select site_id as site, count(*) as rows from marts.utilisation_daily "
        "where quality = 'over_allocated' and day between ? and ? group by all order by all",
    ),
    ("metered_usage", "attributed"): (
        "Every used resource has a tenant and a price.",
        "select site_id || ' (' || reason || ')' as site, count(*) as rows from marts.metered_usage "
        "where reason is not null and day between ? and ? group by all order by all",
    ),
    ("completeness_daily", "complete"): (
        "Every declared day was found whole.",
        "select source_id || ' ' || dataset as site, count(*) as rows from marts.completeness_daily "
        "where complete is not true and day between ? and ? group by all order by all",
    ),
}


def _audit(table: str, name: str, description: str, query: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=["marts", table], name=name, description=description, partitions_def=business_days)
    def audit(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        days = days_of(context)
        with locked(platform.home), connected(Target(platform.home)) as connection:
            found: Sequence[tuple[str, int]] = connection.execute(query, [days[0], days[-1]]).fetchall()
        return dg.AssetCheckResult(
            passed=not found,
            severity=dg.AssetCheckSeverity.WARN,
            description="; ".join(f"{site}: {rows}" for site, rows in found[:10]) or "nothing found",
            metadata={"found": table_of([{"site": site, "rows": n} for site, n in found], ["site", "rows"])},
        )

    return audit


defs = dg.Definitions(asset_checks=[_audit(*key, *audit) for key, audit in AUDITS.items()])
