"""The rows of a supposed tariff, read as a landing of tariff_rates would be. All of them must be sound."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from data_contracts.contract import load_contract
from pipelines.bronze import read_context
from pipelines.conform import Origin, conform
from pipelines.errors import Finding
from pipelines.formats import FORMATS
from pipelines.formats.base import Tally, Unreadable
from pipelines.late_tariffs import DATASET
from pipelines.quarantine import reasons
from pipelines.sites_config import Source
from pipelines.words import plain

FORMAT, SOURCE = "table", "network-ops"
SUPPOSED = "supposed"
"""The landing that the rows are said to be of."""
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
"""When they are said to have been received: before any close."""
SHOWN = 5


def read_tariff(path: Path, source: Source) -> pl.DataFrame:
    """The file's rows as bronze would have them.

    Raises Finding if the file or a row would be rejected, if two rows contradict each other, or if there is none.
    """
    accepted, rejected = _read(path, source)
    if rejected.height:
        told = [
            f"\n  row {row}: {rules}: {' '.join(reasons(DATASET, FORMAT, rules))}\n    {plain(raw)}"
            for row, rules, raw in rejected.head(SHOWN).select("landing_row", "rules", "raw").iter_rows()
        ]
        more = f"\n  … and {rejected.height - SHOWN} more" if rejected.height > SHOWN else ""
        raise Finding(
            f"{path.name} would be rejected in {rejected.height} of {accepted.height + rejected.height} rows; correct "
            f"it, nothing was rated.{''.join(told)}{more}"
        )
    if accepted.is_empty():
        raise Finding(f"{path.name} has no rows below its header: nothing was rated.")
    _refuse_contradictions(path.name, accepted)
    return accepted


def _read(path: Path, source: Source) -> tuple[pl.DataFrame, pl.DataFrame]:
    contract, origin = load_contract(DATASET), Origin(source.source_id, SUPPOSED, ALWAYS)
    batches: list[tuple[pl.DataFrame, pl.DataFrame]] = []
    try:
        for batch in FORMATS[FORMAT].read(path, read_context(source, contract, {}), Tally()):
            batches.append(conform(batch, contract, origin))
    except Unreadable as refusal:
        raise Finding(f"{path.name} cannot be read: {refusal.en} {refusal.zh}") from refusal
    if not batches:
        raise Finding(f"{path.name} has no rows below its header: nothing was rated.")
    accepted, rejected = zip(*batches, strict=True)
    return pl.concat(accepted), pl.concat(rejected)


def _refuse_contradictions(name: str, rows: pl.DataFrame) -> None:
    key = load_contract(DATASET).key
    contrary = rows.filter(pl.col("record_hash").n_unique().over(key) > 1).sort(*key, "landing_row")
    if contrary.height:
        one, other = contrary["landing_row"].head(2)
        raise Finding(
            f"{name}: rows {one} and {other} price the same SKU in the same version, band and window otherwise; "
            "keep one of them, nothing was rated."
        )
