"""Tariffs that arrive after the close of a period that they touch: refused there, unless a decision accepts them.

A tariff version holds in a closed period as it was known at one instant: the close's cut-off, or the later instant of
the decision that accepted the version. Which deliveries counted at those instants is what the models are told here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import pyarrow as pa

from pipelines import ledger, ledger_acts
from pipelines.bronze import read_ingest
from pipelines.effective import LandingState, landings_as_of
from pipelines.home import Home, month_bounds
from pipelines.inputs import SCHEMAS
from pipelines.landing import Event, read_events
from pipelines.ledger_acts import Row

DATASET, KIND = "tariff_rates", "late_tariff"


@dataclass(frozen=True, order=True)
class Late:
    """A version of a tariff that would price a closed period otherwise than at its close."""

    tariff_id: str
    version: str
    period: str
    outcome: str
    """accepted or refused by a decision; undecided is refused."""


def decided(home: Home, known_at: datetime | None = None) -> tuple[str, ...]:
    """The decisions about late tariffs, by their ids."""
    return tuple(row["decision_id"] for row in _decisions(home, known_at))


def instants(home: Home, known_at: datetime | None = None) -> list[datetime]:
    """The cut-off of each close and the instant of each acceptance: by these a closed period is priced."""
    accepted = [row["decided_at"] for row in _decisions(home, known_at) if row["outcome"] == "accepted"]
    cutoffs = [datetime.fromisoformat(body["cutoff"]) for body in ledger.closes(home, known_at).values()]
    return sorted({*accepted, *cutoffs})


def landings(home: Home, known_at: datetime | None = None) -> pa.Table:
    """The deliveries of tariffs that counted at each close's cut-off and at each acceptance."""
    asked = instants(home, known_at)
    events = _events(home) if asked else []
    rows = [
        {"as_of": at, "landing_id": each.landing_id, "known_at": each.known_at}
        for at in asked
        for each in landings_as_of(events, at)
        if each.effective
    ]
    return pa.Table.from_pylist(rows, SCHEMAS["tariff_landings"])


def late(home: Home) -> list[Late]:
    """The tariff versions of which other rows count now than at the close of a period that they touch."""
    latest = {(row["tariff_id"], row["tariff_version"]): row["outcome"] for row in _decisions(home)}
    events = _events(home)
    found = set()
    for period, body in ledger.closes(home).items():
        cutoff = datetime.fromisoformat(body["cutoff"])
        now, then = (_touching(home, landings_as_of(events, at), period, at) for at in (None, cutoff))
        for tariff_id, version, _ in now ^ then:
            found.add(Late(tariff_id, version, period, latest.get((tariff_id, version), "undecided")))
    return sorted(found)


def _touching(
    home: Home, states: Sequence[LandingState], period: str, by: datetime | None
) -> set[tuple[str, str, str]]:
    """Tariff, version and hash of the rows that counted by an instant and are valid within a period."""
    first, following = month_bounds(period)
    found: set[tuple[str, str, str]] = set()
    for state in states:
        tally = read_ingest(home, state.landing_id)
        if not state.effective or tally is None:
            continue
        rows = pl.read_parquet([home.bronze / file.path for file in tally.files])
        ends = pl.col("valid_to").is_null() | (pl.col("valid_to") > first)
        known = pl.lit(True) if by is None else pl.col("received_at") <= by
        touching = rows.filter((pl.col("valid_from") < following) & ends & known)
        found.update(touching.select("tariff_id", "version", "record_hash").iter_rows())
    return found


def _events(home: Home) -> list[Event]:
    return [each for each in read_events(home) if each.dataset == DATASET]


def _decisions(home: Home, known_at: datetime | None = None) -> list[Row]:
    return [row for row in ledger_acts.decisions(ledger.entries(home), known_at) if row["kind"] == KIND]
