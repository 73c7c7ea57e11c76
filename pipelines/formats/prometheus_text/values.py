"""From a sample's value to a column's: exact powers of ten, whole numbers, codes."""

from decimal import ROUND_FLOOR, Decimal, InvalidOperation

import polars as pl

from pipelines.formats.prometheus_text.mapping import WHOLE, Metric

NOT_A_NUMBER = ("NaN", "nan")
_LONGEST = 40


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
        number = Decimal(text or "").scaleb(metric.power_of_ten)
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST:
        return text
    if metric.whole == "down":
        number = number.to_integral_value(ROUND_FLOOR)
    if number == number.to_integral_value():
        return format(number.quantize(Decimal(1)), "f") if number.adjusted() < 27 else text
    return format(number, "f")
