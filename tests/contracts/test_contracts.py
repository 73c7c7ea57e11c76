"""The contracts themselves: ODCS 3.1, whole in both languages, and the schemas that follow from them."""

import re
import shutil
from pathlib import Path

import jsonschema
import polars as pl
import pyarrow as pa
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from data_contracts.checking import findings, odcs_schema
from data_contracts.contract import (
    ROOT,
    SYSTEM_COLUMNS,
    Contract,
    contract_names,
    load_contract,
    load_contracts,
    parse_contract,
    system_columns,
)
from data_contracts.definitions import definitions_rows
from data_contracts.dictionary import ContractError, load_dictionary, read_yaml

CONTRACTS = load_contracts()
ZH = {"property": "descriptionZh", "value": "甲。"}
VALIDATOR = jsonschema.validators.validator_for(odcs_schema())(odcs_schema())
CHINESE = re.compile(r"[\u4e00-\u9fff]")
INPUTS = {
    "job_records", "cloud_charges", "facility_readings", "capacity_inventory", "feed_totals", "parties", "tenants",
    "tenant_accounts", "skus", "tariff_rates", "revenue_shares", "tax_rates", "instance_records", "storage_records",
    "network_usage", "device_samples", "network_probes", "rack_inventory", "outages", "dispatch_orders",
    "emission_factors", "green_certificates", "tariff_multipliers", "service_contracts", "vouchers",
    "voucher_programmes", "payments", "fx_rates", "calendar_days", "resale_rules",
}  # fmt: skip
PUBLISHED = {
    "utilisation": {
        "utilisation_hourly", "utilisation_daily", "pflops_hours_daily", "capacity_statement", "energy_daily", "sites",
        "definitions", "usage_by_segment", "pue_rolling", "green_certificate_use", "target_scorecard",
        "latency_circles_daily", "queue_daily", "dispatch_daily", "dispatch_refusals_daily",
        "energy_by_job_daily", "energy_hourly", "downtime_daily", "utilisation_region_daily",
    },
    "quality": {
        "data_quality_daily", "completeness_daily", "landings", "quarantine_rows", "lineage", "lineage_summary",
        "over_allocations", "quarantine_reasons",
    },
    "settlement": {
        "metered_usage", "unattributed_usage", "charges", "statement_lines", "statements", "line_splits",
        "journal_entries", "settlement_positions", "periods", "unknown_usage", "unbilled_terms", "decisions",
        "disputes", "voucher_redemptions", "sla_credits", "adjustments", "guarantee_topups", "receivables",
        "payment_proposals", "reconciliation", "bill_reconciliation", "resale_margins", "settlement_parties",
        "settlement_flows",
    },
    "focus": {
        "focus_cost_and_usage", "focus_contract_commitment", "focus_billing_period", "focus_invoice_detail",
    },
}  # fmt: skip

each_contract = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)


@pytest.mark.parametrize("name", contract_names())
def test_the_official_schema_accepts_the_contract(name: str):
    path = ROOT / "datasets" / f"{name}.odcs.yaml"
    assert list(VALIDATOR.iter_errors(read_yaml(path))) == []
    assert OpenDataContractStandard.from_file(str(path)).apiVersion == "v3.1.0"


def test_the_contracts_are_those_of_the_interfaces():
    assert {contract.name for contract in CONTRACTS if contract.kind == "input"} == INPUTS
    for group, names in PUBLISHED.items():
        assert {contract.name for contract in CONTRACTS if contract.group == group} == names


