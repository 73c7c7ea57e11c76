"""The proof of a charge: from the charge by its line and the records behind it to the root of a close pack.

The pack alone is enough. Where the home is at hand too, the pack is held against the ledger, and each record against
bronze and the delivered bytes.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipelines import ledger
from pipelines.bronze import read_ingest
from pipelines.closing import merkle
from pipelines.closing.leaves import Row, Tree, content, plain
from pipelines.closing.reading import Pack, read_pack
from pipelines.errors import Finding
from pipelines.files import sha256_file
from pipelines.home import Home
from pipelines.landing import Event, read_events
from pipelines.words import plain as printable
from pipelines.words import yuan

FEN = 10_000
"""Micro-yuan in a fen."""
RECORDS_SHOWN = 20


@dataclass(frozen=True)
class Step:
    """A row of a tree with what proves it: the hash of its leaf, its place, the audit path to the tree's root."""

    tree: str
    row: Row
    leaf: str
    index: int
    size: int
    path: tuple[str, ...]
    root: str

    def as_dict(self) -> dict[str, Any]:
        """The step for a script; whoever has the root can check it without the pack."""
        said = {name: plain(value) for name, value in self.row.items()}
        return {
            **vars(self),
            "row": said,
            "content": content(self.tree, self.row).decode(),
            "path": list(self.path),
        }


@dataclass(frozen=True)
class Origin:
    """Where a record was found: the delivered file and the row in it."""

    record_hash: str
    landing_id: str
    file: str
    content_sha256: str
    row: int


@dataclass(frozen=True)
class Proof:
    """A charge that a pack proves. `evidence_of` are the charges whose records are shown: itself, or its line's."""

    pack: Pack
    charge: Step
    line: Step
    evidence: tuple[Step, ...]
    evidence_of: tuple[str, ...]
    origins: tuple[Origin, ...] | None


def prove(charge_id: str, folder: Path | None, home: Home | None) -> Proof:
    """Proves a charge by the pack in a folder alone, or by that of the home with its ledger and bronze.

    Raises Finding that says what is not as it was closed, or that no pack has the charge.
    """
    pack = read_pack(folder) if folder else _pack_of(home or Home.from_environment(), charge_id)
    charge = _step(pack.trees["charges"], "charge_id", charge_id)
    line = _step(pack.trees["lines"], "line_id", charge.row["line_id"])
    charges = pack.trees["charges"]
    of_line = [charges.row(index) for index in charges.where("line_id", [line.row["line_id"]])]
    _require_sum(of_line, line.row)
    named, evidence = _evidence(pack.trees["evidence"], charge.row, of_line)
    _require_whole(charge.row, evidence)
    origins = None
    if folder is None:
        origins = _origins(home or Home.from_environment(), pack, evidence)
    return Proof(pack, charge, line, evidence, named, origins)


def _pack_of(home: Home, charge_id: str) -> Pack:
    """The home's pack that has a charge, held against the ledger."""
    closes = ledger.closes(home)
    without_roots = sorted(period for period, body in closes.items() if "merkle" not in body)
    for period in sorted(closes.keys() - set(without_roots)):
        folder = home.close_packs / period
        pack = read_pack(folder)
        if pack.said["pack_sha256"] != closes[period]["pack_sha256"]:
            raise Finding(f"The pack {folder} is not the one that the ledger's close of {period} names.")
        if pack.trees["charges"].where("charge_id", [charge_id]):
            return pack
    closed = ", ".join(sorted(closes.keys() - set(without_roots))) or "none"
    older = f"; packs without Merkle roots prove none: {', '.join(without_roots)}" if without_roots else ""
    raise Finding(
        f"No close pack has the charge {charge_id}: only charges of closed periods are proved ({closed}{older})."
    )


def _step(tree: Tree, key: str, value: str) -> Step:
    for index in tree.where(key, [value]):
        return _proved(tree, index)
    raise Finding(f"The pack has no {key} {value} among its {tree.name}.")


def _proved(tree: Tree, index: int) -> Step:
    row, path = tree.row(index), tree.path(index)
    leaf = merkle.leaf_hash(content(tree.name, row))
    if merkle.climbed(leaf, index, tree.size, path) != tree.root:
        raise Finding(f"Leaf {index} of the {tree.name} does not lead to their root.")
    return Step(tree.name, row, leaf, index, tree.size, tuple(path), tree.root)


def _require_sum(charges: Sequence[Row], line: Row) -> None:
    billed = sum(row["billed_cost_micro_yuan"] for row in charges)
    if billed != line["gross_fen"] * FEN:
        raise Finding(
            f"The charges of line {line['line_id']} come to {billed} micro-yuan, not to its {line['gross_fen']} fen."
        )


def _evidence(tree: Tree, charge: Row, of_line: Sequence[Row]) -> tuple[tuple[str, ...], tuple[Step, ...]]:
    """The records behind a charge; behind a tax, an adjustment or the like, those of all charges of its line."""
    found = tree.where("row_key", [charge["charge_id"]]) or tree.where(
        "row_key", [row["charge_id"] for row in of_line]
    )
    steps = tuple(_proved(tree, index) for index in found)
    return tuple(sorted({step.row["row_key"] for step in steps})), steps


def _require_whole(charge: Row, evidence: Sequence[Step]) -> None:
    """A usage charge is of as much as its records are; corrections are differences, and rest on more than one state."""
    own = [step.row["quantity"] or 0 for step in evidence if step.row["row_key"] == charge["charge_id"]]
    if not own or charge["charge_category"] != "Usage" or charge["charge_class"] is not None:
        return
    if sum(own) != charge["quantity"]:
        raise Finding(
            f"The records of charge {charge['charge_id']} come to {sum(own)}, not to its {charge['quantity']}."
        )


