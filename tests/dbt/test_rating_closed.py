"""A closed period stays as it was closed, whatever becomes known later; `periods` says what that is."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.closed_books import FROZEN, closed_books, month
from tests.dbt.harness import Warehouse
from tests.dbt.rating_cases import KNOWN_AT, SELECT, Case, told
from tests.dbt.world import Row, World, shanghai

pytestmark = pytest.mark.slow

DERIVED = {"statements": "period", "settlement_positions": "period"}


def _months(warehouse: Warehouse, period: str) -> dict[str, list[Row]]:
    return {table: month(warehouse, table, column, period) for table, column in (FROZEN | DERIVED).items()}


class Story:
    """October and November are rated; October is closed; then late jobs, a dearer tariff and a new mapping arrive."""

    def __init__(self, folder: Path) -> None:
        world = World()
        case = Case(world, "story")
        case.sells(price="1.00")
        case.reference["revenue_shares"][0]["provider_minimum"] = Decimal("10.00")
        case.job(hours=7, start="2026-10-31 20:00")
        case.job(hours=1, start="2026-10-10 10:00", account="stranger")
        self.warehouse = Warehouse(folder, SELECT)
        self.warehouse.build(told(world, [case]), test=True)
        self.open_october = _months(self.warehouse, "2026-10")

        closed = closed_books(self.warehouse, world, "2026-10")
        self.warehouse.build(closed, test=True)
        self.closed_october = _months(self.warehouse, "2026-10")
        self.closed_periods = self.warehouse.rows("marts.periods")

        later = closed.copy()
        at = KNOWN_AT + timedelta(days=1)
        late = Case(World(), "story")
        late.job(hours=2, start="2026-10-20 10:00", job_id="late")
        late.job(hours=3, start="2026-11-02 10:00", job_id="november")
        late.maps(account="stranger")
        late.prices("1.50")
        later.deliver("story", "job_records", at, late.jobs)
        later.deliver("network-ops", "tenant_accounts", at, late.reference["tenant_accounts"])
        later.deliver("network-ops", "tariff_rates", at, late.reference["tariff_rates"])
        self.warehouse.build(later, test=True)
        self.late_october = _months(self.warehouse, "2026-10")
        self.world = later


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("closed"))


def _without_state(months: dict[str, list[Row]]) -> dict[str, list[Row]]:
    return {
        table: [{name: value for name, value in row.items() if name != "state"} for row in rows]
        for table, rows in months.items()
    }


def test_a_close_changes_no_figure(story: Story) -> None:
    assert _without_state(story.closed_october) == _without_state(story.open_october)
    assert all(story.open_october.values())


def test_a_close_makes_statements_final(story: Story) -> None:
    assert {row["state"] for row in story.open_october["statements"]} == {"draft"}
    assert {row["state"] for row in story.closed_october["statements"]} == {"closed"}


def test_late_data_changes_nothing_of_a_closed_period(story: Story) -> None:
    assert story.late_october == story.closed_october


def test_late_data_is_billed_in_the_open_period(story: Story) -> None:
    # November: midnight to 03:00 and the late 3 h, at the new 1.50: 6 h × 1.50 = 9.00 + 6 % = 9.54
    lines = story.warehouse.rows("marts.statement_lines", period="2026-11")
    (line,) = [line for line in lines if line["charge_class"] is None]
    assert (line["gross_fen"], line["tax_fen"]) == (954, 54)


def _period(rows: list[Row], period: str) -> tuple[Any, ...]:
    (row,) = [row for row in rows if row["period"] == period]
    return row["state"], row["gross_fen"], row["late_fen"]


def test_late_fen_is_what_is_known_now_less_what_was_closed(story: Story) -> None:
    # closed: 20:00 to midnight, 4 h × 1.00 = 4.00 + 6 % = 4.24
    # known now: 4 h + late 2 h + the stranger's 1 h = 7 h, by the price that was known at the close, for the dearer one
    # came late: 7 × 1.00 = 7.00 + 6 % = 7.42; 742 − 424 = 318
    assert _period(story.closed_periods, "2026-10") == ("closed", 424, 0)
    assert _period(story.warehouse.rows("marts.periods"), "2026-10") == ("closed", 424, 318)
    # which November books besides its own 954: 954 + 318 = 1,272
    assert _period(story.warehouse.rows("marts.periods"), "2026-11") == ("open", 1272, 0)


def _decided(world: World, *decisions: tuple[str, Any]) -> World:
    """The world after decisions about the tariff's late version: outcome and instant of each."""
    after = world.copy()
    rows = [
        {
            "decision_id": f"{number:032x}",
            "entry_no": number,
            "kind": "late_tariff",
            "outcome": outcome,
            "tariff_id": "tariff-story",
            "tariff_version": "v1",
            "decided_by": "controller (simulated)",
            "decided_at": at,
            "reason": "agreed",
        }
        for number, (outcome, at) in enumerate(decisions, start=1)
    ]
    after.ledger = {**world.ledger, "decisions": rows}
    return after


