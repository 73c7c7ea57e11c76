"""Contracts: allowances, commitments, reservations, least amounts, fees. The arithmetic stands beside the number."""

from datetime import date

from tests.dbt.rating_cases import Case, billed, books, charges, costs, given, lines

YUAN = 1_000_000


MONTH = "2026-10"
"""Fees are due in every month in which anybody used anything; the cases look at one."""


def fees(name: str) -> list[int]:
    """What is billed as Purchase in the month."""
    return costs(name, "billed", charge_category="Purchase", billing_period=MONTH)


@given
def free_hours(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("allowance", sku_id=case.sku, quantity="10")
    case.job(hours=12)


def test_an_allowance_is_free_and_what_exceeds_it_is_billed() -> None:
    # 10 of 12 core-hours free (list 10), 2 × 1 billed; the job ran 10:00–22:00 on one day
    assert costs("free_hours", "billed", coverage="allowance", charge_category="Usage") == [0]
    assert costs("free_hours", "list", coverage="allowance", charge_category="Usage") == [10 * YUAN]
    assert costs("free_hours", "billed", coverage=None, charge_category="Usage") == [2 * YUAN]


@given
def allowance_exactly_used(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("allowance", sku_id=case.sku, quantity="10")
    case.job(hours=10)


def test_an_allowance_that_is_exactly_used_leaves_nothing_to_bill() -> None:
    assert billed("allowance_exactly_used", "Usage") == [0]
    assert lines("allowance_exactly_used")[0]["gross_fen"] == 0


@given
def allowance_of_each_month(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("allowance", sku_id=case.sku, quantity="3")
    case.job(hours=10, start="2026-10-31 19:00")


def test_an_allowance_comes_anew_each_month() -> None:
    # 5 h in October and 5 h in November, 3 of each free
    assert (
        costs("allowance_of_each_month", "billed", coverage=None, charge_category="Usage") == [2 * YUAN] * 2
    )


@given
def household(case: Case) -> None:
    case.serves(segment="household")
    case.prices("1")
    case.agrees("allowance", tenant_id=None, segment="household", sku_id=case.sku, quantity="2")
    case.tenant_is_known("neighbour", segment="household")
    case.maps("next-door", "neighbour")
    case.job(hours=3)
    case.job(hours=5, account="next-door")


def test_each_household_has_the_allowance_of_its_segment() -> None:
    # (3 − 2) × 1 and (5 − 2) × 1
    assert sorted(costs("household", "billed", coverage=None, charge_category="Usage")) == [YUAN, 3 * YUAN]


@given
def committed(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("commitment", sku_id=case.sku, quantity="100", fee="80", tax_included=False)
    case.job(hours=1, cores=60)


def test_a_commitment_is_billed_as_its_fee_whatever_is_used() -> None:
    assert fees("committed") == [80 * YUAN]
    assert costs("committed", "billed", coverage="commitment", charge_category="Usage") == [0]
    assert lines("committed")[0]["gross_fen"] == 8_000


def test_the_fee_is_the_effective_cost_of_what_is_used_and_unused() -> None:
    # 80 × 60 ÷ 100 = 48 used, 32 unused, the purchase itself 0
    assert costs("committed", "effective", coverage="commitment", charge_category="Usage") == [48 * YUAN]
    of_month = {"billing_period": MONTH, "coverage": "commitment_unused", "charge_category": "Usage"}
    assert costs("committed", "effective", **of_month) == [32 * YUAN]
    assert costs("committed", "effective", charge_category="Purchase", billing_period=MONTH) == [0]


@given
def beyond_the_commitment(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("commitment", sku_id=case.sku, quantity="100", fee="80", tax_included=False)
    case.job(hours=1, cores=120)


def test_what_exceeds_a_commitment_is_billed_by_the_unit() -> None:
    # 20 × 1; nothing is left unused in October
    assert costs("beyond_the_commitment", "billed", coverage=None, charge_category="Usage") == [20 * YUAN]
    found = [
        row["coverage"] for row in charges("beyond_the_commitment", "Usage") if row["billing_period"] == MONTH
    ]
    assert sorted(found, key=str) == [None, "commitment"]


@given
def fee_in_three_parts(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("commitment", sku_id=case.sku, quantity="3", fee="0.000100", tax_included=False)
    for day in (5, 6, 7):
        case.job(hours=1, start=f"2026-10-0{day} 10:00")


def test_the_parts_of_a_fee_sum_to_it() -> None:
    # 100 ÷ 3: half up of 33.3, 66.7 and 100 are 33, 67 and 100, so the parts are 33, 34 and 33
    assert costs("fee_in_three_parts", "effective", coverage="commitment", charge_category="Usage") == [
        33,
        34,
        33,
    ]


@given
def reserved_cores(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("reservation", sku_id=case.sku, quantity="2", fee="1488", tax_included=False)
    case.job(hours=24, cores=3, start="2026-10-05 00:00")


def test_a_reservation_covers_its_cores_of_a_day_and_no_more() -> None:
    # 3 × 24 = 72 core-hours: 2 × 24 = 48 reserved, 24 × 1 billed beside the fee of the month
    assert costs("reserved_cores", "billed", coverage=None, charge_category="Usage") == [24 * YUAN]
    assert fees("reserved_cores") == [1488 * YUAN]


def test_what_a_reservation_leaves_unused_bears_the_rest_of_the_fee() -> None:
    # 2 × 24 × 31 = 1,488 core-hours for 1,488 yuan: 48 used, 1,440 unused
    assert costs("reserved_cores", "effective", coverage="reservation", charge_category="Usage") == [
        48 * YUAN
    ]
    of_month = {"billing_period": MONTH, "coverage": "reservation_unused", "charge_category": "Usage"}
    assert costs("reserved_cores", "effective", **of_month) == [1440 * YUAN]


@given
def reservation_by_day(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("reservation", sku_id=case.sku, quantity="1", fee="10", tax_included=False)
    case.job(hours=2, cores=13, start="2026-10-05 10:00")
    case.job(hours=1, cores=10, start="2026-10-06 10:00")


def test_what_one_day_leaves_of_a_reservation_is_no_help_to_another() -> None:
    # the 5th: 26 core-hours, 24 reserved, 2 × 1 billed; the 6th: 10, all reserved, though 24 − 10 stay unused
    assert costs("reservation_by_day", "billed", coverage=None, charge_category="Usage") == [2 * YUAN]


@given
def reservation_then_allowance(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("reservation", "r", sku_id=case.sku, quantity="1", fee="10", tax_included=False)
    case.agrees("allowance", "a", sku_id=case.sku, quantity="5")
    case.agrees("commitment", "c", sku_id=case.sku, quantity="4", fee="2", tax_included=False)
    case.job(hours=12, cores=3, start="2026-10-05 10:00")


def test_reservation_then_allowance_then_commitment_then_the_unit() -> None:
    # 36 core-hours: 24 reserved, 5 free, 4 committed, 3 × 1 billed
    october = [
        row for row in charges("reservation_then_allowance", "Usage") if row["billing_period"] == MONTH
    ]
    found = {row["coverage"]: row["quantity"] // 3600 for row in october}
    assert found == {
        "reservation_unused": 24 * 31 - 24,
        "reservation": 24,
        "allowance": 5,
        "commitment": 4,
        None: 3,
    }


def test_every_part_of_a_covered_record_is_traced_to_it() -> None:
    found = books().sql(
        "select coverage, sum(l.quantity) // 3600 as hours from marts.lineage l join marts.charges c "
        "on row_key = charge_id where site_id = 'reservation-then-allowance' group by all order by hours"
    )
    assert [row["hours"] for row in found] == [3, 4, 5, 24]


@given
def allowance_below_tiers(case: Case) -> None:
    case.serves()
    case.tiers("graduated", {0: "1", 10: "0.5"})
    case.agrees("allowance", sku_id=case.sku, quantity="6")
    case.job(hours=1, cores=12)


def test_free_hours_count_towards_the_tiers() -> None:
    # 6 free, 4 × 1, 2 × 0.5
    assert costs("allowance_below_tiers", "billed", coverage=None, charge_category="Usage") == [
        4 * YUAN,
        YUAN,
    ]


@given
def less_than_the_minimum(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("minimum", sku_id=case.sku, fee="50", tax_included=False, valid_to=date(2026, 11, 1))
    case.job(hours=20, start="2026-10-05 00:00")
    case.job(hours=1, cores=0, start="2026-11-02 00:00")


def test_what_is_missing_to_a_least_amount_is_billed() -> None:
    # 50 − 20 × 1
    assert fees("less_than_the_minimum") == [30 * YUAN]


@given
def more_than_the_minimum(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("minimum", sku_id=case.sku, fee="20", tax_included=False, valid_to=date(2026, 11, 1))
    case.job(hours=20, start="2026-10-05 00:00")


def test_a_least_amount_that_is_reached_bills_nothing() -> None:
    assert fees("more_than_the_minimum") == []


@given
def flat_with_tax(case: Case) -> None:
    case.serves(rate="0.06")
    case.prices("1")
    case.agrees("flat", sku_id=case.sku, fee="106", tax_included=True)
    case.job(hours=1)


def test_a_flat_fee_is_billed_with_the_tax_that_it_includes() -> None:
    # 106 = 100 + 6
    assert fees("flat_with_tax") == [100 * YUAN]


@given
def upfront(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees(
        "flat", sku_id=case.sku, fee="100", tax_included=False, fee_paid="upfront",
        valid_from=date(2026, 10, 1), valid_to=date(2027, 1, 1),
    )  # fmt: skip
    case.job(hours=1)


def test_an_upfront_fee_is_billed_once_and_spread_over_its_months() -> None:
    # 100 over three months: half up of 33.333333, 66.666667 and 100 → 33.333333, 33.333334, 33.333333; nobody in these
    # cases used anything after December
    for month, billed_fee, borne in (("2026-10", 100 * YUAN, 33_333_333), ("2026-11", 0, 33_333_334)):
        of_month = {"billing_period": month, "charge_category": "Purchase"}
        assert costs("upfront", "billed", **of_month) == [billed_fee]
        assert costs("upfront", "effective", **of_month) == [borne]


@given
def from_the_second_on(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("allowance", sku_id=case.sku, quantity="100", valid_from=date(2026, 10, 2))
    case.job(hours=1, start="2026-10-20 10:00")
    case.job(hours=1, start="2026-11-20 10:00")


def test_terms_of_a_month_hold_from_the_first_whole_month_on() -> None:
    assert costs("from_the_second_on", "billed", charge_category="Usage") == [YUAN, 0]


@given
def terms_of_nothing_sold(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("flat", sku_id="sku-of-nobody", fee="5", tax_included=False)
    case.job(hours=1)


def test_a_fee_under_a_sku_that_nobody_sells_is_not_billed() -> None:
    assert fees("terms_of_nothing_sold") == []
    terms = books().sql(
        "select reason from intermediate.int_month_terms where sku_id = 'sku-of-nobody' limit 1"
    )
    assert terms == [{"reason": "sku_missing"}]


@given
def discount_on_a_covered_part(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("allowance", "a", sku_id=case.sku, quantity="1")
    case.agrees("discount", "d", discount_share="0.5")
    case.job(hours=3)


def test_a_discount_holds_for_what_nothing_covers() -> None:
    # (3 − 1) × 0.5
    assert costs("discount_on_a_covered_part", "billed", coverage=None, charge_category="Usage") == [YUAN]
