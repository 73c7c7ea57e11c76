"""The landing asset: what arrived on a received day, by source and dataset."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg

from pipelines.arrivals import take
from pipelines.defs.resources import Platform
from pipelines.home import business_day
from pipelines.landing import Event, read_events
from pipelines.partitions import days_of, received_days
from pipelines.tables import table_of


@dg.asset(
    key=["landing", "deliveries"],
    group_name="landing",
    description=(
        "Bytes as sent, kept by sha256, with a receipt each; what waits in the inbox is landed first. "
        "原始交付：按 sha256 保存收到的原始字节，每次接收一张回执；先收取收件箱中的文件。"
    ),
    partitions_def=received_days,
    backfill_policy=dg.BackfillPolicy.single_run(),
    kinds={"file"},
)
def deliveries(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
    """Lands what waits in the inbox, then tells what each received day brought."""
    taken, left = take(platform.home, platform.sources, datetime.now(UTC))
    context.log.info(f"{len(taken)} files landed from the inbox.")
    for arrival in left:
        context.log.warning(f"{arrival.path.name} stays in the inbox: {arrival.reason}.")
    days = set(days_of(context))
    receipts: dict[date, list[Event]] = {day: [] for day in days}
    for event in read_events(platform.home):
        if event.act == "receipt" and business_day(event.instant) in days:
            receipts[business_day(event.instant)].append(event)
    for day, events in receipts.items():
        context.add_asset_metadata(received(events), partition_key=day.isoformat())
    return dg.MaterializeResult()


def received(receipts: Iterable[Event]) -> dict[str, Any]:
    """Receipts counted by source and dataset."""
    rows: dict[tuple[str, str], list[int]] = {}
    for event in receipts:
        row = rows.setdefault((event.source_id, event.dataset), [0, 0])
        row[0] += 1
        row[1] += event.size_bytes
    table = [
        {"source": source, "dataset": dataset, "deliveries": count, "bytes": size}
        for (source, dataset), (count, size) in sorted(rows.items())
    ]
    return {
        "deliveries": sum(count for count, _ in rows.values()),
        "bytes": sum(size for _, size in rows.values()),
        "by_source": table_of(table, ["source", "dataset", "deliveries", "bytes"]),
    }


defs = dg.Definitions(assets=[deliveries])
