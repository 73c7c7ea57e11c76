"""Which field of a row is which column, where values hold the delimiter: decided only where it is proven.

A row of F fields over C columns has F − C delimiters too many, all of them inside free text. Every way to give
them to the free columns is tried at once, for all rows: a way counts if all other fields have their column's
form. A column is proven if all ways agree on its place.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from pipelines.formats.slurm_sacct.columns import FREE, form

MAX_EXCESS = 32
_CHUNK = 4096


def align(texts: pl.Series, columns: Sequence[str], delimiter: str, needed: Sequence[str]) -> pl.DataFrame:
    """The needed columns of each row (String), with `_ways`: 1 where they are proven, 0 or 2 where no or several
    readings stand. Rows are whole records without a trailing delimiter."""
    rows = pl.DataFrame({"text": texts}).with_row_index("at")
    rows = rows.with_columns(
        (pl.col("text").str.count_matches(delimiter, literal=True).cast(pl.Int64) + 1 - len(columns)).alias(
            "excess"
        )
    )
    parts = [_nothing(rows.filter(~pl.col("excess").is_between(0, MAX_EXCESS)), needed)]
    for (excess,), group in rows.filter(pl.col("excess").is_between(0, MAX_EXCESS)).group_by("excess"):
        for chunk in group.iter_slices(_CHUNK):
            parts.append(_align_equal(chunk, int(str(excess)), columns, delimiter, needed))
    return pl.concat(parts).sort("at").drop("at")


def _nothing(rows: pl.DataFrame, needed: Sequence[str]) -> pl.DataFrame:
    empty = [pl.lit(None, pl.String).alias(name) for name in needed]
    return rows.select("at", *empty, pl.lit(0, pl.Int64).alias("_ways"))


def _align_equal(
    rows: pl.DataFrame, excess: int, columns: Sequence[str], delimiter: str, needed: Sequence[str]
) -> pl.DataFrame:
    """Rows of equally many fields."""
    width = len(columns) + excess
    fields = rows["text"].str.split_exact(delimiter, width - 1).struct.unnest()
    starts = _starts(fields, excess, columns)
    reachable = starts[0].any(axis=1)
    proven = reachable.copy()
    listed = pl.DataFrame({"field": rows["text"].str.split(delimiter)})
    values = {}
    for name in needed:
        place = columns.index(name)
        here, after = starts[place], starts[place + 1]
        proven &= (here.sum(axis=1) == 1) & (after.sum(axis=1) == 1)
        first = place + here.argmax(axis=1)
        length = place + 1 + after.argmax(axis=1) - first
        values[name] = _take(listed, first, length, delimiter)
    ways = np.where(proven, 1, np.where(reachable, 2, 0))
    return pl.DataFrame({"at": rows["at"], **values, "_ways": pl.Series(ways, dtype=pl.Int64)})


def _take(listed: pl.DataFrame, first: np.ndarray, length: np.ndarray, delimiter: str) -> pl.Series:
    frame = listed.with_columns(pl.Series("first", first), pl.Series("length", np.maximum(length, 0)))
    taken = pl.col("field").list.slice(pl.col("first"), pl.col("length")).list.join(delimiter)
    return frame.select(taken).to_series()


def _starts(fields: pl.DataFrame, excess: int, columns: Sequence[str]) -> list[np.ndarray]:
    """For each column, and for the end: per row and shift, whether some reading begins it at place + shift."""
    matches = _matches(fields, columns)
    forward = [np.zeros((fields.height, excess + 1), dtype=bool)]
    forward[0][:, 0] = True
    for place, name in enumerate(columns):
        here = forward[-1] & matches[form(name)][:, place : place + excess + 1]
        forward.append(np.logical_or.accumulate(here, axis=1) if name in FREE else here)
    backward = [np.zeros_like(forward[0])]
    backward[0][:, excess] = True
    for place, name in reversed(list(enumerate(columns))):
        after = backward[-1]
        if name in FREE:
            after = np.logical_or.accumulate(after[:, ::-1], axis=1)[:, ::-1]
        backward.append(after & matches[form(name)][:, place : place + excess + 1])
    return [one & other for one, other in zip(forward, reversed(backward), strict=True)]


def _matches(fields: pl.DataFrame, columns: Sequence[str]) -> dict[str, np.ndarray]:
    """Per form of the columns: which field of which row has it."""
    matches = {}
    for pattern in {form(name) for name in columns}:
        whole = rf"^(?:{pattern})$"
        matches[pattern] = fields.select(pl.all().str.contains(whole)).to_numpy()
    return matches
