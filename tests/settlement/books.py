"""A home whose books are written by hand, without models: one delivery of jobs, two months of lines and charges.

Belongs here: the warehouse's tables as the close reads them. Does not belong here: how models come to them.

    books = Books(tmp_path)
    books.build()                       the warehouse holds all that is known
    books.close("a", "b")               October, by two people

October: line A of tenant-a, two charges that come to it; line B of tenant-b with an adjustment. Amounts by hand:
    A: usage 1,000,000 + tax 60,000 = 1,060,000 micro-yuan = 106 fen; net 100, tax 6
    B: usage 12,345,600 + tax 740,736 = 13,086,336 micro-yuan, half up to 1,309 fen = 13,090,000: adjustment 3,664;
       tax 740,736 half up to 74 fen; net 1,235
"""

import shutil
from collections.abc import Mapping
from copy import copy, deepcopy
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from data_contracts.contract import Contract, load_contracts
from pipelines import ledger
from pipelines.build import finish, plan, prepare
from pipelines.closing.closing import Closed, Proposed
from pipelines.dashboard.writing import write_pages
from pipelines.deliver import Delivered, deliver
from pipelines.home import Home
from pipelines.orchestrate import close_period
from pipelines.release import publish
from pipelines.sites_config import load_sources
from pipelines.warehouse import Target, connected, locked
from tests.core.conftest import HEADER, sacct_line
from tests.dbt.harness import scratch_folder

Row = dict[str, Any]
PERIOD = "2026-10"
RECEIVED = datetime(2026, 11, 2, 2, tzinfo=UTC)
LINE_A, LINE_B = "a" * 32, "b" * 32
USAGE_A, TAX_A = "a1" * 16, "a2" * 16
USAGE_B, TAX_B, ADJUSTMENT_B = "b1" * 16, "b2" * 16, "b3" * 16
DEFAULTS: Mapping[str, Any] = {
    "string": "x",
    "integer": 0,
    "timestamp": datetime(2026, 10, 5, tzinfo=UTC),
    "date": date(2026, 10, 5),
    "boolean": True,
}
HORIZON = {"source_id": "nscc-zz", "layer": "job"}


class Books:
    """A home and the rows of its warehouse by table, which a test may change before it builds."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home, self.sources = folder, Home(folder / "home"), load_sources()
        jobs = [sacct_line(str(number), end=f"2026-10-01T1{number}:00:00") for number in (1, 2, 3)]
        self.jobs = self.deliver("jobs.psv", "\n".join([HEADER, *jobs]) + "\n", "nscc-zz", "job_records")
        self.reached = datetime(2026, 11, 1, tzinfo=UTC)
        self.rows = _rows(self.records())

    def deliver(
        self, name: str, text: str, source: str, dataset: str, at: datetime = RECEIVED, **more: Any
    ) -> Delivered:
        path = self.folder / name
        path.write_text(text)
        return deliver(
            self.home,
            path,
            source_id=source,
            dataset=dataset,
            format_name=None,
            options={},
            received_at=at,
            **more,
        )

    def copy(self, folder: Path) -> "Books":
        """The same books, built or not, in a folder of their own."""
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        made = copy(self)
        made.folder, made.home, made.rows = folder, Home(folder / "home"), deepcopy(self.rows)
        return made

    def records(self) -> list[Row]:
        """Where each delivered job stands in its file, and its hash."""
        files = [self.home.bronze / file.path for file in self.jobs.ingest.files]
        where = ("landing_id", "landing_row", "record_hash")
        return pl.read_parquet(files).sort("landing_row").select(where).to_dicts()

    def build(self) -> None:
        """Writes the warehouse from the rows, as a whole build of what is known."""
        target = Target(self.home)
        with locked(self.home):
            todo = plan(target, self.sources)
            prepare(todo, self.sources)
            with connected(target) as connection:
                for schema in ("marts", "intermediate"):
                    connection.execute(f"create schema if not exists {schema}")
                for name, table in self._tables().items():
                    connection.register("arriving", table)
                    connection.execute(f"create or replace table {name} as select * from arriving")
                    connection.unregister("arriving")
                for name in ("skus", "tariff_rates", "parties"):
                    connection.execute(
                        f"create or replace table intermediate.int_current_{name} as select * from bronze.{name}"
                    )
            finish(todo)

    def publish(self) -> None:
        """Publishes the marts that the rows know; all others are empty."""
        with locked(self.home):
            publish(plan(Target(self.home), self.sources), write_pages)

    def _tables(self) -> dict[str, pa.Table]:
        marts = {
            f"marts.{contract.name}": typed(contract, self.rows.get(contract.name, []))
            for contract in load_contracts("published")
        }
        horizon = [{**HORIZON, "first_at": RECEIVED, "watermark_at": self.reached}]
        instant = pa.timestamp("us", "UTC")
        horizons = pa.schema(
            [
                ("source_id", pa.string()),
                ("layer", pa.string()),
                ("first_at", instant),
                ("watermark_at", instant),
            ]
        )
        conflicts = pa.schema([("record_hash", pa.string()), ("day", pa.date32())])
        return {
            **marts,
            "intermediate.int_feed_horizon": pa.Table.from_pylist(horizon, horizons),
            "intermediate.int_conflicts": pa.Table.from_pylist(self.rows.get("conflicts", []), conflicts),
        }

    def close(
        self, proposed_by: str | None, approved_by: str | None, period: str = PERIOD
    ) -> Proposed | Closed:
        """Closes a period, or proposes or approves that, and brings the warehouse up to it."""
        outcome = close_period(self.home, self.sources, period, proposed_by, approved_by, datetime.now(UTC))
        self.build()
        return outcome

    def kinds(self) -> list[str]:
        """The kinds of the ledger's entries, in order."""
        return [entry.kind for entry in ledger.entries(self.home)]

    def pack(self, period: str = PERIOD) -> dict[str, bytes]:
        """The bytes of a pack, by name."""
        folder = self.home.close_packs / period
        return {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }


