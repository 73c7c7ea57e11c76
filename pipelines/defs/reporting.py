"""How a check tells its verdict: one evaluation per day, which names the sources and sites that it found.

Dagster books the evaluation of a run over several partitions on none of them; so each day's is logged here.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,
)

from pipelines.tables import table_of

Row = Mapping[str, Any]
NAMES_SHOWN = 10


def report(
    context: dg.AssetCheckExecutionContext,
    rows: Mapping[date, Sequence[Row]],
    *,
    columns: Sequence[str],
    passed: str,
    failed: str,
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.WARN,
    is_bad: Callable[[Row], bool] = lambda _: True,
) -> dg.AssetCheckResult:
    """Books each day's verdict on its rows, and returns the verdict on all of them.

    The first of `columns` names who is meant; `passed` and `failed` say in words what a verdict means.
    """

    def verdict(of: Sequence[Row]) -> dict[str, Any]:
        bad = [row for row in of if is_bad(row)]
        return {
            "passed": not bad,
            "severity": severity,
            "description": sentence(bad, columns[0], passed, failed),
            "metadata": {"rows": table_of(of, columns)} if of else {},
        }

    if context.has_partition_key_range:
        (key,) = context.selected_asset_check_keys
        judged = _materialised(context.instance, key.asset_key, [day.isoformat() for day in rows])
        for day in sorted(rows):
            context.op_execution_context.log_event(
                dg.AssetCheckEvaluation(  # type: ignore[arg-type]  # it takes them, and does not say so
                    asset_key=key.asset_key,
                    check_name=key.name,
                    partition=day.isoformat(),
                    target_materialization_data=judged.get(day.isoformat()),
                    **verdict(rows[day]),
                )
            )
    whole = list({tuple(row.items()): row for day in sorted(rows) for row in rows[day]}.values())
    return dg.AssetCheckResult(**verdict(whole))


def _materialised(
    instance: dg.DagsterInstance, asset_key: dg.AssetKey, partitions: Sequence[str]
) -> dict[str, AssetCheckEvaluationTargetMaterializationData]:
    """The newest materialisation of each partition: the UI counts a verdict only where it is on that one."""
    newest = instance.get_latest_storage_id_by_partition(
        asset_key, dg.DagsterEventType.ASSET_MATERIALIZATION, set(partitions)
    )
    if not newest:
        return {}
    wanted = dg.AssetRecordsFilter(asset_key=asset_key, storage_ids=list(newest.values()))
    return {
        record.partition_key: AssetCheckEvaluationTargetMaterializationData(
            storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp
        )
        for record in instance.fetch_materializations(wanted, limit=len(newest)).records
        if record.partition_key
    }


def sentence(bad: Sequence[Row], who: str, passed: str, failed: str) -> str:
    """A verdict in words, naming who is meant, each once."""
    names = list(dict.fromkeys(str(row[who]) for row in bad))
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return f"{failed}: {', '.join(names[:NAMES_SHOWN])}{more}." if names else passed
