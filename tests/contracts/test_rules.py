"""The fused rules: their mask is what a plain reading of the contract says of every row."""

import re
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.contract import Column, Contract, load_contract, load_contracts
from data_contracts.rules import (
    apply_rules,
    broken_column,
    broken_names,
    is_broken,
    mask_columns,
    rule_names,
    rule_text,
    warning_names,
)
from tests.contracts.reading import broken_rules

INPUTS = load_contracts("input")
ODD = (
    "",
    " ",
    "0",
    "-1",
    "1.5",
    "x",
    "NULL",
    "é",
    "算力",
    "1e3",
    "+7",
    "٣",
    "9" * 19,
    "9" * 40,
    "a" * 300,
    "\n",
)
TIMES = (
    "2024-03-31T23:30:00Z", "2024-03-31T23:30:00+08:00", "2024-03-31T23:30:00.123456-0530", "2024-03-31T23:30:00",
    "2024-02-30T00:00:00Z", "2024-03-31T23:59:60Z", "2024-03-31T23:30:00.1234567Z", "2024-03-31T23:30:00.1200000000Z",
    "2009-12-31T15:59:59Z", "2009-12-31T16:00:00Z", "2100-01-01T00:00:00Z", "2024-3-1T0:0:0Z", "2024-03-31 23:30:00Z",
    "2024-03-31T23:30:00z", "0000-01-01T00:00:00Z", "2024- 3-31T23:30:00Z", "2024-03-31T23:30:00+24:00",
)  # fmt: skip
DATES = (
    "2024-02-29",
    "2023-02-29",
    "1989-12-31",
    "1990-01-01",
    "2101-01-01",
    "9999-12-31",
    "2024-1-5",
    "20240105",
)
DECIMALS = (
    "0", "1", "-0.000001", "0.0000001", "0.0000010", "1e-6", "1E-7", "10E-7", "0.25e2", "1e20", "1e31", ".5", "5.",
    "-.5E1", "1" * 33, "0e-30", "0.333333", "0.333334", "1e-0006", "NaN", "inf", "1_000", "0x1", "1.2.3",
)  # fmt: skip
TEXTS = {
    "integer": (
        "1",
        "600",
        "1000000000",
        "1000000001",
        "9223372036854775807",
        "9223372036854775808",
        "007",
        "--1",
    ),
    "decimal": DECIMALS,
    "timestamp": TIMES,
    "date": DATES,
    "boolean": ("true", "False", "TRUE", "yes", "1", "tRUE"),
    "string": ("nscc-zz", "party-1", "2024-03", "CNY", "a" * 64, "a.b", "Z9"),
}


def texts(column: Column) -> st.SearchStrategy[str | None]:
    """Values that hold the contract, that just do not, and that nobody expects."""
    known = [*column.codes, *TEXTS[column.type]]
    return st.one_of(st.none(), st.sampled_from(known), st.sampled_from(known), st.sampled_from(ODD))


@st.composite
def deliveries(
    draw: st.DrawFn,
) -> tuple[Contract, list[dict[str, str | None]], list[set[str]], tuple[str, ...]]:
    contract = draw(st.sampled_from(INPUTS))
    sent = [column for column in contract.columns if draw(st.integers(0, 9)) > 0]
    row = st.fixed_dictionaries({column.name: texts(column) for column in sent})
    rows = draw(st.lists(row, min_size=1, max_size=12))
    extra = ("record.fields", f"{contract.columns[-1].name}.unreadable")
    flags = draw(st.lists(st.sets(st.sampled_from(extra)), min_size=len(rows), max_size=len(rows)))
    return contract, rows, flags, extra


def frame_of(
    rows: list[dict[str, str | None]], flags: list[set[str]], extra: tuple[str, ...]
) -> pl.DataFrame:
    columns = {f"!{name}": [name in flagged for flagged in flags] for name in extra}
    return pl.DataFrame(
        {"_row": range(len(rows)), "_raw": [str(row) for row in rows]}
        | {name: pl.Series([row[name] for row in rows], dtype=pl.String) for name in rows[0]}
        | columns
    )


@given(deliveries())
@settings(max_examples=80, deadline=None)
def test_the_mask_is_what_a_plain_reading_says(delivery):
    contract, rows, flags, extra = delivery
    judged = apply_rules(frame_of(rows, flags, extra), contract, extra)
    warnings = warning_names(contract)
    expected = broken_rules(contract, rows, flags)
    found = [
        {*broken_names(mask, contract, extra)} | {name for i, name in enumerate(warnings) if warned >> i & 1}
        for mask, warned in judged.select("_broken", "_warned").rows()
    ]
    assert found == expected
    rejecting = [bool(names - {*warnings}) for names in expected]
    assert judged.select(is_broken(contract, extra)).to_series().to_list() == rejecting
    assert judged.select(contract.column_names).schema == contract.polars_schema(system=False)


@given(deliveries())
@settings(max_examples=20, deadline=None)
def test_typed_columns_are_judged_as_their_texts_were(delivery):
    contract, rows, _, _ = delivery
    first = apply_rules(frame_of(rows, [set()] * len(rows), ()), contract)
    again = apply_rules(first.drop("_broken", "_warned"), contract)
    for before, after in zip(broken_column(first, contract), broken_column(again, contract), strict=True):
        unread = {name.split(".")[0] for name in before.split(",") if name.endswith(".type")}
        was, now = (
            {name for name in names.split(",") if name and name.split(".")[0] not in {*unread, "row"}}
            for names in (before, after)
        )
        assert now == was


