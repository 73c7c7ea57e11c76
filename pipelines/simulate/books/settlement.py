"""From charges to what parties owe each other: charges, statement lines, splits, journal entries, positions."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from pipelines.simulate.books import guarantees, lines, paying, vouchers
from pipelines.simulate.books.guarantees import Split, TopUp
from pipelines.simulate.books.lines import VOUCHER, Line, LineKey, Lines, Side
from pipelines.simulate.books.pricing import Charges
from pipelines.simulate.books.rating import Business
from pipelines.simulate.books.sold import Extent
from pipelines.simulate.books.tables import MILLION, Table, Value, millionths
from pipelines.simulate.network import World
from pipelines.simulate.tenants import TableRow

RECEIVABLE, PAYABLE, TAX_PAYABLE, REVENUE, GUARANTEED = "1122", "2202", "2221", "6001", "6401"


@dataclass(frozen=True)
class Settlement:
    """What was sold, line by line, what vouchers pay of it, who gets what of it, and what is missing to guarantees."""

    operator: str
    sold: Lines
    charges: list[tuple[Value, ...]]
    redemptions: list[vouchers.Redemption]
    splits: dict[LineKey, list[Split]]
    topped: list[TopUp]

    @cached_property
    def paid(self) -> list[Side]:
        """What vouchers pay, from both sides."""
        return vouchers.sides(self.redemptions)

    def debts(self) -> Iterator[tuple[str, str, str, int, int]]:
        """(period, debtor, creditor, net, tax) of every line, part and top-up."""
        for key, line in self.sold.items():
            yield key.period, key.tenant_id, self.operator, line.net, line.tax
        for payer, key, fen in self.paid:
            yield key.period, payer, self.operator, fen, 0
        for key, parts in self.splits.items():
            for role, party, fen in parts:
                yield key.period, self.operator, party, *((0, fen) if role == "tax" else (fen, 0))
        for each in self.topped:
            yield each.period, self.operator, each.party, each.fen, 0

    def positions(self) -> list[tuple[str, str, str, int, int]]:
        """(period, party, other party, what it is owed, what it owes) of every pair, from both sides."""
        owed: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
        for period, debtor, creditor, net, tax in self.debts():
            if debtor != creditor:
                owed[period, creditor, debtor][0] += net + tax
                owed[period, debtor, creditor][1] += net + tax
        return [(*pair, receivable, payable) for pair, (receivable, payable) in owed.items()]

    def nets(self) -> list[paying.Position]:
        """What of each pair is left of both."""
        return [(period, party, other, owed - owes) for period, party, other, owed, owes in self.positions()]


def settle(
    world: World,
    business: Business,
    charged: Charges,
    registers: dict[str, list[TableRow]],
    extent: Extent | None,
) -> Settlement:
    """Lines, redemptions, parts and top-ups of the charges."""
    parties = {row["kind"]: row["party_id"] for row in registers.get("parties", [])}
    shares = {(row["share_rule"], row["valid_from"]): row for row in registers.get("revenue_shares", [])}
    operator = parties.get("network_operator", "")
    sold, charges = lines.summed(world, charged)
    splits = {key: _splits(world, key, line, parties, shares) for key, line in sold.items()}
    topped = guarantees.top_ups(world, business, extent, splits, operator)
    return Settlement(operator, sold, charges, vouchers.redeem(business, registers, sold), splits, topped)


def tables(
    world: World, settled: Settlement, registers: dict[str, list[TableRow]], as_of: date
) -> list[Table]:
    """All settlement tables, with what was paid until the day of the newest delivery."""
    known, payments = paying.people(world, registers), registers.get("payments", [])
    return [
        lines.table(world, settled.charges, settled.paid),
        vouchers.table(settled.redemptions),
        guarantees.table(settled.operator, settled.topped),
        _statement_lines(settled.operator, settled.sold, settled.paid),
        _statements(settled),
        _line_splits(settled.splits),
        _journal(settled, paying.postings(known, payments)),
        Table.of(
            "settlement_positions",
            "period party_id counterparty_id receivable_fen payable_fen net_fen",
            ((*pair, owed, owes, owed - owes) for *pair, owed, owes in settled.positions()),
        ),
        paying.table(known, settled.nets(), payments, as_of),
    ]


def _statement_lines(operator: str, sold: Lines, paid: list[Side]) -> Table:
    rows: list[tuple[Value, ...]] = [
        _statement_line(
            operator,
            key.tenant_id,
            key,
            *(key.kind, key.tax_ppm, line.unit if line.quantity is not None else None),
            *(line.quantity, line.net, line.tax, line.gross),
        )
        for key, line in sold.items()
    ]
    rows += [
        _statement_line(operator, payer, key, VOUCHER, 0, None, None, fen, 0, fen) for payer, key, fen in paid
    ]
    return Table.of(
        "statement_lines",
        "period party_id counterparty_id tenant_id site_id sku_id tariff_id tariff_version charge_class charge_period "
        "share_rule share_valid_from line_kind tax_rate_ppm unit quantity net_fen tax_fen gross_fen",
        rows,
    )


def _statement_line(operator: str, payer: str, key: LineKey, *figures: Value) -> tuple[Value, ...]:
    return (
        *(key.period, payer, operator, payer, key.site_id, key.sku_id, key.tariff_id, key.tariff_version),
        *(None, key.period, key.share_rule, key.share_from, *figures),
    )


def _statements(settled: Settlement) -> Table:
    """What tenants and issuers owe the network operator and what it owes the others, on statements of both sides."""
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for period, debtor, creditor, net, tax in settled.debts():
        total = sums[(period, debtor, creditor)]
        for index, amount in enumerate((1, net, tax, net + tax)):
            total[index] += amount
    rows: list[tuple[Value, ...]] = []
    for (period, debtor, creditor), total in sums.items():
        if debtor != creditor:
            rows.append((period, debtor, creditor, "payable", *total))
            rows.append((period, creditor, debtor, "receivable", *total))
    return Table.of(
        "statements", "period party_id counterparty_id direction lines net_fen tax_fen gross_fen", rows
    )


def divide(net: int, weights: list[tuple[str, int]]) -> list[int]:
    """`net` fen divided by (party, parts per million): floors, then a fen each by largest remainder, ties by party.

    A negative amount is divided like the positive one.
    """
    amount = abs(net)
    parts = [amount * ppm // MILLION for _, ppm in weights]
    order = sorted(
        range(len(weights)),
        key=lambda index: (-(amount * weights[index][1] % MILLION), weights[index][0], index),
    )
    for index in order[: amount - sum(parts)]:
        parts[index] += 1
    return parts if net >= 0 else [-part for part in parts]


def _splits(
    world: World, key: LineKey, line: Line, parties: dict[str, str], shares: dict[tuple[str, str], TableRow]
) -> list[Split]:
    source = world.sources[key.site_id]
    rule = shares[(key.share_rule, key.share_from)]
    roles = ("provider", "operator", "network_operator")
    owners = (source.provider_party or "", source.operator_party or "", parties.get("network_operator", ""))
    weights = [(party, millionths(rule[f"{role}_share"])) for role, party in zip(roles, owners, strict=True)]
    divided = divide(line.net, weights)
    return [
        ("tax", parties.get("tax_authority", ""), line.tax),
        *((role, party, fen) for role, party, fen in zip(roles, owners, divided, strict=True)),
    ]


def _line_splits(splits: dict[LineKey, list[Split]]) -> Table:
    return Table.of(
        "line_splits",
        "period tenant_id site_id sku_id tariff_id tariff_version tax_rate_ppm share_rule share_valid_from role "
        "party_id amount_fen",
        (
            (
                *(key.period, key.tenant_id, key.site_id, key.sku_id, key.tariff_id, key.tariff_version),
                *(key.tax_ppm, key.share_rule, key.share_from, role, party, fen),
            )
            for key, parts in splits.items()
            for role, party, fen in parts
        ),
    )


def _journal(settled: Settlement, payments: list[tuple[str, str, str, int]]) -> Table:
    """The entries' sums per account and party."""
    accounts = {"tax": TAX_PAYABLE, "provider": PAYABLE, "operator": PAYABLE, "network_operator": REVENUE}
    entries: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for key, line in settled.sold.items():
        _book(entries[key.period, RECEIVABLE, key.tenant_id], line.gross)
    for payer, key, fen in settled.paid:
        _book(entries[key.period, RECEIVABLE, payer], fen)
    for key, parts in settled.splits.items():
        for role, party, fen in parts:
            _book(entries[key.period, accounts[role], party], -fen)
    for each in settled.topped:
        _book(entries[each.period, GUARANTEED, settled.operator], each.fen)
        _book(entries[each.period, PAYABLE, each.party], -each.fen)
    for period, account, party, debit in payments:
        _book(entries[period, account, party], debit)
    return Table.of(
        "journal_entries",
        "period account party_id debit_fen credit_fen",
        ((*key, *sides) for key, sides in entries.items() if any(sides)),
    )


def _book(sides: list[int], fen: int) -> None:
    """Adds a debit (positive) or a credit (negative)."""
    if fen > 0:
        sides[0] += fen
    else:
        sides[1] -= fen
