"""What was paid of what is owed: postings of payments, and how long the rest is overdue on the day of the newest
delivery that counts."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from pipelines.simulate.books.lines import MICRO_PER_FEN
from pipelines.simulate.books.tables import Table, Value, half_up, millionths
from pipelines.simulate.clock import next_month
from pipelines.simulate.network import World
from pipelines.simulate.tenants import TableRow

DUE_DAYS = 30
AGES = ((0, "current"), (30, "days_1_30"), (60, "days_31_60"), (90, "days_61_90"))
BANK, CUSTOMERS, PROVIDERS, TAX, UNKNOWN_PAYER, UNKNOWN_PAYEE = "1002", "1122", "2202", "2221", "2241", "1221"
CUSTOMER_KINDS = ("tenant", "tenant_group", "voucher_issuer")
Tables = dict[str, list[TableRow]]
Position = tuple[str, str, str, int]
"""(period, party, other party, fen that the party is owed by the other, below zero where it owes)."""


def fen(payment: TableRow) -> int:
    """What was paid."""
    return half_up(millionths(payment["amount"]), MICRO_PER_FEN)


def people(world: World, tables: Tables) -> dict[str, set[str]]:
    """Everybody whom the books know, with the kinds of each."""
    known: dict[str, set[str]] = defaultdict(set)
    for row in tables.get("parties", []):
        known[row["party_id"]].add(row["kind"])
    for row in tables.get("tenants", []):
        known[row["tenant_id"]].add("tenant")
    for source in world.sources.values():
        for kind, party in (("provider", source.provider_party), ("operator", source.operator_party)):
            if party:
                known[party].add(kind)
    return dict(known)


def postings(known: dict[str, set[str]], payments: Iterable[TableRow]) -> list[tuple[str, str, str, int]]:
    """(period, account, party, debit): each payment in the month in which the money moved."""
    found = []
    for row in payments:
        payer, payee = row["payer_party_id"], row["payee_party_id"]
        period = row["paid_on"][:7]
        found.append((period, _payee_account(known.get(payee)), payee, fen(row)))
        found.append((period, _payer_account(known.get(payer)), payer, -fen(row)))
    return found


def _payer_account(kinds: set[str] | None) -> str:
    if kinds is None:
        return UNKNOWN_PAYER
    if "network_operator" in kinds:
        return BANK
    if kinds & {*CUSTOMER_KINDS}:
        return CUSTOMERS
    return TAX if "tax_authority" in kinds else PROVIDERS


def _payee_account(kinds: set[str] | None) -> str:
    if kinds is None:
        return UNKNOWN_PAYEE
    if "network_operator" in kinds:
        return BANK
    if "tax_authority" in kinds:
        return TAX
    return PROVIDERS if kinds & {"provider", "operator"} else CUSTOMERS


def table(
    known: dict[str, set[str]], positions: Iterable[Position], payments: Iterable[TableRow], as_of: date
) -> Table:
    """receivables: a row for either side of a pair and period that owes or paid anything."""
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for period, party, other, net in positions:
        sums[party, other, period][0] += net
    for row in payments:
        payer, payee = row["payer_party_id"], row["payee_party_id"]
        sums[payee, payer, row["period"]][1] += fen(row)
        sums[payer, payee, row["period"]][1] -= fen(row)
    rows: list[tuple[Value, ...]] = []
    for (party, other, period), (due, paid) in sums.items():
        last = next_month(date.fromisoformat(f"{period}-01")) - timedelta(days=1)
        due_on = last + timedelta(days=DUE_DAYS)
        days, rest = (as_of - due_on).days, due - paid
        ageing = next((name for limit, name in AGES if days <= limit), "over_90_days")
        is_open = due * rest > 0
        strange = not due and not (party in known and other in known)
        rows.append(
            (
                *(party, other, period, due, paid, rest, due_on.isoformat(), as_of.isoformat(), days),
                ageing if is_open else None,
                "unknown_party" if strange else _status(due, rest),
            )
        )
    return Table.of(
        "receivables",
        "party_id counterparty_id period due_fen paid_fen outstanding_fen due_on as_of days_since_due ageing status",
        rows,
    )


def _status(due: int, rest: int) -> str:
    if not rest:
        return "settled"
    if not due:
        return "nothing_due"
    return "open" if due * rest > 0 else "overpaid"
