"""Closing a billing period, thin: what blocks it, what is frozen, the pack that says so.

The close freezes the period's lines and all that they are made of in the ledger, under two names; from then on the
models take that period from the ledger. What becomes known later shows in `periods` as `late_fen`; booking it as
corrections is not part of this.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from data_contracts.contract import load_contract
from pipelines import ledger
from pipelines.build import Plan
from pipelines.errors import Finding, WrongUse
from pipelines.files import canonical_json, sha256_text, write_json, written_aside
from pipelines.home import Home, day_start, month_bounds
from pipelines.warehouse import connected

OF_PERIOD = {
    "charges": "billing_period = $period",
    "lineage": "table_name = 'charges' and row_key in "
    "(select charge_id from marts.charges where billing_period = $period)",
}
"""Which rows of a table belong to a period, where it is not its column `period` that says so."""


@dataclass(frozen=True)
class Closed:
    """A closed period and its pack; `new` says whether this call closed it."""

    period: str
    folder: Path
    pack_sha256: str
    new: bool


def pack_folder(home: Home, period: str) -> Path:
    """Where a period's pack is published."""
    return home.close_packs / period


def blockers(plan: Plan, period: str) -> list[str]:
    """What stands against closing a period, one sentence each. The warehouse must be built and held."""
    first, following = month_bounds(period)
    found = []
    if plan.due:
        found.append("The warehouse does not hold all that is known: run `suanzhang materialize` first.")
        return found
    with connected(plan.target) as connection:
        conflicts = _count(
            connection,
            "select count(distinct record_hash) from intermediate.int_conflicts "
            f"where day >= date '{first}' and day < date '{following}'",
        )
        if conflicts:
            found.append(
                f"{conflicts} records of {period} contradict each other within one delivery (reason "
                "'record_conflict' in unattributed_usage): the sender must replace it."
            )
        short = connection.sql(
            "select source_id, layer, watermark_at from intermediate.int_feed_horizon "
            f"where watermark_at < timestamptz '{day_start(following).isoformat()}' and (layer = 'job' or source_id in "
            "(select source_id from inputs.sites semi join intermediate.int_current_skus using (site_id))) order by all"
        ).fetchall()
        found += [
            f"{source}: {layer} records reach only to {at.astimezone(UTC):%Y-%m-%d %H:%M}Z, not to the end of {period}."
            for source, layer, at in short
        ]
        if not _count(connection, f"select count(*) from marts.charges where billing_period = '{period}'"):
            found.append(f"There is nothing to close in {period}: no charge was made.")
    return found


def close(plan: Plan, period: str, proposed_by: str, approved_by: str, at: datetime) -> Closed:
    """Closes a period, once: closing it again changes nothing. The caller holds the warehouse.

    Raises WrongUse unless two different people close it, Finding with all that blocks it.
    """
    home = plan.target.home
    month_bounds(period)
    proposed_by, approved_by = " ".join(proposed_by.split()), " ".join(approved_by.split())
    if not proposed_by or not approved_by:
        raise WrongUse("A close needs two people: --propose-as and --approve-as each name one.")
    with ledger.locked(home):
        done = ledger.closes(home).get(period)
        if done is None:
            if proposed_by.casefold() == approved_by.casefold():
                raise WrongUse("A close needs two people: --propose-as and --approve-as name the same one.")
            against = blockers(plan, period)
            if against:
                raise Finding(f"{period} cannot be closed: " + " ".join(against))
            body = _freeze(plan, period, proposed_by, approved_by)
            ledger.append(home, "close", body, at)
            return Closed(period, write_pack(home, body), body["pack_sha256"], True)
        return Closed(period, write_pack(home, done), done["pack_sha256"], False)


def _freeze(plan: Plan, period: str, proposed_by: str, approved_by: str) -> dict[str, Any]:
    home = plan.target.home
    cutoff = max(at for each in plan.known for at in (*each.state.receipts, each.state.ended_at) if at)
    with connected(plan.target) as connection:
        tables = {name: _rows(connection, name, period) for name in ledger.FROZEN}
    counted = [each for each in plan.known if each.state.effective]
    pack = {
        "period": period,
        "cutoff": cutoff.astimezone(UTC).isoformat(),
        "proposed_by": proposed_by,
        "approved_by": approved_by,
        "tables": ledger.freeze(home, period, tables),
        "control_totals": _totals(tables),
        "landings": {each.state.landing_id: each.state.receipt.content_sha256 for each in counted},
        "code": plan.digest,
    }
    return {**pack, "pack_sha256": sha256_text(canonical_json(pack))}


def _rows(connection: duckdb.DuckDBPyConnection, name: str, period: str) -> pa.Table:
    contract = load_contract(name)
    names = ", ".join(f'"{column}"' for column in contract.column_names)
    order = ", ".join(f'"{column}" nulls first' for column in [*contract.key, *contract.column_names])
    condition = OF_PERIOD.get(name, "period = $period")
    query = f"select {names} from marts.{name} where {condition} order by {order}"
    return connection.sql(query, params={"period": period}).to_arrow_table().cast(contract.arrow_schema())


def _totals(tables: Mapping[str, pa.Table]) -> dict[str, int]:
    lines = tables["statement_lines"].select(["net_fen", "tax_fen", "gross_fen"]).to_pydict()
    totals = {f"{name}_rows": table.num_rows for name, table in tables.items()}
    return {**totals, **{name: sum(values) for name, values in lines.items()}}


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    (count,) = connection.sql(query).fetchall()[0]
    return int(count)


def write_pack(home: Home, body: Mapping[str, Any]) -> Path:
    """Publishes a close's pack from the ledger; files that are there already stay as they are."""
    folder = pack_folder(home, body["period"])
    for name in sorted(body["tables"]):
        target = folder / f"{name}.parquet"
        if not target.exists():
            with written_aside(target) as aside:
                aside.write_bytes(
                    (ledger.close_folder(home, body["period"]) / f"{name}.parquet").read_bytes()
                )
    if not (folder / "pack.json").exists():
        write_json(folder / "pack.json", dict(body))
    return folder
