"""From usage to charges: whose usage it is, what it is sold as, at which price and tax, and why not where it is not."""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from pipelines.simulate.books.holdings import Key
from pipelines.simulate.books.tables import MILLION, Table, Value, boolean, half_up, millionths
from pipelines.simulate.books.usage import Piece
from pipelines.simulate.clock import day_text
from pipelines.simulate.tenants import TableRow

PER_HOUR = {"core-hour": 3600, "card-hour": 3_600_000}
QUANTITY_UNITS = {"cpu_core": "core-second", "accelerator": "milli-card-second"}
WINDOW = "00-24"


@dataclass(frozen=True)
class Price:
    """Everything that rates a day's usage of a SKU; `unit_price` in micro-yuan."""

    sku_id: str
    tariff_id: str
    version: str
    unit: str
    unit_price: int
    tax_included: bool
    tax_ppm: int
    share_rule: str
    share_from: str

    @property
    def quantity_unit(self) -> str:
        """The unit of quantities that the price rates."""
        return "core-second" if self.unit == "core-hour" else "milli-card-second"


@dataclass(frozen=True)
class ChargeKey:
    """What a pair of charges (Usage, Tax) is for: a tenant's use of a SKU on a business day at a price."""

    tenant_id: str
    site_id: str
    day: str
    price: Price

    @property
    def period(self) -> str:
        return self.day[:7]


class Business:
    """The business tables as looked up by day (YYYY-MM-DD): the newest row that began and has not ended."""

    def __init__(self, tables: dict[str, list[TableRow]]) -> None:
        self._accounts = _grouped(tables.get("tenant_accounts", []), "site_id", "account")
        self._tenants = _grouped(tables.get("tenants", []), "tenant_id")
        self._skus = _grouped(tables.get("skus", []), "sku_id")
        self._rates = _grouped(tables.get("tariff_rates", []), "tariff_id", "sku_id")
        self._taxes = _grouped(tables.get("tax_rates", []), "tax_category")
        self._shares = _grouped(tables.get("revenue_shares", []), "share_rule")
        self.tenant = lru_cache(maxsize=None)(self._tenant)
        self.price = lru_cache(maxsize=None)(self._price)

    def _tenant(self, site: str, account: str, day: str) -> tuple[str | None, str | None]:
        """(tenant, None) or (tenant or None, why there is none)."""
        valid = [row for row in self._accounts.get((site, account), []) if _holds(row, day)]
        if not valid or not account:
            return None, "account_unknown"
        if len(valid) > 1:
            return None, "account_conflict"
        tenant = valid[0]["tenant_id"]
        known = _newest(self._tenants.get((tenant,), []), day)
        return tenant, None if known else "tenant_unknown"

    def segment(self, site: str, account: str, day: str) -> tuple[str, str]:
        """(customer segment, group) of an account on a day; an account of no tenant stands for itself."""
        tenant, reason = self.tenant(site, account, day)
        row = None if tenant is None or reason else _newest(self._tenants[(tenant,)], day)
        if row is None:
            return "unattributed", f"{site} {account}"
        return row["segment"], row["group_party_id"] or row["tenant_id"]

    def _price(self, site: str, key: Key, day: str) -> tuple[Price | None, str | None, str | None]:
        """(price, SKU, None) or (None, SKU if there is one, why there is no price)."""
        sku = self._sku(site, key, day)
        if sku is None:
            return None, None, "sku_missing"
        sku_id = sku["sku_id"]
        rates = self._rates.get((sku["tariff_id"], sku_id), [])
        valid = [row for row in rates if _holds(row, day)]
        newest = max((row["valid_from"] for row in valid), default="")
        rate = [row for row in valid if row["valid_from"] == newest]
        if len(rate) > 1:
            return None, sku_id, "tariff_conflict"
        if not rate or rate[0]["unit"] != sku["unit"]:
            return None, sku_id, "tariff_missing"
        tax = _newest(self._taxes.get((sku["tax_category"],), []), day)
        if tax is None:
            return None, sku_id, "tax_missing"
        share = _newest(self._shares.get((sku["share_rule"],), []), day)
        if share is None:
            return None, sku_id, "share_missing"
        price = Price(
            sku_id=sku_id,
            tariff_id=sku["tariff_id"],
            version=rate[0]["version"],
            unit=sku["unit"],
            unit_price=millionths(rate[0]["price"]),
            tax_included=rate[0]["tax_included"] == "true",
            tax_ppm=millionths(tax["rate"]),
            share_rule=sku["share_rule"],
            share_from=share["valid_from"],
        )
        return price, sku_id, None

    def _sku(self, site: str, key: Key, day: str) -> TableRow | None:
        current = [row for rows in self._skus.values() if (row := _newest(rows, day)) is not None]
        compute_class, kind, model = key
        for wanted in (model, ""):
            for row in current:
                sold = (row["site_id"], row["compute_class"], row["resource_kind"], row["model"])
                if sold == (site, compute_class, kind, wanted):
                    return row
        return None