def one(contract: str, **values: object) -> dict[str, object]:
    judged = apply_rules(
        pl.DataFrame({name: [value] for name, value in values.items()}), load_contract(contract)
    )
    return judged.with_columns(broken_column(judged, load_contract(contract))).row(0, named=True)


def test_more_digits_than_the_scale_are_rejected_not_rounded():
    row = one(
        "revenue_shares",
        provider_share="0.3333333",
        operator_share="0.3333330",
        network_operator_share="1E-6",
    )
    assert row["provider_share"] is None
    assert "provider_share.type" in row["rules"]
    assert row["operator_share"] == Decimal("0.333333")
    assert row["network_operator_share"] == Decimal("0.000001")


def test_an_integer_beyond_64_bits_is_not_read():
    row = one("job_records", energy_j="18446744073709551614")
    assert (row["energy_j"], "energy_j.type" in row["rules"]) == (None, True)


def test_what_could_not_be_read_is_not_called_missing():
    row = one("job_records", submit_time="yesterday", state="COMPLETED", elapsed_s="one hour")
    assert {"submit_time.type", "elapsed_s.type"} <= {*row["rules"].split(",")}
    assert not {"submit_time.required", "row.elapsed_known"} & {*row["rules"].split(",")}


def test_a_clock_change_labels_a_job_and_does_not_reject_it():
    times = {"start_time": "2026-10-25T02:30:00+02:00", "end_time": "2026-10-25T00:20:00Z"}
    row = one("job_records", state="COMPLETED", elapsed_s="10", cpu_cores="1", **times)
    assert row["_warned"] == 1
    assert "row." not in row["rules"]


@pytest.mark.parametrize("rule", ["record.fields", "file.cut"])
def test_a_record_whose_structure_is_broken_has_that_one_reason(rule):
    frame = pl.DataFrame({"_row": [1, 2], f"!{rule}": [True, False], "site_id": [None, "nscc-zz"]})
    rules = broken_column(
        apply_rules(frame, load_contract("job_records"), [rule]), load_contract("job_records"), [rule]
    )
    assert rules[0] == rule
    assert "job_id.required" in rules[1]


def test_a_column_that_could_not_be_read_leaves_the_others_to_their_own_reasons():
    frame = pl.DataFrame({"_row": [1], "!submit_time.unreadable": [True]})
    contract, extra = load_contract("job_records"), ["submit_time.unreadable"]
    names = broken_column(apply_rules(frame, contract, extra), contract, extra)[0].split(",")
    assert "submit_time.required" not in names
    assert {"job_id.required", "submit_time.unreadable"} <= {*names}


def test_more_rules_than_bits_go_into_a_second_mask():
    contract = load_contract("cloud_charges")
    extra = tuple(f"record.r{number}" for number in range(40))
    judged = apply_rules(pl.DataFrame({"_row": [1], "!record.r39": [True]}), contract, extra)
    assert mask_columns(contract, extra) == ("_broken", "_broken_1")
    assert broken_column(judged, contract, extra)[0] == "record.r39"
    assert judged.select(is_broken(contract, extra)).item()
    with pytest.raises(ValueError, match="2 masks"):
        broken_names(judged["_broken"][0], contract, extra)


def test_no_rows_are_no_rows():
    contract = load_contract("job_records")
    judged = apply_rules(pl.DataFrame(schema={"_row": pl.Int64, "site_id": pl.String}), contract)
    assert judged.is_empty()
    assert judged.select(contract.column_names).schema == contract.polars_schema(system=False)


@pytest.mark.parametrize("name", ["cores", "!record.fields", "!site_id.required"])
def test_an_unknown_column_or_rule_is_a_mistake_of_the_format(name):
    extra = ["site_id.required"] if name == "!site_id.required" else []
    with pytest.raises(ValueError, match=re.escape(name.removeprefix("!"))):
        apply_rules(pl.DataFrame({name: [True]}), load_contract("job_records"), extra)


def test_a_column_of_another_type_is_a_mistake_of_the_format():
    with pytest.raises(TypeError, match="elapsed_s"):
        apply_rules(pl.DataFrame({"elapsed_s": [1.5]}), load_contract("job_records"))


@pytest.mark.parametrize("contract", INPUTS, ids=lambda contract: contract.name)
def test_every_rule_has_a_reason_in_both_languages_that_names_its_column(contract):
    for rule in [*rule_names(contract), *warning_names(contract)]:
        text = rule_text(contract, rule)
        assert text.en.endswith(".")
        assert text.zh.endswith("。")
        assert re.search(r"[\u4e00-\u9fff]", text.zh)
        subject = rule.split(".")[0]
        if subject != "row":
            assert contract.column(subject).name_zh in text.zh


def test_a_format_brings_its_own_reasons():
    contract = load_contract("job_records")
    assert rule_text(contract, "record.fields", {"record.fields": ("Torn.", "断行。")}) == ("Torn.", "断行。")
    with pytest.raises(KeyError):
        rule_text(contract, "record.fields")
