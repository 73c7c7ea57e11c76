"""From charges to what parties owe each other: charges, statement lines, splits, journal entries, positions."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from pipelines.simulate.books.pricing import Charge, Charges, Head
from pipelines.simulate.books.tables import MILLION, Table, Value, boolean, half_up, millionths
from pipelines.simulate.clock import day_start, next_month, utc_text
from pipelines.simulate.network import World
from pipelines.simulate.tenants import TableRow

MICRO_PER_FEN = 10_000
RECEIVABLE, PAYABLE, TAX_PAYABLE, REVENUE = "1122", "2202", "2221", "6001"


@dataclass(frozen=True)
class LineKey:
    """What is summed to one statement line. No line corrects an earlier one in this simulation."""

    tenant_id: str
    site_id: str
    sku_id: str
    tariff_id: str
    tariff_version: str
    tax_ppm: int
    period: str
    share_rule: str
    share_from: str


@dataclass
class Line:
    """A statement line: its charges' sums in micro-yuan, its quantity in unit-seconds and its amounts in fen."""

    unit: str
    quantity: int | None = None
    total_micro: int = 0
    tax_micro: int = 0

    @property
    def gross(self) -> int:
        return half_up(self.total_micro, MICRO_PER_FEN)

    @property
    def tax(self) -> int:
        return half_up(self.tax_micro, MICRO_PER_FEN)

    @property
    def net(self) -> int:
        return self.gross - self.tax

    @property
    def adjustment_micro(self) -> int:
        return self.gross * MICRO_PER_FEN - self.total_micro


Split = tuple[str, str, int]
"""(role, party, fen)."""


def tables(world: World, charged: Charges, business: dict[str, list[TableRow]]) -> list[Table]:
    """All settlement tables of the charges."""
    parties = {row["kind"]: row["party_id"] for row in business.get("parties", [])}
    shares = {(row["share_rule"], row["valid_from"]): row for row in business.get("revenue_shares", [])}
    lines: dict[LineKey, Line] = {}
    charges: list[tuple[Value, ...]] = []
    for head, charge in charged.items():
        taxes = _taxes(head, charge)
        net = [cost - tax * included for cost, (tax, included) in zip(charge.costs, taxes, strict=True)]
        charges += [
            _charge(world, head, head.category, net, charge),
            _charge(world, head, "Tax", [t for t, _ in taxes]),
        ]
        line = lines.setdefault(_line_key(head), Line(head.price.quantity_unit))
        if charge.quantity is not None and not head.coverage.endswith("_unused"):
            line.quantity = (line.quantity or 0) + charge.quantity
        line.total_micro += net[3] + taxes[3][0]
        line.tax_micro += taxes[3][0]
    charges += [_adjustment(world, key, line) for key, line in lines.items() if line.adjustment_micro]
    operator = parties.get("network_operator", "")
    splits = {key: _splits(world, key, line, parties, shares) for key, line in lines.items()}
    return [
        Table.of("charges", CHARGE_COLUMNS, charges),
        _statement_lines(operator, lines),
        _statements(operator, lines, splits),
        _line_splits(splits),
        *_journal(operator, lines, splits),
    ]


def _taxes(head: Head, charge: Charge) -> list[tuple[int, bool]]:
    """Of each cost (list, contracted, effective, billed) its tax, and whether the cost includes it: fees say so."""
    found = []
    for place, cost in enumerate(charge.costs):
        included = head.tax_included if place > 1 or head.list_price is None else head.price.tax_included
        rate = head.price.tax_ppm
        found.append((half_up(cost * rate, MILLION + rate if included else MILLION), included))
    return found


CHARGE_COLUMNS = (
    "billing_period charge_period_start charge_period_end tenant_id provider_party_id site_id sku_id tariff_id "
    "tariff_version price_model band_from window qos coverage contract_id tax_included tax_rate_ppm share_rule "
    "share_valid_from charge_category charge_class correction_of quantity unit unit_price_micro_yuan "
    "contracted_unit_price_micro_yuan billing_currency list_cost_micro_yuan contracted_cost_micro_yuan "
    "effective_cost_micro_yuan billed_cost_micro_yuan"
)


