"""Closing a billing period: proposed by one person, approved by another, both in the ledger; then the pack.

A proposal holds what the period amounts to, as a digest. The approval reads the period again and freezes it at what is
known then, if the digest still is that of the proposal. From then on the models take the period from the ledger.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines import ledger, ledger_acts
from pipelines.build import Plan
from pipelines.closing.blockers import blockers
from pipelines.closing.freezing import FIGURES, Frozen, digest, freeze
from pipelines.closing.pack import body_of, write_pack
from pipelines.errors import Finding, WrongUse
from pipelines.home import Home, month_bounds
from pipelines.words import yuan


@dataclass(frozen=True)
class Proposed:
    """A standing proposal; `new` says whether this call made it."""

    period: str
    by: str
    cutoff: str
    digest: str
    gross_fen: int
    new: bool

    state = "closing"

    def text(self) -> str:
        """What is proposed and what comes next, in two sentences."""
        return (
            f"{self.by} proposed to close {self.period} at {yuan(self.gross_fen)} 元 gross, "
            f"as known at {self.cutoff[:19]}Z (digest {self.digest[:16]}). "
            f"Somebody else approves it: `suanzhang close {self.period} --approve-as NAME`."
        )


@dataclass(frozen=True)
class Closed:
    """A closed period and its pack; `new` says whether this call closed it."""

    period: str
    folder: Path
    pack_sha256: str
    new: bool

    state = "closed"

    def text(self) -> str:
        """What was closed, and where its pack is."""
        before = "" if self.new else " (it was already)"
        return f"{self.period} is closed{before}: pack {self.pack_sha256}\n  {self.folder}"


def named(person: str) -> str:
    """A person's name as it is recorded. Raises WrongUse where there is none."""
    name = " ".join(unicodedata.normalize("NFKC", person).split())
    if not name:
        raise WrongUse("A name is empty: say who acts.")
    return name


def same_person(one: str, other: str) -> bool:
    """Whether two names are one but for case, width and spaces."""
    return "".join(named(one).casefold().split()) == "".join(named(other).casefold().split())


def close(
    plan: Plan, period: str, proposed_by: str | None, approved_by: str | None, at: datetime
) -> Proposed | Closed:
    """Proposes a close, approves the standing proposal, or both; a period that is closed stays as it is.

    The caller holds the warehouse. Raises WrongUse unless two different people act, Finding with all that blocks it
    and where an approval has no proposal or another one than what is known now.
    """
    home = plan.target.home
    month_bounds(period)
    proposer, approver = (named(each) if each is not None else None for each in (proposed_by, approved_by))
    if proposer is None and approver is None:
        raise WrongUse("A close needs two people: --propose-as names one, --approve-as another.")
    with ledger.locked(home):
        done = ledger.closes(home).get(period)
        if done is not None:
            return Closed(period, write_pack(home, done), done["pack_sha256"], False)
        standing = ledger_acts.proposals(ledger.entries(home)).get(period)
        _require_two(proposer, approver, standing)
        against = blockers(plan, period)
        if against:
            raise Finding(f"{period} cannot be closed: " + " ".join(against))
        frozen = freeze(plan, period)
        tables = ledger.freeze(home, period, frozen.tables)
        proposal, new = _propose(home, standing, proposer, period, frozen, tables, at)
        if approver is None:
            return _proposed(proposal, new)
        _require_unchanged(proposal, period, frozen, tables)
        body = body_of(plan, period, frozen, tables, proposal, approver)
        ledger.append(home, "close", body, at)
        return Closed(period, write_pack(home, body), body["pack_sha256"], True)


def standing_proposal(home: Home, period: str) -> Proposed | None:
    """The proposal of a period that waits for its approval."""
    entry = ledger_acts.proposals(ledger.entries(home)).get(period)
    return _proposed(entry, False) if entry else None


def _propose(
    home: Home,
    standing: ledger.Entry | None,
    proposer: str | None,
    period: str,
    frozen: Frozen,
    tables: Mapping[str, str],
    at: datetime,
) -> tuple[ledger.Entry, bool]:
    """The proposal that counts, and whether it is new: the same of the same person is recorded once."""
    if standing and (proposer is None or _stands(standing, proposer, digest(period, tables, frozen))):
        return standing, False
    if proposer is None:
        raise Finding(f"Nobody has proposed to close {period}: somebody else must, with --propose-as.")
    return ledger.append(home, "proposal", _proposal(period, proposer, frozen, tables), at), True


def _proposal(period: str, by: str, frozen: Frozen, tables: Mapping[str, str]) -> dict[str, Any]:
    return {
        "period": period,
        "cutoff": frozen.cutoff.astimezone(UTC).isoformat(),
        "proposed_by": by,
        "digest": digest(period, tables, frozen),
        "tables": {name: tables[name] for name in FIGURES},
        "control_totals": {name: dict(each) for name, each in frozen.control_totals.items()},
        "merkle": dict(frozen.merkle),
    }


def _proposed(entry: ledger.Entry, new: bool) -> Proposed:
    body = entry.body
    gross = body["control_totals"]["statement_lines"]["gross_fen"]
    return Proposed(body["period"], body["proposed_by"], body["cutoff"], body["digest"], gross, new)


def _stands(standing: ledger.Entry, proposer: str, proposed: str) -> bool:
    """Whether the same person proposed the same before."""
    return standing.body["digest"] == proposed and same_person(standing.body["proposed_by"], proposer)


def _require_two(proposer: str | None, approver: str | None, standing: ledger.Entry | None) -> None:
    first = proposer if proposer is not None else standing.body["proposed_by"] if standing else None
    if first is not None and approver is not None and same_person(first, approver):
        raise WrongUse(f"A close needs two people: {first} proposed it, so somebody else must approve it.")


def _require_unchanged(
    standing: ledger.Entry, period: str, frozen: Frozen, tables: Mapping[str, str]
) -> None:
    body = standing.body
    if body["digest"] == digest(period, tables, frozen):
        return
    changed = [name for name in FIGURES if body["tables"].get(name) != tables[name]]
    before, now = (
        yuan(each["statement_lines"]["gross_fen"]) for each in (body["control_totals"], frozen.control_totals)
    )
    raise Finding(
        f"What is known of {period} has changed since {body['proposed_by']} proposed its close as known at "
        f"{body['cutoff']} (gross {before} → {now} 元; changed: {', '.join(changed)}): it must be proposed again."
    )
