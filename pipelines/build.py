"""What a build of the warehouse has to do, and its inputs: what is known compared with what was built."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from data_contracts.contract import load_contracts
from data_contracts.definitions import definitions_rows
from pipelines import inputs, late_tariffs, ledger
from pipelines.bronze import read_ingest
from pipelines.dbt_project import code_digest
from pipelines.effective import landings_as_of
from pipelines.files import canonical_json
from pipelines.inputs import SCHEMAS, Known
from pipelines.landing import read_events
from pipelines.quarantine import write_rejected
from pipelines.sites_config import Source
from pipelines.warehouse import Built, Target, read_built, register, write_built, write_table

SEPARATOR = "\n"


@dataclass(frozen=True)
class Plan:
    """What a build has to do. `signatures` say what the models can see of each landing; `changed` names the landings
    whose rows count otherwise than in the last build."""

    target: Target
    known: tuple[Known, ...]
    signatures: Mapping[str, str]
    changed: tuple[str, ...]
    digest: str
    ledger_head: str
    decisions: tuple[str, ...]
    built: Built
    forced: tuple[date, date] | None = None

    @property
    def full_refresh(self) -> bool:
        """Whether other code, no build or landings that are gone stand before this one: then all is made anew."""
        return self.built.digest != self.digest or not self.built.landings.keys() <= self.signatures.keys()

    @property
    def due(self) -> bool:
        """Whether a build would change anything."""
        same = self.built.ledger_head == self.ledger_head and self.built.landings == self.signatures
        return self.full_refresh or not same or self.forced is not None


def plan(target: Target, sources: Mapping[str, Source], forced: tuple[date, date] | None = None) -> Plan:
    """Compares what is known with what the warehouse was built from. `forced` are business days to recompute anyway."""
    home = target.home
    states = landings_as_of(read_events(home), target.known_at)
    known = tuple(Known(state, tally) for state in states if (tally := read_ingest(home, state.landing_id)))
    signatures = {each.state.landing_id: _signature(each) for each in known}
    built = read_built(target)
    return Plan(
        target=target,
        known=known,
        signatures=signatures,
        changed=tuple(
            sorted(key for key in signatures if _rows(signatures, key) != _rows(built.landings, key))
        ),
        digest=code_digest(*(repr(source) for source in sources.values())),
        ledger_head=ledger.head(home, target.known_at),
        decisions=late_tariffs.decided(home, target.known_at),
        built=built,
        forced=forced,
    )


def _signature(each: Known) -> str:
    known_at = each.state.known_at.isoformat() if each.state.known_at else None
    replays = {replay.at for replay in each.state.replays}
    files = [
        each.ingest.files[0].sha256,
        *(f.sha256 for f in each.ingest.files[1:] if f.received_at in replays),
    ]
    return canonical_json([known_at, *files]) + SEPARATOR + canonical_json([len(each.state.receipts)])


def _rows(signatures: Mapping[str, str], landing_id: str) -> str:
    return signatures.get(landing_id, "").split(SEPARATOR)[0]


def prepare(plan: Plan, sources: Mapping[str, Source]) -> None:
    """Writes a build's inputs and registers them, bronze and the ledger's tables as what dbt reads as sources."""
    target, home = plan.target, plan.target.home
    if plan.full_refresh:
        target.remove()
    tables = _tables(plan, sources)
    for name, table in tables.items():
        write_table(target.inputs / f"{name}.parquet", table)
    write_rejected(
        home, [each.state.landing_id for each in plan.known], target.inputs / "quarantine_rows.parquet"
    )
    names = [*tables, "quarantine_rows"]
    bronze: dict[str, list[Path]] = {}
    for contract in load_contracts("input"):
        empty = target.inputs / "empty" / f"{contract.name}.parquet"
        write_table(empty, contract.arrow_schema(system=True).empty_table())
        files = any(home.bronze.glob(f"{contract.name}/source=*/received_day=*/*.parquet"))
        glob = home.bronze / contract.name / "source=*" / "received_day=*" / "*.parquet"
        bronze[contract.name] = [empty, glob] if files else [empty]
    register(
        target,
        {
            "bronze": bronze,
            "inputs": {name: [target.inputs / f"{name}.parquet"] for name in names},
            "ledger": ledger.table_files(home, target.inputs / "ledger", target.known_at),
        },
    )


def _tables(plan: Plan, sources: Mapping[str, Source]) -> dict[str, pa.Table]:
    by_id = {each.state.landing_id: each.state.receipt for each in plan.known}
    forced_from, forced_to = plan.forced or (None, None)
    return {
        "landings": inputs.landings(plan.known),
        "receipts": inputs.receipts(plan.known, sources),
        "sites": inputs.sites(sources),
        "site_partitions": inputs.site_partitions(sources),
        "site_instances": inputs.site_instances(sources),
        "due_days": inputs.due_days(sources, plan.known),
        "definitions": pa.Table.from_pylist(list(definitions_rows()), SCHEMAS["definitions"]),
        "changed_landings": pa.Table.from_pylist(
            [
                {"landing_id": key, "dataset": by_id[key].dataset, "source_id": by_id[key].source_id}
                for key in plan.changed
            ],
            SCHEMAS["changed_landings"],
        ),
        "tariff_landings": late_tariffs.landings(plan.target.home, plan.target.known_at),
        "changed_decisions": pa.Table.from_pylist(
            [{"decision_id": each} for each in sorted({*plan.decisions} ^ {*plan.built.decisions})],
            SCHEMAS["changed_decisions"],
        ),
        "previous_horizon": pa.Table.from_pylist(
            [dict(row) for row in plan.built.horizon], SCHEMAS["previous_horizon"]
        ),
        "build": pa.Table.from_pylist(
            [
                {
                    "full_refresh": plan.full_refresh,
                    "known_at": plan.target.known_at,
                    "forced_from": forced_from,
                    "forced_to": forced_to,
                }
            ],
            SCHEMAS["build"],
        ),
    }


def finish(plan: Plan) -> None:
    """Records that a build is whole."""
    write_built(plan.target, Built(plan.signatures, plan.digest, plan.ledger_head, plan.decisions))
