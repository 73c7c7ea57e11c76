"""One asset per input dataset: typed rows by received day, with what was accepted, quarantined and why, by source."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import dagster as dg
import polars as pl

from data_contracts.contract import Contract, load_contracts
from pipelines.bronze import Ingest, read_ingest
from pipelines.defs.resources import Platform, teller
from pipelines.home import Home, business_day
from pipelines.lake import refresh
from pipelines.partitions import days_of, received_days
from pipelines.tables import PREVIEW_ROWS, preview, preview_columns, table_of

COUNTS = ("rows_in", "accepted", "quarantined", "duplicates", "set_aside")
COLUMNS = (
    "source",
    "rows_in",
    "accepted",
    "quarantined",
    "top_reasons",
    "seconds",
    "deliveries",
    "duplicates",
    "set_aside",
)
"""What matters most comes first: a narrow page cuts the rest."""
REASONS_SHOWN = 3


def tallies(home: Home, dataset: str, days: Collection[date]) -> dict[date, list[Ingest]]:
    """The tallies of a dataset's landings by the day on which they were first received, for each of some days."""
    found: dict[date, list[Ingest]] = {day: [] for day in days}
    for path in sorted(home.stats.glob("*.json")):
        each = read_ingest(home, path.stem)
        if each and each.dataset == dataset:
            day = business_day(datetime.fromisoformat(each.received_at))
            if day in found:
                found[day].append(each)
    return found


def by_source(made: Sequence[Ingest], seconds: Mapping[str, float]) -> list[dict[str, Any]]:
    """Tallies summed by source, with the rules broken most and the seconds that this run spent reading."""
    rows = []
    for source in sorted({each.source_id for each in made}):
        mine = [each for each in made if each.source_id == source]
        reasons: Counter[str] = Counter()
        for each in mine:
            reasons.update(each.rules)
        rows.append(
            {
                "source": source,
                "deliveries": len(mine),
                "rows_in": sum(each.rows_in for each in mine),
                "accepted": sum(each.accepted for each in mine),
                "quarantined": sum(each.quarantined for each in mine),
                "duplicates": sum(each.duplicates for each in mine),
                "set_aside": sum(sum(each.set_aside.values()) for each in mine),
                "seconds": round(sum(seconds.get(each.landing_id, 0.0) for each in mine), 3),
                "top_reasons": ", ".join(
                    f"{rule}: {count}" for rule, count in reasons.most_common(REASONS_SHOWN)
                ),
            }
        )
    return rows


def metadata_of(
    home: Home, contract: Contract, made: Sequence[Ingest], seconds: Mapping[str, float]
) -> dict[str, Any]:
    """What a received day brought of a dataset: the sums, the same by source, and the first rows of a delivery."""
    rows = by_source(made, seconds)
    return {
        **{name: sum(row[name] for row in rows) for name in COUNTS},
        "seconds": round(sum(row["seconds"] for row in rows), 3),
        "by_source": table_of(rows, COLUMNS),
        "preview": _preview(home, contract, made),
        "dagster/partition_row_count": sum(row["accepted"] for row in rows),
    }


def _preview(home: Home, contract: Contract, made: Sequence[Ingest]) -> dg.TableMetadataValue:
    """The first accepted rows of the newest delivery that has some."""
    paths = [home.bronze / each.files[0].path for each in made if each.files[0].rows]
    columns = preview_columns(contract)
    rows = pl.read_parquet(paths[-1], n_rows=PREVIEW_ROWS, columns=columns).rows() if paths else []
    return preview(columns, rows)


def _asset(contract: Contract) -> dg.AssetsDefinition:
    @dg.asset(
        key=["bronze", contract.name],
        group_name="bronze",
        description=f"{contract.title.en}. {contract.granularity.en} {contract.title.zh}：{contract.granularity.zh}",
        deps=[["landing", "deliveries"]],
        partitions_def=received_days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        kinds={"polars", "parquet"},
        code_version=contract.version,
    )
    def bronze(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        days = days_of(context)
        read = refresh(
            platform.home, platform.sources, datasets=[contract.name], days=days, progress=teller(context)
        )
        seconds = {each.ingest.landing_id: each.seconds for each in read}
        for day, made in tallies(platform.home, contract.name, days).items():
            context.add_asset_metadata(
                metadata_of(platform.home, contract, made, seconds), partition_key=day.isoformat()
            )
        return dg.MaterializeResult()

    return bronze


defs = dg.Definitions(assets=[_asset(contract) for contract in load_contracts("input")])
