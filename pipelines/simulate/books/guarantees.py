"""What the network's operator owes parties whose parts of a month came to less than a share rule guarantees them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.simulate.books.lines import MICRO_PER_FEN, LineKey
from pipelines.simulate.books.pricing import months
from pipelines.simulate.books.rating import Business
from pipelines.simulate.books.sold import Extent
from pipelines.simulate.books.tables import Table, half_up, millionths
from pipelines.simulate.clock import next_month
from pipelines.simulate.network import World

ROLES = ("provider", "operator")
Split = tuple[str, str, int]
"""(role, party, fen)."""


@dataclass(frozen=True)
class TopUp:
    """What is missing to a guarantee of a month, in fen."""

    period: str
    party: str
    role: str
    rule: str
    rule_from: str
    guaranteed: int
    earned: int

    @property
    def fen(self) -> int:
        return self.guaranteed - self.earned


def top_ups(
    world: World,
    business: Business,
    extent: Extent | None,
    splits: dict[LineKey, list[Split]],
    network_operator: str,
) -> list[TopUp]:
    """Of every month that is over. The rule in force on its first day counts, where anything is sold by it."""
    earned: dict[tuple[str, ...], int] = defaultdict(int)
    for key, parts in splits.items():
        for role, party, fen in parts:
            earned[key.period, key.share_rule, role, party] += fen
    found: dict[tuple[str, ...], TopUp] = {}
    for month in months(extent):
        first = date.fromisoformat(f"{month}-01")
        if extent is None or extent.last < (next_month(first) - timedelta(days=1)).isoformat():
            continue
        for sku in business.skus(first.isoformat()):
            rule, source = business.share(sku["share_rule"], first.isoformat()), world.sources[sku["site_id"]]
            for role, owner in zip(ROLES, (source.provider_party, source.operator_party), strict=True):
                least = rule.get(f"{role}_minimum", "") if rule else ""
                if rule and least and owner and owner != network_operator:
                    place = (month, rule["share_rule"], role, owner)
                    found[place] = TopUp(
                        *(month, owner, role, rule["share_rule"], rule["valid_from"]),
                        guaranteed=half_up(millionths(least), MICRO_PER_FEN),
                        earned=earned[place],
                    )
    return [each for each in found.values() if each.fen > 0]


def table(network_operator: str, found: list[TopUp]) -> Table:
    """guarantee_topups."""
    return Table.of(
        "guarantee_topups",
        "period party_id counterparty_id role share_rule share_valid_from guaranteed_fen earned_fen topup_fen",
        (
            (
                *(each.period, each.party, network_operator, each.role, each.rule, each.rule_from),
                *(each.guaranteed, each.earned, each.fen),
            )
            for each in found
        ),
    )
