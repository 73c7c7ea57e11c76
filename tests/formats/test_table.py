"""Values in the forms in which people type them: read where they have one meaning, rejected where they have two."""

from pathlib import Path

import polars as pl
import pytest

from data_contracts.contract import load_contract, load_contracts
from data_contracts.rules import apply_rules, broken_column
from pipelines.formats import FORMATS
from pipelines.formats.base import Unreadable
from tests.formats.damage import survives
from tests.formats.reading import SAMPLES, read_path

TARIFF = {
    "tariff_id": "t", "version": "1", "sku_id": "s", "band_from": "0", "window": "00-24", "unit": "core-hour",
    "price": "1", "tax_included": "true", "valid_from": "2026-01-01",
}  # fmt: skip
SHARE = {
    "share_rule": "r", "valid_from": "2026-01-01", "provider_share": "1", "operator_share": "0",
    "network_operator_share": "0",
}  # fmt: skip
OUTAGE = {"outage_id": "o", "revision": "1", "outage_from": "2026-03-01 08:00:00", "planned": "true"}
BASES = {"tariff_rates": TARIFF, "revenue_shares": SHARE, "outages": OUTAGE}


def typed(folder: Path, dataset: str, **changed: str) -> tuple[object, str]:
    """What one changed value means, and the rules that the row breaks."""
    values = BASES[dataset] | changed
    path = folder / "table.csv"
    path.write_text(
        ",".join(values) + "\n" + ",".join(f'"{value}"' for value in values.values()) + "\n", encoding="utf-8"
    )
    rows, _ = read_path("table", dataset, path)
    contract = load_contract(dataset)
    extra = [name[1:] for name in rows.columns if name.startswith("!")]
    judged = apply_rules(rows, contract, extra)
    return judged[next(iter(changed))][0], broken_column(judged, contract, extra)[0]


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("¥1,234.50", "1234.50"), ("￥1234.5", "1234.50"), ("1234.50元", "1234.50"), ("１，２３４．５０ 元", "1234.50"),
        ("RMB 12", "12"), ("12 CNY", "12"), ("人民币12圆", "12"), ("1,000,000", "1000000"), (".5", "0.5"), ("5.", "5"),
        ("¥.5", "0.5"), ("1e1", "10"), (" 3 ", "3"),
    ],
)  # fmt: skip
def test_yuan_as_people_write_them(tmp_path: Path, text: str, price: str) -> None:
    value, broken = typed(tmp_path, "tariff_rates", price=text)
    assert (str(float(str(value))), broken) == (str(float(price)), "")


@pytest.mark.parametrize(
    "text",
    [
        "1.234,50",
        "1,23",
        "12,34,567",
        "1.2万",
        "8%",
        "$5",
        "5 USD",
        "1 234",
        "¥",
        "元",
        "5元6角",
        "五",
        "1,234元%",
        "--5",
    ],
)
def test_amounts_of_two_meanings_or_none_are_rejected(tmp_path: Path, text: str) -> None:
    assert typed(tmp_path, "tariff_rates", price=text) == (None, "price.type")


def test_signs_go_before_or_after_the_currency(tmp_path: Path) -> None:
    for text in ("-¥5", "¥-5", "−5元", "－５"):
        value, broken = typed(tmp_path, "tariff_rates", price=text)
        assert (float(str(value)), broken) == (-5, "price.range")


def test_percent_only_where_a_share_is_meant(tmp_path: Path) -> None:
    for text, share in (("70%", 0.7), ("７０％", 0.7), ("12.5 %", 0.125), ("0.3", 0.3), ("100%", 1)):
        value, broken = typed(tmp_path, "revenue_shares", provider_share=text)
        assert (float(str(value)), broken.replace("row.", "")[:10]) == (
            share,
            broken.replace("row.", "")[:10],
        )
    assert typed(tmp_path, "outages", devices="50%") == (None, "devices.type")


def test_whole_numbers(tmp_path: Path) -> None:
    for text, number in (("1,024", 1024), ("3.0", 3), ("０", 0), ("+7", 7)):
        assert typed(tmp_path, "outages", devices=text) == (number, "")
    for text in ("3.5", "1,02", "¥3", "3个", "-"):
        assert typed(tmp_path, "outages", devices=text) == (None, "devices.type")


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01", "2026-3-1", "2026/03/01", "2026/3/1", "2026.03.01", "2026年3月1日", "2026 年 3 月 1 日",
        "２０２６年０３月０１日", "20260301", "2026-03-01 00:00:00", "2026/3/1 0:00",
    ],
)  # fmt: skip
def test_days_as_people_write_them(tmp_path: Path, text: str) -> None:
    value, broken = typed(tmp_path, "tariff_rates", valid_from=text)
    assert (str(value), broken) == ("2026-03-01", "")


