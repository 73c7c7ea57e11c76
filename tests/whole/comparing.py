"""Marts of a release held against tables that the simulator computed by itself, row by row, integers exactly."""

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from data_contracts.contract import load_contract
from pipelines.home import Home
from pipelines.release import current_release

TABLES = [
    "capacity_statement",
    "charges",
    "completeness_daily",
    "dispatch_daily",
    "dispatch_refusals_daily",
    "downtime_daily",
    "energy_by_job_daily",
    "energy_daily",
    "green_certificate_use",
    "guarantee_topups",
    "journal_entries",
    "landings",
    "latency_circles_daily",
    "line_splits",
    "metered_usage",
    "over_allocations",
    "pflops_hours_daily",
    "pue_rolling",
    "queue_daily",
    "receivables",
    "settlement_positions",
    "sla_credits",
    "statement_lines",
    "statements",
    "target_scorecard",
    "unattributed_usage",
    "unbilled_terms",
    "unknown_usage",
    "usage_by_segment",
    "utilisation_daily",
    "utilisation_hourly",
    "utilisation_region_daily",
    "voucher_redemptions",
]
"""What a simulator expects of a release."""

TRUE_TABLES = [
    table
    for table in TABLES
    if table not in ("completeness_daily", "landings", "over_allocations", "unknown_usage")
]
"""Without what tells of deliveries and of faults: what happened."""

OF_METERS = ("energy_daily", "energy_by_job_daily", "green_certificate_use", "pue_rolling")
"""Where a meter's register was reset, no delivery can prove again what it had counted."""

LINE = "tenant_id, site_id, sku_id, tariff_version, tax_rate_ppm, share_rule, share_valid_from"
VIEWS = {
    "metered_usage": "select * exclude (record_hash, qos, quantity, nested_quantity), "
    "sum(quantity)::bigint as quantity, count(*) as records, sum(nested_quantity)::bigint as nested_quantity "
    "from metered_usage group by all",
    "journal_entries": "select period, account, party_id, sum(debit_fen)::bigint as debit_fen, "
    "sum(credit_fen)::bigint as credit_fen from journal_entries group by all",
    "line_splits": f"select s.period, {LINE}, role, s.party_id, amount_fen "
    "from line_splits s join statement_lines l on s.line_id = l.line_id and s.period = l.period",
    "capacity_statement": "select *, round(pflops * 1000000)::bigint as gflops from capacity_statement",
    "landings": "select l.*, l.content_sha256 as content from landings l",
}
"""How a mart is read to be compared: where the simulator has no identifiers, by natural keys."""

LEFT_OUT = {
    "statement_lines": {"tariff_id"},
    "line_splits": {"tariff_id"},
    "landings": {"delivery", "first_delivery"},
    "cloud_charges": {"line_id"},
    "pflops_hours_daily": {
        "peak_gflops",
        "installed_gflops_unit_seconds",
        "allocated_gflops_unit_seconds",
        "idle_gflops_unit_seconds",
    },
}
"""Columns of the simulator's tables that the marts do not have: identifiers of its own, and exact numerators."""

RANKS = {"instance_records": "case state when 'PENDING' then 0 when 'RUNNING' then 1 else 2 end"}
"""What orders versions of a record before the time when they became known."""


@dataclass(frozen=True)
class Difference:
    """Rows that one side has and the other has not, in the order of the columns."""

    table: str
    columns: tuple[str, ...]
    missing: list[tuple[Any, ...]]
    unexpected: list[tuple[Any, ...]]
    rows: int

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected)

    def text(self) -> str:
        """The first differences, for a person."""
        lines = [f"{self.table} ({', '.join(self.columns)}): {self.rows} rows expected"]
        lines += [f"  missing    {row}" for row in self.missing[:6]]
        lines += [f"  unexpected {row}" for row in self.unexpected[:6]]
        return "\n".join([*lines, f"  {len(self.missing)} missing, {len(self.unexpected)} unexpected"])


def release_tables(home: Home) -> duckdb.DuckDBPyConnection:
    """A session with every table of the current release."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    for path in sorted(current_release(home).folder.glob("*/*.parquet")):
        connection.execute(f"create view {path.stem} as select * from read_parquet('{path}')")
    return connection


def difference(connection: duckdb.DuckDBPyConnection, folder: Path, table: str) -> Difference:
    """Compares one table with the CSV of its name in a simulator's folder."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        columns = [name for name in reader.fieldnames or [] if name not in LEFT_OUT.get(table, ())]
        rows = [tuple(row[name] for name in columns) for row in reader]
    if table == "landings":
        rows = sorted(set(rows))
    names = ", ".join(f'"{name}"' for name in columns)
    found = connection.sql(f"select {names} from ({VIEWS.get(table, f'select * from {table}')})")
    expected, real = Counter(rows), Counter(tuple(map(text, row)) for row in found.fetchall())
    return Difference(
        table,
        tuple(columns),
        sorted((expected - real).elements()),
        sorted((real - expected).elements()),
        len(rows),
    )


def text(value: Any) -> str:
    """A value as the simulator writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)


def standing_difference(connection: duckdb.DuckDBPyConnection, folder: Path, dataset: str) -> Difference:
    """Compares a dataset's staging rows that stand (the newest of each natural key, alone) with the CSV of its name."""
    with (folder / f"{dataset}.csv").open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        columns = [name for name in reader.fieldnames or [] if name not in LEFT_OUT.get(dataset, ())]
        rows = [tuple(row[name] for name in columns) for row in reader]
    names, keys = ", ".join(f'"{name}"' for name in columns), ", ".join(load_contract(dataset).key)
    found = connection.sql(
        f"with newest as (select * from staging.stg_{dataset} "
        f"qualify rank() over (partition by {keys} order by {RANKS.get(dataset, '0')} desc, known_at desc) = 1), "
        f"distinct_rows as (select distinct on ({keys}, record_hash) * from newest) "
        f"select {names} from distinct_rows qualify count(*) over (partition by {keys}) = 1"
    )
    expected, real = Counter(rows), Counter(tuple(map(text, row)) for row in found.fetchall())
    return Difference(
        dataset,
        tuple(columns),
        sorted((expected - real).elements()),
        sorted((real - expected).elements()),
        len(rows),
    )
