"""The suite of a contract: the expectations that an accepted row must meet, and how they read.

Wording for people belongs here; the bounds themselves are the contract's.
"""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from data_contracts.contract import Column, Contract
from data_contracts.dictionary import Bound, Text, bound_text
from data_contracts.reasons import rule_text
from pipelines.certificates.facts import Expectation, Verdict

_SEVERITY = {"error": Verdict.RED, "warning": Verdict.AMBER}


def suite(contract: Contract, source_id: str, landing_ids: Sequence[str]) -> tuple[Expectation, ...]:
    """What every accepted row of these deliveries of one source must meet."""
    columns = [each for column in contract.columns for each in _column_expectations(contract, column)]
    rows = [
        Expectation(
            f"row.{rule.name}",
            "expect_column_values_to_be_in_set",
            {"column": f"row.{rule.name}", "value_set": [True]},
            rule.text,
            Text(f"Not so: {rule.text.en}", f"不符合：{rule.text.zh}"),
            _SEVERITY[rule.severity],
            tuple(dict.fromkeys(pl.sql_expr(rule.sql).meta.root_names())),
        )
        for rule in contract.row_rules
    ]
    return (*columns, *rows, *_origin(source_id, landing_ids))


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


def _column_expectations(contract: Contract, column: Column) -> Iterator[Expectation]:
    """The expectations of one column, named as the rules that reject rows."""
    bounds = {"min_value": column.min, "max_value": column.max}
    kinds: dict[str, tuple[str, Mapping[str, object], Text]] = {}
    if column.required:
        text = Text("Present in every row.", "每行都有值。")
        kinds["required"] = ("expect_column_values_to_not_be_null", {}, text)
    if column.min is not None or column.max is not None:
        known = {name: bound for name, bound in bounds.items() if bound is not None}
        kinds["range"] = ("expect_column_values_to_be_between", known, _range_text(column))
    if column.pattern is not None:
        text = Text(f"Has the form {column.pattern}", f"格式为 {column.pattern}")
        kinds["pattern"] = ("expect_column_values_to_match_regex", {"regex": column.pattern}, text)
    if column.codes:
        text = Text(f"One of {', '.join(column.codes)}.", f"取值为 {', '.join(column.codes)}。")
        kinds["code"] = ("expect_column_values_to_be_in_set", {"value_set": list(column.codes)}, text)
    if column.max_length is not None:
        text = Text(f"At most {column.max_length:,} characters.", f"不超过 {column.max_length:,} 个字符。")
        kinds["length"] = (
            "expect_column_value_lengths_to_be_between",
            {"max_value": column.max_length},
            text,
        )
    for kind, (type_, kwargs, text) in kinds.items():
        name = f"{column.name}.{kind}"
        given, broken = {"column": column.name, **kwargs}, rule_text(contract, name)
        yield Expectation(name, type_, given, text, broken, columns=(column.name,))


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
