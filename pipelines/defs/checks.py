"""Checks beside the bronze assets, by received day: the certificate, and whether each source was on time.

A verdict is that of the day's deliveries, whatever this run did: a run that finds nothing to certify overturns nothing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg

from data_contracts.contract import Contract, load_contracts
from pipelines.bronze import Ingest
from pipelines.certifying import certify_due, verdicts
from pipelines.defs.bronze import tallies
from pipelines.defs.reporting import Row, report
from pipelines.defs.resources import Platform, teller
from pipelines.lateness import late_by
from pipelines.partitions import days_of, received_days
from pipelines.sites_config import Source


def _certificate(contract: Contract) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=["bronze", contract.name],
        name="certificate",
        description=(
            "Great Expectations on a bounded sample of the accepted rows, and on counts, volume and hashes. "
            "质量证书：对接收行的有界抽样及行数、数据量、哈希的核验。"
        ),
        partitions_def=received_days,
    )
    def certificate(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        certify_due(platform.home, platform.sources, contract.name, teller(context))
        given = verdicts(platform.home, contract.name)
        return report(
            context,
            {
                day: _certificates(made, given)
                for day, made in tallies(platform.home, contract.name, days_of(context)).items()
            },
            columns=("source", "verdict", "page"),
            passed="No delivery is certified red.",
            failed="Certified red",
            severity=dg.AssetCheckSeverity.ERROR,
            is_bad=lambda row: row["verdict"] not in ("green", "amber"),
        )

    return certificate


def _certificates(made: Sequence[Ingest], given: Mapping[tuple[str, str], tuple[str, Path]]) -> list[Row]:
    """The certificates that deliveries have, each once; verdict `none` for a delivery without one."""
    found = {
        (each.source_id, *given.get((each.landing_id, each.files[0].sha256), ("none", Path())))
        for each in made
    }
    return [{"source": source, "verdict": verdict, "page": page} for source, verdict, page in sorted(found)]


def _late(made: Sequence[Ingest], sources: dict[str, Source]) -> list[Row]:
    return [
        {"source": each.source_id, "received_at": each.received_at, "late_by": str(by)}
        for each in made
        if (by := late_by(each, sources.get(each.source_id)))
    ]


def _on_time(contract: Contract) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=["bronze", contract.name],
        name="on_time",
        description=(
            "Whether each delivery came within its feed's service level. 及时性：每次交付是否在约定时限内到达。"
        ),
        partitions_def=received_days,
    )
    def on_time(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        sources = platform.sources
        return report(
            context,
            {
                day: _late(made, sources)
                for day, made in tallies(platform.home, contract.name, days_of(context)).items()
            },
            columns=("source", "received_at", "late_by"),
            passed="No delivery was late.",
            failed="Late",
        )

    return on_time


_inputs = load_contracts("input")
defs = dg.Definitions(
    asset_checks=[check for contract in _inputs for check in (_certificate(contract), _on_time(contract))]
)
