"""What the models read besides bronze: landings, receipts, sites. Pure tables from log, tallies and configuration.

Schemas are given here once and reach dbt as source `inputs`; nothing here touches the warehouse.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from pipelines.bronze import Ingest
from pipelines.effective import LandingState
from pipelines.home import business_day
from pipelines.lateness import due_through, late_by
from pipelines.sites_config import Source

TIMESTAMP = pa.timestamp("us", tz="UTC")
TEXT, COUNT, YES = pa.string(), pa.int64(), pa.bool_()

SCHEMAS: Mapping[str, pa.Schema] = {
    "landings": pa.schema(
        [
            ("landing_id", TEXT), ("source_id", TEXT), ("dataset", TEXT), ("format", TEXT), ("options", TEXT),
            ("name", TEXT), ("content_sha256", TEXT), ("size_bytes", COUNT), ("first_received_at", TIMESTAMP),
            ("last_received_at", TIMESTAMP), ("receipts", COUNT), ("effective", YES), ("known_at", TIMESTAMP),
            ("ended_at", TIMESTAMP), ("end_reason", TEXT), ("replaced_by", TEXT), ("records_read", COUNT),
            ("rows_in", COUNT), ("accepted", COUNT), ("quarantined", COUNT), ("duplicates", COUNT),
            ("set_aside", COUNT), ("bronze_sha256", TEXT),
        ]
    ),
    "receipts": pa.schema(
        [
            ("landing_id", TEXT), ("source_id", TEXT), ("site_id", TEXT), ("dataset", TEXT),
            ("received_at", TIMESTAMP), ("received_day", pa.date32()), ("late", YES), ("rows_in", COUNT),
            ("accepted", COUNT), ("quarantined", COUNT), ("duplicates", COUNT), ("set_aside", COUNT),
        ]
    ),
    "sites": pa.schema(
        [
            ("source_id", TEXT), ("site_id", TEXT), ("name_en", TEXT), ("name_zh", TEXT), ("kind", TEXT),
            ("region", TEXT), ("city", TEXT), ("province", TEXT), ("operator", TEXT), ("time_zone", TEXT),
            ("currency", TEXT), ("provider_party", TEXT), ("operator_party", TEXT),
            ("grid", TEXT), ("pue_category", COUNT),
        ]
    ),
    "site_partitions": pa.schema(
        [
            ("site_id", TEXT), ("partition", TEXT), ("resource_pool", TEXT), ("compute_class", TEXT),
            ("accelerator_model", TEXT),
        ]
    ),
    "site_instances": pa.schema(
        [
            ("site_id", TEXT), ("rule_no", COUNT), ("matches", TEXT), ("pattern", TEXT), ("is_prefix", YES),
            ("resource_pool", TEXT), ("compute_class", TEXT), ("accelerator_model", TEXT),
        ]
    ),
    "due_days": pa.schema([("source_id", TEXT), ("dataset", TEXT), ("due_through", pa.date32())]),
    "definitions": pa.schema(
        [
            ("term", TEXT), ("name_en", TEXT), ("name_zh", TEXT), ("definition_en", TEXT),
            ("definition_zh", TEXT), ("unit", TEXT), ("table_name", TEXT), ("column_name", TEXT),
            ("sensitivity", TEXT),
        ]
    ),
    "changed_landings": pa.schema([("landing_id", TEXT), ("dataset", TEXT), ("source_id", TEXT)]),
    "tariff_landings": pa.schema([("as_of", TIMESTAMP), ("landing_id", TEXT), ("known_at", TIMESTAMP)]),
    "changed_decisions": pa.schema([("decision_id", TEXT)]),
    "previous_horizon": pa.schema(
        [("source_id", TEXT), ("layer", TEXT), ("first_at", TIMESTAMP), ("watermark_at", TIMESTAMP)]
    ),
    "build": pa.schema(
        [("full_refresh", YES), ("known_at", TIMESTAMP), ("forced_from", pa.date32()), ("forced_to", pa.date32())]
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """A landing with its tally: what the log says and what bronze made of it."""

    state: LandingState
    ingest: Ingest


def landings(known: Iterable[Known]) -> pa.Table:
    """One row a landing, counting only replays that are known."""
    rows = []
    for each in known:
        state, tally = each.state, each.ingest
        late_rows = _unknown_replays(each)
        rows.append(
            {
                "landing_id": state.landing_id,
                "source_id": state.receipt.source_id,
                "dataset": state.receipt.dataset,
                "format": state.receipt.format,
                "options": ",".join(f"{key}={value}" for key, value in sorted(state.receipt.options.items())),
                "name": state.receipt.name,
                "content_sha256": state.receipt.content_sha256,
                "size_bytes": state.receipt.size_bytes,
                "first_received_at": state.first_received_at,
                "last_received_at": state.receipts[-1],
                "receipts": len(state.receipts),
                "effective": state.effective,
                "known_at": state.known_at,
                "ended_at": state.ended_at,
                "end_reason": state.end_reason,
                "replaced_by": state.replaced_by,
                "records_read": tally.records_read,
                "rows_in": tally.rows_in,
                "accepted": tally.accepted - late_rows,
                "quarantined": tally.quarantined + late_rows,
                "duplicates": tally.duplicates,
                "set_aside": sum(tally.set_aside.values()),
                "bronze_sha256": tally.files[0].sha256,
            }
        )
    return pa.Table.from_pylist(rows, SCHEMAS["landings"])


def _unknown_replays(each: Known) -> int:
    known = {replay.at for replay in each.state.replays}
    return sum(file.rows for file in each.ingest.files[1:] if file.received_at not in known)


def receipts(known: Iterable[Known], sources: Mapping[str, Source]) -> pa.Table:
    """One row for each time that rows became known: a landing's first receipt and each of its replays."""
    rows = []
    for each in known:
        source = sources.get(each.state.receipt.source_id)
        replays = {replay.at for replay in each.state.replays}
        for file in each.ingest.files:
            first = file is each.ingest.files[0]
            if not first and file.received_at not in replays:
                continue
            at = datetime.fromisoformat(file.received_at)
            others = sum(other.rows for other in each.ingest.files[1:]) if first else 0
            unknown = _unknown_replays(each) if first else 0
            rows.append(
                {
                    "landing_id": each.state.landing_id,
                    "source_id": each.state.receipt.source_id,
                    "site_id": source.site_id if source else None,
                    "dataset": each.state.receipt.dataset,
                    "received_at": at,
                    "received_day": business_day(at),
                    "late": first and late_by(each.ingest, source) is not None,
                    "rows_in": each.ingest.rows_in - others + unknown if first else file.rows,
                    "accepted": file.rows,
                    "quarantined": each.ingest.quarantined + unknown if first else 0,
                    "duplicates": each.ingest.duplicates if first else 0,
                    "set_aside": sum(each.ingest.set_aside.values()) if first else 0,
                }
            )
    return pa.Table.from_pylist(rows, SCHEMAS["receipts"])


