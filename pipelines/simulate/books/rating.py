"""From usage to what is priced: whose usage it is, what it is sold as, at which prices and tax, and why not where it is
not. What the prices make of it is told by `pricing`."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pipelines.simulate.books.holdings import Key
from pipelines.simulate.books.tables import MILLION, Table, Value, boolean, millionths
from pipelines.simulate.books.usage import Piece
from pipelines.simulate.clock import day_text, next_month
from pipelines.simulate.tenants import TableRow

PER_UNIT = {
    "core-hour": 3600, "card-hour": 3_600_000, "month": 1, "GB-month": 10**9, "Mbps-month": 1, "CNY": 10**6,
}  # fmt: skip
QUANTITY_UNITS = {
    "cpu_core": "core-second", "accelerator": "milli-card-second", "storage": "byte-day", "bandwidth": "Mbps-day",
    "cloud": "micro-CNY",
}  # fmt: skip
MEASURED_IN = {
    "core-hour": "core-second", "card-hour": "milli-card-second", "GB-month": "byte-day", "Mbps-month": "Mbps-day",
    "CNY": "micro-CNY",
}  # fmt: skip
"""By unit of price."""

BESIDES = ("storage", "bandwidth", "cloud")
"""Kinds that are sold whatever the class of their SKU."""

WINDOW = "00-24"


@dataclass(frozen=True)
class Price:
    """Everything that rates a day's usage of a SKU. `rates` are its bands: (window, from, micro-yuan)."""

    sku_id: str
    site_id: str
    tariff_id: str
    version: str
    unit: str
    model: str
    rates: tuple[tuple[str, int, int], ...]
    tax_included: bool
    tax_ppm: int
    share_rule: str
    share_from: str

    @property
    def quantity_unit(self) -> str:
        """The unit of quantities that the price rates; of what has no quantity, none."""
        return MEASURED_IN.get(self.unit, "")

    def per_unit(self, month: str) -> int:
        """How much of a quantity is one unit of the price in a month (YYYY-MM)."""
        first = date.fromisoformat(f"{month}-01")
        days = (next_month(first) - first).days if self.unit in ("GB-month", "Mbps-month") else 1
        return PER_UNIT[self.unit] * days

    @property
    def windows(self) -> list[str]:
        """The windows of the day, in order."""
        return sorted({window for window, _, _ in self.rates})


@dataclass(frozen=True)
class UsageKey:
    """What is priced: a tenant's use of a SKU in a window of a business day, at a QOS if its price depends on it."""

    tenant_id: str
    sku_id: str
    day: str
    window: str
    qos: str

    @property
    def month(self) -> str:
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
        self._contracts = _grouped(tables.get("service_contracts", []), "contract_id")
        self._factors = {
            (row["tariff_id"], row["version"], row["kind"], row["value"]): millionths(row["factor"])
            for row in tables.get("tariff_multipliers", [])
        }
        self.tenant = lru_cache(maxsize=None)(self._tenant)
        self.price = lru_cache(maxsize=None)(self._price)
        self.price_of = lru_cache(maxsize=None)(self._price_of)
        self.terms = lru_cache(maxsize=None)(self._terms)
        self.sells = lru_cache(maxsize=None)(self._sells)

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
        row = None if tenant is None or reason else self.registered(tenant, day)
        if row is None:
            return "unattributed", f"{site} {account}"
        return row["segment"], row["group_party_id"] or row["tenant_id"]

    def registered(self, tenant: str, day: str) -> TableRow | None:
        """What is registered of a tenant on a day."""
        return _newest(self._tenants.get((tenant,), []), day)

    def sku(self, sku_id: str, day: str) -> TableRow | None:
        """What is registered of a SKU on a day."""
        return _newest(self._skus.get((sku_id,), []), day)

    def _sells(self, site: str, kind: str, day: str) -> bool:
        """Whether a site has any SKU of a kind on a day."""
        return any((row["site_id"], row["resource_kind"]) == (site, kind) for row in self.skus(day))

    def ever_sells(self, site: str, kind: str) -> bool:
        """Whether a site has a SKU of a kind on any day."""
        every = (row for rows in self._skus.values() for row in rows)
        return any((row["site_id"], row["resource_kind"]) == (site, kind) for row in every)

    def skus(self, day: str) -> list[TableRow]:
        """The SKUs that are registered on a day."""
        return [row for rows in self._skus.values() if (row := _newest(rows, day)) is not None]

    def share(self, rule: str, day: str) -> TableRow | None:
        """The share rule as it holds on a day."""
        return _newest(self._shares.get((rule,), []), day)

    def tenants(self, day: str) -> list[str]:
        """The tenants that are registered on a day."""
        return sorted(tenant for (tenant,) in self._tenants if self.registered(tenant, day))

    def _terms(self, tenant: str, day: str) -> list[TableRow]:
        """The terms that a tenant has on a day, its own or those of its segment, by contract."""
        row = self.registered(tenant, day)
        if row is None:
            return []
        held = (_newest(rows, day) for _, rows in sorted(self._contracts.items()))
        return [
            term
            for term in held
            if term
            and (term["tenant_id"] == tenant or (term["segment"] and term["segment"] == row["segment"]))
        ]

    def factor(self, price: Price, kind: str, value: str) -> int | None:
        """A multiplier of the tariff in millionths; None where it has none for the value."""
        return self._factors.get((price.tariff_id, price.version, kind, value))

    def _price(self, site: str, key: Key, day: str) -> tuple[Price | None, str | None, str | None]:
        """(price, SKU, None) or (None, SKU if there is one, why there is no price)."""
        sku = self._sku(site, key, day)
        if sku is None:
            return None, None, "sku_missing"
        price, reason = self.price_of(sku["sku_id"], day)
        return price, sku["sku_id"], reason

    def _price_of(self, sku_id: str, day: str) -> tuple[Price | None, str | None]:
        """(price, None) or (None, why there is none)."""
        sku = self.sku(sku_id, day)
        if sku is None:
            return None, "sku_missing"
        valid = [row for row in self._rates.get((sku["tariff_id"], sku_id), []) if _holds(row, day)]
        newest = max((row["valid_from"] for row in valid), default="")
        rates = [row for row in valid if row["valid_from"] == newest]
        if len({row["version"] for row in rates}) > 1:
            return None, "tariff_conflict"
        if not rates or rates[0]["unit"] != sku["unit"]:
            return None, "tariff_missing"
        tax = _newest(self._taxes.get((sku["tax_category"],), []), day)
        if tax is None:
            return None, "tax_missing"
        share = self.share(sku["share_rule"], day)
        if share is None:
            return None, "share_missing"
        bands = ((row["window"], int(row["band_from"]), millionths(row["price"])) for row in rates)
        price = Price(
            sku_id=sku_id,
            site_id=sku["site_id"],
            tariff_id=sku["tariff_id"],
            version=rates[0]["version"],
            unit=sku["unit"],
            model=rates[0].get("price_model") or "per_unit",
            rates=tuple(sorted(bands)),
            tax_included=rates[0]["tax_included"] == "true",
            tax_ppm=millionths(tax["rate"]),
            share_rule=sku["share_rule"],
            share_from=share["valid_from"],
        )
        return price, None

    def _sku(self, site: str, key: Key, day: str) -> TableRow | None:
        current = self.skus(day)
        compute_class, kind, model = key
        for wanted in (model, ""):
            for row in current:
                sold = (row["site_id"], row["resource_kind"], row["model"])
                if sold == (site, kind, wanted) and (
                    kind in BESIDES or row["compute_class"] == compute_class
                ):
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
    """The newest row that began by the day, if it has not ended."""
    begun = [row for row in rows if row["valid_from"] <= day]
    row = max(begun, key=lambda row: row["valid_from"], default=None)
    return row if row and _holds(row, day) else None


