"""Checks beside the bronze assets: the certificate, and whether each source was on time. They name the sources."""

import dagster as dg

from data_contracts.contract import Contract, load_contracts
from pipelines.certifying import certify_due
from pipelines.defs.bronze import tallies
from pipelines.defs.resources import Platform, teller
from pipelines.lateness import late_by
from pipelines.partitions import days_of, received_days
from pipelines.tables import table_of


def _certificate(contract: Contract) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=["bronze", contract.name],
        name="certificate",
        description="Great Expectations on a bounded sample of the accepted rows, and on counts, volume and hashes.",
        partitions_def=received_days,
    )
    def certificate(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        made = certify_due(platform.home, platform.sources, contract.name, teller(context))
        red = [each.source_id for each in made if each.verdict == "red"]
        rows = [{"source": e.source_id, "verdict": e.verdict.value, "page": str(e.page)} for e in made]
        return dg.AssetCheckResult(
            passed=not red,
            description=f"Red: {', '.join(red)}" if red else f"{len(made)} certificates written, none red",
            metadata={"certificates": table_of(rows, ["source", "verdict", "page"])},
        )

    return certificate


def _on_time(contract: Contract) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=["bronze", contract.name],
        name="on_time",
        description="Whether each delivery came within its feed's service level.",
        partitions_def=received_days,
    )
    def on_time(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        made = tallies(platform.home, contract.name, days_of(context))
        late = {
            each.landing_id: by
            for each in made
            if (by := late_by(each, platform.sources.get(each.source_id)))
        }
        sources = sorted({each.source_id for each in made if each.landing_id in late})
        rows = [
            {"source": each.source_id, "received_at": each.received_at, "late_by": str(late[each.landing_id])}
            for each in made
            if each.landing_id in late
        ]
        return dg.AssetCheckResult(
            passed=not late,
            severity=dg.AssetCheckSeverity.WARN,
            description=f"Late: {', '.join(sources)}" if late else f"{len(made)} deliveries, none late",
            metadata={"late": table_of(rows, ["source", "received_at", "late_by"])},
        )

    return on_time


_inputs = load_contracts("input")
defs = dg.Definitions(
    asset_checks=[check for contract in _inputs for check in (_certificate(contract), _on_time(contract))]
)