def _origins(home: Home, pack: Pack, evidence: Sequence[Step]) -> tuple[Origin, ...]:
    """Where each record stands in bronze and in which delivered file. Raises Finding where one does not."""
    stated = {row["landing_id"]: row for row in pack.table("landings").to_pylist()}
    receipts = {event.landing_id: event for event in read_events(home) if event.act == "receipt"}
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for step in evidence:
        rows[step.row["landing_id"]].append(step.row)
    found = []
    for landing_id, wanted in sorted(rows.items()):
        if landing_id not in receipts:
            raise Finding(f"Landing {landing_id} is not in the home's log: bring it back from a backup.")
        receipt = receipts[landing_id]
        _require_bytes(home, receipt, stated.get(landing_id))
        hashes = _bronze(home, landing_id, [row["landing_row"] for row in wanted])
        for row in wanted:
            if hashes.get(row["landing_row"]) != row["record_hash"]:
                raise Finding(
                    f"Row {row['landing_row']} of {printable(receipt.name)} (landing {landing_id}) is not the record "
                    f"{row['record_hash']} in bronze."
                )
            where = (printable(receipt.name), receipt.content_sha256, row["landing_row"])
            found.append(Origin(row["record_hash"], landing_id, *where))
    return tuple(found)


def _require_bytes(home: Home, receipt: Event, stated: Mapping[str, Any] | None) -> None:
    if stated is not None and stated["content_sha256"] != receipt.content_sha256:
        raise Finding(f"Landing {receipt.landing_id} is of other bytes than the pack names.")
    path = home.object(receipt.content_sha256)
    if not path.exists() or sha256_file(path) != receipt.content_sha256:
        raise Finding(f"The delivered bytes {path} are missing or altered: bring them back from a backup.")


def _bronze(home: Home, landing_id: str, rows: Sequence[int]) -> dict[int, str]:
    tally = read_ingest(home, landing_id)
    if tally is None:
        raise Finding(f"Bronze of landing {landing_id} is not there: run `suanzhang materialize` first.")
    frame = pl.scan_parquet([home.bronze / file.path for file in tally.files])
    wanted = (
        frame.filter(pl.col("landing_row").is_in(list(rows))).select("landing_row", "record_hash").collect()
    )
    return dict(wanted.iter_rows())


def text_of(proof: Proof) -> str:
    """A proof as a page for a person."""
    charge, line, said = proof.charge.row, proof.line.row, proof.pack.said
    quantity = f", {charge['quantity']:,} {charge['unit']}" if charge["quantity"] is not None else ""
    lines = [
        f"Charge {charge['charge_id']} of {said['period']}: proved.",
        "",
        f"  charged    {charge['billed_cost_micro_yuan']:,} micro-yuan, {charge['charge_category']}{quantity}",
        f"             of {charge['tenant_id']} at {charge['site_id']} for {_minute(charge['charge_period_start'])} to "
        f"{_minute(charge['charge_period_end'])}",
        f"             {charge['sku_id']}, tariff {charge['tariff_id']} {charge['tariff_version']}",
        f"  line       {line['line_id']}: net {yuan(line['net_fen'])} + tax {yuan(line['tax_fen'])} "
        f"= {yuan(line['gross_fen'])} 元; its charges sum to it exactly",
        *_records(proof),
        f"  leaves     charge {_place(proof.charge)}, line {_place(proof.line)}, {len(proof.evidence)} records: "
        "each audit path leads to its root",
        f"  root       {said['merkle']['root']}",
        f"  pack       {said['pack_sha256']}, as known at {said['cutoff']},",
        f"             proposed by {said['proposed_by']}, approved by {said['approved_by']}",
        f"  verdict    {_verdict(proof)}",
    ]
    return "\n".join(lines)


def _records(proof: Proof) -> list[str]:
    own = proof.evidence_of == (proof.charge.row["charge_id"],)
    whose = "" if own else f" of the line's {len(proof.evidence_of)} charges with records"
    lines = [f"  records    {len(proof.evidence)}{whose}"]
    origins = {(each.record_hash, each.landing_id, each.row): each for each in proof.origins or ()}
    for step in proof.evidence[:RECORDS_SHOWN]:
        row = step.row
        origin = origins.get((row["record_hash"], row["landing_id"], row["landing_row"]))
        where = f"row {origin.row} of {origin.file}, " if origin else f"row {row['landing_row']} of "
        quantity = "unknown" if row["quantity"] is None else f"{row['quantity']:,}"
        lines.append(f"             {row['record_hash']}: {quantity}, {where}landing {row['landing_id']}")
    if len(proof.evidence) > RECORDS_SHOWN:
        lines.append(f"             and {len(proof.evidence) - RECORDS_SHOWN:,} more: --json has them all")
    return lines


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}Z"


def _place(step: Step) -> str:
    return f"{step.index + 1:,} of {step.size:,}"


def _verdict(proof: Proof) -> str:
    if proof.origins is None:
        return "the pack is whole and holds the charge; compare its hash with the ledger's or your own record of it."
    return (
        "the pack is whole, the ledger names it, and every record stands in bronze and its bytes in landing."
    )


def as_dict(proof: Proof) -> dict[str, Any]:
    """A proof for a script."""
    return {
        "proved": True,
        "period": proof.pack.said["period"],
        "pack_sha256": proof.pack.said["pack_sha256"],
        "merkle": proof.pack.said["merkle"],
        "charge": proof.charge.as_dict(),
        "line": proof.line.as_dict(),
        "evidence_of": list(proof.evidence_of),
        "evidence": [step.as_dict() for step in proof.evidence],
        "origins": None if proof.origins is None else [vars(each) for each in proof.origins],
    }
