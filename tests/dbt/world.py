"""What the models read, told in Python: landings with their rows, sites, partitions; and the same as Arrow tables.

Belongs here: the typed sources of one build (schemas bronze, inputs, ledger). Does not belong here: running dbt
(harness.py), expectations about any model.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from data_contracts.contract import contract_names, load_contract, load_contracts
from pipelines.inputs import SCHEMAS

Row = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLOSED = (
    "metered_usage", "charges", "statement_lines", "line_splits", "guarantee_topups", "journal_entries", "lineage",
)  # fmt: skip
CLOSES = pa.schema(
    [(name, pa.string()) for name in ("period", "proposed_by", "approved_by", "pack_sha256", "state")]
)


def utc(text: str) -> datetime:
    """An instant from `YYYY-MM-DD HH:MM[:SS]` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shanghai(text: str) -> datetime:
    """An instant from `YYYY-MM-DD HH:MM[:SS]` in Asia/Shanghai."""
    return utc(text) - timedelta(hours=8)


@dataclass(frozen=True)
class Delivery:
    """One landing: its rows, since when it is known, and whether it counts."""

    landing_id: str
    source_id: str
    dataset: str
    known_at: datetime
    rows: tuple[Row, ...]
    effective: bool = True

    def records(self) -> list[Row]:
        """Its rows as bronze has them: business columns and the five system columns."""
        names = load_contract(self.dataset).column_names
        strange = {name for row in self.rows for name in row} - set(names) - {"record_hash", "received_at"}
        assert not strange, f"{self.dataset} has no columns {strange}"
        return [
            {
                "record_hash": record_hash([row.get(name) for name in names]),
                "received_at": self.known_at,
                **row,
                "source_id": self.source_id,
                "landing_id": self.landing_id,
                "landing_row": number,
            }
            for number, row in enumerate(self.rows, start=1)
        ]


def record_hash(values: Sequence[Any]) -> str:
    """32 hex characters that tell payloads apart."""
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()[:32]


@dataclass
class World:
    """The sources of one build. Deliveries are kept by landing_id; a changed world is a copy with other deliveries."""

    deliveries: dict[str, Delivery] = field(default_factory=dict)
    sites: list[Row] = field(default_factory=list)
    partitions: list[Row] = field(default_factory=list)
    instances: list[Row] = field(default_factory=list)
    ledger: dict[str, list[Row]] = field(default_factory=dict)
    definitions: list[Row] = field(default_factory=list)
    due: list[Row] = field(default_factory=list)
    quarantined: list[Row] = field(default_factory=list)
    known_at: datetime | None = None

    def site(self, site_id: str, **columns: Any) -> None:
        """A site that is its own source."""
        known = {"site_id": site_id, "source_id": site_id, "region": "zhengzhou", "kind": "supercomputer"}
        names = {"name_en": site_id, "name_zh": site_id, "time_zone": "Asia/Shanghai", "currency": "CNY"}
        owners = {"provider_party": f"party-{site_id}", "operator_party": "party-zhengsuan"}
        self.sites.append({**known, **names, **owners, **columns})

    def partition(
        self, site_id: str, partition: str, compute_class: str, accelerator_model: str | None = None
    ) -> None:
        """What a scheduler partition means; its pool has the partition's name."""
        self.partitions.append(
            {
                "site_id": site_id,
                "partition": partition,
                "resource_pool": partition,
                "compute_class": compute_class,
                "accelerator_model": accelerator_model,
            }
        )

    def rule(
        self, site_id: str, compute_class: str, accelerator_model: str | None = None, **names: str
    ) -> None:
        """What a `node` or `flavor` means; a * behind it stands for all names that begin so."""
        ((matches, name),) = names.items()
        self.instances.append(
            {
                "site_id": site_id,
                "rule_no": len(self.instances) + 1,
                "matches": matches,
                "pattern": name.removesuffix("*"),
                "is_prefix": name.endswith("*"),
                "resource_pool": "pool",
                "compute_class": compute_class,
                "accelerator_model": accelerator_model,
            }
        )

    def deliver(
        self,
        source_id: str,
        dataset: str,
        known_at: datetime,
        rows: Sequence[Row],
        landing_id: str | None = None,
    ) -> str:
        """A delivery arrives; returns its landing_id."""
        name = landing_id or f"{source_id}-{dataset}-{len(self.deliveries):05d}"
        assert name not in self.deliveries, f"{name} arrived before"
        self.deliveries[name] = Delivery(name, source_id, dataset, known_at, tuple(rows))
        return name

    def withdraw(self, landing_id: str) -> None:
        """From now on the delivery counts for nothing."""
        self.deliveries[landing_id] = replace(self.deliveries[landing_id], effective=False)

    def copy(self) -> "World":
        """A world of its own, to change."""
        return replace(
            self,
            deliveries=dict(self.deliveries),
            sites=list(self.sites),
            partitions=list(self.partitions),
            instances=list(self.instances),
        )

    def changed_since(self, before: "World | None") -> list[str]:
        """Landings that count otherwise than in the world before."""
        old = before.deliveries if before else {}
        return sorted(key for key, each in self.deliveries.items() if each != old.get(key))

    def decided_since(self, before: "World | None") -> list[str]:
        """Decisions that the world before did not have."""
        old = before.ledger.get("decisions", []) if before else []
        return [row["decision_id"] for row in self.ledger.get("decisions", []) if row not in old]


