"""The suite of a contract: the expectations that an accepted row must meet, and how they read.

Wording for people belongs here; the expectations are those that `data_contracts` generates from the contract.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

import data_contracts
from data_contracts.contract import Column, Contract
from data_contracts.dictionary import Bound, Text, bound_text
from data_contracts.reasons import rule_text
from pipelines.certificates.facts import Expectation, Verdict

EXPECTATIONS = Path(data_contracts.__file__).parent / "expectations"
TABLE_COLUMNS = (
    Text("All columns of the contract are there.", "契约的各列齐全。"),
    Text("Columns of the contract are missing.", "缺少契约的列。"),
)


def suite(contract: Contract, source_id: str, landing_ids: Sequence[str]) -> tuple[Expectation, ...]:
    """What every accepted row of these deliveries of one source must meet: the contract's suite, and its origin.

    Types are not asked again, at 8 ms each: rows are only sampled from files that have them (`files_sound`).
    """
    generated = json.loads((EXPECTATIONS / f"{contract.name}.json").read_text(encoding="utf-8"))
    asked = [raw for raw in generated["expectations"] if not raw["meta"]["rule"].endswith(".type")]
    contracted = [_contracted(contract, raw) for raw in asked]
    return (*contracted, *_origin(source_id, landing_ids))


def observed(rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """The rows with one column per row rule: whether DuckDB finds it held (ingestion asked Polars)."""
    import duckdb

    if not contract.row_rules:
        return rows
    held = ", ".join(f'try({rule.sql}) as "row.{rule.name}"' for rule in contract.row_rules)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.register("rows", rows.to_arrow())
        return rows.hstack(connection.sql(f"select {held} from rows").pl())


def _contracted(contract: Contract, raw: Mapping[str, Any]) -> Expectation:
    """One expectation of the generated suite, in words."""
    name = raw["meta"]["rule"]
    subject, _, kind = name.rpartition(".")
    columns: tuple[str, ...] = ()
    if subject == "table":
        text, broken = TABLE_COLUMNS
    elif subject == "row":
        text = rule_text(contract, name)
        broken = Text(f"Not so: {text.en}", f"不符合：{text.zh}")
        columns = tuple(dict.fromkeys(pl.sql_expr(raw["meta"]["sql"]).meta.root_names()))
    else:
        column = next(each for each in contract.stored_columns() if each.name == subject)
        text, columns = _column_text(column, kind), (subject,)
        broken = rule_text(contract, name) if column in contract.columns else _broken(column, text)
    severity = Verdict.RED if raw["severity"] == "critical" else Verdict.AMBER
    return Expectation(name, raw["type"], raw["kwargs"], text, broken, severity, columns)


def _column_text(column: Column, kind: str) -> Text:
    """What a kind of rule expects of the values of a column."""
    codes = ", ".join(column.codes)
    match kind:
        case "required":
            return Text("Present in every row.", "每行都有值。")
        case "range":
            return _range_text(column)
        case "code":
            return Text(f"One of {codes}.", f"取值为 {codes}。")
        case "length":
            return Text(
                f"At most {column.max_length:,} characters.", f"不超过 {column.max_length:,} 个字符。"
            )
    form = column.form or Text(column.pattern or kind, column.pattern or kind)
    return Text(f"Of the form: {form.en}.", f"格式：{form.zh}。")


def _broken(column: Column, text: Text) -> Text:
    return Text(
        f"{column.name_en} ({column.name}) is not as expected. {text.en}",
        f"{column.name_zh}（{column.name}）不符合：{text.zh}",
    )


def _range_text(column: Column) -> Text:
    low, high = _bound(column.min), _bound(column.max)
    if column.max is None:
        return Text(f"At least {low}.", f"不小于 {low}。")
    if column.min is None:
        return Text(f"At most {high}.", f"不大于 {high}。")
    return Text(f"From {low} to {high}.", f"{low} 至 {high}。")


def _bound(bound: Bound) -> str:
    return f"{bound:,}" if isinstance(bound, int) else bound_text(bound)


def _origin(source_id: str, landing_ids: Sequence[str]) -> Iterator[Expectation]:
    """That the rows are of this source and of these deliveries."""
    for column, values, text, broken in (
        (
            "source_id",
            [source_id],
            Text("Rows of this source only.", "仅含本来源的行。"),
            Text("There are rows of another source.", "含有其他来源的行。"),
        ),
        (
            "landing_id",
            list(landing_ids),
            Text("Rows of these deliveries only.", "仅含这些交付的行。"),
            Text("There are rows of other deliveries.", "含有其他交付的行。"),
        ),
    ):
        kwargs = {"column": column, "value_set": values}
        type_ = "expect_column_values_to_be_in_set"
        yield Expectation(f"{column}.origin", type_, kwargs, text, broken, columns=(column,))
