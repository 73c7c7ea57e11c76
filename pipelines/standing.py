"""How things stand, per feed and per period: for the status command. Reads tallies and the current release."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from pipelines.arrivals import waiting
from pipelines.ask import session
from pipelines.bronze import read_ingest
from pipelines.build import Plan, plan
from pipelines.closing.blockers import blockers
from pipelines.closing.closing import standing_proposal
from pipelines.effective import landings_as_of
from pipelines.files import alone
from pipelines.home import Home
from pipelines.lake import due
from pipelines.landing import read_events
from pipelines.lateness import late_feeds
from pipelines.release import current
from pipelines.roles import Role
from pipelines.sites_config import Source
from pipelines.warehouse import Target, locked
from pipelines.words import yuan


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
            f"{self.source_id:16} {self.dataset:20} deliveries {self.deliveries:>5}, "
            f"last {_minute(self.last_received_at)}, events to {_minute(self.last_event_at)}; "
            f"{self.accepted:,} accepted, {self.quarantined:,} quarantined"
        )
        return "\n".join([head, *(f"{'':17}! {remark}" for remark in self.remarks)])


def _minute(at: str) -> str:
    return f"{at[:16]}Z" if at else "–"


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
        head = f"{self.period}  {self.state:8} gross {yuan(self.gross_fen)} 元, late {yuan(self.late_fen)} 元"
        return "\n".join([head, *(f"         ! {remark}" for remark in self.remarks)])


@dataclass(frozen=True)
class ReleaseStanding:
    """Whether the current release holds all that is known, in a sentence."""

    text: str
    behind: bool


def release_standing(home: Home, sources: Mapping[str, Source]) -> ReleaseStanding:
    """How the current release stands to what was received. Never waits for a build."""
    if not home.log.exists() and not waiting(home, sources):
        return ReleaseStanding(
            "Nothing has been received yet. Land a file, or run `make run` for a simulated month.", False
        )
    folder = current(home)
    if folder is None:
        return ReleaseStanding("Nothing is published yet: run `suanzhang materialize`.", True)
    with alone(home.locks / "warehouse") as free:
        if not free:
            return ReleaseStanding(f"Release {folder.name}; a build is running.", False)
        if plan(Target(home), sources).due or due(home, landings_as_of(read_events(home))):
            return ReleaseStanding(
                f"Release {folder.name} does not hold all that is known: run `suanzhang materialize`.", True
            )
    return ReleaseStanding(f"Release {folder.name} holds all that is known.", False)


def feeds(home: Home, sources: Mapping[str, Source]) -> list[FeedStanding]:
    """Every feed that sent something or is late, in order of source and dataset."""
    found: dict[tuple[str, str], FeedStanding] = {}
    states = landings_as_of(read_events(home))
    for state in states:
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
    for late in late_feeds(states, partial(read_ingest, home), sources, datetime.now(UTC)):
        row = found.setdefault((late.source_id, late.dataset), FeedStanding(late.source_id, late.dataset))
        row.remarks.append(late.text())
    for (source, dataset), days in _short_days(home).items():
        row = found.setdefault((source, dataset), FeedStanding(source, dataset))
        row.short_days = days
        more = f" and {len(days) - 8} more" if len(days) > 8 else ""
        row.remarks.append(f"not what the source declared of {', '.join(days[:8])}{more}")
    for row in found.values():
        if row.quarantined:
            row.remarks.append(
                f"{row.quarantined:,} rejected: `suanzhang quarantine list --source {row.source_id}`"
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
            PeriodStanding(period, state, gross, late, [] if state == "closed" else _open(home, todo, period))
            for period, state, gross, late in rows
        ]


def _open(home: Home, todo: Plan, period: str) -> list[str]:
    """What is to be done before an open period is closed."""
    proposal = standing_proposal(home, period)
    return ([proposal.text()] if proposal else []) + blockers(todo, period)
