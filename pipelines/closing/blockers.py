"""What stands against closing a period, one sentence each with what to do: what is missing, contrary or disputed."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC

import duckdb

from pipelines import ledger, ledger_acts
from pipelines.build import Plan
from pipelines.effective import landings_as_of
from pipelines.home import day_start, month_bounds
from pipelines.lake import due
from pipelines.landing import read_events
from pipelines.warehouse import connected
from pipelines.words import yuan

MATERIAL_FEN = 10_000
"""The amount from which on an open dispute holds up the close of its period: 100 元."""
BILLED = ("job_records", "instance_records")
"""The feeds whose declared records must all be there: what was used, and so billed, is in them."""
DAYS_SHOWN = 3
PRICED = "source_id in (select source_id from inputs.sites semi join intermediate.int_current_skus using (site_id))"
"""The sources at whose sites anything is sold."""


def blockers(plan: Plan, period: str) -> list[str]:
    """What stands against closing a period. The warehouse must be built and held."""
    month_bounds(period)
    unread = due(plan.target.home, landings_as_of(read_events(plan.target.home)))
    if unread or plan.due:
        return ["The warehouse does not hold all that is known: run `suanzhang materialize` first."]
    with connected(plan.target) as connection:
        found = [each for check in CHECKS for each in check(connection, plan, period)]
    return found + _disputed(plan, period)


def _earlier(connection: duckdb.DuckDBPyConnection, plan: Plan, period: str) -> list[str]:
    earlier = open_before(connection, plan, period)
    return [f"{earlier[0]} is open and has charges: close {earlier[0]} first."] if earlier else []


def open_before(connection: duckdb.DuckDBPyConnection, plan: Plan, period: str) -> list[str]:
    """The earlier periods that have charges and are not closed, in order."""
    charged = connection.execute(
        "select distinct billing_period from marts.charges where billing_period < ? order by all", [period]
    ).fetchall()
    closed = ledger.closes(plan.target.home)
    return [name for (name,) in charged if name not in closed]


def _conflicts(connection: duckdb.DuckDBPyConnection, _: Plan, period: str) -> list[str]:
    first, following = month_bounds(period)
    conflicts = _count(
        connection,
        "select count(distinct record_hash) from intermediate.int_conflicts "
        f"where day >= date '{first}' and day < date '{following}'",
    )
    if not conflicts:
        return []
    return [
        f"{conflicts} records of {period} contradict each other within one delivery (reason "
        "'record_conflict' in unattributed_usage): the sender must replace it."
    ]


def _horizon(connection: duckdb.DuckDBPyConnection, _: Plan, period: str) -> list[str]:
    following = month_bounds(period)[1]
    short = connection.sql(
        "select source_id, layer, watermark_at from intermediate.int_feed_horizon "
        f"where watermark_at < timestamptz '{day_start(following).isoformat()}' and (layer = 'job' or {PRICED}) "
        "order by all"
    ).fetchall()
    return [
        f"{source}: {layer} records reach only to {at.astimezone(UTC):%Y-%m-%d %H:%M}Z, not to the end of {period}."
        for source, layer, at in short
    ]


def _short_days(connection: duckdb.DuckDBPyConnection, plan: Plan, period: str) -> list[str]:
    """The days of the period of which a sender declared other than what was found, unless a decision says to close."""
    first, following = month_bounds(period)
    datasets = ", ".join(f"'{name}'" for name in BILLED)
    rows = connection.sql(
        "select source_id, dataset, day, status from marts.completeness_daily "
        f"where status not in ('complete', 'undeclared') and dataset in ({datasets}) and {PRICED} "
        f"and day >= date '{first}' and day < date '{following}' order by all"
    ).fetchall()
    newest = {
        (row["source_id"], row["dataset"]): row["outcome"]
        for row in ledger_acts.decisions(ledger.entries(plan.target.home))
        if row["kind"] == "incomplete_feed" and row["period"] == period
    }
    days: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for source, dataset, day, status in rows:
        if newest.get((source, dataset)) != "accepted":
            days[source, dataset].append(f"{day} {status}")
    return [
        f"{source}: {dataset} of {', '.join(named[:DAYS_SHOWN])}"
        + (f" and {len(named) - DAYS_SHOWN} more days" if len(named) > DAYS_SHOWN else "")
        + f" are not what it declared: it must send them, or `suanzhang decide incomplete {period} {source} {dataset}`."
        for (source, dataset), named in days.items()
    ]


def _unbilled(connection: duckdb.DuckDBPyConnection, _: Plan, period: str) -> list[str]:
    """Terms of contracts that the period would leave out of every bill."""
    rows = connection.execute(
        "select contract_id, sku_id, reason, count(*) from marts.unbilled_terms where period = ? "
        "group by all order by all",
        [period],
    ).fetchall()
    return [
        f"Contract {contract} cannot be billed to {tenants} tenants: {reason} of SKU {sku}; network-ops must send "
        "what it lacks, or end the contract."
        for contract, sku, reason, tenants in rows
    ]


def _nothing(connection: duckdb.DuckDBPyConnection, _: Plan, period: str) -> list[str]:
    if _count(connection, f"select count(*) from marts.charges where billing_period = '{period}'"):
        return []
    return [f"There is nothing to close in {period}: no charge was made."]


CHECKS: tuple[Callable[[duckdb.DuckDBPyConnection, Plan, str], list[str]], ...] = (
    _earlier,
    _conflicts,
    _horizon,
    _short_days,
    _unbilled,
    _nothing,
)


def _disputed(plan: Plan, period: str) -> list[str]:
    rows = ledger_acts.disputes(ledger.entries(plan.target.home))
    return [
        f"Dispute {row['dispute_id'][:8]} over {yuan(row['amount_fen'])} 元 of line {row['line_id'][:8]} is open: "
        f"settle it with `suanzhang dispute settle {row['dispute_id'][:8]}`."
        for row in rows
        if row["period"] == period and row["state"] == "open" and row["material"]
    ]


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    (count,) = connection.sql(query).fetchall()[0]
    return int(count)