def _grouped(rows: list[TableRow], *columns: str) -> dict[tuple[str, ...], list[TableRow]]:
    groups: dict[tuple[str, ...], list[TableRow]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[column] for column in columns)].append(row)
    return groups


def _holds(row: TableRow, day: str) -> bool:
    return row["valid_from"] <= day and (not row.get("valid_to") or day < row["valid_to"])


def _newest(rows: list[TableRow], day: str) -> TableRow | None:
    return max((row for row in rows if _holds(row, day)), key=lambda row: row["valid_from"], default=None)


@dataclass
class Rated:
    """Usage after rating: quantities of charges, and the tables of metered and unattributed usage."""

    quantities: dict[ChargeKey, int]
    tables: list[Table]


def rate(business: Business, pieces: list[Piece]) -> Rated:
    """Every piece is billable or has the first reason, in order of precedence, why it is not."""
    quantities: dict[ChargeKey, int] = defaultdict(int)
    metered: dict[tuple[Value, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    orphaned: dict[tuple[Value, ...], list[int]] = defaultdict(lambda: [0, 0])
    for piece in pieces:
        day = day_text(piece.day)
        tenant, why_no_tenant = business.tenant(piece.site_id, piece.account, day)
        price, sku_id, why_no_price = business.price(piece.site_id, piece.key, day)
        reason = "record_conflict" if piece.is_conflict else why_no_tenant or why_no_price
        if piece.nested and not piece.quantity:
            reason = "nested"
        unit = QUANTITY_UNITS[piece.key[1]]
        account = piece.account or None
        what = (unit, account, *piece.key, boolean(piece.is_open), reason)
        row = (day[:7], day, tenant, piece.site_id, sku_id, WINDOW, *what)
        _count(metered[row], piece)
        metered[row][2] += piece.nested
        if reason is not None and reason != "nested":
            _count(orphaned[(day, piece.site_id, account, *piece.key, reason, unit)], piece)
        elif reason is None and price is not None and tenant is not None:
            quantities[ChargeKey(tenant, piece.site_id, day, price)] += piece.quantity
    return Rated(
        dict(quantities),
        [
            Table.of(
                "metered_usage",
                "period day tenant_id site_id sku_id window unit account compute_class resource_kind model open reason "
                "quantity records nested_quantity",
                ((*row, *counts) for row, counts in metered.items()),
            ),
            Table.of(
                "unattributed_usage",
                "day site_id account compute_class resource_kind model reason unit quantity records",
                ((*row, *counts) for row, counts in orphaned.items()),
            ),
        ],
    )


def _count(counts: list[int], piece: Piece) -> None:
    counts[0] += piece.quantity
    counts[1] += 1


def amounts(key: ChargeKey, quantity: int) -> tuple[int, int]:
    """(usage, tax) in micro-yuan of a quantity in unit-seconds: each rounded once, half up."""
    price = key.price
    cost = half_up(price.unit_price * quantity, PER_HOUR[price.unit])
    if price.tax_included:
        tax = half_up(cost * price.tax_ppm, MILLION + price.tax_ppm)
        return cost - tax, tax
    return cost, half_up(cost * price.tax_ppm, MILLION)