def test_what_is_wrong_with_contracts_is_found(tmp_path: Path):
    (tmp_path / "datasets").mkdir()
    (tmp_path / "elements").mkdir()
    raw = read_yaml(ROOT / "datasets" / "tax_rates.odcs.yaml") | {"owner": "nobody"}
    rule = {"type": "custom", "engine": "suanzhang", "description": "A.", "customProperties": [ZH]}
    raw["schema"][0]["quality"] = [
        rule | {"name": "elsewhere", "implementation": "price > 0"},
        rule | {"name": "garbled", "implementation": "rate >"},
    ]
    (tmp_path / "datasets" / "tax_rates.odcs.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    shutil.copy(ROOT / "elements" / "pricing.yaml", tmp_path / "elements")
    shutil.copy(ROOT / "elements" / "parties.yaml", tmp_path / "elements")
    found = "\n".join(findings(tmp_path))
    assert "tax_rates breaks ODCS 3.1 at the top" in found
    assert "row.elsewhere names columns that it lacks: price" in found
    assert "row.garbled is no SQL expression" in found
    assert "Data element price is used by no dataset" in found


@each_contract
def test_every_text_is_there_in_both_languages(contract: Contract):
    texts = [contract.title, contract.granularity, *(rule.text for rule in contract.row_rules)]
    for column in contract.columns:
        element = column.element
        texts += [
            element.name,
            element.definition,
            *column.code_texts.values(),
            *([element.form] if element.form else []),
        ]
    for text in texts:
        assert not CHINESE.search(text.en), text
        assert CHINESE.search(text.zh) or text.zh in {"TF32", "BF16"}, text


@each_contract
def test_readers_are_known_and_what_is_personal_or_confidential_is_for_few(contract: Contract):
    assert {*contract.roles} <= {"engineer", "finance", "regulator", "tenant"}
    assert "engineer" in contract.roles
    if "regulator" in contract.roles:
        assert {column.sensitivity for column in contract.columns} <= {"public", "internal"}
        assert not {"tenant_id", "account", "user", "job_id"} & {*contract.column_names}
    if "tenant" in contract.roles and contract.group == "settlement":
        assert contract.tenant_column in contract.column_names


@each_contract
def test_polars_and_arrow_say_the_same(contract: Contract):
    empty = pl.DataFrame(schema=contract.polars_schema())
    arrow = empty.to_arrow(compat_level=pl.CompatLevel.oldest())
    wanted = contract.arrow_schema()
    assert arrow.schema.names == wanted.names
    assert [_plain(kind) for kind in arrow.schema.types] == wanted.types
    assert pl.from_arrow(wanted.empty_table()).schema == contract.polars_schema()
    stored = contract.column_names + (SYSTEM_COLUMNS if contract.kind == "input" else ())
    assert tuple(wanted.names) == stored


def _plain(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_large_string(kind) else kind


def test_an_arrow_field_explains_itself():
    field = load_contract("tariff_rates").arrow_schema().field("price")
    assert field.type == pa.decimal128(38, 6)
    assert not field.nullable
    assert field.metadata[b"comment"] == b"Price of one unit in yuan."
    assert field.metadata[b"comment_zh"].decode().startswith("每单位")


def test_bronze_rows_end_with_the_system_columns():
    schema = load_contract("parties").polars_schema()
    assert tuple(schema)[-5:] == SYSTEM_COLUMNS == tuple(column.name for column in system_columns())
    assert schema["received_at"] == pl.Datetime("us", "UTC")
    assert "received_at" not in load_contract("parties").polars_schema(system=False)


def test_declared_totals_are_defined_where_they_are_compared():
    totals = {
        contract.name: (contract.control_day, contract.control_sum)
        for contract in CONTRACTS
        if contract.control_sum
    }
    assert totals == {
        "job_records": ("end_time", "cpu_cores * elapsed_s"),
        "facility_readings": ("read_at", "value"),
        "instance_records": ("interval_start", "vcpus"),
        "storage_records": ("observed_at", "used_bytes"),
        "network_usage": ("interval_start", "bytes_in + bytes_out"),
        "device_samples": ("sampled_at", "power_w"),
        "network_probes": ("probed_at", "received"),
    }


def test_the_digest_changes_with_an_element():
    dictionary = dict(load_dictionary())
    raw = read_yaml(ROOT / "datasets" / "parties.odcs.yaml")
    before = parse_contract(raw, dictionary)
    dictionary["tax_id"] = dictionary["user"]
    assert parse_contract(raw, dictionary).digest != before.digest == load_contract("parties").digest


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "a: {name: {en: A, zh: 甲}, definition: {en: A, zh: 甲}, type: text, sensitivity: public}",
            "unknown type",
        ),
        ("a: {name: {en: A}, definition: {en: A, zh: 甲}, type: string, sensitivity: public}", "zh"),
        (
            "a: {name: {en: A, zh: ''}, definition: {en: A, zh: 甲}, type: string, sensitivity: public}",
            "empty",
        ),
        (
            "a: {name: {en: A, zh: 甲}, definition: {en: A, zh: 甲}, type: decimal, sensitivity: public}",
            "scale",
        ),
        (
            "a: {name: {en: A, zh: 甲}, definition: {en: A, zh: 甲}, type: date, min: x, sensitivity: public}",
            "isoformat",
        ),
        (
            "a: {name: {en: A, zh: 甲}, definition: {en: A, zh: 甲}, type: date, codes: {}, sensitivity: public}",
            "string",
        ),
        ("a: {size: 3}", "unknown keys"),
        ("a: {}\na: {}", "given twice"),
        ("a: [", "not valid YAML"),
    ],
)
def test_a_malformed_element_is_refused_with_its_reason(tmp_path: Path, text: str, says: str):
    (tmp_path / "elements").mkdir()
    (tmp_path / "elements" / "some.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=says):
        load_dictionary(tmp_path)


def edited(**changes: object) -> dict[str, object]:
    raw = read_yaml(ROOT / "datasets" / "parties.odcs.yaml")
    raw["schema"][0] |= changes
    return raw


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        ([{"name": "no_such_element"}], "dictionary lacks"),
        ([{"name": "party_id"}, {"name": "party_id"}], "given twice"),
        ([{"name": "party_id", "required": True, "primaryKey": True, "primaryKeyPosition": 2}], "positions"),
        ([{"name": "party_id", "primaryKey": True, "primaryKeyPosition": 1}], "not required"),
        ([{"name": "received_at"}], "system column"),
    ],
)
def test_a_malformed_contract_is_refused_with_its_reason(properties: list[dict[str, object]], says: str):
    with pytest.raises(ContractError, match=says):
        parse_contract(edited(properties=properties), load_dictionary())


def test_an_unknown_contract_names_those_that_there_are():
    with pytest.raises(ContractError, match="job_records"):
        load_contract("jobs")


def test_definitions_hold_the_vocabulary_and_every_published_column():
    rows = definitions_rows()
    columns = {(row["table_name"], row["column_name"]) for row in rows if row["table_name"]}
    assert columns == {
        (each.name, column) for each in load_contracts("published") for column in each.column_names
    }
    vocabulary = {row["term"]: row for row in rows if not row["table_name"]}
    assert vocabulary["core-hour"]["name_zh"] == "核时"
    assert {"site", "tenant", "watermark", "settlement", "journal entry"} <= {*vocabulary}
    assert all(tuple(row) == load_contract("definitions").column_names for row in rows)
    assert len({row["term"] for row in rows}) == len(rows)