@dataclass
class Rated:
    """Usage after rating: quantities to be priced, and the tables of metered and unattributed usage."""

    quantities: dict[UsageKey, int]
    tables: list[Table]


def rate(business: Business, pieces: list[Piece]) -> Rated:
    """Every piece is billable or has the first reason, in order of precedence, why it is not."""
    quantities: dict[UsageKey, int] = defaultdict(int)
    metered: dict[tuple[Value, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    orphaned: dict[tuple[Value, ...], list[int]] = defaultdict(lambda: [0, 0])
    for piece in pieces:
        day = day_text(piece.day)
        tenant, why_no_tenant = business.tenant(piece.site_id, piece.account, day)
        price, sku_id, why_no_price = business.price(piece.site_id, piece.key, day)
        unit = QUANTITY_UNITS[piece.key[1]]
        account = piece.account or None
        listed = False
        for window, quantity, nested in _by_window(piece, price):
            reason = "record_conflict" if piece.is_conflict else why_no_tenant or why_no_price
            if nested and not quantity and not piece.is_conflict:
                reason = "nested"
            what = (unit, account, *piece.key, boolean(piece.is_open), reason)
            counts = metered[(day[:7], day, tenant, piece.site_id, sku_id, window, *what)]
            for index, amount in enumerate((quantity, 1, nested)):
                counts[index] += amount
            if reason is not None and reason != "nested":
                sums = orphaned[(day, piece.site_id, account, *piece.key, reason, unit)]
                sums[0] += quantity
                sums[1] += 0 if listed else 1
                listed = True
            elif reason is None and price is not None and tenant is not None:
                qos = piece.qos if business.factor(price, "qos", piece.qos) is not None else ""
                quantities[UsageKey(tenant, price.sku_id, day, window, qos)] += quantity
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


def _by_window(piece: Piece, price: Price | None) -> list[tuple[str, int, int]]:
    """(window, quantity, nested) of what a piece held in each window of its price."""
    if price is None or price.windows == [WINDOW]:
        return [(WINDOW, piece.quantity, piece.nested)]
    found = []
    for window in price.windows:
        begin, end = (int(hour) for hour in window.split("-"))
        within = [part for part in piece.hours if begin <= part[0] < end]
        if within:
            found.append((window, sum(part[1] for part in within), sum(part[2] for part in within)))
    return found


def multiplied(price: int, *factors: int) -> int:
    """A price in micro-yuan times factors in millionths, to the nearest micro-yuan, halves up."""
    for factor in factors:
        price *= factor
    scale = MILLION ** len(factors)
    return (2 * price + scale) // (2 * scale)
