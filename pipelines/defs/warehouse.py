"""The models as assets: one build brings all of them up to what is known; each group reports what it holds.

Day facts are partitioned by business day, settlement by billing period, the rest not at all. Whichever group is asked
first builds what is due; what a build does is decided by content.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

from data_contracts.contract import contract_names, load_contract
from pipelines.dbt_project import last_seconds
from pipelines.defs.resources import Platform, teller
from pipelines.defs.telling import tell
from pipelines.home import Home
from pipelines.manifest import read_manifest
from pipelines.orchestrate import build
from pipelines.partitions import billing_periods, business_days, days_of, partitions_of
from pipelines.tables import schema_of
from pipelines.warehouse import Target, connected, locked

FORCED = "suanzhang/forced"
"""Run tag `first/last`: business days to compute again whatever changed."""


def _specs(manifest: Mapping[str, Any]) -> dict[str, dg.AssetSpec]:
    """One spec per model and seed, by dbt's unique id."""
    translator, published = DagsterDbtTranslator(), set(contract_names())
    specs = {}
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] not in ("model", "seed"):
            continue
        spec = translator.get_asset_spec(manifest, unique_id, None)
        layer = "seeds" if node["resource_type"] == "seed" else node["fqn"][1]
        contract = load_contract(node["name"]) if layer == "marts" and node["name"] in published else None
        specs[unique_id] = spec.replace_attributes(
            group_name=layer,
            partitions_def=partitions_of(contract) if contract else None,
            kinds={"dbt", "duckdb"},
            skippable=True,
            deps=_deps(spec),
        )
        if contract:
            specs[unique_id] = specs[unique_id].merge_attributes(
                metadata={"dagster/column_schema": schema_of(contract)}
            )
    return specs


def _deps(spec: dg.AssetSpec) -> list[dg.AssetDep]:
    return [dg.AssetDep(dep.asset_key, partition_mapping=dg.AllPartitionMapping()) for dep in spec.deps]


def _groups(specs: Mapping[str, dg.AssetSpec]) -> list[dg.AssetsDefinition]:
    """Models of one partitioning make one step; unpartitioned ones that stand after others make the last."""
    after = _downstream(specs)
    plain = {k: s for k, s in specs.items() if s.partitions_def is None}
    return [
        _assets("models", {k: s for k, s in plain.items() if s.key not in after}),
        _assets("day_facts", {k: s for k, s in specs.items() if s.partitions_def is business_days}),
        _assets("settlement", {k: s for k, s in specs.items() if s.partitions_def is billing_periods}),
        _assets("reports", {k: s for k, s in plain.items() if s.key in after}),
    ]


def _downstream(specs: Mapping[str, dg.AssetSpec]) -> set[dg.AssetKey]:
    """The keys of all assets that stand after a partitioned one."""
    found = {spec.key for spec in specs.values() if spec.partitions_def is not None}
    while True:
        more = {
            s.key for s in specs.values() if s.key not in found and any(d.asset_key in found for d in s.deps)
        }
        if not more:
            return found
        found |= more


def _assets(name: str, specs: Mapping[str, dg.AssetSpec]) -> dg.AssetsDefinition:
    ids = {spec.key: unique_id for unique_id, spec in specs.items()}
    upstream = {spec.key: {dep.asset_key for dep in spec.deps} for spec in specs.values()}
    partitioned = any(spec.partitions_def for spec in specs.values())
    published = set(contract_names())
    order = [key for key in TopologicalSorter(upstream).static_order() if key in ids]

    @dg.multi_asset(
        name=name,
        specs=list(specs.values()),
        can_subset=True,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def models(context: dg.AssetExecutionContext, platform: Platform) -> Iterator[dg.MaterializeResult]:
        target = Target(platform.home)
        made = build(target, platform.sources, forced_days(context), teller(context))
        chosen = [key for key in order if key in context.selected_asset_keys]
        days = days_of(context) if partitioned else []
        seconds = last_seconds(platform.home)
        with locked(platform.home), connected(target) as connection:
            for key in chosen:
                metadata: dict[str, Any] = {"seconds": seconds.get(ids[key], 0.0)}
                if made.results:
                    metadata["days_recomputed"] = len(made.days)
                if key.path[-1] in published:
                    told = tell(connection, load_contract(key.path[-1]), days)
                    for day in days:
                        context.add_asset_metadata(told[day], key, day.isoformat())
                    metadata |= told[None] if not days else {}
                yield dg.MaterializeResult(asset_key=key, metadata=metadata)

    return models


def forced_days(context: dg.AssetExecutionContext) -> tuple[date, date] | None:
    """The business days that a run was told to compute again, or None."""
    tag = context.run.tags.get(FORCED)
    if tag is None:
        return None
    first, _, last = tag.partition("/")
    return date.fromisoformat(first), date.fromisoformat(last)


def definitions(home: Home | None = None) -> dg.Definitions:
    """The models of the present dbt project as assets."""
    return dg.Definitions(assets=_groups(_specs(read_manifest(home or Home.from_environment()))))
