"""The release as assets: all published tables of one state of the books, and the statements that lie beside them."""

import dagster as dg

from data_contracts.contract import load_contracts
from pipelines.defs.resources import Platform, teller
from pipelines.orchestrate import release
from pipelines.tables import table_of
from pipelines.warehouse import Target

RELEASE, STATEMENTS = dg.AssetKey(["published", "release"]), dg.AssetKey(["published", "statements"])


@dg.multi_asset(
    name="published_release",
    specs=[
        dg.AssetSpec(
            RELEASE,
            group_name="published",
            deps=[
                dg.AssetDep(["marts", contract.name], partition_mapping=dg.AllPartitionMapping())
                for contract in load_contracts("published")
            ],
            description=(
                "All published tables of one state of the books: an immutable folder of Parquet with a manifest, "
                "which `published/current` names. "
                "发布版本：账目某一状态的全部发布表，一个不可变的 Parquet 目录及其清单。"
            ),
            kinds={"parquet"},
        ),
        dg.AssetSpec(
            STATEMENTS,
            group_name="published",
            deps=[RELEASE],
            description=(
                "Statements of account of every party and closed period of the release, as PDF and Excel; without "
                "them there is no release. "
                "结算单：发布版本中每个已关账账期、每一方的结算单，PDF 与 Excel；缺之则不发布。"
            ),
            kinds={"pdf", "excel"},
        ),
    ],
)
def published(
    context: dg.AssetExecutionContext, platform: Platform
) -> tuple[dg.MaterializeResult, dg.MaterializeResult]:
    """Publishes what the marts hold, with its statements, unless the same release is there."""
    made = release(Target(platform.home), platform.sources, teller(context))
    tables = [{"table": name, "rows": rows} for name, rows in sorted(made.tables.items())]
    periods = [{"period": name, "statements": count} for name, count in sorted(made.statements.items())]
    return dg.MaterializeResult(
        asset_key=RELEASE,
        metadata={
            "release_id": made.release_id,
            "new": made.new,
            "folder": dg.MetadataValue.path(str(made.folder)),
            "tables": table_of(tables, ["table", "rows"]),
        },
    ), dg.MaterializeResult(
        asset_key=STATEMENTS,
        metadata={
            "folder": dg.MetadataValue.path(str(made.folder / "statements")),
            "statements": sum(made.statements.values()),
            "periods": table_of(periods, ["period", "statements"]),
        },
    )


defs = dg.Definitions(assets=[published])
