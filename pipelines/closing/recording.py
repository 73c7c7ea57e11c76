"""Recording decisions and disputes in the ledger: what is asked is checked, then appended with who, when and why.

A dispute freezes its evidence: the line or charge as the current release states it, with the hash of that.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from pipelines import late_tariffs, ledger, ledger_acts
from pipelines.ask import session
from pipelines.closing.blockers import MATERIAL_FEN
from pipelines.closing.closing import named
from pipelines.closing.leaves import plain
from pipelines.errors import Finding, WrongUse
from pipelines.files import canonical_json, sha256_text
from pipelines.home import Home, month_bounds
from pipelines.landing import utc_text
from pipelines.ledger_acts import Row
from pipelines.roles import Role

PREFIX = 6
"""So many characters of an id name a line, a charge or a dispute, if no other begins with them."""


def decide(home: Home, kind: str, by: str, reason: str, at: datetime, **about: Any) -> Row:
    """Appends a decision. Raises WrongUse without a name or a reason."""
    body = {
        "kind": kind,
        "decided_by": named(by),
        "decided_at": utc_text(at),
        "reason": _reasoned(reason),
        **about,
    }
    with ledger.locked(home):
        ledger.append(home, "decision", body, at)
        return ledger_acts.decisions(ledger.entries(home))[-1]


def decide_tariff(
    home: Home, tariff_id: str, version: str, outcome: str, by: str, reason: str, at: datetime
) -> Row:
    """Decides about a tariff version that arrived late. Raises Finding if none of that name touches a closed period."""
    late = late_tariffs.late(home)
    if not any((each.tariff_id, each.version) == (tariff_id, version) for each in late):
        names = ", ".join(sorted({f"{each.tariff_id} {each.version}" for each in late})) or "none"
        raise Finding(
            f"No version {version} of tariff {tariff_id} arrived after the close of a period that it touches. "
            f"Late: {names}."
        )
    about = {"outcome": outcome, "tariff_id": tariff_id, "tariff_version": version}
    return decide(home, late_tariffs.KIND, by, reason, at, **about)


def decide_incomplete(
    home: Home, period: str, source_id: str, dataset: str, outcome: str, by: str, reason: str, at: datetime
) -> Row:
    """Decides whether a period may be closed without what a feed declared and did not send."""
    month_bounds(period)
    about = {"outcome": outcome, "period": period, "source_id": source_id, "dataset": dataset}
    return decide(home, "incomplete_feed", by, reason, at, **about)


def open_dispute(home: Home, subject: str, amount_fen: int, by: str, reason: str, at: datetime) -> Row:
    """Opens a dispute about a statement line or a charge of the current release.

    Raises WrongUse for an amount that is not positive, Finding if the id names no line or charge, or more than one.
    """
    if amount_fen <= 0:
        raise WrongUse("--amount is what is disputed: more than 0 元.")
    table, row = _subject(home, subject)
    evidence = canonical_json({"table": table, "row": {name: plain(value) for name, value in row.items()}})
    body = {
        "period": row["billing_period" if table == "charges" else "period"],
        "tenant_id": row["tenant_id"],
        "line_id": row["line_id"],
        "charge_id": row["charge_id"] if table == "charges" else None,
        "amount_fen": amount_fen,
        "material": amount_fen >= MATERIAL_FEN,
        "opened_by": named(by),
        "opened_at": utc_text(at),
        "reason": _reasoned(reason),
        "evidence": evidence,
        "evidence_sha256": sha256_text(evidence),
    }
    with ledger.locked(home):
        ledger.append(home, "dispute", body, at)
        return ledger_acts.disputes(ledger.entries(home))[-1]


def settle_dispute(home: Home, dispute: str, outcome: str, by: str, reason: str, at: datetime) -> Row:
    """Settles an open dispute. Raises Finding if the id names none, or one that is settled."""
    with ledger.locked(home):
        row = _one(
            [
                each
                for each in ledger_acts.disputes(ledger.entries(home))
                if each["dispute_id"].startswith(dispute)
            ],
            dispute,
            "dispute",
        )
        if row["state"] == "settled":
            raise Finding(
                f"Dispute {row['dispute_id']} was settled by {row['settled_by']}: {row['outcome']}."
            )
        body = {
            "dispute_id": row["dispute_id"],
            "outcome": outcome,
            "settled_by": named(by),
            "settled_at": utc_text(at),
            "settlement": _reasoned(reason),
        }
        ledger.append(home, "dispute_settled", body, at)
        found = ledger_acts.disputes(ledger.entries(home))
        return next(each for each in found if each["dispute_id"] == row["dispute_id"])


def fen(text: str) -> int:
    """An amount in yuan, with at most two decimals, as fen. Raises WrongUse for any other text."""
    try:
        amount = Decimal(text) * 100
    except ArithmeticError as error:
        raise WrongUse(f"'{text}' is no amount in yuan: write it like 120.50.") from error
    if not amount.is_finite() or amount != amount.to_integral_value():
        raise WrongUse(f"'{text}' is no amount in yuan with at most two decimals: write it like 120.50.")
    return int(amount)


def _subject(home: Home, subject: str) -> tuple[str, Row]:
    found = []
    with session(home, Role("finance")) as connection:
        for table, key in (("statement_lines", "line_id"), ("charges", "charge_id")):
            rows = connection.execute(
                f"select * from {table} where starts_with({key}, ?) limit 2", [subject]
            ).to_arrow_table()
            found += [{"table": table, "row": row} for row in rows.to_pylist()]
    one = _one(found, subject, "statement line or charge of the current release")
    return one["table"], one["row"]


def _one(found: list[Row], prefix: str, what: str) -> Row:
    if len(prefix) < PREFIX or len(found) != 1:
        number = "no" if not found else "more than one"
        raise Finding(
            f"'{prefix}' names {number} {what}: write at least {PREFIX} characters of one that is there."
        )
    return found[0]


def _reasoned(reason: str) -> str:
    text = " ".join(reason.split())
    if not text:
        raise WrongUse("--reason is empty: say in a sentence why; it is kept.")
    return text
