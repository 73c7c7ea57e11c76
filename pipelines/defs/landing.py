"""The landing asset: what arrived on a received day, by source and dataset."""

from datetime import UTC, datetime

import dagster as dg

from pipelines.arrivals import take
from pipelines.defs.resources import Platform
from pipelines.home import business_day
from pipelines.landing import read_events
from pipelines.partitions import days_of, received_days
from pipelines.tables import table_of


@dg.asset(
    key=["landing", "deliveries"],
    group_name="landing",
    partitions_def=received_days,
    backfill_policy=dg.BackfillPolicy.single_run(),
    kinds={"file"},
)
def deliveries(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
    """Bytes as sent, kept by sha256, with a receipt each. What waits in the inbox is landed first."""
    taken, left = take(platform.home, platform.sources, datetime.now(UTC))
    for arrival in left:
        context.log.warning(f"{arrival.path.name} stays in the inbox: {arrival.reason}.")
    days = set(days_of(context))
    receipts = [
        event
        for event in read_events(platform.home)
        if event.act == "receipt" and business_day(event.instant) in days
    ]
    rows: dict[tuple[str, str], list[int]] = {}
    for event in receipts:
        row = rows.setdefault((event.source_id, event.dataset), [0, 0])
        row[0] += 1
        row[1] += event.size_bytes
    table = [
        {"source": source, "dataset": dataset, "deliveries": count, "bytes": size}
        for (source, dataset), (count, size) in sorted(rows.items())
    ]
    return dg.MaterializeResult(
        metadata={
            "landed_from_inbox": len(taken),
            "left_in_inbox": len(left),
            "deliveries": len(receipts),
            "by_source": table_of(table, ["source", "dataset", "deliveries", "bytes"]),
        }
    )


defs = dg.Definitions(assets=[deliveries])