@cache
def built() -> Books:
    """Books as they are told here, built once in a process: to copy, not to change."""
    made = Books(scratch_folder())
    made.build()
    return made


def typed(contract: Contract, rows: list[Row]) -> pa.Table:
    """Rows in a contract's columns; what is required and not given has a plain value."""
    given = [
        {column.name: row.get(column.name, _plain(column)) for column in contract.columns} for row in rows
    ]
    return pa.Table.from_pylist(given, contract.arrow_schema())


def _plain(column: Any) -> Any:
    if not column.required:
        return None
    return column.codes[0] if column.codes else DEFAULTS[column.type]


def _rows(records: list[Row]) -> dict[str, list[Row]]:
    def line(line_id: str, tenant: str, net: int, tax: int) -> Row:
        amounts = {"net_fen": net, "tax_fen": tax, "gross_fen": net + tax}
        return {"line_id": line_id, "period": PERIOD, "tenant_id": tenant, "party_id": tenant, **amounts}

    def charge(charge_id: str, line_id: str, tenant: str, category: str, cost: int) -> Row:
        named = {"charge_id": charge_id, "line_id": line_id, "tenant_id": tenant, "charge_category": category}
        start, end = datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 1, 16, tzinfo=UTC)
        kinds = ("list", "contracted", "effective", "billed")
        return {
            **named,
            "billing_period": PERIOD,
            "charge_period_start": start,
            "charge_period_end": end,
            **{f"{kind}_cost_micro_yuan": cost for kind in kinds},
        }

    def evidence(charge_id: str, job: int, quantity: int) -> Row:
        return {"table_name": "charges", "row_key": charge_id, "quantity": quantity, **records[job - 1]}

    used = {"quantity": 43_200, "unit": "core-second"}
    return {
        "statement_lines": [line(LINE_A, "tenant-a", 100, 6), line(LINE_B, "tenant-b", 1235, 74)],
        "charges": [
            charge(USAGE_A, LINE_A, "tenant-a", "Usage", 1_000_000) | used,
            charge(TAX_A, LINE_A, "tenant-a", "Tax", 60_000),
            charge(USAGE_B, LINE_B, "tenant-b", "Usage", 12_345_600) | used,
            charge(TAX_B, LINE_B, "tenant-b", "Tax", 740_736),
            charge(ADJUSTMENT_B, LINE_B, "tenant-b", "Adjustment", 3_664),
        ],
        "lineage": [
            evidence(USAGE_A, 1, 14_400),
            evidence(USAGE_A, 2, 28_800),
            evidence(USAGE_B, 3, 43_200),
        ],
    }
