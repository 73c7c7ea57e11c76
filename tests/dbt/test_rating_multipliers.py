"""What multiplies a price: QOS, member class, discounts; and SKUs of a QOS. The arithmetic stands beside the number."""

from datetime import date

from tests.dbt.rating_cases import Case, billed, charges, costs, given

YUAN = 1_000_000


@given
def urgent(case: Case) -> None:
    case.serves()
    case.prices("0.10")
    case.multiplies("qos", "high", "1.5")
    case.job(hours=2, qos="high")
    case.job(hours=2, qos="normal")
    case.job(hours=2)


def test_a_qos_multiplies_the_list_price() -> None:
    # 2 h × 0.10 × 1.5 = 0.30; the four other hours, of no QOS that the tariff knows, are one charge of 0.40
    found = {row["qos"]: row["list_cost_micro_yuan"] for row in charges("urgent", "Usage")}
    assert found == {"high": 300_000, None: 400_000}


@given
def gold(case: Case) -> None:
    case.serves(member_class="gold")
    case.prices("0.10")
    case.multiplies("member_class", "gold", "0.9")
    case.job(hours=10)


def test_a_member_class_multiplies_the_contracted_price_and_leaves_the_list_price() -> None:
    # list 10 × 0.10 = 1.00; contracted 10 × 0.09 = 0.90, which is billed
    (charge,) = charges("gold", "Usage")
    assert charge["list_cost_micro_yuan"] == 1_000_000
    assert charge["contracted_cost_micro_yuan"] == charge["billed_cost_micro_yuan"] == 900_000
    assert (charge["unit_price_micro_yuan"], charge["contracted_unit_price_micro_yuan"]) == (100_000, 90_000)


@given
def gold_later(case: Case) -> None:
    case.serves()
    case.tenant_is_known(since=date(2026, 10, 6), member_class="gold")
    case.prices("1")
    case.multiplies("member_class", "gold", "0.5")
    case.job(hours=2, start="2026-10-05 23:00")


def test_a_member_class_holds_from_its_day_on() -> None:
    # the 5th 1 h × 1, the 6th 1 h × 0.5
    assert costs("gold_later", "billed", charge_category="Usage") == [YUAN, 500_000]


@given
def discounted(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("discount", discount_share="0.125")
    case.job(hours=8)


def test_a_discount_takes_a_share_off_the_price() -> None:
    # 8 × 1 × (1 − 0.125) = 7; list 8
    assert billed("discounted", "Usage") == [7 * YUAN]
    assert costs("discounted", "list", charge_category="Usage") == [8 * YUAN]


@given
def discounted_member(case: Case) -> None:
    case.serves(member_class="gold")
    case.prices("1")
    case.multiplies("member_class", "gold", "0.9")
    case.agrees("discount", discount_share="0.2")
    case.job(hours=1)


def test_member_class_and_discount_multiply() -> None:
    # 1 × 0.9 × 0.8
    assert billed("discounted_member", "Usage") == [720_000]


@given
def particular_discount(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("discount", "all", discount_share="0.5")
    case.agrees("discount", "site", site_id=case.site, discount_share="0.3")
    case.agrees("discount", "sku", sku_id=case.sku, discount_share="0.1")
    case.job(hours=10)


def test_the_discount_on_the_sku_comes_before_greater_ones_on_more() -> None:
    assert billed("particular_discount", "Usage") == [9 * YUAN]


@given
def two_discounts(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("discount", "a", discount_share="0.1")
    case.agrees("discount", "b", discount_share="0.2")
    case.job(hours=10)


def test_of_two_discounts_alike_the_greater_holds_alone() -> None:
    (charge,) = charges("two_discounts", "Usage")
    assert (charge["billed_cost_micro_yuan"], charge["contract_id"]) == (8 * YUAN, "two-discounts.b")


@given
def discount_that_ends(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.agrees("discount", discount_share="0.5", valid_to=date(2026, 10, 6))
    case.job(hours=2, start="2026-10-05 23:00")


def test_a_discount_ends_with_the_day_before_its_last() -> None:
    assert costs("discount_that_ends", "billed", charge_category="Usage") == [500_000, YUAN]


@given
def discount_of_a_segment(case: Case) -> None:
    case.serves(segment="household")
    case.prices("1")
    case.agrees("discount", sku_id=case.sku, tenant_id=None, segment="household", discount_share="0.25")
    case.job(hours=4)


def test_a_segments_discount_is_its_tenants() -> None:
    assert billed("discount_of_a_segment", "Usage") == [3 * YUAN]


@given
def half_a_micro_yuan_of_price(case: Case) -> None:
    case.serves()
    case.prices("0.000001")
    case.multiplies("qos", "low", "0.5")
    case.job(hours=7, qos="low")


def test_a_multiplied_price_is_rounded_half_up_before_any_quantity() -> None:
    # 0.000001 × 0.5 = 0.0000005 → 0.000001; × 7 = 7 micro-yuan (unrounded it would be 3.5 → 4)
    assert billed("half_a_micro_yuan_of_price", "Usage") == [7]


@given
def free_of_charge(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.multiplies("qos", "test", "0")
    case.job(hours=1, qos="test")


def test_a_factor_of_nothing_is_a_charge_of_zero() -> None:
    assert billed("free_of_charge", "Usage") == [0]


@given
def spot(case: Case) -> None:
    case.serves()
    case.prices("1")
    case.offers("spot-cores", qos="spot")
    for version, price, since in (("d5", "0.30", date(2026, 10, 5)), ("d6", "0.70", date(2026, 10, 6))):
        case.prices(price, "spot-cores", version=version, valid_from=since, price_model="spot")
    case.job(hours=2, start="2026-10-05 23:00", qos="spot")
    case.job(hours=1, start="2026-10-05 23:00")


def test_spot_is_a_sku_of_its_qos_whose_price_changes_by_day() -> None:
    # spot: 1 h × 0.30 on the 5th and 1 h × 0.70 on the 6th; the other job 1 h × 1
    found = [
        (row["sku_id"], row["price_model"], row["billed_cost_micro_yuan"]) for row in charges("spot", "Usage")
    ]
    assert sorted(found) == [
        ("sku-spot", "per_unit", YUAN),
        ("spot-cores", "spot", 300_000),
        ("spot-cores", "spot", 700_000),
    ]
