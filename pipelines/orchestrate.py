"""The steps of a run, each safe to repeat: what commands and Dagster's assets both call. No Dagster here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from pipelines.build import Plan, finish, plan, prepare
from pipelines.closing.blockers import open_before
from pipelines.closing.closing import Closed, Proposed, close
from pipelines.closing.pack import pack_folder
from pipelines.dashboard.writing import write_pages
from pipelines.dbt_project import NodeResult, invoke
from pipelines.effective import landings_as_of
from pipelines.errors import Finding
from pipelines.home import Home
from pipelines.lake import due
from pipelines.landing import read_events
from pipelines.release import Release, publish
from pipelines.sites_config import Source
from pipelines.warehouse import Target, connected, locked

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """What a build did: its plan, dbt's results (none if nothing was due) and the business days it recomputed."""

    plan: Plan
    results: tuple[NodeResult, ...]
    days: tuple[date, ...]


def build(
    target: Target,
    sources: Mapping[str, Source],
    forced: tuple[date, date] | None = None,
    progress: Progress = lambda _: None,
) -> Built:
    """Brings the warehouse up to what is known. Raises Finding while bronze is behind or if a model or test fails."""
    require_bronze(target.home)
    with locked(target.home, progress):
        todo = plan(target, sources, forced)
        if not todo.due:
            return Built(todo, (), ())
        prepare(todo, sources)
        results = invoke(target.home, target.file, ["build"], progress)
        finish(todo)
        with connected(target) as connection:
            return Built(todo, tuple(results), tuple(_changed_days(connection)))


def require_bronze(home: Home) -> None:
    """Raises Finding that names what landing holds and bronze does not, and the received days it is of."""
    behind: dict[str, list[date]] = {}
    for each in due(home, landings_as_of(read_events(home))):
        behind.setdefault(each.state.receipt.dataset, []).append(each.received_day)
    if behind:
        named = ", ".join(f"bronze/{dataset} ({_span(days)})" for dataset, days in sorted(behind.items()))
        raise Finding(f"Upstream is missing: {named}. Materialise it first.")


def _span(days: list[date]) -> str:
    first, last = min(days), max(days)
    deliveries = "1 delivery" if len(days) == 1 else f"{len(days)} deliveries"
    return (
        f"{deliveries} received on {first}" if first == last else f"{deliveries} received {first} to {last}"
    )


def release(target: Target, sources: Mapping[str, Source], progress: Progress = lambda _: None) -> Release:
    """Publishes the warehouse. Raises Finding while the warehouse is behind what is known."""
    with locked(target.home, progress):
        todo = plan(target, sources)
        if todo.due:
            raise Finding(
                "Upstream is missing: the marts do not hold all that is known. Materialise them first."
            )
        return publish(todo, write_pages)


def as_known_at(home: Home, sources: Mapping[str, Source], at: datetime, progress: Progress) -> Release:
    """Builds a throwaway warehouse from what was known at an instant and publishes it beside the others."""
    target = Target(home, at)
    build(target, sources, progress=progress)
    made = release(target, sources, progress)
    target.remove()
    return made


def close_period(
    home: Home,
    sources: Mapping[str, Source],
    period: str,
    proposed_by: str | None,
    approved_by: str | None,
    at: datetime,
) -> Proposed | Closed:
    """Proposes or approves the close of a billing period of the home's warehouse, or both; see `closing.close`."""
    require_bronze(home)
    with locked(home):
        return close(plan(Target(home), sources), period, proposed_by, approved_by, at)


def close_through(
    home: Home, sources: Mapping[str, Source], period: str, proposed_by: str, approved_by: str, at: datetime
) -> Path:
    """Closes a billing period after all earlier ones that are open and have charges; returns where its pack is."""
    require_bronze(home)
    with locked(home):
        todo = plan(Target(home), sources)
        earlier: list[str] = []
        if todo.target.file.exists() and not todo.due:
            with connected(todo.target) as connection:
                earlier = open_before(connection, todo, period)
        for each in earlier:
            close(todo, each, proposed_by, approved_by, at)
        close(todo, period, proposed_by, approved_by, at)
    return pack_folder(home, period)


def is_due(
    home: Home,
    sources: Mapping[str, Source],
    forced: tuple[date, date] | None = None,
    progress: Progress = lambda _: None,
) -> bool:
    """Whether a build of the home's warehouse would change anything."""
    with locked(home, progress):
        return plan(Target(home), sources, forced).due


def changed_days(home: Home) -> list[date]:
    """The business days that the last build computed again."""
    with locked(home), connected(Target(home)) as connection:
        return _changed_days(connection)


def _changed_days(connection: duckdb.DuckDBPyConnection) -> list[date]:
    days = connection.sql(
        "select day from intermediate.int_changed_days union select day from intermediate.int_changed_meter_days "
        "order by day"
    ).fetchall()
    return [day for (day,) in days]
