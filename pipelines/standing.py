"""How things stand, per feed and per period: for the status command. Reads tallies and the current release."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.arrivals import waiting
from pipelines.ask import session
from pipelines.bronze import read_ingest
from pipelines.build import plan
from pipelines.close import blockers
from pipelines.effective import landings_as_of
from pipelines.home import Home
from pipelines.landing import read_events
from pipelines.release import current
from pipelines.roles import Role
from pipelines.sites_config import Source
from pipelines.warehouse import Target, locked


@dataclass
class FeedStanding:
    """One source's dataset: what was received last, what became of it, and what somebody should look at."""

    source_id: str
    dataset: str
    deliveries: int = 0
    last_received_at: str = ""
    last_event_at: str = ""
    rows_in: int = 0
    accepted: int = 0
    quarantined: int = 0
    duplicates: int = 0
    short_days: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def text(self) -> str:
        """One line for a person, remarks below it."""
        head = (
            f"{self.source_id:16} {self.dataset:20} {self.deliveries:>5} deliveries, "
            f"last {self.last_received_at[:16] or '–'}, events to {self.last_event_at[:16] or '–'}; "
            f"{self.accepted:,} accepted, {self.quarantined:,} quarantined"
        )
        return "\n".join([head, *(f"{'':17}! {remark}" for remark in self.remarks)])


@dataclass
class PeriodStanding:
    """A billing period: its state and what blocks its close."""

    period: str
    state: str
    gross_fen: int
    late_fen: int
    remarks: list[str]

    def text(self) -> str:
        """One line for a person, blockers below it."""
        head = f"{self.period}  {self.state:8} gross {self.gross_fen:,} fen, late {self.late_fen:,} fen"
        return "\n".join([head, *(f"         ! {remark}" for remark in self.remarks)])


def feeds(home: Home, sources: Mapping[str, Source]) -> list[FeedStanding]:
    """Every feed that sent something, in order of source and dataset."""
    found: dict[tuple[str, str], FeedStanding] = {}
    for state in landings_as_of(read_events(home)):
        key = (state.receipt.source_id, state.receipt.dataset)
        row = found.setdefault(key, FeedStanding(*key))
        row.deliveries += 1
        row.last_received_at = max(row.last_received_at, state.receipts[-1].isoformat())
        tally = read_ingest(home, state.landing_id)
        if tally is None:
            row.remarks.append(f"{state.receipt.name} is landed and not read yet")
            continue
        row.rows_in += tally.rows_in
        row.accepted += tally.accepted
        row.quarantined += tally.quarantined
        row.duplicates += tally.duplicates
        row.last_event_at = max(row.last_event_at, tally.last_event_at or "")
    for arrival in waiting(home, sources):
        row = found.setdefault(
            (arrival.source_id, arrival.dataset), FeedStanding(arrival.source_id, arrival.dataset)
        )
        row.remarks.append(
            f"{arrival.path.name} waits in the inbox" + (f": {arrival.reason}" if arrival.reason else "")
        )
    for (source, dataset), days in _short_days(home).items():
        row = found.setdefault((source, dataset), FeedStanding(source, dataset))
        row.short_days = days
        row.remarks.append(f"{len(days)} days are not what the source declared: {', '.join(days[:8])}")
    for row in found.values():
        if row.quarantined:
            row.remarks.append(
                f"{row.quarantined:,} rows rejected: `suanzhang quarantine list --source {row.source_id}`"
            )
    return [found[key] for key in sorted(found)]


def _short_days(home: Home) -> dict[tuple[str, str], list[str]]:
    if current(home) is None:
        return {}
    short: dict[tuple[str, str], list[str]] = {}
    query = "select source_id, dataset, day from completeness_daily where complete is not true order by all"
    with session(home, Role("engineer")) as connection:
        for source, dataset, day in connection.sql(query).fetchall():
            short.setdefault((source, dataset), []).append(str(day))
    return short


def period_standing(home: Home, sources: Mapping[str, Source]) -> list[PeriodStanding]:
    """Every billing period of the current release, in order."""
    if current(home) is None:
        return []
    with session(home, Role("engineer")) as connection:
        rows = connection.sql(
            "select period, state, gross_fen, late_fen from periods order by period"
        ).fetchall()
    with locked(home):
        todo = plan(Target(home), sources)
        return [
            PeriodStanding(period, state, gross, late, [] if state == "closed" else blockers(todo, period))
            for period, state, gross, late in rows
        ]
