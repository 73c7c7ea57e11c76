"""What a certificate is about and what it says: deliveries in, checks and a verdict out. Values only.

Reading files, judging them and writing pages belong to the modules beside this one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from data_contracts.dictionary import Text
from pipelines.bronze_files import BronzeFile

if TYPE_CHECKING:
    from pipelines.bronze import Ingest


class Verdict(StrEnum):
    """Green: nothing to remark. Amber: accepted rows hold the contract, with remarks. Red: do not rely on it."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True)
class DeclaredTotal:
    """How many records the sender declared for a business day, and how many were found."""

    day: date
    declared: int
    found: int


@dataclass(frozen=True)
class DeliveryFacts:
    """What ingestion recorded of one delivery; the certificate holds the files against it.

    Paths in `files` and `quarantine` are relative to the home's bronze and quarantine folders. `rules`
    counts rejected rows by broken rule, `reasons` explains a rule, `due_at` is the service level's
    instant (None: no service level).
    """

    landing_id: str
    names: tuple[str, ...]
    received_at: datetime
    files: tuple[BronzeFile, ...]
    quarantine: BronzeFile | None
    rows_in: int
    accepted: int
    quarantined: int
    duplicates: int
    set_aside: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, int] = field(default_factory=dict)
    rules: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, Text] = field(default_factory=dict)
    due_at: datetime | None = None
    declared: tuple[DeclaredTotal, ...] = ()

    @classmethod
    def of(
        cls,
        ingest: "Ingest",
        *,
        names: tuple[str, ...],
        reasons: Mapping[str, Text],
        due_at: datetime | None = None,
        declared: tuple[DeclaredTotal, ...] = (),
    ) -> "DeliveryFacts":
        """The facts that a landing's tally holds, with what it does not: names, reasons, due time,
        declared totals.
        """
        return cls(
            landing_id=ingest.landing_id,
            names=names,
            received_at=datetime.fromisoformat(ingest.received_at),
            files=ingest.files,
            quarantine=ingest.quarantine,
            rows_in=ingest.rows_in,
            accepted=ingest.accepted,
            quarantined=ingest.quarantined,
            duplicates=ingest.duplicates,
            set_aside=ingest.set_aside,
            labels=ingest.labels,
            rules=ingest.rules,
            reasons=reasons,
            due_at=due_at,
            declared=declared,
        )


@dataclass(frozen=True)
class Expectation:
    """One Great Expectations expectation and what it means to people: `text` what is expected, `broken` what
    is wrong if it is not met. `severity` is the verdict then, `columns` those whose values explain it.
    """

    name: str
    type: str
    kwargs: Mapping[str, object]
    text: Text
    broken: Text
    severity: Verdict = Verdict.RED
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Example:
    """Where an expectation failed: a delivery, its row as sent (None: the whole), and what stands there."""

    landing_id: str
    landing_row: int | None
    value: str


@dataclass(frozen=True)
class Check:
    """The outcome of one expectation over all that was looked at: rows of the sample, or deliveries."""

    expectation: Expectation
    looked_at: int
    failed: int
    examples: tuple[Example, ...] = ()
    error: str | None = None

    @property
    def passed(self) -> bool:
        return not self.failed and self.error is None


def verdict_of(checks: tuple[Check, ...]) -> Verdict:
    """The worst severity among the failed checks."""
    failed = {check.expectation.severity for check in checks if not check.passed}
    return next((each for each in (Verdict.RED, Verdict.AMBER) if each in failed), Verdict.GREEN)


@dataclass(frozen=True)
class Certificate:
    """A certificate as written. `rejected` is the CSV of the rejected rows, None if none were rejected."""

    source_id: str
    dataset: str
    key: str
    verdict: Verdict
    checks: tuple[Check, ...]
    page: Path
    document: Path
    rejected: Path | None

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that failed, red ones first."""
        order = {Verdict.RED: 0, Verdict.AMBER: 1}
        return tuple(
            sorted((c for c in self.checks if not c.passed), key=lambda c: order[c.expectation.severity])
        )
