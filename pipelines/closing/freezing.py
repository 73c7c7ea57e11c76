"""What a close freezes of a period: its published rows, the reference rows behind them, landings, what was decided.

FIGURES are the tables whose rows are the period's; a proposal holds their hashes, so that an approval can tell whether
they still are what was proposed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from data_contracts.contract import Contract, load_contract, load_contracts
from pipelines import inputs, ledger, ledger_acts
from pipelines.build import Plan
from pipelines.closing import leaves
from pipelines.files import canonical_json, sha256_text
from pipelines.home import month_bounds
from pipelines.warehouse import connected

DERIVED = ("statements", "settlement_positions")
"""Published views of frozen tables that a pack holds too, for its readers."""
FIGURES = (*ledger.FROZEN, *DERIVED)
OF_PERIOD = {
    "charges": "billing_period = $period",
    "lineage": "table_name = 'charges' and row_key in "
    "(select charge_id from marts.charges where billing_period = $period)",
}
"""Which rows of a table belong to a period, where it is not its column `period` that says so."""

CHARGED = "from marts.charges where billing_period = $period"
USED = {
    "tariff_rates": f"(tariff_id, version, sku_id) in (select tariff_id, tariff_version, sku_id {CHARGED})",
    "tariff_multipliers": f"(tariff_id, version) in (select tariff_id, tariff_version {CHARGED})",
    "skus": f"sku_id in (select sku_id {CHARGED})",
    "tax_rates": "tax_category in (select tax_category from intermediate.int_current_skus "
    f"where sku_id in (select sku_id {CHARGED}))",
    "revenue_shares": f"share_rule in (select share_rule {CHARGED}) "
    "or share_rule in (select share_rule from marts.guarantee_topups where period = $period)",
    "calendar_days": "strftime(day, '%Y-%m') = $period",
    "tenants": f"tenant_id in (select tenant_id {CHARGED})",
    "tenant_accounts": "(site_id, account) in "
    "(select site_id, account from marts.metered_usage where period = $period)",
}
"""Which rows of a reference dataset the charges of a period rest on; all that began by its end where none is said."""

LANDING_COLUMNS = (
    "landing_id", "source_id", "dataset", "format", "name", "content_sha256", "size_bytes", "known_at", "bronze_sha256",
)  # fmt: skip


@dataclass(frozen=True)
class Frozen:
    """A period as it would be closed now: all that its pack holds, by path in it without suffix."""

    tables: Mapping[str, pa.Table]
    cutoff: datetime
    control_totals: Mapping[str, Mapping[str, int]]
    merkle: Mapping[str, Any]
    contracts: Mapping[str, str]


def freeze(plan: Plan, period: str) -> Frozen:
    """Reads what a period amounts to from the warehouse, which must be built and held."""
    home = plan.target.home
    chain = ledger.entries(home)
    with connected(plan.target) as connection:
        figures = {name: _figures(connection, name, period) for name in FIGURES}
        references = _references(connection, period)
    known = [each for each in plan.known if each.state.effective]
    acts = {
        "decisions": ledger_acts.table("decisions", ledger_acts.decisions(chain)),
        "disputes": ledger_acts.table(
            "disputes", [row for row in ledger_acts.disputes(chain) if row["period"] == period]
        ),
    }
    landings = inputs.landings(known).select(LANDING_COLUMNS).sort_by("landing_id")
    reference = {f"reference/{name}": table for name, table in references.items()}
    named = sorted({*figures, *references, *acts})
    return Frozen(
        tables={**figures, **acts, **reference, "landings": landings},
        cutoff=_cutoff(plan, chain),
        control_totals={name: _totals(load_contract(name), table) for name, table in figures.items()},
        merkle=leaves.stated(leaves.trees(figures.__getitem__)),
        contracts={name: load_contract(name).version for name in named},
    )


def digest(period: str, tables: Mapping[str, str], frozen: Frozen) -> str:
    """What is proposed, as one hash: the figures' files, their control totals and their roots."""
    files = {name: tables[name] for name in FIGURES}
    return sha256_text(canonical_json([period, files, frozen.control_totals, frozen.merkle]))


def _cutoff(plan: Plan, chain: list[ledger.Entry]) -> datetime:
    """The newest instant at which anything became known or was decided that the figures rest on."""
    acts = [row["decided_at"] for row in ledger_acts.decisions(chain) if row["kind"] == "late_tariff"]
    for each in plan.known:
        replays = (replay.instant for replay in each.state.replays)
        acts += [at for at in (*each.state.receipts, *replays, each.state.ended_at) if at]
    return max(acts)


def _figures(connection: duckdb.DuckDBPyConnection, name: str, period: str) -> pa.Table:
    contract = load_contract(name)
    closed = {"state": "'closed' as state"} if name == "statements" else {}
    names = ", ".join(closed.get(column, f'"{column}"') for column in contract.column_names)
    condition = OF_PERIOD.get(name, "period = $period")
    query = f"select {names} from marts.{name} where {condition} order by {_order(contract)}"
    return connection.sql(query, params={"period": period}).to_arrow_table().cast(contract.arrow_schema())


def _references(connection: duckdb.DuckDBPyConnection, period: str) -> dict[str, pa.Table]:
    """The reference rows as they arrived, of every dataset of which the models keep the current rows."""
    modelled = "select table_name from information_schema.tables where table_schema = 'intermediate'"
    current = {name for (name,) in connection.sql(modelled).fetchall()}
    found = {}
    for contract in load_contracts("input"):
        if f"int_current_{contract.name}" in current:
            found[contract.name] = _reference(connection, contract, period)
    return found


def _reference(connection: duckdb.DuckDBPyConnection, contract: Contract, period: str) -> pa.Table:
    following = month_bounds(period)[1]
    schema = contract.arrow_schema(system=True)
    conditions = [USED[contract.name]] if contract.name in USED else []
    if "valid_from" in contract.column_names:
        conditions.append(f"valid_from < date '{following}'")
    names = ", ".join(f'"{name}"' for name in schema.names)
    query = (
        f"select {names} from bronze.{contract.name} as received "
        f"semi join intermediate.int_current_{contract.name} as used using (landing_id, landing_row) "
        f"where {' and '.join(conditions) or 'true'} order by {_order(contract)}, landing_id, landing_row"
    )
    named = {"period": period} if "$period" in query else {}
    return connection.sql(query, params=named).to_arrow_table().cast(schema)


def _order(contract: Contract) -> str:
    return ", ".join(f'"{column}" nulls first' for column in [*contract.key, *contract.column_names])


def _totals(contract: Contract, table: pa.Table) -> dict[str, int]:
    """A table's rows and the sums of its columns of money."""
    money = [name for name in contract.column_names if name.endswith(("_fen", "_cost_micro_yuan"))]
    sums = {name: sum(value or 0 for value in table[name].to_pylist()) for name in money}
    return {"rows": table.num_rows, **sums}