def bronze_tables(world: World) -> dict[str, pa.Table]:
    """Every input dataset, typed by its contract."""
    rows: dict[str, list[Row]] = {}
    for delivery in world.deliveries.values():
        rows.setdefault(delivery.dataset, []).extend(delivery.records())
    return {
        contract.name: pa.Table.from_pylist(rows.get(contract.name, []), contract.arrow_schema(system=True))
        for contract in load_contracts("input")
    }


def input_tables(
    world: World,
    changed: Sequence[str] = (),
    horizon: Sequence[Mapping[str, Any]] = (),
    full_refresh: bool = True,
    forced: tuple[date, date] | None = None,
    decided: Sequence[str] = (),
) -> dict[str, pa.Table]:
    """The tables that Python lays beside bronze for one build. `decided` are decisions that it does not know yet."""
    forced_from, forced_to = forced or (None, None)
    rows: dict[str, list[Row]] = {
        "landings": [_landing(each) for each in world.deliveries.values()],
        "receipts": [_receipt(each) for each in world.deliveries.values()],
        "sites": world.sites,
        "site_partitions": world.partitions,
        "site_instances": world.instances,
        "due_days": world.due,
        "definitions": world.definitions,
        "changed_landings": [
            {
                "landing_id": key,
                "dataset": world.deliveries[key].dataset,
                "source_id": world.deliveries[key].source_id,
            }
            for key in changed
        ],
        "previous_horizon": [dict(row) for row in horizon],
        "tariff_landings": _tariff_landings(world),
        "changed_decisions": [{"decision_id": name} for name in decided],
        "build": [
            {
                "full_refresh": full_refresh,
                "known_at": world.known_at,
                "forced_from": forced_from,
                "forced_to": forced_to,
            }
        ],
    }
    tables = {name: pa.Table.from_pylist(rows[name], schema) for name, schema in SCHEMAS.items()}
    return {**tables, "quarantine_rows": _published("quarantine_rows", world.quarantined)}


def ledger_tables(world: World) -> dict[str, pa.Table]:
    """What was frozen at closes, in the shape of the published tables."""
    closed = {f"closed_{name}": _published(name, world.ledger.get(f"closed_{name}", [])) for name in CLOSED}
    closes = CLOSES.append(pa.field("cutoff", pa.timestamp("us", "UTC")))
    acts = {name: _published(name, world.ledger.get(name, [])) for name in ("decisions", "disputes")}
    return {"closes": pa.Table.from_pylist(world.ledger.get("closes", []), closes), **acts, **closed}


def _tariff_landings(world: World) -> list[Row]:
    """The deliveries of tariffs that counted at each close and decision; a withdrawal is later than all of them."""
    closes, decisions = world.ledger.get("closes", []), world.ledger.get("decisions", [])
    instants = sorted({row["cutoff"] for row in closes} | {row["decided_at"] for row in decisions})
    return [
        {"as_of": at, "landing_id": each.landing_id, "known_at": each.known_at}
        for at in instants
        for each in world.deliveries.values()
        if each.dataset == "tariff_rates" and each.known_at <= at
    ]


def _published(name: str, rows: Sequence[Row]) -> pa.Table:
    if name not in contract_names():
        return pa.Table.from_pylist(list(rows), pa.schema([("landing_id", pa.string())]))
    return pa.Table.from_pylist(list(rows), load_contract(name).arrow_schema())


def _landing(each: Delivery) -> Row:
    return {
        "landing_id": each.landing_id,
        "source_id": each.source_id,
        "dataset": each.dataset,
        "format": "table",
        "options": "",
        "name": f"{each.landing_id}.csv",
        "content_sha256": record_hash([each.landing_id]),
        "size_bytes": len(each.rows),
        "first_received_at": each.known_at,
        "last_received_at": each.known_at,
        "receipts": 1,
        "effective": each.effective,
        "known_at": each.known_at if each.effective else None,
        "ended_at": None if each.effective else each.known_at + timedelta(seconds=1),
        "end_reason": None if each.effective else "withdrawn",
        "records_read": len(each.rows),
        "rows_in": len(each.rows),
        "accepted": len(each.rows),
        "quarantined": 0,
        "duplicates": 0,
        "set_aside": 0,
        "bronze_sha256": record_hash([each.landing_id, "bronze"]),
    }


def _receipt(each: Delivery) -> Row:
    return {
        "landing_id": each.landing_id,
        "source_id": each.source_id,
        "site_id": each.source_id,
        "dataset": each.dataset,
        "received_at": each.known_at,
        "received_day": (each.known_at + timedelta(hours=8)).date(),
        "late": False,
        "rows_in": len(each.rows),
        "accepted": len(each.rows),
        "quarantined": 0,
        "duplicates": 0,
        "set_aside": 0,
    }
