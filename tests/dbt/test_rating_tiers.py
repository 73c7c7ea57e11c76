"""Tiers: bands on the month's use of a SKU, graduated or by volume. The arithmetic stands beside the number."""

from datetime import date

from tests.dbt.rating_cases import Case, billed, books, charges, costs, given, lines, rows

BANDS = {0: "1.00", 100: "0.80", 200: "0.50"}
YUAN = 1_000_000


@given
def up_to_the_first_bound(case: Case) -> None:
    case.serves()
    case.tiers("graduated", BANDS)
    case.job(hours=1, cores=100)


def test_use_up_to_a_bound_stays_in_its_band() -> None:
    # 100 core-hours × 1.00; the band from 100 on begins with the next unit
    assert billed("up_to_the_first_bound", "Usage") == [100 * YUAN]
    assert [row["band_from"] for row in charges("up_to_the_first_bound", "Usage")] == [0]


@given
def one_second_beyond_the_bound(case: Case) -> None:
    case.serves()
    case.tiers("graduated", BANDS)
    case.job(hours=1, cores=100)
    case.job(seconds=1, start="2026-10-06 10:00")


def test_one_core_second_beyond_a_bound_has_the_next_price() -> None:
    # 1 core-second × 800,000 ÷ 3,600 = 222.2 → 222
    assert costs("one_second_beyond_the_bound", "billed", charge_category="Usage") == [100 * YUAN, 222]


@given
def three_bands(case: Case) -> None:
    case.serves()
    case.tiers("graduated", BANDS)
    case.job(hours=25, cores=10)


def test_each_part_of_a_months_use_has_the_price_of_its_band() -> None:
    # 250 core-hours: 100 × 1.00 + 100 × 0.80 + 50 × 0.50 = 100 + 80 + 25
    assert costs("three_bands", "billed", charge_category="Usage") == [100 * YUAN, 80 * YUAN, 25 * YUAN]
    assert lines("three_bands")[0]["gross_fen"] == 20_500


def test_a_charge_of_a_band_is_a_months() -> None:
    (first,) = [row for row in charges("three_bands", "Usage") if row["band_from"] == 0]
    assert first["charge_period_end"] - first["charge_period_start"] == date(2026, 11, 1) - date(2026, 10, 1)
    assert first["quantity"] == 100 * 3600


@given
def crossed_within_a_day(case: Case) -> None:
    case.serves()
    case.tiers("graduated", BANDS)
    case.job(hours=1, cores=60, start="2026-10-05 08:00")
    case.job(hours=1, cores=60, start="2026-10-05 09:00")


def test_a_bound_is_crossed_within_a_day_and_within_a_record() -> None:
    # 120 core-hours: 100 × 1.00 and 20 × 0.80
    assert costs("crossed_within_a_day", "billed", charge_category="Usage") == [100 * YUAN, 16 * YUAN]


def test_the_record_that_crosses_a_bound_stands_behind_both_charges() -> None:
    # the first job, 60 core-hours, is all below; of the second 40 are below and 20 above
    found = books().sql(
        "select band_from, l.quantity // 3600 as hours from marts.lineage l join marts.charges c "
        "on row_key = charge_id where site_id = 'crossed-within-a-day' order by all"
    )
    assert [(row["band_from"], row["hours"]) for row in found] == [(0, 40), (0, 60), (100, 20)]


@given
def tiers_begin_anew(case: Case) -> None:
    case.serves()
    case.tiers("graduated", BANDS)
    case.job(hours=2, cores=75, start="2026-10-31 23:00")


def test_a_month_begins_with_the_first_band_again() -> None:
    # 75 core-hours in each month, all at 1.00; as one month it would be 100 × 1.00 + 50 × 0.80
    assert costs("tiers_begin_anew", "billed", charge_category="Usage") == [75 * YUAN, 75 * YUAN]


@given
def version_between_tiers(case: Case) -> None:
    case.serves()
    case.tiers("graduated", {0: "1", 100: "0.8"})
    case.tiers("graduated", {0: "2", 100: "1"}, version="v2", valid_from=date(2026, 10, 15))
    case.job(hours=1, cores=60, start="2026-10-14 10:00")
    case.job(hours=1, cores=60, start="2026-10-15 10:00")


def test_a_new_version_goes_on_counting_where_the_old_one_stopped() -> None:
    # 60 × 1, then the 61st to the 100th × 2 and the last 20 × 1
    assert costs("version_between_tiers", "billed", charge_category="Usage", tariff_version="v1") == [
        60 * YUAN
    ]
    assert costs("version_between_tiers", "billed", charge_category="Usage", tariff_version="v2") == [
        80 * YUAN,
        20 * YUAN,
    ]


@given
def two_tenants_of_tiers(case: Case) -> None:
    case.serves()
    case.tiers("graduated", BANDS)
    case.tenant_is_known("tenant-beside")
    case.maps("beside", "tenant-beside")
    case.job(hours=1, cores=80)
    case.job(hours=1, cores=80, account="beside")


def test_each_tenant_climbs_its_own_tiers() -> None:
    # 80 × 1.00 each; together they would cross 100
    assert costs("two_tenants_of_tiers", "billed", charge_category="Usage") == [80 * YUAN, 80 * YUAN]


@given
def just_below_a_volume(case: Case) -> None:
    case.serves()
    case.tiers("volume", BANDS)
    case.job(hours=1, cores=99)


def test_a_volume_below_the_bound_has_the_first_price() -> None:
    assert billed("just_below_a_volume", "Usage") == [99 * YUAN]


@given
def exactly_a_volume(case: Case) -> None:
    case.serves()
    case.tiers("volume", BANDS)
    case.job(hours=1, cores=100)


def test_a_volume_that_reaches_the_bound_has_the_next_price_for_all_of_it() -> None:
    # 100 core-hours × 0.80
    (charge,) = charges("exactly_a_volume", "Usage")
    assert (charge["billed_cost_micro_yuan"], charge["band_from"]) == (80 * YUAN, 100)


@given
def volume_on_two_days(case: Case) -> None:
    case.serves()
    case.tiers("volume", BANDS)
    case.job(hours=1, cores=90, start="2026-10-05 10:00")
    case.job(hours=1, cores=120, start="2026-10-25 10:00")


def test_the_volume_of_the_month_prices_its_first_day_too() -> None:
    # 210 core-hours × 0.50, one charge
    assert billed("volume_on_two_days", "Usage") == [105 * YUAN]


@given
def bands_without_a_beginning(case: Case) -> None:
    case.serves()
    case.tiers("graduated", {10: "1"})
    case.job(hours=20)


def test_bands_that_do_not_begin_at_nothing_price_nothing() -> None:
    assert charges("bands_without_a_beginning", "Usage") == []
    assert [row["reason"] for row in rows("bands_without_a_beginning", "metered_usage")] == [
        "tariff_conflict"
    ] * 2


@given
def tiers_with_tax(case: Case) -> None:
    case.serves(rate="0.06")
    case.tiers("graduated", {0: "1.06", 1: "0.53"}, included=True)
    case.job(hours=3)


def test_each_band_has_its_own_tax() -> None:
    # 1.06 = 1.00 + 0.06; 2 × 0.53 = 1.06 = 1.00 + 0.06
    assert costs("tiers_with_tax", "billed", charge_category="Usage") == [YUAN, YUAN]
    assert costs("tiers_with_tax", "billed", charge_category="Tax") == [60_000, 60_000]
