"""What a statement says: one party's debts and claims of a billing period, as whole numbers and codes. No wording here.

Money in fen, except prices and rated amounts, which are micro-yuan; quantities in the smallest unit, as published; days
as ISO has them.
"""

from dataclasses import asdict, dataclass
from typing import Any

from pipelines.errors import Finding


@dataclass(frozen=True)
class Party:
    """Who somebody is, by the names in force on the period's last day."""

    party_id: str
    name_zh: str
    name_en: str
    tax_id: str | None


@dataclass(frozen=True)
class Price:
    """What of a line was rated at one price: in which band and window, covered by what, before tax."""

    category: str
    price_model: str | None
    band_from: int | None
    window: str | None
    qos: str | None
    coverage: str | None
    contract_id: str | None
    tax_included: bool | None
    unit: str | None
    quantity: int | None
    list_price: int | None
    contracted_price: int | None
    rated: int


@dataclass(frozen=True)
class Line:
    """One statement line. `pays_line_id` and `voucher_id` are those of a line that a voucher pays."""

    line_id: str
    charge_id: str | None
    kind: str
    correction: bool
    charge_period: str
    site_id: str
    sku_id: str
    tariff_id: str | None
    tariff_version: str
    share_rule: str
    share_valid_from: str
    tax_rate_ppm: int
    quantity: int | None
    unit: str | None
    net_fen: int
    tax_fen: int
    gross_fen: int
    invoice_no: str | None
    red_invoice_of: str | None
    pays_line_id: str | None
    voucher_id: str | None
    prices: tuple[Price, ...]


@dataclass(frozen=True)
class Part:
    """A party's parts, in one role, of `lines` lines of what was sold alike. `sold_` is what those lines come to."""

    role: str
    kind: str
    correction: bool
    charge_period: str
    site_id: str
    sku_id: str
    tariff_id: str | None
    tariff_version: str
    share_rule: str
    lines: int
    quantity: int | None
    unit: str | None
    sold_net_fen: int
    sold_tax_fen: int
    amount_fen: int
    charge_id: str | None


@dataclass(frozen=True)
class TopUp:
    """What is missing to a guaranteed sum of parts."""

    role: str
    share_rule: str
    guaranteed_fen: int
    earned_fen: int
    topup_fen: int


@dataclass(frozen=True)
class Section:
    """What a party owes another (payable) or is owed by it (receivable): its row of `statements` and what it sums."""

    counterparty: Party
    direction: str
    count: int
    net_fen: int
    tax_fen: int
    gross_fen: int
    lines: tuple[Line, ...]
    parts: tuple[Part, ...]
    topups: tuple[TopUp, ...]

    @property
    def rows(self) -> tuple[Line | Part, ...]:
        """What it is made of at sites."""
        return (*self.lines, *self.parts)

    def __post_init__(self) -> None:
        """Raises Finding if the rows do not come to the published sum, to the fen."""
        taxes = [part for part in self.parts if part.role == "tax"]
        others = [part for part in self.parts if part.role != "tax"]
        tax = sum(line.tax_fen for line in self.lines) + sum(part.amount_fen for part in taxes)
        net = sum(line.net_fen for line in self.lines) + sum(part.amount_fen for part in others)
        net += sum(topup.topup_fen for topup in self.topups)
        count = len(self.lines) + sum(part.lines for part in self.parts) + len(self.topups)
        found, stated = (count, net, tax), (self.count, self.net_fen, self.tax_fen)
        if found != stated or self.gross_fen != net + tax:
            raise Finding(
                f"The rows of a statement with {self.counterparty.party_id} come to {found} (rows, net and tax in "
                f"fen), the table statements says {stated}: nothing was written."
            )


@dataclass(frozen=True)
class Position:
    """What a party and another owe each other on the whole, and by when, so many days after the period, it is due."""

    counterparty: Party
    receivable_fen: int
    payable_fen: int
    net_fen: int
    due_on: str | None
    payment_days: int | None


@dataclass(frozen=True)
class Closed:
    """What says that a period is closed: its pack, by hash, and the Merkle root of its lines."""

    pack_sha256: str
    lines_root: str
    lines: int
    cutoff: str
    proposed_by: str
    approved_by: str


@dataclass(frozen=True)
class Statement:
    """All that one party's statement of a period says. `closed` is None while it is a draft."""

    party: Party
    period: str
    closed: Closed | None
    sites: tuple[tuple[str, str, str], ...]
    positions: tuple[Position, ...]
    sections: tuple[Section, ...]

    @property
    def net_fen(self) -> int:
        """What the party is owed on the whole; below zero what it owes."""
        return sum(position.net_fen for position in self.positions)

    @property
    def charge_id(self) -> str | None:
        """A charge behind the statement, as an example of what can be proved; None where there are top-ups only."""
        rows = (row for section in self.sections for row in section.rows)
        return next((row.charge_id for row in rows if row.charge_id), None)

    def plain(self) -> dict[str, Any]:
        """The statement as JSON has it; equal statements are equal texts."""
        return asdict(self)
