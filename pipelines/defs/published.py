"""The release as an asset: all published tables of one state of the books."""

import dagster as dg

from data_contracts.contract import load_contracts
from pipelines.defs.resources import Platform, teller
from pipelines.orchestrate import release
from pipelines.tables import table_of
from pipelines.warehouse import Target


@dg.asset(
    key=["published", "release"],
    group_name="published",
    deps=[
        dg.AssetDep(["marts", contract.name], partition_mapping=dg.AllPartitionMapping())
        for contract in load_contracts("published")
    ],
    description=(
        "All published tables of one state of the books: an immutable folder of Parquet with a manifest, which "
        "`published/current` names. 发布版本：账目某一状态的全部发布表，一个不可变的 Parquet 目录及其清单。"
    ),
    kinds={"parquet"},
)
def published(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
    """Publishes what the marts hold, unless the same release is there."""
    made = release(Target(platform.home), platform.sources, teller(context))
    tables = [{"table": name, "rows": rows} for name, rows in sorted(made.tables.items())]
    return dg.MaterializeResult(
        metadata={
            "release_id": made.release_id,
            "new": made.new,
            "folder": dg.MetadataValue.path(str(made.folder)),
            "tables": table_of(tables, ["table", "rows"]),
        }
    )


defs = dg.Definitions(assets=[published])
