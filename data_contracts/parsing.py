"""From text to the types of a contract, by expressions over whole columns; nothing guessed, nothing rounded.

Belongs here: which texts are a value of which type. Does not belong here: whether the value is permitted
(rules.py). A text that is no value becomes NULL, and rules.py names it; the empty text is NULL.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from data_contracts.contract import Column, polars_type

_DATE = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$"
_UTC = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]Z$"
_ZONED = (
    r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]{1,6}0*)?"
    r"(?:Z|[+-](?:0[0-9]|1[0-9]|2[0-3]):?[0-5][0-9])$"
)
_NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_CASTS = {"integer", "number", "decimal"}
_INTEGERS = (pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)


def typed(frame: pl.DataFrame, columns: tuple[Column, ...]) -> pl.DataFrame:
    """The columns in contract order and type, NULL where the text is no value; a column not sent is all NULL.

    TypeError when a column is neither text nor already of a type that holds the contract's values exactly.
    """
    values = [_value(column, frame.schema.get(column.name)) for column in columns]
    result = frame.lazy().with_columns(values).select(column.name for column in columns).collect()
    for column in columns:
        if frame.schema.get(column.name) == pl.String and column.type in _SECOND_READING:
            result = _read_again(frame, result, column)
    return result


def _read_again(frame: pl.DataFrame, result: pl.DataFrame, column: Column) -> pl.DataFrame:
    """Give the texts that the usual form did not read a second, slower reading."""
    text, value = frame[column.name], result[column.name]
    unread = (text.is_not_null() & (text != "") & value.is_null()).arg_true()
    if unread.is_empty():
        return result
    second = pl.DataFrame([text.gather(unread)]).select(_SECOND_READING[column.type](column)).to_series()
    return result.with_columns(value.scatter(unread, second))


def _value(column: Column, dtype: pl.DataType | None) -> pl.Expr:
    """The typed value of a column that arrives as `dtype`; timestamps and decimals in their usual form."""
    target = polars_type(column)
    name = column.name
    if dtype is None or dtype == pl.Null:
        return pl.lit(None, dtype=target).alias(name)
    if dtype == target and dtype != pl.String:
        return pl.col(name)
    if isinstance(dtype, pl.Datetime) and column.type == "timestamp" and dtype.time_zone:
        return pl.col(name).dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    if dtype in _INTEGERS and column.type == "integer":
        return pl.col(name).cast(pl.Int64, strict=False)
    if dtype != pl.String:
        raise TypeError(f"column {name} arrives as {dtype}; the contract says {column.type}")
    return _from_text(column, target)


def _from_text(column: Column, target: pl.DataType) -> pl.Expr:
    text = pl.col(column.name)
    parsed = text.cast(target, strict=False) if column.type in _CASTS else text
    match column.type:
        case "string":
            parsed = pl.when(text != "").then(text)
        case "boolean":
            parsed = text.replace_strict(_BOOLEANS, default=None, return_dtype=pl.Boolean)
        case "number":
            parsed = pl.when(text.str.contains(_NUMBER)).then(parsed)
        case "decimal":
            parsed = pl.when(text.str.contains(_plain_decimal(column.scale))).then(parsed)
        case "date":
            parsed = pl.when(text.str.contains(_DATE)).then(text.str.to_date("%Y-%m-%d", strict=False))
        case "timestamp":
            utc = text.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", strict=False)
            parsed = pl.when(text.str.contains(_UTC)).then(utc.dt.replace_time_zone("UTC"))
    return parsed


def _plain_decimal(scale: int) -> str:
    """Digits with at most `scale` of them after the point, zeros beyond it aside."""
    return rf"^[+-]?(?:[0-9]+(?:\.[0-9]{{0,{scale}}}0*)?|\.[0-9]{{1,{max(scale, 1)}}}0*)$"


def _zoned_timestamp(column: Column) -> pl.Expr:
    """ISO 8601 with any offset and up to six decimals of a second."""
    text = pl.col(column.name)
    parsed = text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", time_zone="UTC", strict=False)
    return pl.when(text.str.contains(_ZONED)).then(parsed)


def _exponential_decimal(column: Column) -> pl.Expr:
    """A decimal with an exponent, if its last digit that is not zero stands within the scale."""
    text = pl.col(column.name)
    mantissa = text.str.replace(".", "", literal=True)
    decimals = text.str.extract(r"\.([0-9]*)[eE]").str.len_chars().fill_null(0).cast(pl.Int64)
    zeros = mantissa.str.extract(r"(0*)[eE]").str.len_chars().cast(pl.Int64)
    exponent = text.str.extract(r"[eE]([+-]?[0-9]+)$").cast(pl.Int64, strict=False)
    exact = (decimals - zeros - exponent <= column.scale) | mantissa.str.contains(r"^[+-]?0+[eE]")
    return pl.when(text.str.contains(_NUMBER) & exact).then(text.cast(polars_type(column), strict=False))


_SECOND_READING: dict[str, Callable[[Column], pl.Expr]] = {
    "timestamp": _zoned_timestamp,
    "decimal": _exponential_decimal,
}
