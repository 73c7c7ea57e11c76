"""From charges to what parties owe each other: charges, statement lines, splits, journal entries, positions."""

from collections import defaultdict

from pipelines.simulate.books import lines, vouchers
from pipelines.simulate.books.lines import VOUCHER, Line, LineKey, Lines, Side
from pipelines.simulate.books.pricing import Charges
from pipelines.simulate.books.rating import Business
from pipelines.simulate.books.tables import MILLION, Table, Value, millionths
from pipelines.simulate.network import World
from pipelines.simulate.tenants import TableRow

RECEIVABLE, PAYABLE, TAX_PAYABLE, REVENUE = "1122", "2202", "2221", "6001"


Split = tuple[str, str, int]
"""(role, party, fen)."""


def tables(
    world: World, priced: Business, charged: Charges, business: dict[str, list[TableRow]]
) -> list[Table]:
    """All settlement tables of the charges."""
    parties = {row["kind"]: row["party_id"] for row in business.get("parties", [])}
    shares = {(row["share_rule"], row["valid_from"]): row for row in business.get("revenue_shares", [])}
    sold, charges = lines.summed(world, charged)
    redemptions = vouchers.redeem(priced, business, sold)
    paid = vouchers.sides(redemptions)
    operator = parties.get("network_operator", "")
    splits = {key: _splits(world, key, line, parties, shares) for key, line in sold.items()}
    return [
        lines.table(world, charges, paid),
        vouchers.table(redemptions),
        _statement_lines(operator, sold, paid),
        _statements(operator, sold, splits, paid),
        _line_splits(splits),
        *_journal(operator, sold, splits, paid),
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


def _statements(operator: str, sold: Lines, splits: dict[LineKey, list[Split]], paid: list[Side]) -> Table:
    """What tenants and issuers owe the network operator and what it owes the others, on statements of both sides."""
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    debts = [(key.period, key.tenant_id, operator, line.net, line.tax) for key, line in sold.items()]
    debts += [(key.period, payer, operator, fen, 0) for payer, key, fen in paid]
    debts += [
        (key.period, operator, party, *((0, fen) if role == "tax" else (fen, 0)))
        for key, parts in splits.items()
        for role, party, fen in parts
    ]
    for period, debtor, creditor, net, tax in debts:
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


def _journal(operator: str, sold: Lines, splits: dict[LineKey, list[Split]], paid: list[Side]) -> list[Table]:
    """The entries' sums per account and party, and what each party owes or is owed by the other, from both sides."""
    accounts = {"tax": TAX_PAYABLE, "provider": PAYABLE, "operator": PAYABLE, "network_operator": REVENUE}
    entries: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    owed: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    debts = [(key.tenant_id, key, line.gross) for key, line in sold.items()]
    for payer, key, fen in [*debts, *paid]:
        _book(entries[(key.period, RECEIVABLE, payer)], fen)
        owed[(key.period, payer)][0] += fen
    for key, parts in splits.items():
        for role, party, fen in parts:
            _book(entries[(key.period, accounts[role], party)], -fen)
            if party != operator:
                owed[(key.period, party)][1] += fen
    positions = [
        row
        for (period, party), (payable, receivable) in owed.items()
        for row in (
            (period, party, operator, receivable, payable, receivable - payable),
            (period, operator, party, payable, receivable, payable - receivable),
        )
    ]
    return [
        Table.of(
            "journal_entries",
            "period account party_id debit_fen credit_fen",
            ((*key, *sides) for key, sides in entries.items() if any(sides)),
        ),
        Table.of(
            "settlement_positions",
            "period party_id counterparty_id receivable_fen payable_fen net_fen",
            positions,
        ),
    ]


def _book(sides: list[int], fen: int) -> None:
    """Adds a debit (positive) or a credit (negative)."""
    if fen > 0:
        sides[0] += fen
    else:
        sides[1] -= fen
