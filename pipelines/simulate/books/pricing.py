"""From usage to charges: a tenant's month is walked through line by line, each unit going to whatever covers it first.

Reservations of the day, then what is left of allowances, then of commitments, then the price of the band that the month
has reached. No rule is taken from the models; amounts are before tax.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from pipelines.simulate.books.rating import Business, Price, UsageKey, multiplied
from pipelines.simulate.books.sold import Extent
from pipelines.simulate.books.tables import MILLION, Table, half_up, millionths
from pipelines.simulate.clock import next_month
from pipelines.simulate.tenants import TableRow


@dataclass(frozen=True)
class Head:
    """What makes a charge one: whose, of what, when, in which window, band and QOS, and under which terms."""

    category: str
    tenant_id: str
    first: date
    until: date
    price: Price
    band: int | None = None
    window: str | None = None
    qos: str = ""
    coverage: str = ""
    contract_id: str = ""
    model: str = ""
    list_price: int | None = None
    contracted_price: int | None = None
    tax_included: bool = False

    @property
    def period(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass
class Charge:
    """How much of it, and what it costs: list, contracted, effective and billed, in micro-yuan before tax."""

    quantity: int | None = None
    fee: int = 0
    costs: tuple[int, int, int, int] = (0, 0, 0, 0)


@dataclass
class Cover:
    """A term that covers usage, and how far it is used up: of the month, or of each day (`daily`)."""

    term: TableRow
    capacity: int
    daily: int = 0
    used: int = 0
    places: list[int] = field(default_factory=list)

    def take(self, wanted: int, day_index: int = 0) -> tuple[int, int]:
        """(how much of it is left for the wanted, its place in the month's capacity)."""
        if not self.daily:
            taken, place = min(wanted, self.capacity - self.used), self.used
            self.used += taken
            return taken, place
        while len(self.places) <= day_index:
            self.places.append(0)
        taken = min(wanted, self.daily - self.places[day_index])
        place = day_index * self.daily + self.places[day_index]
        self.places[day_index] += taken
        self.used += taken
        return taken, place

    def fee(self, place: int, taken: int) -> int:
        """The part of the month's fee that a part of the capacity bears; all parts sum to the fee."""
        fee = millionths(self.term["fee"]) if self.term["fee"] else 0
        return half_up(fee * (place + taken), self.capacity) - half_up(fee * place, self.capacity)


Charges = dict[Head, Charge]
BILLED = ("allowance", "commitment", "reservation", "minimum", "flat")
"""Kinds of terms that need the price of their SKU."""


def charges(business: Business, quantities: dict[UsageKey, int], days: Extent | None) -> Charges:
    """All charges of the months from the first to the last day that anything touches."""
    found: Charges = defaultdict(Charge)
    covers: dict[tuple[str, str, str], list[Cover]] = {}
    for month in months(days):
        for tenant in business.tenants(f"{month}-01"):
            for term in business.terms(tenant, f"{month}-01"):
                _cover(business, covers, month, tenant, term)
    grouped: dict[tuple[str, str, str], list[UsageKey]] = defaultdict(list)
    for key in quantities:
        grouped[(key.month, key.tenant_id, key.sku_id)].append(key)
    for group, keys in grouped.items():
        keys.sort(key=lambda key: (key.day, key.window, key.qos))
        _walk(business, found, keys, quantities, covers.get(group, []))
    for head, charge in found.items():
        _cost(head, charge)
    for (month, tenant, _), held in covers.items():
        for cover in held:
            _fee(business, found, month, tenant, cover)
    for month in months(days):
        for tenant in business.tenants(f"{month}-01"):
            for term in business.terms(tenant, f"{month}-01"):
                if term["kind"] in ("flat", "minimum"):
                    _lump(business, found, month, tenant, term, days)
    return found


def months(days: Extent | None) -> Iterable[str]:
    """The months (YYYY-MM) that usage touches."""
    if days is not None:
        month, last = date.fromisoformat(days.first[:7] + "-01"), days.last[:7]
        while f"{month:%Y-%m}" <= last:
            yield f"{month:%Y-%m}"
            month = next_month(month)


def _span(month: str) -> tuple[date, date]:
    first = date.fromisoformat(f"{month}-01")
    return first, next_month(first)


def _cover(
    business: Business,
    covers: dict[tuple[str, str, str], list[Cover]],
    month: str,
    tenant: str,
    term: TableRow,
) -> None:
    """Adds what a term covers in a month, in the order in which terms are used up."""
    if term["kind"] not in ("allowance", "commitment", "reservation"):
        return
    price, _ = business.price_of(term["sku_id"], f"{month}-01")
    if price is None:
        return
    first, until = _span(month)
    quantity = half_up(millionths(term["quantity"]) * price.per_unit(month), MILLION)
    held = covers.setdefault((month, tenant, term["sku_id"]), [])
    if term["kind"] == "reservation":
        held.append(Cover(term, quantity * 24 * (until - first).days, quantity * 24))
    else:
        held.append(Cover(term, quantity))
    held.sort(key=lambda cover: (not cover.daily, cover.term["kind"], cover.term["contract_id"]))


def _walk(
    business: Business,
    found: Charges,
    keys: list[UsageKey],
    quantities: dict[UsageKey, int],
    covers: list[Cover],
) -> None:
    """Gives every unit of a tenant's month of a SKU to a charge."""
    rests: dict[UsageKey, int] = {}
    for key in keys:
        left = quantities[key]
        for reserved in (each for each in covers if each.daily):
            taken, place = reserved.take(left, int(key.day[8:]) - 1)
            left -= taken
            _add(business, found, key, reserved, taken, place, 0)
        rests[key] = left
    total, reached = sum(rests.values()), 0
    for key in keys:
        left = rests[key]
        while left:
            cover = next((each for each in covers if not each.daily and each.used < each.capacity), None)
            price = _price(business, key)
            band, top = _band(price, key.month, key.window, total if price.model == "volume" else reached)
            step = left if price.model == "volume" or top is None else min(left, top - reached)
            place = 0
            if cover is not None:
                step, place = cover.take(step)
            _add(business, found, key, cover, step, place, band)
            left -= step
            reached += step


def _price(business: Business, key: UsageKey) -> Price:
    price, _ = business.price_of(key.sku_id, key.day)
    assert price is not None, f"{key.sku_id} has no price on {key.day}"
    return price


def _band(price: Price, month: str, window: str, reached: int) -> tuple[int, int | None]:
    """The band that a quantity of the month has reached, and the quantity at which the next one begins."""
    bands = [band for name, band, _ in price.rates if name == window]
    if price.model not in ("graduated", "volume"):
        return 0, None
    per = price.per_unit(month)
    begun = [band for band in bands if band * per <= reached]
    return max(begun), min((band * per for band in bands if band * per > reached), default=None)


def _add(
    business: Business, found: Charges, key: UsageKey, cover: Cover | None, taken: int, place: int, band: int
) -> None:
    """Adds a part of a line to its charge."""
    if not taken:
        return
    price = _price(business, key)
    day = date.fromisoformat(key.day)
    first, until = (
        _span(key.month) if price.model in ("graduated", "volume") else (day, day + timedelta(days=1))
    )
    listed = next(each for name, start, each in price.rates if (name, start) == (key.window, band))
    listed = multiplied(listed, business.factor(price, "qos", key.qos) or MILLION if key.qos else MILLION)
    discount = _discount(business, key.tenant_id, price, key.day)
    row = business.registered(key.tenant_id, key.day) or {}
    member = business.factor(price, "member_class", row.get("member_class", ""))
    off = millionths(discount["discount_share"]) if discount else 0
    terms = cover.term if cover else discount
    head = Head(
        *("Usage", key.tenant_id, first, until, price, band, key.window, key.qos),
        coverage=cover.term["kind"] if cover else "",
        contract_id=terms["contract_id"] if terms else "",
        model=price.model,
        list_price=listed,
        contracted_price=multiplied(listed, MILLION if member is None else member, MILLION - off),
        tax_included=_included(cover.term if cover else None, price),
    )
    charge = found[head]
    charge.quantity = (charge.quantity or 0) + taken
    charge.fee += cover.fee(place, taken) if cover else 0


def _included(term: TableRow | None, price: Price) -> bool:
    return term["tax_included"] == "true" if term and term["tax_included"] else price.tax_included


def _discount(business: Business, tenant: str, price: Price, day: str) -> TableRow | None:
    """The one discount that holds: on the SKU before the site before all, then the greatest."""
    fits = [
        term
        for term in business.terms(tenant, day)
        if term["kind"] == "discount"
        and term["sku_id"] in ("", price.sku_id)
        and term["site_id"] in ("", price.site_id)
    ]
    order = [
        (
            0 if term["sku_id"] else 1 if term["site_id"] else 2,
            -millionths(term["discount_share"]),
            term["contract_id"],
        )
        for term in fits
    ]
    return min(zip(order, fits, strict=True), default=(None, None), key=lambda pair: pair[0])[1]  # type: ignore[arg-type,return-value]


def _cost(head: Head, charge: Charge) -> None:
    """What usage costs: the quantity is priced once, at each price."""
    assert charge.quantity is not None
    assert head.list_price is not None
    assert head.contracted_price is not None
    listed, contracted = (
        half_up(each * charge.quantity, head.price.per_unit(head.period))
        for each in (head.list_price, head.contracted_price)
    )
    charge.costs = (listed, contracted, *((charge.fee, 0) if head.coverage else (contracted, contracted)))


def _fee(business: Business, found: Charges, month: str, tenant: str, cover: Cover) -> None:
    """The fee of a commitment or reservation, and its part for what was left unused."""
    if cover.term["kind"] == "allowance":
        return
    price, _ = business.price_of(cover.term["sku_id"], f"{month}-01")
    assert price is not None
    fee = millionths(cover.term["fee"])
    first, until = _span(month)
    kind, contract = cover.term["kind"], cover.term["contract_id"]
    purchase = Head(
        *("Purchase", tenant, first, until, price),
        contract_id=contract,
        tax_included=cover.term["tax_included"] == "true",
    )
    found[purchase] = Charge(costs=(fee, fee, 0, fee))
    if cover.used < cover.capacity:
        covered = (tenant, month, kind, contract)
        borne = sum(
            charge.fee
            for head, charge in found.items()
            if (head.tenant_id, head.period, head.coverage, head.contract_id) == covered
        )
        unused = replace(purchase, category="Usage", coverage=f"{kind}_unused")
        found[unused] = Charge(quantity=cover.capacity - cover.used, costs=(0, 0, fee - borne, 0))


def _lump(
    business: Business, found: Charges, month: str, tenant: str, term: TableRow, days: Extent | None
) -> None:
    """A flat fee, or what is missing to a least amount once the month's last day was reached."""
    price, _ = business.price_of(term["sku_id"], f"{month}-01")
    if price is None:
        return
    first, until = _span(month)
    amount = millionths(term["fee"])
    if term["kind"] == "minimum":
        amount -= sum(
            charge.costs[3]
            for head, charge in found.items()
            if head.category == "Usage"
            and head.tenant_id == tenant
            and head.period == month
            and term["site_id"] in ("", head.price.site_id)
        )
        if amount <= 0 or days is None or days.measured < (until - timedelta(days=1)).isoformat():
            return
    head = Head(
        *("Purchase", tenant, first, until, price),
        contract_id=term["contract_id"],
        tax_included=term["tax_included"] == "true",
    )
    found[head] = Charge(costs=(amount, amount, amount, amount))


def unbilled(business: Business, days: Extent | None) -> Table:
    """unbilled_terms: those of a month whose SKU has no price on its first day."""
    rows = []
    for month in months(days):
        first = f"{month}-01"
        for tenant in business.tenants(first):
            for term in business.terms(tenant, first):
                reason = business.price_of(term["sku_id"], first)[1] if term["kind"] in BILLED else None
                if reason:
                    what = (term["contract_id"], term["valid_from"], term["kind"], term["sku_id"], reason)
                    rows.append((month, tenant, *what))
    return Table.of("unbilled_terms", "period tenant_id contract_id contract_from kind sku_id reason", rows)
