"""What lines of any provider's bill share: ids and ordinals, billing months, forms of time, columns without a place."""

import hashlib
from collections.abc import Collection, Iterable

import polars as pl

KEY = ("provider", "billing_account", "billing_period", "line_id")
NOTHING = ("", "NULL")
_DATE = r"^([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})$"
_MINUTE = r"^([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})[ T]([0-9]{2}:[0-9]{2})( ?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)$"
_SLASHED = r"^([0-9]{4})/([0-9]{2})/([0-9]{2})[ T]"


def tidy_times(text: pl.Series) -> pl.Series:
    """Times as `times.read_instants` reads them: dates alone, minutes without seconds, slashes, `GMT+08:00`."""
    text = text.str.strip_chars()
    usual = text.str.len_bytes() == len("2026-01-01T00:00:00")
    if usual.fill_null(True).all() and not text.str.contains("/", literal=True).any():
        return text
    return (
        text.str.replace(" GMT", " ", literal=True)
        .str.replace(_DATE, "$1-$2-${3}T00:00:00")
        .str.replace(_MINUTE, "$1-$2-${3}T$4:00$5")
        .str.replace(_SLASHED, "$1-$2-${3}T")
    )


def month_of(start: pl.Series) -> pl.Series:
    """The calendar month that is billed: that of a fortnight after its start, so in any zone of the provider's."""
    return start.dt.offset_by("14d").dt.strftime("%Y-%m")


def line_ids(given: pl.Series, parts: pl.DataFrame) -> pl.Series:
    """The provider's id of each line; where there is none, a hash of what tells the line from others."""
    lacking = given.is_null()
    if not lacking.any():
        return given
    built = [hashlib.sha256(repr(row).encode()).hexdigest()[:32] for row in parts.filter(lacking).iter_rows()]
    return given.scatter(lacking.arg_true(), pl.Series(built, dtype=pl.String))


def nothing(height: int, dtype: pl.DataType | type[pl.DataType] = pl.String) -> pl.Series:
    """A column without a single value."""
    return pl.Series([None], dtype=dtype).new_from_index(0, height)


def native(records: pl.DataFrame, names: Iterable[str], placed: Collection[str | None]) -> pl.Series:
    """A JSON object of the columns that have no place of their own, in the file's order; nothing sent is null."""
    others = [name for name in names if name not in placed]
    if not others:
        return nothing(records.height)
    return records.select(pl.struct(others).struct.json_encode()).to_series()


class Ordinals:
    """How often each key has come in a file so far, by two hashes of it."""

    def __init__(self) -> None:
        self.counts = pl.DataFrame(schema={"one": pl.UInt64, "two": pl.UInt64, "count": pl.Int64})

    def number(self, keys: pl.DataFrame, sound: pl.Series) -> pl.Series:
        """1, 2, … among the sound rows with the same key, in file order; NULL for the others."""
        hashes = pl.DataFrame({"one": keys.hash_rows(1, 2, 3, 4), "two": keys.hash_rows(5, 6, 7, 8)})
        hashes = hashes.with_row_index("at").filter(sound)
        here = hashes.with_columns(place=pl.int_range(1, pl.len() + 1).over("one", "two"))
        before = here.join(self.counts, on=["one", "two"], how="left", maintain_order="left")
        before = before.with_columns(ordinal=pl.col("place") + pl.col("count").fill_null(0))
        newest = before.group_by("one", "two").agg(pl.col("ordinal").max().alias("count"))
        self.counts = self.counts.join(newest, on=["one", "two"], how="anti").vstack(
            newest.cast({"count": pl.Int64})
        )
        return nothing(keys.height, pl.Int64).scatter(before["at"], before["ordinal"])
