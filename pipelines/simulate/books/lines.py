"""From charges to statement lines: what is summed to a line, its identifier, its rounding, and the table of charges."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pipelines.simulate.books.pricing import Charge, Charges, Head
from pipelines.simulate.books.tables import MILLION, Table, Value, boolean, half_up
from pipelines.simulate.clock import day_start, next_month, utc_text
from pipelines.simulate.network import World

MICRO_PER_FEN = 10_000
SALE, VOUCHER, CREDIT = "sale", "voucher", "sla_credit"


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
    kind: str = SALE

    @property
    def line_id(self) -> str:
        """The published identifier: vouchers are used up in its order."""
        parts = (
            *(self.period, self.tenant_id, self.site_id, self.sku_id, self.tariff_id, self.tariff_version),
            *(str(self.tax_ppm), "\x1e", self.period, self.share_rule, self.share_from, self.kind),
        )
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


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


Lines = dict[LineKey, Line]
Side = tuple[str, LineKey, int]
"""(who, the line of which it pays or is relieved, fen): one side of what a voucher pays."""

CHARGE_COLUMNS = (
    "billing_period charge_period_start charge_period_end tenant_id provider_party_id site_id sku_id tariff_id "
    "tariff_version price_model band_from window qos coverage contract_id tax_included tax_rate_ppm share_rule "
    "share_valid_from charge_category charge_class correction_of quantity unit unit_price_micro_yuan "
    "contracted_unit_price_micro_yuan billing_currency list_cost_micro_yuan contracted_cost_micro_yuan "
    "effective_cost_micro_yuan billed_cost_micro_yuan line_kind"
)


def summed(world: World, charged: Charges) -> tuple[Lines, list[tuple[Value, ...]]]:
    """The lines of what was sold, and the rows of their charges."""
    lines: Lines = {}
    rows: list[tuple[Value, ...]] = []
    for head, charge in charged.items():
        taxes = _taxes(head, charge)
        net = [cost - tax * included for cost, (tax, included) in zip(charge.costs, taxes, strict=True)]
        rows += [
            _charge(world, head, head.category, net, charge),
            _charge(world, head, "Tax", [t for t, _ in taxes]),
        ]
        line = lines.setdefault(line_key(head), Line(head.price.quantity_unit))
        if charge.quantity is not None and not head.coverage.endswith("_unused"):
            line.quantity = (line.quantity or 0) + charge.quantity
        line.total_micro += net[3] + taxes[3][0]
        line.tax_micro += taxes[3][0]
    rows += [
        _lump(world, key, key.tenant_id, key.tax_ppm, "Adjustment", line.adjustment_micro)
        for key, line in lines.items()
        if line.adjustment_micro
    ]
    return lines, rows


def table(world: World, rows: list[tuple[Value, ...]], paid: Iterable[Side]) -> Table:
    """charges, those of vouchers among them."""
    credited = [
        _lump(world, key, payer, 0, "Credit", fen * MICRO_PER_FEN, VOUCHER) for payer, key, fen in paid
    ]
    return Table.of("charges", CHARGE_COLUMNS, [*rows, *credited])


def _taxes(head: Head, charge: Charge) -> list[tuple[int, bool]]:
    """Of each cost (list, contracted, effective, billed) its tax, and whether the cost includes it: fees say so."""
    found = []
    for place, cost in enumerate(charge.costs):
        included = head.tax_included if place > 1 or head.list_price is None else head.price.tax_included
        rate = head.price.tax_ppm
        found.append((half_up(cost * rate, MILLION + rate if included else MILLION), included))
    return found


def line_key(head: Head) -> LineKey:
    """The line that a charge is on."""
    price = head.price
    return LineKey(
        head.tenant_id, price.site_id, price.sku_id, price.tariff_id, price.version, price.tax_ppm, head.period,
        price.share_rule, price.share_from, CREDIT if head.category == "Credit" else SALE,
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
    key = line_key(head)
    return (
        *_head(world, key, key.tenant_id, head.first, head.until),
        *(head.model or None, head.band, head.window, head.qos or None, head.coverage or None),
        *(head.contract_id or None, boolean(included), price.tax_ppm, price.share_rule, price.share_from),
        *(category, None, None, *measured, "CNY", *costs, key.kind),
    )


def _lump(
    world: World, key: LineKey, payer: str, tax_ppm: int, category: str, micro: int, kind: str = ""
) -> tuple[Value, ...]:
    """A charge of a whole line: its rounding, so that its charges sum to it exactly, or what a voucher pays of it."""
    start = date.fromisoformat(f"{key.period}-01")
    return (
        *_head(world, key, payer, start, next_month(start)),
        *(None, None, None, None, None, None, None, tax_ppm, key.share_rule, key.share_from, category),
        *(None, None, None, None, None, None, "CNY", micro, micro, micro, micro, kind or key.kind),
    )


def _head(world: World, key: LineKey, payer: str, start: date, end: date) -> tuple[Value, ...]:
    """What a charge is for: period, business days as instants, who pays, provider, site, SKU and tariff."""
    span = (utc_text(day_start(start)), utc_text(day_start(end)))
    provider = world.sources[key.site_id].provider_party
    return (
        *(key.period, *span, payer, provider, key.site_id, key.sku_id, key.tariff_id, key.tariff_version),
    )
