"""Comma separated records: quotes, line ends in values, damage; and what the three CSV formats make of them."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.contract import load_contract
from data_contracts.rules import apply_rules, broken_column
from pipelines.formats import csv_records
from pipelines.formats.base import Tally, Unreadable
from tests.conftest import REAL_DATA
from tests.formats.reading import read_path, rules

METERS = "meter_id,meter_kind,reading_type,read_at,value,unit,quality\n"
ACCOUNTS = "site_id,account,valid_from,tenant_id,valid_to\n"
BILL = "Id,ProviderName,BillingAccountId,BillingPeriodStart,BilledCost,BillingCurrency,ChargeCategory,Tags\n"
BILLED = "1,Cloud,a,2026-03-01 00:00:00,1.0,CNY,Usage,NULL\n"


def read(
    folder: Path, name: str, dataset: str, text: str | bytes, **known: Any
) -> tuple[pl.DataFrame, Tally]:
    path = folder / "sent.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_path(name, dataset, path, known.pop("options", None), **known)


def reading(read_at: str = "2026-03-01 00:00:00", value: str = "1.5", quality: str = "ok") -> str:
    return f"m1,it,cumulative,{read_at},{value},kWh,{quality}\n"


def test_a_quoted_value_may_hold_anything(tmp_path: Path) -> None:
    rows, tally = read(
        tmp_path, "dcim_csv", "facility_readings", METERS + reading(quality='"a ""b"", c\nd"') + reading()
    )
    assert rows["quality"].to_list() == ['a "b", c\nd', "ok"]
    assert (rows["_row"].to_list(), tally.records_read, tally.folded) == ([2, 4], 3, 1)


@pytest.mark.parametrize("damage", ['"open', 'a"b', '"a"b', 'x"y"'])
def test_quotes_that_do_not_pair_cost_their_line_only(tmp_path: Path, damage: str) -> None:
    rows, _ = read(tmp_path, "dcim_csv", "facility_readings", METERS + reading(quality=damage) + reading())
    assert rules(rows)[-1] == []
    assert rules(rows)[0] in (["record.quotes"], [])


def test_rows_of_another_width_are_refused(tmp_path: Path) -> None:
    rows, tally = read(
        tmp_path, "dcim_csv", "facility_readings", METERS + "a,b\n" + reading()[:-1] + ",x\n\n" + reading()
    )
    assert rules(rows) == [["record.fields"], ["record.fields"], []]
    assert tally.set_aside == {"blank line": 1}


def test_a_cut_file_loses_its_last_line_only(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, "dcim_csv", "facility_readings", (METERS + reading() + reading())[:-12])
    assert rules(rows) == [[], ["record.truncated"]]


VALUES = st.text(st.sampled_from('a,"\n 计|'), max_size=5)


@settings(max_examples=25)
@given(st.lists(VALUES, min_size=1, max_size=12), st.integers(20, 200))
def test_what_a_csv_writer_writes_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, values: list[str], block: int
) -> None:
    quoted = ['"' + value.replace('"', '""') + '"' for value in values]
    text = METERS + "".join(reading(quality=value) for value in quoted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_records, "BLOCK", block)
        rows, _ = read(tmp_path_factory.mktemp("csv"), "dcim_csv", "facility_readings", text)
    assert rules(rows) == [[]] * len(values)
    assert rows["quality"].to_list() == [value.strip() for value in values]


@given(st.lists(st.text(st.sampled_from("a, 计|\n"), max_size=5), min_size=1, max_size=12))
def test_lines_without_quotes_are_read_like_those_among_quotes(
    tmp_path_factory: pytest.TempPathFactory, values: list[str]
) -> None:
    folder, text = (
        tmp_path_factory.mktemp("csv"),
        METERS + "".join(reading(quality=value) for value in values),
    )
    alone, tally = read(folder, "dcim_csv", "facility_readings", text)
    among, among_tally = read(folder, "dcim_csv", "facility_readings", text + reading(quality='"ok"'))
    assert among.head(alone.height).select(alone.columns).equals(alone)
    assert (among_tally.records_read, among_tally.set_aside) == (tally.records_read + 1, tally.set_aside)


def test_meter_times_are_local_or_carry_an_offset(tmp_path: Path) -> None:
    text = (
        METERS
        + reading("2026-03-01 08:00:00")
        + reading("2026-03-01T00:00:00Z")
        + reading("2026-03-01 08:00")
    )
    rows, _ = read(tmp_path, "dcim_csv", "facility_readings", text)
    assert rows["read_at"].dt.epoch("s").to_list() == [1772323200, 1772323200, None]
    assert rules(rows) == [[], [], ["read_at.unreadable"]]
    rows, _ = read(
        tmp_path,
        "dcim_csv",
        "facility_readings",
        METERS + reading("2026-03-29 02:30:00"),
        zone="Europe/Berlin",
    )
    assert rules(rows) == [["read_at.nonexistent"]]


def test_meter_columns_may_come_in_any_order_without_quality(tmp_path: Path) -> None:
    text = "unit,value,read_at,reading_type,meter_kind,meter_id\nkWh,1,2026-03-01 00:00:00,cumulative,it,m1\n"
    rows, _ = read(tmp_path, "dcim_csv", "facility_readings", text)
    assert rows.select("meter_id", "unit", "site_id").row(0) == ("m1", "kWh", "nscc-zz")


@pytest.mark.parametrize(
    ("name", "dataset", "text", "rule"),
    [
        ("dcim_csv", "facility_readings", "a,b\n1,2\n", "file.format"),
        ("dcim_csv", "facility_readings", "meter_id,value\n1,2\n", "file.columns"),
        ("dcim_csv", "facility_readings", '"meter_id\n', "file.format"),
        ("dcim_csv", "facility_readings", METERS.replace("quality", ""), "file.columns"),
        ("focus", "cloud_charges", METERS, "file.format"),
        ("focus", "cloud_charges", "BilledCost,ProviderName\n1,a\n", "file.columns"),
        ("table", "tenant_accounts", METERS, "file.format"),
        ("table", "tenant_accounts", ACCOUNTS.replace("valid_to", "until"), "file.columns"),
        ("table", "tenant_accounts", ACCOUNTS.replace("valid_to", "account"), "file.columns"),
        ("table", "tenant_accounts", ACCOUNTS.replace("account,", ""), "file.columns"),
    ],
)
def test_another_header_is_refused(tmp_path: Path, name: str, dataset: str, text: str, rule: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(tmp_path, name, dataset, text)
    assert refusal.value.rule == rule


def test_a_table_speaks_english_or_chinese_in_any_order(tmp_path: Path) -> None:
    english, _ = read(tmp_path, "table", "tenant_accounts", ACCOUNTS + "s,a,2026-01-01,t,\n")
    chinese, _ = read(
        tmp_path, "table", "tenant_accounts", "租户,生效日,失效日,账户,算力节点\nt,2026-01-01,,a,s\n"
    )
    assert chinese.select(english.columns).drop("_raw").equals(english.drop("_raw"))


def test_a_tables_bad_cell_is_named_by_row_and_column(tmp_path: Path) -> None:
    rows, _ = read(
        tmp_path, "table", "tenant_accounts", ACCOUNTS + "s,a,2026-01-01,t,\ns,a,01/02/2026,t,\n", site=None
    )
    contract = load_contract("tenant_accounts")
    judged = apply_rules(rows, contract)
    found = judged.select("_row").with_columns(broken_column(judged, contract)).rows()
    assert found == [(2, ""), (3, "valid_from.type")]


def test_a_site_need_not_name_itself_in_its_table(tmp_path: Path) -> None:
    text = ACCOUNTS.replace("site_id,", "") + "a,2026-01-01,t,\n"
    rows, _ = read(tmp_path, "table", "tenant_accounts", text, site="hami")
    assert rows["site_id"].to_list() == ["hami"]
    with pytest.raises(Unreadable, match="site_id"):
        read(tmp_path, "table", "tenant_accounts", text, site=None)


def test_a_bills_amounts_stay_as_sent(tmp_path: Path) -> None:
    line = BILLED.replace("1.0", "-0.000000000000000001")
    rows, _ = read(tmp_path, "focus", "cloud_charges", BILL + line, options={"tax_included": "true"})
    assert rows.select("billed_cost", "billing_period", "tax_included", "native").row(0) == (
        "-0.000000000000000001", "2026-03", True, '{"Tags":null}',
    )  # fmt: skip


def test_a_bill_of_another_zone_is_of_its_own_month(tmp_path: Path) -> None:
    rows, _ = read(
        tmp_path,
        "focus",
        "cloud_charges",
        BILL + BILLED.replace("2026-03-01 00:00:00", "2026-02-28T16:00:00Z"),
    )
    assert rows["billing_period"].to_list() == ["2026-03"]


def test_reused_line_ids_are_numbered_in_file_order(tmp_path: Path) -> None:
    lines = [BILLED, BILLED.replace("1,", "2,", 1), "damaged\n", BILLED.replace("Usage", "Credit"), BILLED]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_records, "BLOCK", 60)
        rows, _ = read(tmp_path, "focus", "cloud_charges", BILL + "".join(lines))
    assert rows["line_ordinal"].to_list() == [1, 1, None, 2, 3]


def test_a_line_without_an_id_is_told_by_what_it_is_for(tmp_path: Path) -> None:
    text = (BILL + BILLED + BILLED + BILLED.replace("Usage", "Credit")).replace("Id,Prov", "Line,Prov", 1)
    rows, _ = read(tmp_path, "focus", "cloud_charges", text)
    assert rows["line_ordinal"].to_list() == [1, 2, 1]
    assert rows["line_id"].n_unique() == 2
    named, _ = read(tmp_path, "focus", "cloud_charges", text, options={"line_id": "Line"})
    assert named["line_id"].to_list() == ["1", "1", "1"]


@pytest.mark.parametrize(
    "options", [{"tax_included": "maybe"}, {"line_id": "Nothing"}, {"encoding": "latin1"}, {"time_zone": "X"}]
)
def test_options_that_mean_nothing_are_refused(tmp_path: Path, options: dict[str, str]) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(tmp_path, "focus", "cloud_charges", BILL + BILLED, options=options)
    assert refusal.value.rule == "file.options"


SAMPLE = REAL_DATA / "focus" / "focus_sample.csv"


@pytest.mark.skipif(not SAMPLE.is_file(), reason=f"needs the real FOCUS sample in {REAL_DATA}")
def test_the_focus_sample_sums_to_the_last_digit() -> None:
    rows, tally = read_path("focus", "cloud_charges", SAMPLE)
    contract = load_contract("cloud_charges")
    judged = apply_rules(rows, contract)
    assert broken_column(judged, contract).unique().to_list() == [""]
    totals = {
        provider: (str(sum(part["billed_cost"].to_list())).rstrip("0"), part.height)
        for (provider,), part in judged.group_by("provider")
    }
    assert totals == {
        "AWS": ("18.0066386184", 942),
        "Microsoft": ("1.97651418586", 51),
        "Oracle": ("0.53707392473", 7),
    }
    assert tally.records_read == 1000
