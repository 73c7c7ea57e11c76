"""The suites that the contracts generate can be evaluated and read, for every dataset that a source sends."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from data_contracts.contract import Column, Contract, load_contracts
from pipelines.certificates import certify
from pipelines.certificates.suite import suite
from tests.certificates.deliveries import SOURCE, deliver, landing_id, write_rows

CHINESE = re.compile("[\u4e00-\u9fff]")
INPUTS = load_contracts("input")
VALUES = {
    "string": "x",
    "integer": 1,
    "decimal": Decimal("0.5"),
    "timestamp": datetime(2024, 5, 1, tzinfo=UTC),
    "date": date(2024, 5, 1),
    "boolean": True,
    "number": 0.5,
}


def value(column: Column) -> object:
    system = {"source_id": SOURCE, "landing_id": landing_id(1), "record_hash": landing_id(2)}
    return system.get(column.name) or next(iter(column.codes), VALUES[column.type])


def rows_of(contract: Contract) -> pl.DataFrame:
    """Two rows: one of values, one where nothing is known that need not be."""
    schema = contract.polars_schema(system=True)
    columns = {
        column.name: [value(column), value(column) if column.required else None]
        for column in contract.stored_columns()
    }
    return pl.DataFrame(columns, schema=schema)


@pytest.mark.parametrize("contract", INPUTS, ids=lambda contract: contract.name)
def test_every_expectation_can_be_evaluated(contract: Contract, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "bronze" / "rows.parquet", rows_of(contract), contract)
    facts = replace(deliver(tmp_path), files=(replace(file, path="rows.parquet"),), rows_in=2, accepted=2)
    certificate = certify(tmp_path, contract, SOURCE, [facts], "day-1")
    assert [check.expectation.name for check in certificate.checks if check.error] == []
    assert "delivery.files_sound" not in {check.expectation.name for check in certificate.failed}


@pytest.mark.parametrize("contract", INPUTS, ids=lambda contract: contract.name)
def test_every_expectation_reads_in_both_languages(contract: Contract) -> None:
    for expectation in suite(contract, SOURCE, [landing_id(1)]):
        for text in (expectation.text, expectation.broken):
            assert CHINESE.search(text.zh)
            assert not CHINESE.search(text.en)
            assert "None" not in text.en + text.zh
