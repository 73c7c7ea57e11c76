"""How contracts judge the service of a month by its probes, and what credit follows.

Contracts on availability are not simulated.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.simulate.books.pricing import Charge, Charges, Head, months
from pipelines.simulate.books.rating import Business, Price
from pipelines.simulate.books.sold import Extent
from pipelines.simulate.books.tables import MILLION, Table, Value, boolean, half_up, millionths
from pipelines.simulate.clock import next_month
from pipelines.simulate.tenants import TableRow


@dataclass
class Service:
    """What the probes of a site's paths came to in a month: rows of the latency table, and the counts in them."""

    rows: int = 0
    probes: int = 0
    within: int = 0
    judged: int = 0


@dataclass(frozen=True)
class Judgement:
    """A contract's judgement of a site's month; `costs` is what the tenant used there, contracted, by price."""

    period: str
    tenant_id: str
    site_id: str
    term: TableRow
    service: Service | None
    costs: dict[Price, int]

    @property
    def status(self) -> str:
        if self.service is None:
            return "unknown"
        kept = self.service.within * MILLION >= self.service.judged * millionths(self.term["target"])
        return "met" if kept else "missed"

    @property
    def is_applied(self) -> bool:
        return self.status == "missed" and self.term["auto_apply"] == "true"

    @property
    def credits(self) -> dict[Price, int]:
        """Micro-yuan by price; nothing where the promise was kept."""
        share = millionths(self.term["credit_share"]) if self.status == "missed" else 0
        return {price: half_up(cost * share, MILLION) for price, cost in self.costs.items()}


def judge(business: Business, charged: Charges, latency: Table, extent: Extent | None) -> list[Judgement]:
    """All judgements of the months that are over; the terms in force on a month's first day count."""
    service = _service(latency)
    costs: dict[tuple[str, str, str], dict[Price, int]] = defaultdict(lambda: defaultdict(int))
    for head, charge in charged.items():
        if head.list_price is not None:
            costs[head.period, head.tenant_id, head.price.site_id][head.price] += charge.costs[1]
    found = []
    for month in months(extent):
        last = next_month(date.fromisoformat(f"{month}-01")) - timedelta(days=1)
        if extent is None or extent.last < last.isoformat():
            continue
        for (period, tenant, site), by_price in costs.items():
            for term in business.terms(tenant, f"{month}-01") if period == month else []:
                if term["kind"] == "sla" and term["site_id"] in ("", site):
                    found.append(
                        Judgement(month, tenant, site, term, service.get((month, site)), dict(by_price))
                    )
    return found


def _service(latency: Table) -> dict[tuple[str, str], Service]:
    """By month and site, of the paths that touch it: of results faster than light nothing is known."""
    found: dict[tuple[str, str], Service] = defaultdict(Service)
    for values in latency.rows:
        row = dict(zip(latency.columns, values, strict=True))
        judged = int(row["measured"] or 0) + int(row["lost_probes"] or 0)
        if row["undecided"] == "faster_than_light" or not judged:
            continue
        for site in (row["from_site_id"], row["to_site_id"]):
            service = found[str(row["day"])[:7], str(site)]
            service.rows += 1
            service.probes += int(row["probes"] or 0)
            service.within += int(row["within"] or 0)
            service.judged += judged
    return dict(found)


def applied(judged: list[Judgement]) -> Iterator[tuple[Head, Charge]]:
    """The charges of credits that are billed: below zero, in the terms of the price of what they are for."""
    for each in judged:
        first = date.fromisoformat(f"{each.period}-01")
        for price, micro in each.credits.items():
            if each.is_applied and micro:
                head = Head(
                    *("Credit", each.tenant_id, first, next_month(first), price),
                    contract_id=each.term["contract_id"],
                    tax_included=price.tax_included,
                )
                yield head, Charge(costs=(-micro,) * 4)


def table(judged: list[Judgement]) -> Table:
    """sla_credits."""
    return Table.of(
        "sla_credits",
        "period tenant_id site_id contract_id metric target_ppm good total resource_kind evidence_rows probes status "
        "contracted_cost_micro_yuan credit_ppm credit_micro_yuan credit_tax_micro_yuan applied",
        (_row(each) for each in judged),
    )


def _row(each: Judgement) -> tuple[Value, ...]:
    service, term = each.service, each.term
    known = (service.within, service.judged) if service else (None, None)
    credit: tuple[int | None, ...] = (None, None)
    if service:
        parts = [_parted(price, micro) for price, micro in each.credits.items()]
        credit = sum(net for net, _ in parts), sum(tax for _, tax in parts)
    return (
        *(each.period, each.tenant_id, each.site_id, term["contract_id"], term["metric"]),
        *(millionths(term["target"]), *known, None, service.rows if service else 0),
        *(service.probes if service else None, each.status),
        sum(_parted(price, micro)[0] for price, micro in each.costs.items()),
        *(millionths(term["credit_share"]), *credit, boolean(each.is_applied)),
    )


def _parted(price: Price, micro: int) -> tuple[int, int]:
    """(before tax, its tax) of an amount in the price's terms."""
    rate, included = price.tax_ppm, price.tax_included
    tax = half_up(micro * rate, MILLION + rate if included else MILLION)
    return micro - tax * included, tax
