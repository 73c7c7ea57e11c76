"""A regulator's file for a month: a workbook or Parquet per place, the same bytes again, and what changed since."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from data_contracts.contract import load_contracts
from pipelines.commands.report import report
from pipelines.errors import Finding, WrongUse
from pipelines.home import Home
from pipelines.release import point
from pipelines.roles import Role

OCTOBER, SEPTEMBER = date(2026, 10, 5), date(2026, 9, 30)
SITES = [
    {
        "site_id": "nscc-zz",
        "region": "zhengzhou",
        "province": "河南 Henan",
        "name_en": "=1+1",
        "name_zh": "郑州",
    },
    {"site_id": "hami", "region": "hami", "province": "新疆 Xinjiang", "name_en": "Hami", "name_zh": "哈密"},
    {"site_id": "cloud", "region": "cloud", "province": None, "name_en": "Cloud", "name_zh": "云"},
]
KEY = {"compute_class": "super", "resource_kind": "cpu_core"}
Rows = Mapping[str, list[dict[str, Any]]]


def used(site: str, region: str, seconds: int | None, day: date = OCTOBER) -> dict[str, Any]:
    figures = {"allocated_unit_seconds": seconds, "quality": "open"}
    return {"site_id": site, "region": region, "day": day, "model": "all", **KEY, **figures}


def segment(name: str, seconds: int | None) -> dict[str, Any]:
    figures = {"unit_seconds": seconds, "suppressed": seconds is None}
    return {"day": OCTOBER, "region": "zhengzhou", "segment": name, **KEY, **figures}


FIRST: Rows = {
    "sites": SITES,
    "utilisation_daily": [
        used("nscc-zz", "zhengzhou", 10**16 + 1),
        used("hami", "hami", 7, SEPTEMBER),
        used("hami", "hami", 5),
    ],
    "utilisation_region_daily": [
        {"day": OCTOBER, "region": region, "sites": 1, **KEY, "quality": "open"}
        for region in ("zhengzhou", "henan", "zhengqingha", "hami", "xinjiang")
    ],
    "usage_by_segment": [segment("park", None), segment("campus", 40)],
    "charges": [{"charge_id": "c1", "tenant_id": "t1"}],
}
SECOND: Rows = {
    **FIRST,
    "utilisation_daily": [
        used("nscc-zz", "zhengzhou", 12),
        used("nscc-zz", "zhengzhou", 1, date(2026, 10, 6)),
    ],
}


def publish(home: Home, name: str, rows: Rows, since: str | None) -> None:
    """A release of all published tables, most of them empty."""
    folder = home.published / "releases" / name
    for contract in load_contracts("published"):
        schema = pa.schema([field.with_nullable(True) for field in contract.arrow_schema()])
        (folder / str(contract.group)).mkdir(parents=True, exist_ok=True)
        own = [{name: row.get(name) for name in schema.names} for row in rows.get(contract.name, [])]
        pq.write_table(
            pa.Table.from_pylist(own, schema), folder / str(contract.group) / f"{contract.name}.parquet"
        )
    (folder / "manifest.json").write_text(json.dumps({"release_id": name, "tables": []}))
    (folder / "changes.json").write_text(json.dumps({"since": since, "tables": []}))
    point(home, name)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("SUANZHANG_HOME", str(tmp_path / "home"))
    home = Home.from_environment()
    publish(home, "r1", FIRST, None)
    return home


def run(*arguments: str | Path) -> str:
    outcome = CliRunner().invoke(
        report, [str(each) for each in arguments], catch_exceptions=False, standalone_mode=False
    )
    if outcome.exception:
        raise outcome.exception
    return outcome.output


def sheet(path: Path, name: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python()


def test_a_workbook_per_site_and_per_province(home: Home, tmp_path: Path) -> None:
    run("2026-10", "--out", tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    places = ("nscc-zz", "hami", "cloud", "province-henan", "province-xinjiang")
    assert names == {"2026-10.json", *(f"2026-10-{place}.xlsx" for place in places)}


def test_a_sheet_holds_the_months_rows_of_its_place(home: Home, tmp_path: Path) -> None:
    run("2026-10", "--out", tmp_path)
    codes, names, *rows = sheet(tmp_path / "2026-10-hami.xlsx", "utilisation_daily")
    at = codes.index
    assert names[at("allocated_unit_seconds")] == "Allocated unit-seconds 分配单位秒 [{unit}.s]"
    assert [(row[at("day")], row[at("allocated_unit_seconds")]) for row in rows] == [(OCTOBER, 5)]
    assert rows[0][at("quality")] == "open 含运行中作业"
    assert rows[0][at("installed_unit_seconds")] == ""


def test_numbers_that_excel_would_round_are_texts_and_texts_are_no_formulas(
    home: Home, tmp_path: Path
) -> None:
    run("2026-10", "--out", tmp_path)
    path = tmp_path / "2026-10-nscc-zz.xlsx"
    codes, _, row = sheet(path, "utilisation_daily")
    assert row[codes.index("allocated_unit_seconds")] == "10000000000000001"
    codes, _, row = sheet(path, "sites")
    assert row[codes.index("name_en")] == "=1+1"
    shutil.unpack_archive(path, tmp_path / "parts", "zip")
    parts = {part.name: part.read_text() for part in (tmp_path / "parts").rglob("*.xml")}
    assert not any("<f>" in text for text in parts.values())
    assert 'quotePrefix="1"' in parts["styles.xml"]


def test_what_is_hidden_is_shown_as_hidden(home: Home, tmp_path: Path) -> None:
    run("2026-10", "--out", tmp_path)
    codes, _, *rows = sheet(tmp_path / "2026-10-province-henan.xlsx", "usage_by_segment")
    at = codes.index
    assert [(row[at("segment")], row[at("unit_seconds")]) for row in rows] == [
        ("campus 校园", 40),
        ("park 园区", "suppressed 已隐去"),
    ]
    assert (
        "usage_by_segment"
        not in CalamineWorkbook.from_path(str(tmp_path / "2026-10-nscc-zz.xlsx")).sheet_names
    )


def test_a_provinces_file_has_the_figures_of_its_cities_and_its_own(home: Home, tmp_path: Path) -> None:
    run("2026-10", "--out", tmp_path)
    codes, _, *rows = sheet(tmp_path / "2026-10-province-henan.xlsx", "utilisation_region_daily")
    assert {row[codes.index("region")] for row in rows} == {"henan", "zhengzhou"}


def test_the_same_release_gives_the_same_bytes(home: Home, tmp_path: Path) -> None:
    sums = []
    for folder in ("a", "b"):
        run("2026-10", "--out", tmp_path / folder)
        run("2026-10", "--format", "parquet", "--out", tmp_path / folder)
        paths = sorted(path for path in (tmp_path / folder).rglob("*") if path.is_file())
        sums.append(
            [
                (path.relative_to(tmp_path / folder), hashlib.sha256(path.read_bytes()).hexdigest())
                for path in paths
            ]
        )
    assert sums[0] == sums[1]


def test_changes_are_those_since_the_last_report(home: Home, tmp_path: Path) -> None:
    run("2026-10", "--out", tmp_path)
    publish(home, "r2", SECOND, "r0-that-is-gone")
    for _ in range(2):
        run("2026-10", "--out", tmp_path)
        heading, *lines = sheet(tmp_path / "2026-10-nscc-zz.xlsx", "变化 Changes")
        key = "nscc-zz|{}|super|cpu_core|all"
        assert lines == [
            [
                "utilisation_daily",
                key.format("2026-10-05"),
                "changed 变更",
                "allocated_unit_seconds",
                "10000000000000001",
                12,
            ],
            ["utilisation_daily", key.format("2026-10-06"), "added 新增", "", "", ""],
        ]
        assert heading[-2:] == ["before 原值", "now 现值"]
        assert sheet(tmp_path / "2026-10-hami.xlsx", "变化 Changes")[1][2] == "removed 删除"


def test_parquet_says_the_same_and_keeps_types_and_meanings(home: Home, tmp_path: Path) -> None:
    publish(home, "r2", SECOND, "r1")
    run("2026-10", "--format", "parquet", "--region", "zhengzhou", "--out", tmp_path)
    assert {path.name for path in tmp_path.iterdir()} >= {"2026-10-nscc-zz", "2026-10-province-henan"}
    assert not (tmp_path / "2026-10-hami").exists()
    table = pq.read_table(tmp_path / "2026-10-nscc-zz" / "utilisation_daily.parquet")
    assert table["allocated_unit_seconds"].to_pylist() == [12, 1]
    assert b"column.day" in table.schema.metadata
    changes = pq.read_table(tmp_path / "2026-10-nscc-zz" / "changes.parquet").to_pylist()
    assert [(each["before"], each["now"]) for each in changes] == [("10000000000000001", "12"), (None, None)]


def test_only_regulators_tables_are_in_it(home: Home, tmp_path: Path) -> None:
    run("2026-10", "--out", tmp_path)
    allowed = {contract.name for contract in Role("regulator").tables()}
    for path in tmp_path.glob("*.xlsx"):
        names = set(CalamineWorkbook.from_path(str(path)).sheet_names)
        assert names - allowed == {"说明 About", "变化 Changes", "定义 Definitions"}


def test_a_month_of_nothing_and_no_month_are_refused(home: Home, tmp_path: Path) -> None:
    with pytest.raises(Finding, match="nothing of 2020-01"):
        run("2020-01", "--out", tmp_path)
    with pytest.raises(WrongUse, match="like 2026-10"):
        run("October", "--out", tmp_path)
    with pytest.raises(Finding, match="no release r9"):
        run("2026-10", "--since", "r9", "--out", tmp_path)