@pytest.mark.parametrize(
    "text",
    [
        "03/04/2026",
        "1/3/26",
        "26-3-1",
        "2026-13-01",
        "2026-02-30",
        "2026-3",
        "3月1日",
        "2026-03/01",
        "2026-03-01 08:00",
        "46082",
    ],
)
def test_days_of_two_meanings_or_none_are_rejected(tmp_path: Path, text: str) -> None:
    assert typed(tmp_path, "tariff_rates", valid_from=text) == (None, "valid_from.type")


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 08:05:00", "2026-3-1 8:05", "2026/3/1 8:05:00", "2026年3月1日 8时5分", "2026年3月1日8点05分0秒",
        "2026.03.01 08:05", "2026-03-01T00:05:00Z", "2026/3/1 00:05Z", "2026-03-01T08:05:00.000+08:00",
        "２０２６／３／１　８：０５",
    ],
)  # fmt: skip
def test_times_as_people_write_them(tmp_path: Path, text: str) -> None:
    value, broken = typed(tmp_path, "outages", outage_from=text)
    assert (str(value), broken) == ("2026-03-01 00:05:00+00:00", "")


def test_a_day_alone_begins_at_midnight(tmp_path: Path) -> None:
    assert str(typed(tmp_path, "outages", outage_from="2026-3-1")[0]) == "2026-02-28 16:00:00+00:00"


@pytest.mark.parametrize(
    "text", ["03/04/2026 08:00", "2026-03-01 25:00", "2026-03-01 8:5:", "8:05", "2026-03-01 8:05 PM", "明天"]
)
def test_times_of_two_meanings_or_none_are_rejected(tmp_path: Path, text: str) -> None:
    assert typed(tmp_path, "outages", outage_from=text) == (None, "outage_from.unreadable")


def test_yes_and_no(tmp_path: Path) -> None:
    for text in ("是", "Y", "yes", "TRUE", "True", "true", "1"):
        assert typed(tmp_path, "outages", planned=text) == (True, "")
    for text in ("否", "N", "No", "FALSE", "false", "0", "ｎ"):
        assert typed(tmp_path, "outages", planned=text) == (False, "")
    assert typed(tmp_path, "outages", planned="也许") == (None, "planned.type")


def test_codes_by_their_chinese_text(tmp_path: Path) -> None:
    for text in ("核时", "core-hour", " 核时 "):
        assert typed(tmp_path, "tariff_rates", unit=text) == ("core-hour", "")
    assert typed(tmp_path, "tariff_rates", unit="小时") == ("小时", "unit.code")


def test_headers_may_be_full_width_and_in_any_case(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "Outage_ID,版本号,ｏｕｔａｇｅ_ｆｒｏｍ,是否计划内\no,1,2026-03-01 08:00:00,是\n", encoding="utf-8"
    )
    assert read_path("table", "outages", path)[0].height == 1
    path.write_text("outage_id,版本号,停机事件\no,1,2\n", encoding="utf-8")
    with pytest.raises(Unreadable, match="outage_id"):
        read_path("table", "outages", path)


def test_usual_values_are_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    lines = ["outage_id,revision,outage_from,planned,devices"]
    lines += [f"o{number},1,2026-03-01 08:00:00,true,{number}" for number in range(30_000)]
    lines.append("odd,1,2026/3/1 8:00,是,30000")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows, _ = read_path("table", "outages", path)
    assert rows.height == 30_001
    assert rows["outage_from"].n_unique() == 1
    assert rows["devices"].cast(pl.Int64).sum() == sum(range(30_001))


def test_every_dataset_reads_its_own_header(tmp_path: Path) -> None:
    for contract in load_contracts("input"):
        for header in (contract.column_names, [column.name_zh for column in contract.columns]):
            if len(set(header)) < len(header):
                continue
            path = tmp_path / "own.csv"
            path.write_text(",".join(header) + "\n", encoding="utf-8")
            assert read_path("table", contract.name, path)[0].is_empty()
            assert FORMATS["table"].sniff(path.read_bytes())


@pytest.mark.parametrize("dataset", ["tariff_rates", "outages"])
def test_damage_is_survived(tmp_path: Path, dataset: str) -> None:
    survives("table", dataset, SAMPLES / "table" / f"sample.{dataset}.csv", tmp_path)
