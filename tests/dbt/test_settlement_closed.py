"""Payments and guarantees around a close: what was frozen stays, and what becomes known later is booked once, later.

Ten core-hours at 1.00 are net 1,000 fen, gross 1,060; the provider's part is 700, and 10.00 are guaranteed: 300 are
missing. October and November are closed on 2027-01-10.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.harness import Warehouse
from tests.dbt.rating_cases import KNOWN_AT, SELECT, Case, told
from tests.dbt.settlement_cases import NETWORK, closed, pays, seller
from tests.dbt.world import World

pytestmark = pytest.mark.slow

LATER = KNOWN_AT + timedelta(days=1)


class Story:
    """Payments of November are known before the close; one of them is corrected and one withdrawn after it."""

    def __init__(self, folder: Path) -> None:
        world = World()
        case = seller(world, "story", provider_minimum="10.00")
        for month in (10, 11, 12):
            case.job(hours=10, start=f"2026-{month}-05 10:00")
        pays(case, "kept", case.tenant, NETWORK, "1.00", date(2026, 11, 20))
        pays(case, "corrected", case.tenant, NETWORK, "2.00", date(2026, 11, 21))
        told(world, [case])
        extra = Case(World(), "extra")
        pays(extra, "withdrawn", case.tenant, NETWORK, "4.00", date(2026, 11, 22))
        landing = world.deliver("network-ops", "payments", KNOWN_AT, extra.reference["payments"])
        self.books = Warehouse(folder, SELECT)
        self.books.build(world, test=True)
        self.before = self.frozen()

        after = closed(self.books, world, ["2026-10", "2026-11"])
        self.books.build(after, test=True)
        self.at_close = self.frozen()

        later = after.copy()
        late = Case(World(), "late")
        pays(late, "corrected", case.tenant, NETWORK, "2.50", date(2026, 11, 21))
        pays(late, "late", case.tenant, NETWORK, "0.60", date(2026, 11, 30))
        late.shares("0.70", "0.20", "0.10", provider_minimum="99.00")
        late.reference["revenue_shares"][0]["share_rule"] = "share-story"
        later.withdraw(landing)
        for dataset, rows in late.reference.items():
            later.deliver("network-ops", dataset, LATER, rows)
        self.books.build(later, test=True)
        self.world = later

    def frozen(self) -> list[Any]:
        """The journal and the top-ups of the periods that are closed."""
        query = "select * from marts.{} where period in ('2026-10', '2026-11') order by all"
        return [self.books.sql(query.format(name)) for name in ("journal_entries", "guarantee_topups")]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("closed"))


def bank(books: Warehouse, payment: str) -> Sequence[tuple[Any, ...]]:
    """What a payment moved through the bank, by period."""
    with books.connected() as connection:
        return connection.execute(
            "select period, debit_fen - credit_fen from marts.journal_entries "
            "where account = '1002' and reference = ? order by all",
            [payment],
        ).fetchall()


def test_a_close_freezes_top_ups_and_entries(story: Story) -> None:
    assert story.at_close == story.before == story.frozen()
    assert [row["topup_fen"] for row in story.at_close[1]] == [300, 300]


def test_a_payment_that_was_booked_before_the_close_is_not_booked_again(story: Story) -> None:
    assert bank(story.books, "kept") == [("2026-11", 100)]


def test_a_late_payment_is_booked_in_the_next_open_period(story: Story) -> None:
    assert bank(story.books, "late") == [("2026-12", 60)]


def test_a_corrected_payment_is_booked_by_the_difference(story: Story) -> None:
    # 2.50 − 2.00
    assert bank(story.books, "corrected") == [("2026-11", 200), ("2026-12", 50)]


def test_a_withdrawn_payment_is_taken_back(story: Story) -> None:
    assert bank(story.books, "withdrawn") == [("2026-11", 400), ("2026-12", -400)]


def test_what_is_still_to_pay_is_what_is_known_now(story: Story) -> None:
    # 10.60 − 1.00 − 2.50 − 0.60
    (row,) = story.books.rows(
        "marts.receivables", party_id=NETWORK, counterparty_id="tenant-story", period="2026-10"
    )
    assert (row["state"], row["paid_fen"], row["outstanding_fen"]) == ("closed", 410, 650)


def test_a_rebuild_gives_the_same_books(story: Story, tmp_path: Path) -> None:
    rebuilt = Warehouse(tmp_path, SELECT)
    rebuilt.build(story.world)
    for table in ("journal_entries", "guarantee_topups", "statements", "receivables", "reconciliation"):
        assert rebuilt.rows(f"marts.{table}") == story.books.rows(f"marts.{table}"), table