def _line_key(head: Head) -> LineKey:
    price = head.price
    return LineKey(
        head.tenant_id, price.site_id, price.sku_id, price.tariff_id, price.version, price.tax_ppm, head.period,
        price.share_rule, price.share_from,
    )  # fmt: skip


def _charge(
    world: World, head: Head, category: str, costs: list[int], charge: Charge | None = None
) -> tuple[Value, ...]:
    """A charge or its tax; only usage has a quantity and prices, and only what has a price says if it includes tax."""
    price = head.price
    measured: list[Value] = [None, None, None, None]
    if charge is not None and charge.quantity is not None:
        measured = [charge.quantity, price.quantity_unit, head.list_price, head.contracted_price]
    included = price.tax_included if head.list_price is not None else head.tax_included
    return (
        *_head(world, _line_key(head), head.first, head.until),
        *(head.model or None, head.band, head.window, head.qos or None, head.coverage or None),
        *(head.contract_id or None, boolean(included), price.tax_ppm, price.share_rule, price.share_from),
        *(category, None, None, *measured, "CNY", *costs),
    )


def _adjustment(world: World, key: LineKey, line: Line) -> tuple[Value, ...]:
    """The rounding of a line, so that its charges sum to it exactly."""
    start = date.fromisoformat(f"{key.period}-01")
    return (
        *_head(world, key, start, next_month(start)),
        *(
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            key.tax_ppm,
            key.share_rule,
            key.share_from,
            "Adjustment",
        ),
        *(None, None, None, None, None, None, "CNY", *[line.adjustment_micro] * 4),
    )


def _head(world: World, key: LineKey, start: date, end: date) -> tuple[Value, ...]:
    """What a charge is for: period, business days as instants, tenant, provider, site, SKU and tariff."""
    span = (utc_text(day_start(start)), utc_text(day_start(end)))
    provider = world.sources[key.site_id].provider_party
    return (
        *(
            key.period,
            *span,
            key.tenant_id,
            provider,
            key.site_id,
            key.sku_id,
            key.tariff_id,
            key.tariff_version,
        ),
    )


def _statement_lines(operator: str, lines: dict[LineKey, Line]) -> Table:
    return Table.of(
        "statement_lines",
        "period party_id counterparty_id tenant_id site_id sku_id tariff_id tariff_version tax_rate_ppm charge_class "
        "charge_period share_rule share_valid_from unit quantity net_fen tax_fen gross_fen",
        (
            (
                *(key.period, key.tenant_id, operator, key.tenant_id, key.site_id, key.sku_id, key.tariff_id),
                *(key.tariff_version, key.tax_ppm, None, key.period, key.share_rule, key.share_from),
                *(
                    line.unit if line.quantity is not None else None,
                    line.quantity,
                    line.net,
                    line.tax,
                    line.gross,
                ),
            )
            for key, line in lines.items()
        ),
    )


def _statements(operator: str, lines: dict[LineKey, Line], splits: dict[LineKey, list[Split]]) -> Table:
    """What tenants owe the network operator and what it owes the others, on statements of both sides."""
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for key, line in lines.items():
        debts = [(key.tenant_id, operator, line.net, line.tax)]
        debts += [
            (operator, party, *((0, fen) if role == "tax" else (fen, 0))) for role, party, fen in splits[key]
        ]
        for debtor, creditor, net, tax in debts:
            total = sums[(key.period, debtor, creditor)]
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


def _journal(operator: str, lines: dict[LineKey, Line], splits: dict[LineKey, list[Split]]) -> list[Table]:
    """The entries' sums per account and party, and what each party owes or is owed by the other, from both sides."""
    accounts = {"tax": TAX_PAYABLE, "provider": PAYABLE, "operator": PAYABLE, "network_operator": REVENUE}
    entries: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    owed: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for key, line in lines.items():
        _book(entries[(key.period, RECEIVABLE, key.tenant_id)], line.gross)
        _book(owed[(key.period, key.tenant_id)], line.gross)
        for role, party, fen in splits[key]:
            _book(entries[(key.period, accounts[role], party)], -fen)
            if party != operator:
                _book(owed[(key.period, party)], -fen)
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
