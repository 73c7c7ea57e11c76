"""What is paid of what is owed: bills of past months by most, the last month's by some who pay by direct debit.

Amounts are those that are truly owed, or parts of them. The bank's list comes on the third day after the last month.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random

from pipelines.simulate.books.paying import Position
from pipelines.simulate.clock import month_start, next_month
from pipelines.simulate.network import World
from pipelines.simulate.tenants import NETWORK_OPERATOR, TableRow

STRANGER = "walk-in-07"
PAST = {"full": 0.7, "part": 0.1, "over": 0.04}
LAST = {"full": 0.3, "part": 0.06}
"""How many pay how much; the others do not. What the operator owes of a past month it pays in full or not at all."""


def listed_on(world: World) -> date:
    """The day of the bank's list."""
    return next_month(world.params.last_day) + timedelta(days=2)


def payments(world: World, positions: Iterable[Position]) -> list[TableRow]:
    """The bank's list, by who paid of which month; of `positions` those of the network operator count."""
    last = f"{world.params.last_day:%Y-%m}"
    paid = []
    for period, party, other, net in sorted(positions):
        if party == NETWORK_OPERATOR and period <= last and net:
            rng = Random(f"{world.params.seed}/payments/{period}/{other}")
            amount, on = _paid(abs(net), PAST if period < last else LAST, rng), _day(world, period, rng)
            if net > 0 and amount:
                paid.append((period, other, NETWORK_OPERATOR, amount, on))
            elif net < 0 and period < last and amount == -net:
                paid.append((period, NETWORK_OPERATOR, other, amount, on))
    if paid:
        paid.append((last, STRANGER, NETWORK_OPERATOR, 123_450, listed_on(world)))
    return [_row(number, *each) for number, each in enumerate(paid, 1)]


def _paid(owed: int, shares: dict[str, float], rng: Random) -> int:
    """Fen: all of it, some of it in whole yuan, or more of it, in hundreds of yuan."""
    ways = rng.choices([*shares, "none"], [*shares.values(), 1 - sum(shares.values())])[0]
    some = owed * rng.choice((3, 5, 8)) // 1000 * 100
    return {"full": owed, "part": some, "over": (owed // 10_000 + 1) * 10_000, "none": 0}[ways]


def _day(world: World, period: str, rng: Random) -> date:
    """Within the month after a past one; of the last month the first days of the next."""
    following = next_month(date.fromisoformat(f"{period}-01"))
    if following > month_start(world.params.last_day):
        return following + timedelta(days=rng.randrange(3))
    return following + timedelta(days=rng.randrange(7, 28))


def _row(number: int, period: str, payer: str, payee: str, amount: int, on: date) -> TableRow:
    return {
        "payment_id": f"pay-{period}-{payer if payee == NETWORK_OPERATOR else payee}",
        "payer_party_id": payer,
        "payee_party_id": payee,
        "period": period,
        "amount": f"{amount // 100}.{amount % 100:02d}",
        "paid_on": on.isoformat(),
        "reference": f"{on:%Y%m%d}-{number:05d}",
    }
