"""Time of use: whole Shanghai hours, of all days or of some. The arithmetic stands beside the number."""

from datetime import date

from tests.dbt.rating_cases import Case, charges, costs, given, reasons

NIGHT_AND_DAY = {"00-08": "0.50", "08-22": "1.00", "22-24": "0.60"}
YUAN = 1_000_000


def by_hours(case: Case, prices: dict[str, str], **columns: object) -> None:
    for window, price in prices.items():
        case.prices(price, window=window, **columns)


@given
def over_a_windows_end(case: Case) -> None:
    case.serves()
    by_hours(case, NIGHT_AND_DAY)
    case.job(hours=2, start="2026-10-05 07:00")


def test_a_job_over_a_windows_end_has_two_prices() -> None:
    # 07–08 × 0.50 and 08–09 × 1.00
    assert costs("over_a_windows_end", "billed", charge_category="Usage") == [500_000, YUAN]


@given
def over_midnight_by_hours(case: Case) -> None:
    case.serves()
    by_hours(case, NIGHT_AND_DAY)
    case.job(hours=5, start="2026-10-05 21:30")


def test_windows_go_on_after_midnight() -> None:
    # the 5th: 21:30–22 × 1.00, 22–24 × 0.60; the 6th: 00–02:30 × 0.50
    found = [
        (row["window"], row["billed_cost_micro_yuan"]) for row in charges("over_midnight_by_hours", "Usage")
    ]
    assert sorted(found) == [("00-08", 1_250_000), ("08-22", 500_000), ("22-24", 1_200_000)]


@given
def on_the_hour(case: Case) -> None:
    case.serves()
    by_hours(case, NIGHT_AND_DAY)
    case.job(seconds=1, start="2026-10-05 08:00")
    case.job(seconds=1, start="2026-10-05 07:59:59")


def test_the_second_before_a_bound_is_in_the_window_before() -> None:
    # 500,000 ÷ 3,600 = 138.9 → 139; 1,000,000 ÷ 3,600 = 277.8 → 278
    assert costs("on_the_hour", "billed", charge_category="Usage") == [139, 278]


@given
def cards_by_hours(case: Case) -> None:
    case.serves(kind="accelerator")
    by_hours(case, {"00-12": "2", "12-24": "4"}, unit="card-hour")
    case.job(hours=2, cards=3, cores=0, start="2026-10-05 11:00")


def test_cards_have_windows_too() -> None:
    # 3 cards × 1 h × 2 and 3 cards × 1 h × 4
    assert costs("cards_by_hours", "billed", charge_category="Usage") == [6 * YUAN, 12 * YUAN]


@given
def hours_left_out(case: Case) -> None:
    case.serves()
    by_hours(case, {"00-08": "0.50", "09-24": "1.00"})
    case.job(hours=2, start="2026-10-05 12:00")


def test_windows_with_a_gap_price_nothing_of_the_day() -> None:
    assert reasons("hours_left_out") == ["tariff_conflict"]


@given
def hours_twice(case: Case) -> None:
    case.serves()
    by_hours(case, {"00-10": "0.50", "08-24": "1.00"})
    case.job(hours=2, start="2026-10-05 12:00")


def test_windows_that_overlap_price_nothing_of_the_day() -> None:
    assert reasons("hours_twice") == ["tariff_conflict"]


@given
def workday_and_weekend(case: Case) -> None:
    case.serves()
    by_hours(case, {"workday.00-24": "1.00", "restday.00-12": "0.20", "restday.12-24": "0.40"})
    case.job(hours=1, start="2026-10-09 11:30")
    case.job(hours=1, start="2026-10-10 11:30")


def test_a_rest_day_has_its_own_windows() -> None:
    # Friday the 9th: 1 h × 1.00; Saturday the 10th: half an hour × 0.20 and half an hour × 0.40
    found = {row["window"]: row["billed_cost_micro_yuan"] for row in charges("workday_and_weekend", "Usage")}
    assert found == {"workday.00-24": YUAN, "restday.00-12": 100_000, "restday.12-24": 200_000}


@given
def windows_and_tiers(case: Case) -> None:
    case.serves()
    for window, low, high in (("00-12", "1", "0.5"), ("12-24", "2", "1")):
        case.tiers("graduated", {0: low, 10: high}, window=window)
    case.job(hours=2, cores=8, start="2026-10-05 11:00")


def test_windows_climb_the_tiers_together() -> None:
    # 11–12: 8 core-hours × 1; 12–13: the 9th and 10th × 2, the other 6 × 1
    assert costs("windows_and_tiers", "billed", charge_category="Usage") == [8 * YUAN, 4 * YUAN, 6 * YUAN]


@given
def a_day_between_versions(case: Case) -> None:
    case.serves()
    case.prices("1")
    by_hours(case, {"00-08": "2", "08-24": "3"}, version="v2", valid_from=date(2026, 10, 6))
    case.job(hours=12, start="2026-10-05 20:00")


def test_a_new_version_may_bring_windows() -> None:
    # the 5th: 4 h × 1; the 6th: 8 h × 2
    assert costs("a_day_between_versions", "billed", charge_category="Usage") == [4 * YUAN, 16 * YUAN]