def _known_of_october(folder: Path, before: World, after: World) -> int:
    """Gross fen known now of October after a build of one world and then of another, which rebuilds the same."""
    changed, rebuilt = Warehouse(folder / "changed", SELECT), Warehouse(folder / "rebuilt", SELECT)
    changed.build(before)
    changed.build(after, test=True)
    rebuilt.build(after)
    assert changed.rows("marts.periods") == rebuilt.rows("marts.periods")
    assert changed.rows("intermediate.int_charges") == rebuilt.rows("intermediate.int_charges")
    _, gross, late = _period(changed.rows("marts.periods"), "2026-10")
    return int(gross + late)


ACCEPTED_AT = KNOWN_AT + timedelta(days=2)


def test_a_late_tariff_holds_in_a_closed_period_once_a_decision_accepts_it(
    story: Story, tmp_path: Path
) -> None:
    # 7 h × 1.50 = 10.50 + 6 % = 11.13
    accepted = _decided(story.world, ("accepted", ACCEPTED_AT))
    assert _known_of_october(tmp_path, story.world, accepted) == 1113


def test_a_decision_to_refuse_a_late_tariff_takes_back_its_acceptance(story: Story, tmp_path: Path) -> None:
    # 7 h × 1.00 = 7.00 + 6 % = 7.42
    accepted = _decided(story.world, ("accepted", ACCEPTED_AT))
    refused = _decided(story.world, ("accepted", ACCEPTED_AT), ("refused", ACCEPTED_AT + timedelta(days=1)))
    assert _known_of_october(tmp_path, accepted, refused) == 742


def test_an_acceptance_covers_what_was_known_of_the_tariff_and_no_later_correction(
    story: Story, tmp_path: Path
) -> None:
    # corrected to 9.00 a day after 1.50 was accepted: 7 h × 1.50 = 10.50 + 6 % = 11.13
    accepted = _decided(story.world, ("accepted", ACCEPTED_AT))
    corrected = accepted.copy()
    again = Case(World(), "story")
    again.prices("9.00")
    corrected.deliver(
        "network-ops", "tariff_rates", ACCEPTED_AT + timedelta(days=1), again.reference["tariff_rates"]
    )
    assert _known_of_october(tmp_path, accepted, corrected) == 1113


def test_a_late_version_within_a_closed_period_prices_the_days_after_it(story: Story, tmp_path: Path) -> None:
    # v2 at 2.00 from 15 October, known after the close: October stays at 1.00 (7 h: 7.42); November's 6 h are v2's:
    # 12.00 + 6 % = 12.72
    later = story.world.copy()
    second = Case(World(), "story")
    second.prices("2.00", version="v2", valid_from=date(2026, 10, 15))
    later.deliver("network-ops", "tariff_rates", ACCEPTED_AT, second.reference["tariff_rates"])
    assert _known_of_october(tmp_path, story.world, later) == 742
    warehouse = Warehouse(tmp_path / "november", SELECT)
    warehouse.build(later)
    lines = warehouse.rows("marts.statement_lines", period="2026-11")
    (line,) = [line for line in lines if line["charge_class"] is None]
    assert (line["tariff_version"], line["gross_fen"]) == ("v2", 1272)


def test_a_tariff_withdrawn_after_a_close_still_prices_the_closed_period(
    story: Story, tmp_path: Path
) -> None:
    withdrawn = story.world.copy()
    for key, each in story.world.deliveries.items():
        if each.dataset == "tariff_rates":
            withdrawn.withdraw(key)
    assert _known_of_october(tmp_path, story.world, withdrawn) == 742


def test_a_period_says_who_closed_it(story: Story) -> None:
    (october,) = story.warehouse.rows("marts.periods", period="2026-10")
    assert (october["proposed_by"], october["approved_by"]) == (
        "proposer (simulated)",
        "approver (simulated)",
    )
    assert october["cutoff"] == KNOWN_AT
    assert october["pack_sha256"] == "0" * 64


def test_a_closed_charge_still_names_its_records_after_they_were_withdrawn(
    story: Story, tmp_path: Path
) -> None:
    world = story.world.copy()
    (first,) = [
        key
        for key, each in world.deliveries.items()
        if each.dataset == "job_records" and each.known_at == KNOWN_AT
    ]
    world.withdraw(first)
    warehouse = Warehouse(tmp_path, SELECT)
    warehouse.build(world, test=True)
    (charge,) = [
        row
        for row in warehouse.rows("marts.charges", billing_period="2026-10", charge_category="Usage")
        if row["charge_period_start"] == shanghai("2026-10-31 00:00")
    ]
    (evidence,) = warehouse.rows("marts.lineage", row_key=charge["charge_id"])
    assert (evidence["landing_id"], evidence["landing_row"], evidence["quantity"]) == (first, 1, 4 * 3_600)


@pytest.mark.slow
def test_a_rebuild_gives_the_same_books(story: Story, tmp_path: Path) -> None:
    rebuilt = Warehouse(tmp_path, SELECT)
    rebuilt.build(story.world)
    for table in (*FROZEN, *DERIVED, "unattributed_usage", "periods", "lineage"):
        assert rebuilt.rows(f"marts.{table}") == story.warehouse.rows(f"marts.{table}"), table