def sites(sources: Mapping[str, Source]) -> pa.Table:
    """One row a site."""
    names = SCHEMAS["sites"].names
    rows = [{name: getattr(source, name) for name in names} for source in sources.values() if source.site_id]
    return pa.Table.from_pylist(rows, SCHEMAS["sites"])


def due_days(sources: Mapping[str, Source], known: Iterable[Known]) -> pa.Table:
    """Per daily feed: the newest business day whose records were due by the newest delivery.

    Feeds of one dataset in several formats wait for each other."""
    heard_until = max((each.state.receipts[-1] for each in known), default=None)
    rows: dict[tuple[str, str], date] = {}
    for source in sources.values() if heard_until else ():
        for feed in source.feeds:
            if heard_until and feed.service_level and feed.service_level.due is not None:
                day = due_through(feed.service_level, source.time_zone, heard_until)
                key = (source.source_id, feed.dataset)
                rows[key] = min(day, rows.get(key, day))
    return pa.Table.from_pylist(
        [
            {"source_id": source, "dataset": dataset, "due_through": day}
            for (source, dataset), day in rows.items()
        ],
        SCHEMAS["due_days"],
    )


def site_partitions(sources: Mapping[str, Source]) -> pa.Table:
    """What each scheduler partition of each site means."""
    rows = [
        {
            "site_id": source.site_id,
            "partition": each.partition,
            "resource_pool": each.resource_pool,
            "compute_class": each.compute_class,
            "accelerator_model": each.accelerator_model,
        }
        for source in sources.values()
        for each in source.partitions
    ]
    return pa.Table.from_pylist(rows, SCHEMAS["site_partitions"])


def site_instances(sources: Mapping[str, Source]) -> pa.Table:
    """What the nodes and flavors of each site's machines and pods mean, in the order of its rules."""
    rows = [
        {"site_id": source.site_id, "rule_no": number, **vars(rule)}
        for source in sources.values()
        for number, rule in enumerate(source.instances, start=1)
    ]
    return pa.Table.from_pylist(rows, SCHEMAS["site_instances"])
