"""Excel workbooks: cells are exact, a bad one is named by sheet, row and column, hostile files get one clear reason."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data_contracts.contract import load_contract
from data_contracts.rules import apply_rules, broken_column
from pipelines.formats import FORMATS
from pipelines.formats.base import Tally, Unreadable
from pipelines.formats.table import archive
from tests.formats.damage import survives
from tests.formats.reading import read_path, rules
from tests.formats.workbooks import Cell, workbook

HEADER = [
    "资费",
    "资费版本",
    "计费项标识",
    "阶梯起点",
    "计价时段",
    "计价单位",
    "单价",
    "是否含税",
    "生效日",
    "失效日",
]
RATE = ["std", "v1", "sku", 0, "00-24", "核时", 0.1, True, date(2026, 1, 1), None]
OUTAGES = ["停机事件", "版本号", "停机开始", "是否计划内", "停用数量"]


def read(
    folder: Path,
    sheets: Mapping[str, Sequence[Sequence[Any]]],
    dataset: str = "tariff_rates",
    hidden: Sequence[str] = (),
    **options: str,
) -> tuple[pl.DataFrame, Tally]:
    return read_bytes(folder, workbook(sheets, hidden), dataset, **options)


def read_bytes(
    folder: Path, data: bytes, dataset: str = "tariff_rates", **options: str
) -> tuple[pl.DataFrame, Tally]:
    path = folder / "3f2a"
    path.write_bytes(data)
    return read_path("table", dataset, path, options)


def refused(folder: Path, data: bytes, **options: str) -> str:
    with pytest.raises(Unreadable) as refusal:
        read_bytes(folder, data, **options)
    assert refusal.value.en.startswith(FORMATS["table"].rules[refusal.value.rule][0])
    return refusal.value.rule


def judged(rows: pl.DataFrame, dataset: str = "tariff_rates") -> list[str]:
    extra = [name[1:] for name in rows.columns if name.startswith("!")]
    contract = load_contract(dataset)
    return broken_column(apply_rules(rows, contract, extra), contract, extra).to_list()


def test_cells_mean_what_text_would_mean(tmp_path: Path) -> None:
    rows, tally = read(
        tmp_path, {"资费": [HEADER, RATE, [*RATE[:6], "¥1,234.50", "否", "2026年3月1日", date(2027, 1, 1)]]}
    )
    assert judged(rows) == ["", ""]
    found = rows.select(
        "band_from", "window", "unit", "price", "tax_included", "valid_from", "valid_to"
    ).rows()
    assert found == [
        ("0", "00-24", "core-hour", "0.1", "true", "2026-01-01", ""),
        ("0", "00-24", "core-hour", "1234.50", "false", "2026-03-01", "2027-01-01"),
    ]
    assert rows["_row"].to_list() == [2, 3]
    assert tally.records_read == 2


def test_numbers_are_exact(tmp_path: Path) -> None:
    prices = [0.1, 12, 1e-6, 123456.789012, 1e5, Cell("n", "1E-2"), Cell("n", "0.30", "A1+1")]
    rows, _ = read(tmp_path, {"t": [HEADER, *([*RATE[:6], price, *RATE[7:]] for price in prices)]})
    assert rows["price"].to_list() == ["0.1", "12", "0.000001", "123456.789012", "100000", "0.01", "0.3"]


def test_what_a_formula_rounds_off_in_is_not_tidied(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, {"t": [HEADER, [*RATE[:6], 0.1 + 0.2, *RATE[7:]]]})
    assert rows["price"].to_list() == ["0.30000000000000004"]
    assert judged(rows) == ["price.type"]


def test_dates_and_times_of_cells(tmp_path: Path) -> None:
    moments = [
        datetime.fromisoformat("2026-03-01T08:05"),
        datetime.fromisoformat("2026-03-01T23:59:59"),
        date(2026, 3, 1),
        "2026/3/1 8:05",
    ]
    rows, _ = read(tmp_path, {"t": [OUTAGES, *(["o", 1, each, "是", 3] for each in moments)]}, "outages")
    assert judged(rows, "outages") == [""] * 4
    assert [f"{each:%d %H:%M:%S}" for each in rows["outage_from"]] == [
        "01 00:05:00", "01 15:59:59", "28 16:00:00", "01 00:05:00",
    ]  # fmt: skip


def test_a_bad_cell_is_named_by_sheet_row_and_column(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, {"资费 2026": [HEADER, RATE, [], [*RATE[:6], "twelve", *RATE[7:]]]})
    assert judged(rows) == ["", "price.type"]
    assert (
        rows["_raw"][1]
        == "sheet 资费 2026 row 4: std | v1 | sku | 0 | 00-24 | 核时 | twelve | true | 2026-01-01"
    )


def test_errors_are_flagged_and_never_nothing(tmp_path: Path) -> None:
    broken = [[*RATE[:6], Cell("e", "#REF!", "A1+#REF!"), *RATE[7:]], [*RATE[:9], Cell("e", "#N/A")]]
    rows, _ = read(tmp_path, {"empty": [], "t": [HEADER, RATE, *broken]})
    assert judged(rows) == ["", "price.error_cell", "valid_to.error_cell"]


def test_digits_that_excel_lost_are_flagged(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, {"t": [HEADER, [1234567890123456, *RATE[1:]], [*RATE[:3], 2.0**60, *RATE[4:]]]})
    assert rules(rows) == [["tariff_id.digits"], ["band_from.digits"]]


def test_a_title_empty_rows_and_a_table_that_begins_further_in(tmp_path: Path) -> None:
    shifted = [[], ["", "", "2026 年资费表"], [], ["", "", *HEADER], ["", "", *RATE], [], ["", "", *RATE]]
    rows, tally = read(tmp_path, {"t": shifted})
    assert judged(rows) == ["", ""]
    assert rows["_row"].to_list() == [5, 7]
    assert tally.set_aside == {"empty row": 1}


def test_all_visible_sheets_that_fit_are_read_and_the_others_set_aside(tmp_path: Path) -> None:
    sheets = {
        "一月": [HEADER, RATE],
        "说明": [["备注"], ["x"], ["y"]],
        "二月": [HEADER, RATE, RATE],
        "旧": [HEADER, RATE],
    }
    rows, tally = read(tmp_path, sheets, hidden=["旧"])
    assert [text.partition(":")[0] for text in rows["_raw"]] == [
        "sheet 一月 row 2",
        "sheet 二月 row 2",
        "sheet 二月 row 3",
    ]
    assert rows["_row"].is_unique().all()
    assert tally.set_aside == {"row of another sheet": 3, "row of a hidden sheet": 2}
    rows, _ = read(tmp_path, sheets, hidden=["旧"], sheet="旧")
    assert rows.height == 1


def test_columns_without_a_name_may_only_be_empty(tmp_path: Path) -> None:
    wide = [*HEADER[:5], None, *HEADER[5:]]
    rows, _ = read(tmp_path, {"t": [wide, [*RATE[:5], None, *RATE[5:]], [*RATE[:5], "stray", *RATE[5:]]]})
    assert judged(rows) == ["", "record.fields"]


def test_a_header_that_fits_nowhere_is_refused_with_its_reason(tmp_path: Path) -> None:
    assert refused(tmp_path, workbook({"t": [["a", "b"], [1, 2]]})) == "file.format"
    assert refused(tmp_path, workbook({"t": [HEADER[:-3], RATE]})) == "file.columns"
    assert refused(tmp_path, workbook({"t": [[*HEADER, "备注"], RATE]})) == "file.columns"
    assert refused(tmp_path, workbook({"s": [["a", "b"]], "t": [["c", "d"]]})) == "file.sheet"
    assert refused(tmp_path, workbook({"s": [], "t": []})) == "file.empty"
    assert refused(tmp_path, workbook({"t": [HEADER, RATE]}), sheet="u") == "file.options"


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    whole = workbook({"t": [HEADER, RATE]})
    assert refused(tmp_path, whole[: len(whole) // 2]) == "file.workbook"
    assert refused(tmp_path, b"PK\x03\x04" + b"\0" * 500) == "file.workbook"
    assert refused(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 3000) == "file.workbook"
    assert (
        refused(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
        == "file.encrypted"
    )
    assert (
        refused(tmp_path, workbook({"t": [HEADER, [*RATE[:3], Cell("n", "abc"), *RATE[4:]]]}))
        == "file.workbook"
    )
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    assert refused(tmp_path, other.getvalue()) == "file.workbook"


def test_bombs_are_refused_before_they_go_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 1 << 20)
    assert (
        refused(tmp_path, workbook({"t": [HEADER]}, extra={"xl/media/zeros.bin": b"\0" * (2 << 20)}))
        == "file.too_large"
    )
    lying = bytearray(workbook({"t": [HEADER]}, extra={"xl/media/zeros.bin": b"\0" * (2 << 20)}))
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = lying.rfind(
            signature, 0, lying.rfind(b"zeros.bin") if signature[2] == 1 else lying.find(b"zeros.bin")
        )
        lying[at + place : at + place + 4] = struct.pack("<I", 10)
    assert refused(tmp_path, bytes(lying)) == "file.too_large"


def test_two_cells_far_apart_are_refused(tmp_path: Path) -> None:
    for reference in ('r="XFD1048576"', "r='XFD1048576'", 'r = "&#88;FD1048576"', 'x="1" r="XFD1048576"'):
        cells = f'<c r="A1"><v>1</v></c><c {reference}><v>2</v></c>'
        sheet = f'<worksheet><sheetData><row r="1">{cells}</row></sheetData></worksheet>'
        data = workbook({"t": []}, extra={"xl/worksheets/sheet1.xml": sheet.encode()})
        assert refused(tmp_path, data) == "file.too_large"
    far = '<row r="1048576"><c><v>1</v></c></row><row r="1"><c r="ZZ1"><v>1</v></c></row>'
    far = f"<worksheet><sheetData>{far}</sheetData></worksheet>"
    assert (
        refused(tmp_path, workbook({"t": []}, extra={"xl/worksheets/sheet1.xml": far.encode()}))
        == "file.too_large"
    )


def test_entities_are_refused(tmp_path: Path) -> None:
    sheet = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet><sheetData>&b;</sheetData></worksheet>'
    assert (
        refused(tmp_path, workbook({"t": []}, extra={"xl/worksheets/sheet1.xml": sheet})) == "file.workbook"
    )


def test_no_other_encoding_hides_cells(tmp_path: Path) -> None:
    for encoding in ("cp037", "utf-16", "UTFm8"):
        sheet = f'<?xml version="1.0" encoding="{encoding}"?><worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c>'
        far = sheet + '<c r="XFD1048576"><v>2</v></c></row></sheetData></worksheet>'
        assert (
            refused(tmp_path, workbook({"t": []}, extra={"xl/worksheets/sheet1.xml": far.encode()}))
            == "file.too_large"
        )


def test_formatted_but_empty_cells_count_for_nothing(tmp_path: Path) -> None:
    text = (
        zipfile.ZipFile(io.BytesIO(workbook({"t": [HEADER, RATE]}))).read("xl/worksheets/sheet1.xml").decode()
    )
    styled = text.replace(
        "</sheetData>", '<row r="1048576"><c r="A1048576" s="1"/><c r="XFD1048576" s="1"/></row></sheetData>'
    )
    rows, tally = read_bytes(
        tmp_path, workbook({"t": []}, extra={"xl/worksheets/sheet1.xml": styled.encode()})
    )
    assert rows.height == tally.records_read == 1


def test_a_workbook_is_recognised_by_its_head() -> None:
    sniff = FORMATS["table"].sniff
    assert sniff(workbook({"t": [HEADER]})[:65536])
    assert not sniff(b"PK\x03\x04" + b"\0" * 26 + b"word/document.xml")
    assert not sniff(b"\x1f\x8b" + zlib.compress(b"xl/"))


def test_damage_is_survived(tmp_path: Path) -> None:
    sample = tmp_path / "sample.xlsx"
    sample.write_bytes(workbook({"资费": [HEADER, *[RATE] * 20], "说明": [["x"]]}))
    survives("table", "tariff_rates", sample, tmp_path, copies=150)
