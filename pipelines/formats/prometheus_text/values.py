"""From a sample's value to a column's: exact powers of ten, whole numbers, codes."""

from decimal import ROUND_FLOOR, Context, Inexact, InvalidOperation, Overflow

import polars as pl

from pipelines.formats.prometheus_text.mapping import WHOLE, Metric

NOT_A_NUMBER = ("NaN", "nan")
_LONGEST = 40
_EXACT = Context(prec=80, traps=[Inexact, InvalidOperation, Overflow])


def converted(values: pl.Series, metric: Metric) -> pl.Series:
    """The column's texts; what is no number stays as it is, for the contract to reject."""
    if metric.codes:
        codes = {code: meant for code, meant in metric.codes.items() if code != "*"}
        plain = _each(values, metric) if values.cast(pl.Int64, strict=False).null_count() else values
        return plain.replace_strict(codes, default=metric.codes.get("*", plain), return_dtype=pl.String)
    if metric.power_of_ten:
        return _each(values, metric)
    if metric.column in WHOLE and values.cast(pl.Int64, strict=False).null_count() > values.null_count():
        return _each(values, metric)
    return values


def _each(values: pl.Series, metric: Metric) -> pl.Series:
    """The values one by one, each distinct one once: Go writes large numbers with an exponent."""
    distinct = values.unique()
    meant = pl.Series([_exact(text, metric) for text in distinct], dtype=pl.String)
    return values.replace_strict(distinct, meant, return_dtype=pl.String)


def _exact(text: str | None, metric: Metric) -> str | None:
    try:
        number = _EXACT.scaleb(_EXACT.create_decimal(text or ""), metric.power_of_ten)
    except ArithmeticError:
        return text
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST:
        return text
    whole = number.to_integral_value(ROUND_FLOOR)
    return format(whole if whole == number or metric.whole == "down" else number, "f")
