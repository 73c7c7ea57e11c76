"""Generated networks with guarantees and payments: statements sum to positions, positions to zero, the journal is the
positions, and plain Python says the same of top-ups and of what is left to pay.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.dbt.harness import Warehouse
from tests.dbt.rating_cases import SELECT, told
from tests.dbt.settlement_cases import NETWORK, pays, seller
from tests.dbt.world import World

SITES = ("one", "two", "three", "four")
PROVEN = ("2026-09", "2026-10")
"""Months that the usage of every network here reaches the end of: it begins in September and ends in November."""


@dataclass(frozen=True)
class Site:
    """A site's guarantees in fen and its jobs: day after 2026-09-01, seconds, cores."""

    provider: int | None
    operator: int | None
    jobs: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Payment:
    """Who pays whom how many fen for which month, and how many days after 2026-09-01."""

    payer: str
    payee: str
    fen: int
    month: int
    after: int


people = st.sampled_from(
    ["a-stranger", NETWORK, NETWORK, "party-tax", "party-zhengsuan"]
    + [f"{kind}-{site}" for kind in ("tenant", "party") for site in SITES]
)
minima = st.one_of(st.none(), st.integers(0, 3_000))
sites = st.builds(
    Site,
    provider=minima,
    operator=minima,
    jobs=st.lists(st.tuples(st.integers(0, 80), st.integers(1, 40_000), st.integers(1, 8)), max_size=5).map(
        tuple
    ),
)
payments = st.builds(
    Payment,
    payer=people,
    payee=people,
    fen=st.integers(1, 5_000),
    month=st.integers(9, 11),
    after=st.integers(10, 120),
).filter(lambda payment: payment.payer != payment.payee)


def yuan(fen: int) -> str:
    """Fen as decimal text."""
    return f"{fen // 100}.{fen % 100:02}"


def network(told_sites: dict[str, Site], paid: list[Payment]) -> World:
    """The network as its deliveries tell it."""
    world, cases = World(), []
    for name, site in told_sites.items():
        guarantees = {"provider_minimum": site.provider, "operator_minimum": site.operator}
        case = seller(world, name, **{key: yuan(fen) for key, fen in guarantees.items() if fen is not None})
        for after, seconds, cores in site.jobs:
            case.job(seconds=seconds, cores=cores, start=f"{date(2026, 9, 1) + timedelta(days=after)} 07:00")
        cases.append(case)
    for start in ("2026-09-01 01:00", "2026-11-25 01:00"):
        cases[0].job(hours=1, start=start)
    for number, each in enumerate(paid):
        on = date(2026, 9, 1) + timedelta(days=each.after)
        pays(cases[0], f"p{number}", each.payer, each.payee, yuan(each.fen), on, f"2026-{each.month:02}")
    return told(world, cases)


def expected_topups(books: Warehouse, told_sites: dict[str, Site]) -> dict[tuple[str, str, str], int]:
    """What is missing to guarantees by period, share rule and role."""
    earned: Counter[tuple[str, str, str]] = Counter()
    for row in books.sql(
        "select l.period, l.share_rule, s.role, s.amount_fen "
        "from marts.line_splits s join marts.statement_lines l using (line_id)"
    ):
        earned[row["period"], row["share_rule"], row["role"]] += row["amount_fen"]
    missing = {
        (period, f"share-{name}", role): fen - earned[period, f"share-{name}", role]
        for name, site in told_sites.items()
        for role, fen in (("provider", site.provider), ("operator", site.operator))
        for period in PROVEN
        if fen is not None
    }
    return {key: fen for key, fen in missing.items() if fen > 0}


def judge(books: Warehouse, told_sites: dict[str, Site], paid: list[Payment]) -> None:
    """Everything that must hold between the tables."""
    topups = books.rows("marts.guarantee_topups")
    assert {
        (row["period"], row["share_rule"], row["role"]): row["topup_fen"] for row in topups
    } == expected_topups(books, told_sites)

    positions = books.rows("marts.settlement_positions")
    total: Counter[str] = Counter()
    owed: dict[tuple[str, str, str], int] = {}
    for row in positions:
        total[row["period"]] += row["net_fen"]
        owed[row["period"], row["party_id"], row["counterparty_id"]] = row["net_fen"]
    assert set(total.values()) == {0}

    stated: Counter[tuple[str, str, str]] = Counter()
    for row in books.rows("marts.statements"):
        sign = 1 if row["direction"] == "receivable" else -1
        stated[row["period"], row["party_id"], row["counterparty_id"]] += sign * row["gross_fen"]
    assert dict(stated) == owed

    booked: Counter[tuple[str, str]] = Counter()
    bank = 0
    for row in books.rows("marts.journal_entries"):
        fen = row["credit_fen"] - row["debit_fen"]
        if row["source"] == "payment":
            bank -= fen if row["account"] == "1002" else 0
        elif row["account"] in ("1122", "2202", "2221"):
            booked[row["period"], row["party_id"]] += fen
    others = {key[:2]: fen for key, fen in owed.items() if key[2] == NETWORK}
    assert {key: fen for key, fen in booked.items() if fen} == {
        key: fen for key, fen in others.items() if fen
    }
    assert bank == sum(
        payment.fen if payment.payee == NETWORK else -payment.fen
        for payment in paid
        if NETWORK in (payment.payee, payment.payer)
    )

    left = Counter(owed)
    for payment in paid:
        period = f"2026-{payment.month:02}"
        left[period, payment.payee, payment.payer] -= payment.fen
        left[period, payment.payer, payment.payee] += payment.fen
    found = {
        (row["period"], row["party_id"], row["counterparty_id"]): row["outstanding_fen"]
        for row in books.rows("marts.receivables")
    }
    assert found == dict(left)


@pytest.mark.slow
@settings(
    max_examples=3,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(found=st.lists(sites, min_size=4, max_size=4), paid=st.lists(payments, min_size=3, max_size=20))
def test_the_books_of_generated_networks_agree_with_each_other_and_with_plain_python(
    found: list[Site], paid: list[Payment]
) -> None:
    told_sites = dict(zip(SITES, found, strict=True))
    with TemporaryDirectory() as folder:
        books = Warehouse(Path(folder), SELECT)
        books.build(network(told_sites, paid), test=True)
        judge(books, told_sites, paid)
