"""What is rendered is right where it is read: Great Expectations and dbt find what is broken, and only that."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from data_contracts.contract import load_contract
from data_contracts.render import REPOSITORY, rendered_files

pytestmark = pytest.mark.slow

TARIFF = {
    "tariff_id": "t", "version": "1", "sku_id": "s", "band_from": 0, "window": "00-24", "unit": "core-hour",
    "price": Decimal("0.12"), "tax_included": True, "valid_from": date(2026, 1, 1), "valid_to": None,
    "source_id": "network-ops", "landing_id": "a" * 32, "landing_row": 2,
    "received_at": datetime(2026, 1, 1, tzinfo=UTC), "record_hash": "b" * 32,
}  # fmt: skip
BROKEN_TARIFFS = {
    "price.required": {"price": None},
    "price.range": {"price": Decimal(-1)},
    "unit.code": {"unit": "hour"},
    "tariff_id.pattern": {"tariff_id": "a b"},
    "version.length": {"version": "v" * 65},
    "valid_from.range": {"valid_from": date(1989, 12, 31)},
    "row.validity_order": {"valid_to": date(2026, 1, 1)},
}


@pytest.fixture(scope="module")
def failed_expectations() -> Callable[[list[Mapping[str, Any]]], set[str]]:
    """A function from rows of tariff_rates to the rules whose expectations fail."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    import pandas as pd

    contract = load_contract("tariff_rates")
    schema = pa.schema([field.with_nullable(True) for field in contract.arrow_schema()])
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset("rows")
    whole = asset.add_batch_definition_whole_dataframe("whole")
    suite = gx.ExpectationSuite(
        **json.loads(rendered_files()["data_contracts/expectations/tariff_rates.json"])
    )

    def failed(rows: list[Mapping[str, Any]]) -> set[str]:
        table = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
        conditions = ", ".join(f'({rule.sql}) as "row.{rule.name}"' for rule in contract.row_rules)
        with duckdb.connect() as connection:
            connection.register("rows_sent", table)
            seen = connection.sql(f"select *, {conditions} from rows_sent").to_arrow_table()
        types = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
        batch = whole.get_batch({"dataframe": seen.to_pandas(types_mapper=types.get)})
        results = batch.validate(suite).results
        return {result.expectation_config.meta["rule"] for result in results if not result.success}

    return failed


def test_a_suite_accepts_what_holds_the_contract(failed_expectations: Any):
    assert failed_expectations([TARIFF, TARIFF | {"valid_to": date(2027, 1, 1)}]) == set()


@pytest.mark.parametrize("rule", BROKEN_TARIFFS)
def test_a_suite_names_the_broken_rule(failed_expectations: Any, rule: str):
    assert failed_expectations([TARIFF, TARIFF | BROKEN_TARIFFS[rule]]) == {rule}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A dbt project of one model, `statements`, with its generated properties, the generic tests and their macros."""
    shutil.copytree(REPOSITORY / "dbt" / "tests" / "generic", tmp_path / "tests" / "generic")
    (tmp_path / "macros").mkdir()
    shutil.copy(REPOSITORY / "dbt" / "macros" / "identity.sql", tmp_path / "macros")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "statements.sql").write_text("select * from raw.statements", encoding="utf-8")
    properties = rendered_files()["dbt/models/marts/_statements.yml"]
    (tmp_path / "models" / "statements.yml").write_text(properties, encoding="utf-8")
    (tmp_path / "dbt_project.yml").write_text(
        "name: suanzhang\nversion: 1.0.0\nprofile: one\ntest-paths: [tests]\n"
        "flags: {send_anonymous_usage_stats: false}\n"
    )
    database = tmp_path / "one.duckdb"
    (tmp_path / "profiles.yml").write_text(
        f"one: {{target: t, outputs: {{t: {{type: duckdb, path: '{database}'}}}}}}\n"
    )
    return tmp_path


def dbt_build(project: Path, rows: list[dict[str, Any]]) -> dict[str, tuple[str, int]]:
    """Builds and tests the model over rows; status and number of failures by test."""
    from dbt.cli.main import dbtRunner

    schema = pa.schema([field.with_nullable(True) for field in load_contract("statements").arrow_schema()])
    table = pa.Table.from_pylist(rows, schema=schema)
    with duckdb.connect(str(project / "one.duckdb")) as connection:
        connection.register("rows_sent", table)
        connection.execute("create schema if not exists raw")
        connection.execute("create or replace table raw.statements as select * from rows_sent")
    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    result = dbtRunner().invoke(["--quiet", "build", *folders, "--warn-error"])
    return {each.node.name: (str(each.status), each.failures or 0) for each in result.result.results}


def test_dbt_finds_what_breaks_a_published_contract(project: Path):
    row = {
        "period": "2026-03", "party_id": "p", "counterparty_id": "n", "direction": "payable", "lines": 1,
        "net_fen": 100, "tax_fen": 6, "gross_fen": 106, "state": "draft",
    }  # fmt: skip
    other = row | {"party_id": "q", "state": "closed"}
    held = dbt_build(project, [row, other])
    assert held == {
        "statements": ("success", 0),
        "statements_keeps_contract": ("pass", 0),
        "statements_unique_key": ("pass", 0),
    }
    bad = [{"gross_fen": 107}, {"state": "final"}, {"lines": -1}, {"tax_fen": None}]
    broken = dbt_build(
        project, [row, row, *(other | each | {"party_id": f"q{n}"} for n, each in enumerate(bad))]
    )
    assert broken["statements_unique_key"] == ("fail", 1)
    assert broken["statements_keeps_contract"] == ("fail", 4)
