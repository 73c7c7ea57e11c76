"""Deliveries of job records as bronze holds them, written by hand for these tests; no ingestion code takes part."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from data_contracts.contract import Contract, load_contract
from data_contracts.dictionary import Text
from pipelines.bronze_files import BronzeFile, RowWriter, quarantine_schema
from pipelines.certificates import DeliveryFacts
from pipelines.files import sha256_file

SOURCE = "nscc-zz"
JOBS = load_contract("job_records")
RECEIVED = datetime(2024, 5, 2, 1, 30, tzinfo=UTC)


def landing_id(number: int) -> str:
    return f"{number:032x}"


def job_rows(number: int = 1, rows: int = 40, **altered: object) -> pl.DataFrame:
    """Sound job records in the contract's schema; `altered` sets whole columns to a value or an expression."""
    start = datetime(2024, 5, 1, tzinfo=UTC)
    n = pl.int_range(rows, dtype=pl.Int64)
    values: dict[str, object] = {
        "site_id": SOURCE,
        "cluster": "zz",
        "job_id": (n + number * 100_000).cast(pl.String),
        "submit_time": start + timedelta(minutes=1) * n,
        "restart_no": 0,
        "account": pl.when(n % 2 == 0).then(pl.lit("physics")).otherwise(pl.lit("chem")),
        "user": "li",
        "partition": "cpu",
        "state": "COMPLETED",
        "start_time": start + timedelta(minutes=1) * (n + 5),
        "end_time": start + timedelta(minutes=1) * (n + 65),
        "elapsed_s": 3600,
        "nodes": 1,
        "cpu_cores": 64,
        "source_id": SOURCE,
        "landing_id": landing_id(number),
        "landing_row": n + 2,
        "received_at": RECEIVED,
        "record_hash": (n + number * 100_000).cast(pl.String).str.zfill(32),
    } | altered
    schema = JOBS.polars_schema(system=True)
    columns = [_column(values.get(name), dtype).alias(name) for name, dtype in schema.items()]
    return pl.DataFrame({"n": range(rows)}).select(columns)


def _column(value: object, dtype: pl.DataType) -> pl.Expr:
    return (value if isinstance(value, pl.Expr) else pl.lit(value)).cast(dtype)


def write_rows(path: Path, rows: pl.DataFrame, contract: Contract = JOBS) -> BronzeFile:
    """Writes a bronze file; its path in the result is the file's, not relative."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with RowWriter(path, contract.arrow_schema(system=True)) as writer:
        for part in rows.iter_slices(1_500):
            writer.write(part)
    return BronzeFile(str(path), RECEIVED.isoformat(), rows.height, sha256_file(path))


def deliver(
    home: Path,
    number: int = 1,
    rows: pl.DataFrame | None = None,
    rejected: tuple[tuple[int, str, str], ...] = (),
    name: str | None = None,
) -> DeliveryFacts:
    """A delivery in bronze and quarantine with the facts that ingestion would have recorded.

    `rejected` are (landing_row, rules, raw).
    """
    accepted = job_rows(number) if rows is None else rows
    place = (
        Path("job_records") / f"source={SOURCE}" / "received_day=2024-05-02" / f"{landing_id(number)}.parquet"
    )
    bronze = replace(write_rows(home / "bronze" / place, accepted), path=place.as_posix())
    rules = [rule for _, names, _ in rejected for rule in names.split(",")]
    return DeliveryFacts(
        landing_id=landing_id(number),
        names=(name or f"sacct-{number:02}.txt",),
        received_at=RECEIVED + timedelta(days=number - 1),
        files=(bronze,),
        quarantine=_quarantine(home, place, number, rejected) if rejected else None,
        rows_in=accepted.height + len(rejected),
        accepted=accepted.height,
        quarantined=len(rejected),
        duplicates=0,
        rules={rule: rules.count(rule) for rule in sorted(set(rules))},
        reasons={rule: Text(f"{rule} is broken.", f"违反 {rule}。") for rule in rules},
    )


def _quarantine(
    home: Path, place: Path, number: int, rejected: tuple[tuple[int, str, str], ...]
) -> BronzeFile:
    path = home / "quarantine" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame(rejected, schema=["landing_row", "rules", "raw"], orient="row").select(
        pl.lit(landing_id(number)).alias("landing_id"),
        "landing_row",
        pl.lit(SOURCE).alias("source_id"),
        pl.lit("job_records").alias("dataset"),
        pl.lit(RECEIVED).cast(pl.Datetime("us", "UTC")).alias("received_at"),
        "rules",
        "raw",
    )
    with RowWriter(path, quarantine_schema()) as writer:
        writer.write(frame)
    return BronzeFile(place.as_posix(), RECEIVED.isoformat(), frame.height, sha256_file(path))
