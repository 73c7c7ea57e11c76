"""One certificate: deliveries read, judged, and the verdict written to their sender's outbox.

Everything that is written derives from the files, the recorded facts and the contract, never from a
clock: certified again, unchanged deliveries give the same bytes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from data_contracts.contract import Contract
from pipelines.certificates.delivery_suite import delivery_suite
from pipelines.certificates.document import document
from pipelines.certificates.facts import Certificate, Check, DeliveryFacts, Example, Expectation, verdict_of
from pipelines.certificates.measures import EARLIER, Measure, frame_of, measures
from pipelines.certificates.page import render
from pipelines.certificates.rejected import write_rejected
from pipelines.certificates.stored import UNREADABLE, Files, Footer, Reading
from pipelines.certificates.suite import observed, suite
from pipelines.certificates.validation import POSITIONS, Outcome, validate
from pipelines.errors import WrongUse
from pipelines.files import write_json, write_text
from pipelines.home import BUSINESS_ZONE, Home

SLICE_ROWS = 50_000
"""Rows given to Great Expectations at a time."""
VALUE_SHOWN = 200
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True)
class _Slice:
    """Sampled rows of some deliveries, and for each row the delivery it was read from."""

    rows: pl.DataFrame
    landing_ids: tuple[str, ...]


def certify(
    home: Path,
    contract: Contract,
    source_id: str,
    deliveries: Sequence[DeliveryFacts],
    key: str,
    *,
    earlier: Sequence[Path] = (),
) -> Certificate:
    """Certifies deliveries of one source and dataset and writes page, JSON and rejected rows under the
    name `key`.

    `home` is SUANZHANG_HOME. `earlier` are bronze files of the source's deliveries of the dataset before
    these, in the order of receipt; their footers say what is usual. Nothing about the data raises: it
    turns the certificate red. Raises WrongUse for a name that cannot be a file's, or without deliveries.
    """
    for name in (source_id, contract.name, key):
        if not _NAME.fullmatch(name):
            raise WrongUse(f"{name!r} cannot name a certificate: use letters, digits, '.', '_' and '-'.")
    if not deliveries:
        raise WrongUse(f"There is no delivery of {contract.name} by {source_id} to certify.")
    ordered = sorted(deliveries, key=lambda facts: (facts.received_at, facts.landing_id))
    roots = Home(home)
    folder = roots.outbox / source_id / "certificates" / contract.name
    rejected_path = folder / f"{key}.rejected.csv"
    with Files(roots) as files:
        pairs, row_checks = _certify_rows(files, contract, source_id, ordered)
        measured = measures(pairs, _footers(files, earlier))
        rejected = write_rejected(files, ordered, rejected_path)
    checks = (*row_checks, *_delivery_checks(measured))
    written = rejected_path if rejected.rows else None
    said = document(contract, source_id, key, pairs, checks, rejected, written.name if written else None)
    write_text(folder / f"{key}.html", render(said, contract))
    write_json(folder / f"{key}.json", said)
    return Certificate(
        source_id=source_id,
        dataset=contract.name,
        key=key,
        verdict=verdict_of(checks),
        checks=checks,
        page=folder / f"{key}.html",
        document=folder / f"{key}.json",
        rejected=written,
    )


def _footers(files: Files, earlier: Sequence[Path]) -> Iterator[Footer]:
    """Footers of the last of the earlier files; a file that is gone or damaged says nothing."""
    for path in earlier[-EARLIER:]:
        try:
            yield files.footer(path)
        except UNREADABLE:
            continue


def _certify_rows(
    files: Files, contract: Contract, source_id: str, deliveries: Sequence[DeliveryFacts]
) -> tuple[list[tuple[DeliveryFacts, Reading]], list[Check]]:
    """Reads every delivery and holds its sample against the suite, a bounded number of rows at a time."""
    expected = suite(contract, source_id, tuple(facts.landing_id for facts in deliveries))
    readings: list[tuple[DeliveryFacts, Reading]] = []
    checks = [Check(each, 0, 0) for each in expected]
    for part in _slices(files, contract, deliveries, readings):
        outcomes = validate(observed(part.rows, contract), expected)
        checks = [_grown(check, outcome, part) for check, outcome in zip(checks, outcomes, strict=True)]
    return readings, checks


def _slices(
    files: Files,
    contract: Contract,
    deliveries: Sequence[DeliveryFacts],
    readings: list[tuple[DeliveryFacts, Reading]],
) -> Iterator[_Slice]:
    """The samples of all deliveries in slices; `readings` gets what else was read of each."""
    frames: list[pl.DataFrame] = []
    landing_ids: list[str] = []
    for facts in deliveries:
        reading, sample = files.read(contract, facts)
        readings.append((facts, reading))
        frames.append(sample)
        landing_ids.extend([facts.landing_id] * sample.height)
        if len(landing_ids) >= SLICE_ROWS:
            yield _Slice(pl.concat(frames), tuple(landing_ids))
            frames, landing_ids = [], []
    if landing_ids:
        yield _Slice(pl.concat(frames), tuple(landing_ids))


def _grown(check: Check, outcome: Outcome, part: _Slice) -> Check:
    """The check with what one more slice showed."""
    examples = tuple(_example(part, position, check.expectation) for position in outcome.positions)
    return Check(
        expectation=check.expectation,
        looked_at=check.looked_at + (part.rows.height if outcome.judged else 0),
        failed=check.failed + outcome.failed,
        examples=(check.examples + examples)[:POSITIONS],
        error=check.error or outcome.error,
    )


def _example(part: _Slice, position: int, expectation: Expectation) -> Example:
    row = part.rows.row(position, named=True)
    values = [_text(row[name]) for name in expectation.columns if name in row]
    if len(values) > 1:
        values = [f"{name} = {value}" for name, value in zip(expectation.columns, values, strict=True)]
    return Example(part.landing_ids[position], row["landing_row"], ", ".join(values))


def _text(value: Any) -> str:
    match value:
        case None:
            text = "NULL"
        case Decimal():
            text = f"{value:f}"
        case datetime():
            text = value.astimezone(BUSINESS_ZONE).isoformat(sep=" ")
        case _:
            text = str(value)
    return text if len(text) <= VALUE_SHOWN else text[:VALUE_SHOWN] + " …"


def _delivery_checks(measured: Sequence[Measure]) -> list[Check]:
    expected = delivery_suite()
    outcomes = validate(frame_of(measured), expected)
    return [
        Check(
            expectation=each,
            looked_at=len(measured) if outcome.judged else 0,
            failed=outcome.failed,
            examples=tuple(
                Example(measured[n].figures["landing_id"], None, measured[n].said.get(each.name, ""))
                for n in outcome.positions
            ),
            error=outcome.error,
        )
        for each, outcome in zip(expected, outcomes, strict=True)
    ]
