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
    case.job(hours=1, start="2026-10-16 11:30")
    case.job(hours=1, start="2026-10-17 11:30")


def test_a_rest_day_has_its_own_windows() -> None:
    # the calendar names neither: Friday the 16th 1 h × 1.00; Saturday the 17th half an hour × 0.20, half an hour × 0.40
    found = {row["window"]: row["billed_cost_micro_yuan"] for row in charges("workday_and_weekend", "Usage")}
    assert found == {"workday.00-24": YUAN, "restday.00-12": 100_000, "restday.12-24": 200_000}


def the_calendar(case: Case, name: str = "National Day", **kinds: str) -> None:
    """Days of 2026 as the State Council announced them, `d1001` for 1 October."""
    for day, kind in kinds.items():
        case.add(
            "calendar_days",
            day=date(2026, int(day[1:3]), int(day[3:])),
            kind=kind,
            name_en=name,
            name_zh="国庆节",
        )


BY_KIND = {"workday.00-24": "1.00", "restday.00-24": "0.40", "holiday.00-24": "0.25"}


@given
def over_national_day(case: Case) -> None:
    case.serves()
    by_hours(case, BY_KIND)
    the_calendar(case, d0920="workday", d1010="workday", **{f"d100{day}": "holiday" for day in range(1, 8)})
    case.job(hours=1, start="2026-09-20 10:00", cores=1)
    case.job(hours=1, start="2026-10-01 10:00", cores=2)
    case.job(hours=1, start="2026-10-03 10:00", cores=4)
    case.job(hours=1, start="2026-10-07 10:00", cores=8)
    case.job(hours=1, start="2026-10-08 10:00", cores=16)
    case.job(hours=1, start="2026-10-10 10:00", cores=32)
    case.job(hours=1, start="2026-10-11 10:00", cores=64)


def test_a_day_is_what_the_calendar_names_it_and_else_what_its_weekday_says() -> None:
    # Sunday 20 September is worked: 1 × 1.00; 1 to 7 October are holidays, the Saturday among them: 2, 4 and 8 × 0.25;
    # Thursday the 8th is an ordinary day: 16 × 1.00; Saturday the 10th is worked: 32 × 1.00; Sunday the 11th: 64 × 0.40
    found = [(row["window"], row["billed_cost_micro_yuan"]) for row in charges("over_national_day", "Usage")]
    assert found == [
        ("workday.00-24", YUAN),
        ("holiday.00-24", 500_000),
        ("holiday.00-24", YUAN),
        ("holiday.00-24", 2 * YUAN),
        ("workday.00-24", 16 * YUAN),
        ("workday.00-24", 32 * YUAN),
        ("restday.00-24", 25_600_000),
    ]


@given
def a_holiday_without_prices_of_its_own(case: Case) -> None:
    case.serves()
    by_hours(case, {"workday.00-24": "1.00", "restday.00-12": "0.20", "restday.12-24": "0.40"})
    case.job(hours=2, start="2026-10-01 11:00")


def test_a_holiday_is_a_rest_day_to_a_tariff_that_knows_no_holidays() -> None:
    # Thursday 1 October: 11–12 × 0.20 and 12–13 × 0.40
    assert costs("a_holiday_without_prices_of_its_own", "billed", charge_category="Usage") == [
        200_000,
        400_000,
    ]


@given
def a_holiday_priced_in_part(case: Case) -> None:
    case.serves()
    by_hours(case, {"workday.00-24": "1.00", "restday.00-24": "0.40", "holiday.00-12": "0.25"})
    case.job(hours=2, start="2026-10-01 11:00")


def test_windows_of_holidays_with_a_gap_price_nothing_of_a_holiday() -> None:
    assert reasons("a_holiday_priced_in_part") == ["tariff_conflict"]


@given
def a_day_of_two_kinds(case: Case) -> None:
    case.serves()
    by_hours(case, BY_KIND)
    the_calendar(case, d1217="holiday")
    the_calendar(case, d1217="workday", name="nobody knows")
    case.job(hours=1, start="2026-12-17 10:00")


def test_a_day_in_conflict_is_what_its_weekday_says() -> None:
    # a Thursday; int_conflicts lists the two rows, so that the close waits
    assert costs("a_day_of_two_kinds", "billed", charge_category="Usage") == [YUAN]


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
