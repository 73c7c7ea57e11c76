"""The rejected rows, back to their sender as CSV, and the first of them for the page.

Quarantine files are only read here, row by row.
"""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.certificates.facts import DeliveryFacts
from pipelines.certificates.stored import Files
from pipelines.files import written_aside

FIRST_ROWS = 20
FIRST_PER_RULE = 5
HEADER = ("landing_id", "file", "landing_row", "rules", "reason_zh", "reason_en", "raw")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet read a cell as a formula when it stands first; the full-width forms do in
some languages.
"""


@dataclass(frozen=True)
class RejectedRow:
    """A row of a delivery as sent, and the rules that it broke."""

    landing_id: str
    landing_row: int
    rules: tuple[str, ...]
    raw: str


@dataclass
class Rejected:
    """What was seen while the rejected rows were written."""

    rows: int = 0
    first: list[RejectedRow] = field(default_factory=list)
    by_rule: dict[str, list[RejectedRow]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def see(self, row: RejectedRow) -> None:
        """Counts a row and keeps it if it is among the first."""
        self.rows += 1
        if len(self.first) < FIRST_ROWS:
            self.first.append(row)
        for rule in row.rules:
            self.counts[rule] += 1
            kept = self.by_rule.setdefault(rule, [])
            if len(kept) < FIRST_PER_RULE:
                kept.append(row)


def write_rejected(files: Files, deliveries: Sequence[DeliveryFacts], path: Path) -> Rejected:
    """Writes the rejected rows of the deliveries to `path`, in their order; no rows, no file. Memory is
    bounded.

    A quarantine file that cannot be read gives no rows: its hash tells on the page.
    """
    seen = Rejected()
    with (
        written_aside(path) as aside,
        aside.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as stream,
    ):
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerow(HEADER)
        for facts in deliveries:
            for landing_row, rules, raw in files.rejected(facts):
                row = RejectedRow(facts.landing_id, landing_row, tuple(rules.split(",")), raw)
                seen.see(row)
                writer.writerow([inert(cell) for cell in _cells(row, facts)])
    if not seen.rows:
        path.unlink()
    return seen


def inert(cell: str) -> str:
    """The cell with an apostrophe before it if a spreadsheet would run it as a formula."""
    return "'" + cell if cell.startswith(FORMULA) or cell.lstrip().startswith(FORMULA) else cell


def _cells(row: RejectedRow, facts: DeliveryFacts) -> tuple[str, ...]:
    reasons = [facts.reasons[rule] for rule in row.rules if rule in facts.reasons]
    return (
        row.landing_id,
        ", ".join(facts.names),
        str(row.landing_row),
        ", ".join(row.rules),
        " ".join(reason.zh for reason in reasons),
        " ".join(reason.en for reason in reasons),
        row.raw,
    )
