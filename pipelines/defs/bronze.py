"""One asset per input dataset: typed rows by received day, with what was accepted, quarantined and why, by source."""

from collections import Counter
from collections.abc import Mapping, Sequence
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
from pipelines.tables import markdown, table_of

COLUMNS = (
    "source",
    "deliveries",
    "rows_in",
    "accepted",
    "quarantined",
    "duplicates",
    "set_aside",
    "top_reasons",
    "seconds",
)
PREVIEW_ROWS = 5


def tallies(home: Home, dataset: str, days: Sequence[date]) -> list[Ingest]:
    """The tallies of a dataset's landings that were first received on some days."""
    wanted = set(days)
    found = (read_ingest(home, path.stem) for path in sorted(home.stats.glob("*.json")))
    return [
        each
        for each in found
        if each
        and each.dataset == dataset
        and business_day(datetime.fromisoformat(each.received_at)) in wanted
    ]


def by_source(made: Sequence[Ingest], seconds: Mapping[str, float]) -> list[dict[str, Any]]:
    """Tallies summed by source, with the rules broken most and the seconds that this run spent."""
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
                "top_reasons": ", ".join(f"{rule} {count}" for rule, count in reasons.most_common(3)),
                "seconds": round(sum(seconds.get(each.landing_id, 0.0) for each in mine), 3),
            }
        )
    return rows


def preview(home: Home, contract: Contract, made: Sequence[Ingest]) -> dg.MarkdownMetadataValue:
    """The first accepted rows of the newest delivery that has some."""
    paths = [home.bronze / each.files[0].path for each in made if each.files[0].rows]
    columns = [column.name for column in contract.columns]
    rows = pl.read_parquet(paths[-1], n_rows=PREVIEW_ROWS, columns=columns).rows() if paths else []
    return markdown(columns, rows)


def _asset(contract: Contract) -> dg.AssetsDefinition:
    @dg.asset(
        key=["bronze", contract.name],
        group_name="bronze",
        description=f"{contract.title.en} · {contract.title.zh}. {contract.granularity.en}",
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
        made = tallies(platform.home, contract.name, days)
        rows = by_source(made, {each.ingest.landing_id: each.seconds for each in read})
        totals = {name: sum(row[name] for row in rows) for name in ("rows_in", "accepted", "quarantined")}
        return dg.MaterializeResult(
            metadata={
                **totals,
                "read_in_this_run": len(read),
                "by_source": table_of(rows, COLUMNS),
                "preview": preview(platform.home, contract, made),
            }
        )

    return bronze


defs = dg.Definitions(assets=[_asset(contract) for contract in load_contracts("input")])
