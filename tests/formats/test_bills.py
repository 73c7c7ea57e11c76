"""Bills in the providers' own words: items, pages and exports, refunds and parts; nothing is lost or rounded."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.formats import FORMATS, json_records
from pipelines.formats.base import Unreadable
from pipelines.formats.json_values import parse, text_of
from tests.formats.bills import ITEMS, NAMES, as_csv, judged, page, read
from tests.formats.reading import SAMPLES, rules


@pytest.mark.parametrize("name", NAMES)
def test_items_mean_the_same_however_they_are_sent(tmp_path: Path, name: str) -> None:
    items = [ITEMS[name], ITEMS[name] | {next(iter(ITEMS[name])): "202604"}]
    lines = [json.dumps(item) for item in items]
    pages = [page(name, item) for item in items]
    first, _ = read(tmp_path, name, page(name, *items))
    assert judged(first) == ["", ""]
    assert (
        first.select("list_cost", "billed_cost", "billing_currency").rows() == [("2.00", "1.50", "CNY")] * 2
    )
    assert first["billing_period"].to_list() == ["2026-03", "2026-04"]
    for text in (
        "\n".join(lines),
        f"[{','.join(lines)}]",
        "\n".join(pages),
        f"[{','.join(pages)}]",
        " ".join(pages),
    ):
        rows, tally = read(tmp_path, name, text)
        assert rows.drop("_raw").equals(first.drop("_raw"))
        assert tally.records_read == 2
    by_csv, _ = read(tmp_path, name, as_csv(*items))
    same = [column for column in first.columns if column not in {"_row", "_raw", "native"}]
    assert by_csv.select(same).equals(first.select(same))


@pytest.mark.parametrize("name", NAMES)
def test_no_field_of_an_item_is_lost(tmp_path: Path, name: str) -> None:
    item = ITEMS[name] | {"SomethingNew": {"a": [1.50, None]}, "note": "x\ty"}
    rows, _ = read(tmp_path, name, page(name, item))
    row = rows.row(0, named=True)
    native = parse(row["native"])[0]
    columns = {value for key, value in row.items() if key != "native"}
    for key, value in item.items():
        assert key in native or text_of(value) in columns
    assert '"SomethingNew":{"a":[1.5,null]}' in row["native"]
    assert native["note"] == "x\ty"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "amount", ["-0.000000000000000001", "12345678901234567.123456789012345678", "-3", "0.10"]
)
def test_amounts_stay_as_sent(tmp_path: Path, name: str, amount: str) -> None:
    text = page(name, ITEMS[name]).replace('"1.50"', amount)
    rows, _ = read(tmp_path, name, text)
    assert rows["billed_cost"].to_list() == [amount]
    assert judged(rows) == [""]
    assert read(tmp_path, name, as_csv(ITEMS[name] | {"x": amount}).replace("1.50", amount))[0][
        "billed_cost"
    ].to_list() == [amount]


@pytest.mark.parametrize("name", NAMES)
def test_what_an_item_does_not_say_is_unknown_or_told_by_options(tmp_path: Path, name: str) -> None:
    silent = {
        "cycle",
        "BillingCycle",
        "BillMonth",
        "billingCycleId",
        "customer_id",
        "BillAccountID",
        "PayerUin",
    }
    item = {
        key: value for key, value in ITEMS[name].items() if key not in silent | {"accountId", "PriceUnit"}
    }
    item = item | ({"OwnerUin": "o"} if name == "tencent_bill" else {})
    bare, _ = read(tmp_path, name, page(name, item))
    assert bare.select("billing_period", "billing_account", "tax_included").row(0) == (None, None, None)
    assert "billing_period.required" in judged(bare)[0]
    options = {"billing_period": "2026-02", "billing_account": "z", "tax_included": "true", "currency": "USD"}
    told, _ = read(tmp_path, name, page(name, item), **options)
    assert told.select("billing_period", "billing_account", "tax_included").row(0) == ("2026-02", "z", True)
    assert told["billing_currency"][0] == ("CNY" if name == "aliyun_bill" else "USD")
    assert judged(told) == [""]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "options", [{"tax_included": "maybe"}, {"billing_period": "2026"}, {"time_zone": "Nowhere"}]
)
def test_options_that_mean_nothing_are_refused(tmp_path: Path, name: str, options: dict[str, str]) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(tmp_path, name, page(name, ITEMS[name]), **options)
    assert refusal.value.rule == "file.options"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cycle", ["2026-13", "March", "2026-3", "26-03", "0001-01"])
def test_a_cycle_that_is_no_month_is_said(tmp_path: Path, name: str, cycle: str) -> None:
    item = {key: cycle if value in {"2026-03", "202603"} else value for key, value in ITEMS[name].items()}
    assert rules(read(tmp_path, name, page(name, item))[0]) == [["billing_period.unreadable"]]


@pytest.mark.parametrize("name", NAMES)
def test_equal_lines_are_numbered_over_pages_and_batches(tmp_path: Path, name: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_records, "BATCH", 3)
        rows, _ = read(tmp_path, name, "\n".join([page(name, *[ITEMS[name]] * 4)] * 2))
    assert rows["line_ordinal"].to_list() == list(range(1, 9))
    assert rows["_row"].to_list() == list(range(1, 9))
    assert rows["line_id"].n_unique() == 1


KINDS = [
    ("huawei_bill", {"bill_type": 1}, "Purchase", None),
    ("huawei_bill", {"bill_type": 103}, "Purchase", None),
    ("huawei_bill", {"bill_type": 4}, "Purchase", "Correction"),
    ("huawei_bill", {"bill_type": "退款-变更"}, "Purchase", "Correction"),
    ("huawei_bill", {"bill_type": 9}, "Adjustment", "Correction"),
    ("huawei_bill", {"bill_type": 15}, "Tax", None),
    ("huawei_bill", {"bill_type": 25}, "Adjustment", None),
    ("aliyun_bill", {"Item": "SubscriptionOrder"}, "Purchase", None),
    ("aliyun_bill", {"Item": "Refund", "SubscriptionType": "PayAsYouGo"}, "Usage", "Correction"),
    ("aliyun_bill", {"Item": "退款", "SubscriptionType": "预付费"}, "Purchase", "Correction"),
    ("aliyun_bill", {"Item": "Adjustment"}, "Adjustment", "Correction"),
    ("tencent_bill", {"ActionType": "prepay_renew"}, "Purchase", None),
    ("tencent_bill", {"ActionType": "prepay_return"}, "Purchase", "Correction"),
    ("tencent_bill", {"ActionType": None, "ActionTypeName": "按量计费冲正"}, "Usage", "Correction"),
    ("tencent_bill", {"ActionType": "recon_deduct"}, "Adjustment", "Correction"),
    ("ctyun_bill", {"billMode": 1}, "Purchase", None),
    ("ctyun_bill", {"billMode": "按需", "billType": "退款"}, "Usage", "Correction"),
    ("ctyun_bill", {"billMode": "1", "billType": "调账"}, "Adjustment", "Correction"),
]


@pytest.mark.parametrize(("name", "said", "category", "charge_class"), KINDS)
def test_what_a_line_is_for_is_told_by_its_type(
    tmp_path: Path, name: str, said: dict[str, Any], category: str, charge_class: str | None
) -> None:
    rows, _ = read(tmp_path, name, page(name, ITEMS[name] | said))
    assert rows.select("charge_category", "charge_class").row(0) == (category, charge_class)
    assert judged(rows) == [""]


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_type_is_not_guessed(tmp_path: Path, name: str) -> None:
    known = {"bill_type", "Item", "ActionType", "billMode"}
    item = {key: "999" if key in known else value for key, value in ITEMS[name].items()}
    rows, _ = read(tmp_path, name, page(name, item))
    assert rules(rows) == [["bill_type.unknown"]]


def test_fen_become_yuan_by_their_decimal_point(tmp_path: Path) -> None:
    sent = [
        ("1", "0.01"),
        ("-12345", "-123.45"),
        ("0.5", "0.005"),
        ("9" * 30, "9" * 28 + ".99"),
        ("x", "x"),
        ("1_0", "1_0"),
    ]
    items = [ITEMS["huawei_bill"] | {"measure_id": 3, "amount": fen} for fen, _ in sent]
    rows, tally = read(tmp_path, "huawei_bill", page("huawei_bill", *items))
    assert rows["billed_cost"].to_list() == [yuan for _, yuan in sent]
    assert rows["list_cost"].unique().to_list() == ["0.0200"]
    assert tally.labels == {"currency not sent": 6}


def test_eight_parts_are_kept_and_their_difference_is_said(tmp_path: Path) -> None:
    parts = {
        "cash_amount": 1, "credit_amount": 0.1, "coupon_amount": 0.2, "flexipurchase_coupon_amount": 0.05,
        "stored_card_amount": 0.05, "bonus_amount": 0.04, "debt_amount": 0.05, "adjustment_amount": 0.01,
    }  # fmt: skip
    whole = ITEMS["huawei_bill"] | parts
    rows, tally = read(
        tmp_path, "huawei_bill", page("huawei_bill", whole, whole | {"cash_amount": 2}, ITEMS["huawei_bill"])
    )
    assert tally.labels["parts do not add up to the amount"] == 1
    native = parse(rows["native"][0])[0]
    assert sum(native[name] for name in parts) == Decimal("1.50")
    assert judged(rows) == ["", "", ""]
    huge = {name: Decimal(9) * 10**36 for name in parts}
    read(
        tmp_path,
        "huawei_bill",
        page("huawei_bill", whole | {name: str(value) for name, value in huge.items()}),
    )


def test_a_component_is_a_line_of_its_own(tmp_path: Path) -> None:
    own = {
        key: value
        for key, value in ITEMS["tencent_bill"].items()
        if key not in {"RealCost", "Cost", "PriceUnit"}
    }
    components = [{"ItemCode": f"c{n}", "RealCost": f"{n}.5", "Cost": "-", "Id": "inner"} for n in range(3)]
    text = page("tencent_bill", {**own, "ComponentSet": components}, {**own, "ComponentSet": components[:1]})
    rows, tally = read(tmp_path, "tencent_bill", text)
    assert rows["_row"].to_list() == [1, 2, 3, 4]
    assert (tally.records_read, rows["billed_cost"].to_list()) == (4, ["0.5", "1.5", "2.5", "0.5"])
    assert rows["line_ordinal"].to_list() == [1, 1, 1, 2]
    assert parse(rows["native"][0])[0]["outer.Id"] == "1"
    assert '"ItemCode":"c1"' in rows["_raw"][1]
    odd, _ = read(
        tmp_path, "tencent_bill", page("tencent_bill", {**own, "RealCost": 1, "ComponentSet": [1, "x"]})
    )
    assert odd.height == 2


def test_what_stands_around_a_list_is_known(tmp_path: Path) -> None:
    item = {
        key: value
        for key, value in ITEMS["aliyun_bill"].items()
        if key not in {"BillingCycle", "BillAccountID"}
    }
    answer = {
        "Data": {"Items": {"Item": [item]}, "BillingCycle": "2025-12", "AccountID": "185"},
        "Success": True,
    }
    rows, _ = read(tmp_path, "aliyun_bill", json.dumps(answer))
    assert rows.select("billing_period", "billing_account").row(0) == ("2025-12", "185")
    assert rows["billing_period_end"].dt.epoch("s").to_list() == [1767196800]
    huawei, _ = read(
        tmp_path, "huawei_bill", json.dumps({"monthly_records": [ITEMS["huawei_bill"]], "currency": "usd"})
    )
    assert huawei["billing_currency"].to_list() == ["USD"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"error_code":"CBC.0150","error_msg":"Access denied."}', "file.format"),
        ('[{"a":1},{"b":2}]', "file.format"),
        ("a,b\n1,2\n", "file.format"),
        ("应付金额,payableAmount,PretaxAmount,RealCost,x,x\n1,2,3,4,5,6\n", "file.columns"),
    ],
)
def test_what_is_no_bill_is_refused(tmp_path: Path, name: str, text: str, rule: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(tmp_path, name, text)
    assert refusal.value.rule == rule


def test_a_format_knows_its_own_bills_only() -> None:
    for name in NAMES:
        for text in (page(name, ITEMS[name]), as_csv(ITEMS[name]), f"\ufeff[{json.dumps(ITEMS[name])}]"):
            assert [other for other, each in FORMATS.items() if each.sniff(text.encode())] == [name]


@settings(max_examples=60)
@given(st.sampled_from(NAMES), st.data())
def test_damage_is_never_an_accident(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    whole = (
        (SAMPLES / name / "sample.json").read_bytes()
        if data.draw(st.booleans())
        else as_csv(ITEMS[name]).encode()
    )
    sent = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(sent) - 1))
        sent[place : place + data.draw(st.integers(0, 4))] = data.draw(
            st.sampled_from(
                [b"", b"{", b"[", b'"', b"\xff", b"9" * 50, b"\n", b"]}", b"null", b"\\udc00", b"1e999", b","]
            )
        )
    try:
        rows, _ = read(tmp_path_factory.mktemp("damaged"), name, bytes(sent))
    except Unreadable:
        return
    judged(rows)
