"""Great Expectations: the only module that imports it, and only when something is validated.

One ephemeral context per process, on pandas, without analytics, progress bars or network. Knows frames and
expectations; what they mean is said elsewhere.
"""

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from pipelines.certificates.facts import Expectation

POSITIONS = 5
"""Rows named per failed expectation."""


@dataclass(frozen=True)
class Outcome:
    """How one expectation fared on one frame: how many rows fail it (at least 1 if it failed), which first."""

    failed: int
    positions: tuple[int, ...] = ()
    error: str | None = None
    judged: bool = True


PASSED = Outcome(0)
NOT_JUDGED = Outcome(0, judged=False)
NOT_NULL = "expect_column_values_to_not_be_null"


def validate(frame: pl.DataFrame, expectations: Sequence[Expectation]) -> tuple[Outcome, ...]:
    """The outcome of each expectation, in order. An expectation that cannot be evaluated has failed,
    with its error.

    The first pass only asks whether; the details, which cost half as much again, are asked for what failed.
    """
    unknown = {name for name in frame.columns if frame[name].null_count() == frame.height}
    judged = {
        number: each
        for number, each in enumerate(expectations)
        if frame.height and (each.type == NOT_NULL or each.kwargs.get("column") not in unknown)
    }
    if not judged:
        return (NOT_JUDGED,) * len(expectations)
    batch = _batch_definition().get_batch({"dataframe": to_pandas(frame)})
    verdicts = _run(batch, judged, "BOOLEAN_ONLY")
    failed = {number: judged[number] for number, result in verdicts.items() if not result.success}
    details = _run(batch, failed, {"result_format": "SUMMARY", "partial_unexpected_count": POSITIONS})
    outcomes = {number: _outcome(result) for number, result in details.items()}
    return tuple(outcomes.get(n, PASSED if n in judged else NOT_JUDGED) for n in range(len(expectations)))


def to_pandas(frame: pl.DataFrame) -> Any:
    """The frame with exact types: integers and booleans (nullable where needed), Decimals, dates, instants.

    Great Expectations compares columns of plain integers at once, others value by value.
    """
    import pandas as pd
    import pyarrow as pa

    types: Mapping[pa.DataType, Any] = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    rows = frame.to_arrow().to_pandas(types_mapper=types.get)
    whole = [
        name for name, dtype in frame.schema.items() if dtype == pl.Int64 and not frame[name].has_nulls()
    ]
    return rows.astype(dict.fromkeys(whole, "int64"))


def version() -> str:
    """The version of Great Expectations, without importing it."""
    from importlib.metadata import version as version_of

    return version_of("great-expectations")


@cache
def _library() -> Any:
    """The library, imported once (about 5 s and 270 MB), told first to send nothing to anybody."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations

    return great_expectations


@cache
def _batch_definition() -> Any:
    """Where frames are put before Great Expectations: one in-memory data source per process."""
    context = _library().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("bronze").add_dataframe_asset("sample")
    return asset.add_batch_definition_whole_dataframe("whole")


def _run(batch: Any, expectations: Mapping[int, Expectation], result_format: Any) -> dict[int, Any]:
    """Results by the expectations' numbers: Great Expectations returns them in an order of its own."""
    if not expectations:
        return {}
    configured = [
        {"type": each.type, "kwargs": dict(each.kwargs), "meta": {"number": number}}
        for number, each in expectations.items()
    ]
    suite = _library().ExpectationSuite(name="contract", expectations=configured)
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "This pattern is interpreted as a regular expression, and has match"
        )
        results = batch.validate(suite, result_format=result_format).results
    return {result.expectation_config.meta["number"]: result for result in results}


def _outcome(result: Any) -> Outcome:
    found = result.result or {}
    positions = tuple(int(n) for n in (found.get("partial_unexpected_index_list") or ())[:POSITIONS])
    return Outcome(max(1, found.get("unexpected_count") or 0), positions, _error(result.exception_info))


def _error(exception_info: Any) -> str | None:
    """The first message of what Great Expectations caught while it evaluated, if anything."""
    if not exception_info:
        return None
    infos = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    messages = [str(info["exception_message"]) for info in infos if info["raised_exception"]]
    return messages[0].splitlines()[0] if messages else None
