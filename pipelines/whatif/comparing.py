"""Billed now beside what it would be, in fen with tax: by tenant, site and SKU, and what could be billed no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pipelines.warehouse import Target, connected

KEEP = """
create schema whatif;
create table whatif.billed as select * from intermediate.int_sale_lines where period = '{period}';
create table whatif.unpriced as {unpriced};
"""
UNPRICED = """
select sku_id, reason, sum(quantity) as quantity, count(distinct day) as days
from intermediate.int_metered_usage
where reason in ('tariff_missing', 'tariff_conflict') and substr(cast(day as varchar), 1, 7) = '{period}'
group by all
"""
CELLS = """
with lines as (
    select tenant_id, site_id, sku_id, gross_fen as now_fen, 0 as whatif_fen from whatif.billed
    union all
    select tenant_id, site_id, sku_id, 0, gross_fen from intermediate.int_sale_lines where period = '{period}'
),
cells as (
    select tenant_id, site_id, sku_id, sum(now_fen) as now_fen, sum(whatif_fen) as whatif_fen
    from lines group by all
)
select
    {name} as name,
    cast(sum(now_fen) as bigint) as now_fen,
    cast(sum(whatif_fen) as bigint) as whatif_fen,
    cast(sum(greatest(now_fen - whatif_fen, 0)) as bigint) as at_risk_fen
from cells group by name order by sum(whatif_fen) - sum(now_fen), name nulls last
"""
LOST = """
select after.sku_id, after.reason, after.days
from ({unpriced}) as after
left join whatif.unpriced as before on after.sku_id = before.sku_id and after.reason = before.reason
where after.quantity > coalesce(before.quantity, 0)
order by all
"""


@dataclass(frozen=True)
class Difference:
    """What something is billed now and what it would be, in fen with tax; `at_risk_fen` is the sum of what would be
    billed less, over tenants, sites and SKUs apart. `name` is None for what is of no site or no SKU."""

    name: str | None
    now_fen: int
    whatif_fen: int
    at_risk_fen: int

    @property
    def difference_fen(self) -> int:
        return self.whatif_fen - self.now_fen

    @property
    def percent(self) -> Decimal | None:
        """The difference in percent of what is billed now, two decimals half up; None where nothing is billed now."""
        if not self.now_fen:
            return None
        return (Decimal(self.difference_fen) * 100 / abs(self.now_fen)).quantize(
            Decimal("0.01"), ROUND_HALF_UP
        )

    def as_dict(self) -> dict[str, Any]:
        """For a script; the percentage as decimal text."""
        return {
            "name": self.name,
            "billed_now_fen": self.now_fen,
            "what_if_fen": self.whatif_fen,
            "difference_fen": self.difference_fen,
            "difference_percent": None if self.percent is None else str(self.percent),
            "at_risk_fen": self.at_risk_fen,
        }


@dataclass(frozen=True)
class Unpriced:
    """A SKU of which usage could be billed no more, and why."""

    sku_id: str
    reason: str
    days: int


@dataclass(frozen=True)
class Comparison:
    """A month as billed now and as it would be; each list from what would fall most to what would rise most."""

    period: str
    total: Difference
    tenants: Sequence[Difference]
    sites: Sequence[Difference]
    skus: Sequence[Difference]
    unpriced: Sequence[Unpriced]

    @property
    def winners(self) -> list[Difference]:
        """The tenants that would pay less, who gain most first."""
        return [each for each in self.tenants if each.difference_fen < 0]

    @property
    def losers(self) -> list[Difference]:
        """The tenants that would pay more, who lose most first."""
        return [each for each in reversed(self.tenants) if each.difference_fen > 0]


def keep_billed(target: Target, period: str) -> None:
    """Keeps a month's lines and what of it has no price, in a copy of the warehouse before it is rated again."""
    with connected(target) as connection:
        connection.execute(KEEP.format(period=period, unpriced=UNPRICED.format(period=period)))


def compare(target: Target, period: str) -> Comparison:
    """What was kept beside what the copy says after rating."""
    with connected(target) as connection:

        def by(name: str) -> list[Difference]:
            rows = connection.sql(CELLS.format(name=name, period=period)).fetchall()
            return [Difference(*row) for row in rows]

        lost = connection.sql(LOST.format(unpriced=UNPRICED.format(period=period))).fetchall()
        (total,) = by("'total'") or [Difference("total", 0, 0, 0)]
        return Comparison(
            period, total, by("tenant_id"), by("site_id"), by("sku_id"), [Unpriced(*row) for row in lost]
        )
