"""A world whose ledger holds a closed period: what the warehouse says of it, frozen as a close does.

    world = closed_books(warehouse, world, "2026-10")

Belongs here: how a close is told to the models. Does not belong here: who may close, and what else a pack holds.
"""

from datetime import datetime

from tests.dbt.harness import Warehouse
from tests.dbt.rating_cases import KNOWN_AT
from tests.dbt.world import Row, World

FROZEN = {
    "metered_usage": "period",
    "charges": "billing_period",
    "statement_lines": "period",
    "line_splits": "period",
    "guarantee_topups": "period",
    "journal_entries": "period",
}


def month(warehouse: Warehouse, table: str, column: str, period: str) -> list[Row]:
    """A published table's rows of a period."""
    return warehouse.rows(f"marts.{table}", **{column: period})


def closed_books(warehouse: Warehouse, world: World, period: str, cutoff: datetime = KNOWN_AT) -> World:
    """The world after a close froze what the warehouse says of the period, beside what it froze before."""
    after = world.copy()
    closing: Row = {
        "period": period,
        "cutoff": cutoff,
        "proposed_by": "proposer (simulated)",
        "approved_by": "approver (simulated)",
        "pack_sha256": "0" * 64,
        "state": "closed",
    }
    frozen = {f"closed_{table}": month(warehouse, table, column, period) for table, column in FROZEN.items()}
    charges = {row["charge_id"] for row in frozen["closed_charges"]}
    lineage = warehouse.rows("marts.lineage", table_name="charges")
    new = {"closes": [closing], **frozen, "closed_lineage": [e for e in lineage if e["row_key"] in charges]}
    after.ledger = {**world.ledger, **{name: world.ledger.get(name, []) + rows for name, rows in new.items()}}
    return after
