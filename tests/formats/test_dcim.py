"""DCIM exports: readings under Chinese headers, racks counted per room or one per row."""

from pathlib import Path

import polars as pl
import pytest

from data_contracts.contract import load_contract
from data_contracts.rules import apply_rules, broken_column
from pipelines.formats import FORMATS
from pipelines.formats.base import Tally, Unreadable
from tests.formats.reading import read_path, rules


def read(
    folder: Path, text: str, dataset: str = "rack_inventory", **options: str
) -> tuple[pl.DataFrame, Tally]:
    path = folder / "sent.csv"
    path.write_bytes(text.encode())
    return read_path("dcim_csv", dataset, path, options)


def judged(rows: pl.DataFrame, dataset: str = "rack_inventory") -> list[str]:
    contract = load_contract(dataset)
    extra = [name[1:] for name in rows.columns if name.startswith("!")]
    return broken_column(apply_rules(rows, contract, extra), contract, extra).to_list()


RACKS = "room,rack,status,rated_kw,as_of\n"
ROOMS = "room,racks_total,racks_in_use,date\n"


def test_readings_may_have_chinese_headers_and_words(tmp_path: Path) -> None:
    text = "采集时间,电表编号,表计类型,计量方式,读数,单位\n"
    text += "2026-03-01 00:00:00,m1,IT设备,累计,1.5,千瓦时\n2026-03-01 00:00:00,m2,用水,累计,3,立方米\n"
    rows, _ = read(tmp_path, text, "facility_readings")
    assert rows.select("meter_id", "meter_kind", "reading_type", "value", "unit").rows() == [
        ("m1", "it", "cumulative", "1.5", "kWh"),
        ("m2", "water", "cumulative", "3", "m3"),
    ]
    assert judged(rows, "facility_readings") == ["", ""]


def test_racks_are_counted_per_room_and_time(tmp_path: Path) -> None:
    text = (
        RACKS
        + "A,1,yes,4.4,2026-03-01\nA,2,free,4.4,2026-03-01\nB,1,YES,8,2026-03-01\nA,1,yes,4.4,2026-04-01\n"
    )
    rows, tally = read(tmp_path, text)
    assert rows.select("_row", "room", "installed", "occupied", "rated_kw").rows() == [
        (2, "A", 2, 1, "4.4"),
        (4, "B", 1, 1, "8"),
        (5, "A", 1, 1, "4.4"),
    ]
    assert (tally.records_read, tally.folded, judged(rows)) == (4, 1, [""] * 3)


@pytest.mark.parametrize(
    ("second", "installed", "broken"),
    [
        ("A,1,yes,4.4,2026-03-01", 1, []),
        ("A,2,yes,8,2026-03-01", 2, []),
        ("A,2,gone,4.4,2026-03-01", 1, ["record.status"]),
        ("A,,yes,4.4,2026-03-01", 1, ["record.unnamed"]),
        ("A,2,yes,4.4,March", 1, ["valid_from.unreadable"]),
        ("A,2,yes,4.4", 1, ["record.fields"]),
    ],
)
def test_a_rack_that_cannot_be_read_leaves_its_room_unknown(
    tmp_path: Path, second: str, installed: int, broken: list[str]
) -> None:
    rows, _ = read(tmp_path, RACKS + "A,1,yes,4.4,2026-03-01\n" + second + "\n")
    uncounted = ["record.uncounted"] if {"valid_from.unreadable", "record.fields"} & set(broken) else []
    assert rules(rows)[:-1] == [[*broken, *uncounted]] * bool(broken)
    assert rows["installed"][-1] == installed
    assert judged(rows)[-1] == ("room.incomplete" if broken else "")


def test_other_rooms_stay_known(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, RACKS + "A,1,gone,4.4,2026-03-01\nB,1,yes,4.4,2026-03-01\n")
    assert judged(rows) == ["record.status", ""]


def test_a_rack_with_two_states_is_no_rack(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, RACKS + "A,1,yes,4.4,2026-03-01\nA,1,no,4.4,2026-03-01\n")
    assert judged(rows) == ["record.conflict"] * 2


def test_power_that_differs_within_a_room_is_not_known(tmp_path: Path) -> None:
    rows, tally = read(tmp_path, RACKS + "A,1,yes,4.4,2026-03-01\nA,2,no,8,2026-03-01\n")
    assert rows["rated_kw"].to_list() == [None]
    assert tally.labels == {"racks of a room differ in power": 1}


def test_rooms_may_be_counted_already(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, ROOMS + "A,120,90,2026-03-01\nB,10,11,2026-03-01 08:00:00\nC,x,1,2026-03-01\n")
    assert judged(rows) == ["", "row.occupied_within", "installed.type"]
    assert rows["valid_from"].dt.epoch("s").to_list() == [1772294400, 1772323200, 1772294400]


def test_the_delivery_may_say_when_racks_were_counted(tmp_path: Path) -> None:
    text = "机房,机架总数,已上架机架数\nA,3,2\n"
    with pytest.raises(Unreadable, match="valid_from") as refusal:
        read(tmp_path, text)
    assert refusal.value.rule == "file.columns"
    rows, _ = read(tmp_path, text, valid_from="2026-03-01")
    assert rows.select("room", "installed", "occupied").rows() == [("A", "3", "2")]
    assert judged(rows) == [""]
    assert judged(read(tmp_path, text, valid_from="soon")[0]) == ["valid_from.unreadable"]


@pytest.mark.parametrize(
    ("header", "rule"),
    [
        ("a,b", "file.format"),
        ("room,rack", "file.columns"),
        ("room,installed", "file.columns"),
        (RACKS.strip() + ",room", "file.columns"),
    ],
)
def test_another_header_is_refused(tmp_path: Path, header: str, rule: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(tmp_path, header + "\n1,2\n")
    assert refusal.value.rule == rule


@pytest.mark.parametrize(
    ("header", "is_one"),
    [
        (RACKS, True),
        (ROOMS, True),
        ("机房,机柜编号,使用状态\n", True),
        ("room,valid_from,installed,occupied,rated_kw\n", False),
        ("表计,表计类别,读数类型,抄表时间,读数,读数单位\n", True),
        ("机房,读数\n", False),
    ],
)
def test_what_is_recognised(header: str, is_one: bool) -> None:
    assert FORMATS["dcim_csv"].sniff(header.encode()) is is_one
