"""Numbers as Slurm writes them: counts with a unit, memory, durations, and the TRES lists that hold them.

Every function gives a value per text and says which texts it could not read; nothing unreadable becomes zero.
"""

from collections.abc import Callable, Sequence

import polars as pl

_BINARY = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "P": 1 << 50}
_DECIMAL = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}
_KIB = {"K": 1, "": 1 << 10, "M": 1 << 10, "G": 1 << 20, "T": 1 << 30, "P": 1 << 40}
_SCALED = r"^([0-9]{1,15})(?:\.([0-9]{1,2}))?([KMGTP]?)$"
_SAFE = 2**60
PER_CPU_FLAGS = (1 << 63, 1 << 31)
_USUAL_DURATION = r"^(?:[0-9]{1,6}-)?[0-9]{2}:[0-5][0-9]:[0-5][0-9]$"
_DURATION = r"^(?:([0-9]{1,6})-)?(?:([0-9]{1,7}):)?([0-9]{1,7}):([0-9]{1,2})(?:\.[0-9]+)?$"


def by_value(text: pl.Series, read: Callable[[pl.Series], pl.DataFrame]) -> pl.DataFrame:
    """Applies `read` (texts → one row each) to the distinct texts only, and gives every text its row."""
    distinct = text.unique()
    table = read(distinct).insert_column(0, distinct.alias("text"))
    found = pl.DataFrame({"text": text}).join(
        table, on="text", how="left", maintain_order="left", nulls_equal=True
    )
    return found.drop("text")


def _scaled(text: pl.Expr, units: dict[str, int]) -> tuple[pl.Expr, pl.Expr]:
    """`12`, `1.50K`, `62.50G` in units of one, the last decimal rounded half up; and whether that is exact.

    NULL if unreadable.
    """
    parts = text.str.extract_groups(_SCALED)
    unit = parts.struct.field("3").replace_strict(units, default=None, return_dtype=pl.Int64)
    whole = parts.struct.field("1").cast(pl.Int64)
    hundredths = parts.struct.field("2").str.pad_end(2, "0").cast(pl.Int64).fill_null(0)
    fits = whole.cast(pl.Float64) * unit.cast(pl.Float64) < _SAFE
    return pl.when(fits).then(whole * unit + (hundredths * unit + 50) // 100), hundredths * unit % 100 == 0


def counts(text: pl.Series, units: dict[str, int] | None = None) -> tuple[pl.Series, pl.Series]:
    """Whole numbers, with a unit of 1024 where Slurm shortens (`1.50K`); and which texts are unreadable."""
    value = text.cast(pl.Int64, strict=False)
    if text.null_count() == len(text):
        return value, value.is_not_null()
    odd = value.is_null()
    if odd.any():
        odd = odd & text.is_not_null() & (text != "")
        amount, exact = _scaled(pl.col("t"), units or _BINARY)
        found = by_value(
            text.filter(odd), lambda some: _frame(some).select(value=pl.when(exact).then(amount))
        )
        value = value.scatter(odd.arg_true(), found["value"])
    return value, (odd & value.is_null()) | (value < 0).fill_null(False)


def joules(text: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Energy: units of 1000; Slurm's words for `not measured` (2^64 − 1 and − 2) are no number."""
    if text.null_count() == len(text):
        return counts(text)
    text = text.replace({"18446744073709551615": None, "18446744073709551614": None, "N/A": None})
    return counts(text, _DECIMAL)


def _frame(text: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"t": text})


def seconds(text: pl.Series, absent: Sequence[str] = ("",)) -> tuple[pl.Series, pl.Series]:
    """`1-02:03:04`, `02:03:04`, `03:04.123` in whole seconds, fractions dropped; and which texts are unreadable."""
    column = pl.col("t")
    usual = (
        column.str.slice(-2, 2).cast(pl.Int64, strict=False)
        + column.str.slice(-5, 2).cast(pl.Int64, strict=False) * 60
        + column.str.slice(-8, 2).cast(pl.Int64, strict=False) * 3600
        + column.str.head(-9).cast(pl.Int64, strict=False).fill_null(0) * 86400
    )
    value = _frame(text).select(value=pl.when(column.str.contains(_USUAL_DURATION)).then(usual)).to_series()
    odd = value.is_null()
    if odd.any():
        odd = odd & text.is_not_null() & ~text.is_in(list(absent))
        found = by_value(text.filter(odd), lambda some: _frame(some).select(value=_unusual_seconds(column)))
        value = value.scatter(odd.arg_true(), found["value"])
    return value, odd & value.is_null()


def _unusual_seconds(text: pl.Expr) -> pl.Expr:
    parts = text.str.extract_groups(_DURATION)
    days, hours, minutes, rest = (
        parts.struct.field(str(i)).cast(pl.Int64, strict=False) for i in range(1, 5)
    )
    readable = minutes.is_not_null() & (rest < 60) & ((minutes < 60) | hours.is_null())
    return pl.when(readable).then(days.fill_null(0) * 86400 + hours.fill_null(0) * 3600 + minutes * 60 + rest)


def mebibytes(text: pl.Series) -> pl.DataFrame:
    """Requested memory: `value` (MiB, or MiB per `per`: node, cpu or job) and `unreadable`, a row per text.

    Slurm marks memory per CPU by the topmost bit of the number, which some versions print as if it were memory:
    2147486648Mn is 3000 MiB per CPU.
    """
    suffix = pl.col("t").str.extract("([nc])$").fill_null("")
    number = pl.col("t").str.strip_suffix("n").str.strip_suffix("c").str.strip_suffix("M")
    plain = number.cast(pl.UInt64, strict=False)
    flagged = pl.coalesce(
        pl.when((plain >= bit) & (plain - bit < 1 << 30)).then(plain - bit) for bit in PER_CPU_FLAGS
    ).cast(pl.Int64)
    kibibytes, _ = _scaled(pl.col("t").str.strip_suffix("n").str.strip_suffix("c"), _KIB)
    amount = (kibibytes + 512) // 1024
    value = flagged.fill_null(pl.when(amount < 1 << 31).then(amount))
    per = (
        pl.when(flagged.is_not_null() | (suffix == "c"))
        .then(pl.lit("cpu"))
        .when(suffix == "n")
        .then(pl.lit("node"))
    )
    said = pl.col("t").is_not_null() & ~pl.col("t").str.contains(r"^\??[nc]?$")
    return _frame(text).select(
        value=pl.when(value > 0).then(value),
        per=per.otherwise(pl.lit("job")),
        unreadable=(said & value.is_null()).fill_null(False),
    )
