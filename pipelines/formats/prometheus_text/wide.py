"""From samples to wide rows: what was measured of one device at one instant stands in one row.

Samples are numbered, so that folding is arithmetic on arrays and only the values that stand in a row are texts.
"""

import numpy as np
import polars as pl

from pipelines.formats.base import Tally, cut_raw, flag
from pipelines.formats.prometheus_text.mapping import ATTRIBUTES, IDENTITY, MEASURED, TIME
from pipelines.formats.prometheus_text.rules import FAULTS
from pipelines.formats.prometheus_text.series import SeriesDictionary
from pipelines.formats.prometheus_text.values import NOT_A_NUMBER, converted
from pipelines.formats.times import INSTANT

SAMPLE = {"_row": pl.Int64, "series": pl.UInt32, "value": pl.String, "stamp": pl.String, "at": pl.Int64}
MOST_PLACES = 8


class _Groups:
    """Which row each sample belongs to: rows are numbered in the order of their first sample.

    Of the samples with one key the first is the one that is written to the key's place last. Keys of which most do not
    occur are made dense before.
    """

    def __init__(self, device: np.ndarray, at: np.ndarray) -> None:
        times = pl.Series(at).unique().sort().to_numpy()
        keys = device * len(times) + np.searchsorted(times, at)
        if (int(device.max(initial=0)) + 1) * len(times) > MOST_PLACES * len(keys):
            keys = np.unique(keys, return_inverse=True)[1]
        firsts = np.full(int(keys.max(initial=-1)) + 1, -1, dtype=np.int64)
        firsts[keys[::-1]] = np.arange(len(keys))[::-1]
        self.first = np.sort(firsts[firsts >= 0])
        number = np.empty(len(keys), dtype=np.int64)
        number[self.first] = np.arange(len(self.first))
        self.of = number[firsts[keys]]


def fold(
    samples: pl.DataFrame, fault: int, book: SeriesDictionary, dataset: str, tally: Tally
) -> pl.DataFrame:
    """The wide rows of samples (SAMPLE), all of whose times have the same `fault` (0: none)."""
    places = book.places[samples["series"].to_numpy()]
    groups = _Groups(places[:, 1], samples["at"].to_numpy())
    unknown = _unknown(samples["value"], places[:, 0], book)
    rows = samples.select("_row").to_series().gather(groups.first).to_frame("_row")
    raw = [_first(samples, groups.first, book)]
    winners = np.zeros(len(groups.first), dtype=bool)
    for column in MEASURED[dataset]:
        metrics = [number for number, metric in enumerate(book.metrics) if metric.column == column]
        mine = np.isin(places[:, 0], metrics) & ~unknown
        position, conflict = _winners(samples, places, groups.of, np.flatnonzero(mine), book, len(winners))
        rows = rows.with_columns(_values(samples["value"], position, places, book).alias(column))
        rows = flag(rows, f"{column}.conflict", pl.Series(conflict))
        raw.append(_named(samples["value"], position, groups.first, places, book))
        winners |= position >= 0
    rows = rows.with_columns(
        cut_raw(pl.select(pl.concat_str(raw, separator="\n", ignore_nulls=True)).to_series()).alias("_raw"),
        *_described(places, groups, book, dataset, tally),
    )
    rows = _timed(rows, samples["at"].gather(groups.first), fault, dataset)
    return _without_empty(rows, winners, groups.of, unknown, tally)


def _unknown(values: pl.Series, metrics: np.ndarray, book: SeriesDictionary) -> np.ndarray:
    """Which samples say that their value is not known."""
    words = {word for metric in book.metrics for word in metric.unknown}
    found = values.is_in([*NOT_A_NUMBER, *words]).to_numpy().copy()
    where = np.flatnonzero(found)
    said, metric = values.gather(where), metrics[where]
    for number in np.unique(metric):
        meant = said.is_in([*NOT_A_NUMBER, *book.metrics[number].unknown]).to_numpy()
        found[where[metric == number]] = meant[metric == number]
    return found


def _winners(
    samples: pl.DataFrame,
    places: np.ndarray,
    row: np.ndarray,
    mine: np.ndarray,
    book: SeriesDictionary,
    rows: int,
) -> tuple[np.ndarray, np.ndarray]:
    """For each row the sample (or -1) whose value a column takes, and whether samples contradict each other."""
    position, conflict = np.full(rows, -1, dtype=np.int64), np.zeros(rows, dtype=bool)
    position[row[mine]] = mine
    if np.count_nonzero(position >= 0) == len(mine):
        return position, conflict
    number = samples["value"].gather(mine).cast(pl.Float64, strict=False).fill_null(float("-inf")).to_numpy()
    rank = _ranks(places[mine, 0], number, book)
    order = np.lexsort((-mine, number, -rank))
    position[row[mine[order]]] = mine[order]
    table = pl.DataFrame(
        {"row": row[mine], "rank": rank, "number": number, "series": samples["series"].gather(mine)}
    )
    greatest = np.array([metric.greatest for metric in book.metrics], dtype=bool)[places[mine, 0]]
    several = table.with_columns(series=pl.when(pl.Series(greatest)).then("series"))
    differing = several.group_by("row", "rank", "series").agg(differ=pl.col("number").n_unique() > 1)
    conflict[differing.filter("differ")["row"].to_numpy()] = True
    return position, conflict


def _ranks(metrics: np.ndarray, number: np.ndarray, book: SeriesDictionary) -> np.ndarray:
    rank = np.array([metric.rank for metric in book.metrics])
    zero = np.array(
        [metric.rank if metric.zero_rank is None else metric.zero_rank for metric in book.metrics]
    )
    return np.where(number == 0, zero[metrics], rank[metrics])


def _values(values: pl.Series, position: np.ndarray, places: np.ndarray, book: SeriesDictionary) -> pl.Series:
    """The column's texts: the winners' values, each as its metric says."""
    where = np.flatnonzero(position >= 0)
    taken = position[where]
    found = pl.Series([None], dtype=pl.String).new_from_index(0, len(position))
    metric = places[taken, 0]
    for number in np.unique(metric):
        mine = metric == number
        texts = converted(values.gather(taken[mine]), book.metrics[number])
        if mine.all() and len(where) == len(position):
            return texts
        found = found.scatter(where[mine], texts)
    return found


def _first(samples: pl.DataFrame, first: np.ndarray, book: SeriesDictionary) -> pl.Series:
    """Each row's first sample as it was sent, but for odd spaces and exemplars."""
    start = samples.select("series", "value", "stamp")[first]
    text = book.texts.gather(start["series"])
    brace = pl.when(text.str.contains("{", literal=True)).then(pl.lit("}")).otherwise(pl.lit(""))
    value = pl.concat_str("value", "stamp", separator=" ", ignore_nulls=True)
    return start.select(pl.concat_str(pl.lit(text), brace, pl.lit(" "), value)).to_series()


def _named(
    values: pl.Series, position: np.ndarray, first: np.ndarray, places: np.ndarray, book: SeriesDictionary
) -> pl.Series:
    """The metric and value of each row's winner, where it is not the first sample of the row."""
    where = np.flatnonzero((position >= 0) & (position != first))
    names = pl.Series([f"{metric.name} " for metric in book.metrics], dtype=pl.String)
    taken = position[where]
    texts = names.gather(places[taken, 0]) + values.gather(taken)
    if len(where) == len(position):
        return texts
    return pl.Series([None], dtype=pl.String).new_from_index(0, len(position)).scatter(where, texts)


def _described(
    places: np.ndarray, groups: _Groups, book: SeriesDictionary, dataset: str, tally: Tally
) -> list[pl.Series]:
    """The identity and the attributes of each row's device, and the flag of devices that are not named."""
    number = places[groups.first, 2].copy()
    least, most = number.copy(), number.copy()
    np.minimum.at(least, groups.of, places[:, 2])
    np.maximum.at(most, groups.of, places[:, 2])
    found = list(book.attributes)
    mixed = np.isin(groups.of, np.flatnonzero(least != most))
    if mixed.any():
        pairs = pl.DataFrame({"row": groups.of[mixed], "number": places[mixed, 2]}).unique()
        several = pairs.group_by("row").agg(pl.col("number").sort())
        for numbers, part in several.group_by("number"):
            merged, differ = book.merged(tuple(numbers[0]))  # type: ignore[arg-type]
            found.append(merged)
            number[part["row"].to_numpy()] = len(found) - 1
            if differ:
                tally.label("labels of a device that differ", part.height)
    devices = [identifier for identifier, _ in book.devices]
    device = pl.Series(devices, dtype=pl.String).gather(places[groups.first, 1])
    columns = zip(*found, strict=True)
    described = [device.alias(IDENTITY[dataset])] + [
        pl.Series(name, values, dtype=pl.String).gather(number)
        for name, values in zip(ATTRIBUTES[dataset], columns, strict=True)
    ]
    nameless = device.is_null()
    return [*described, nameless.alias(f"!{IDENTITY[dataset]}.unknown")] if nameless.any() else described


def _timed(rows: pl.DataFrame, at: pl.Series, fault: int, dataset: str) -> pl.DataFrame:
    column = TIME[dataset]
    if not fault:
        return rows.with_columns(at.cast(INSTANT).alias(column))
    nothing = pl.lit(None, dtype=INSTANT).alias(column)
    return rows.with_columns(nothing, pl.lit(True).alias(f"!{column}.{FAULTS[fault]}"))


def _without_empty(
    rows: pl.DataFrame, winners: np.ndarray, row: np.ndarray, unknown: np.ndarray, tally: Tally
) -> pl.DataFrame:
    """The rows of which a value is known; books every sample as in a row, folded or set aside."""
    aside = int(np.count_nonzero(~winners[row]))
    tally.put_aside("unknown value", aside)
    tally.label("unknown value", len(np.unique(row[unknown & winners[row]])))
    kept = rows if winners.all() else rows.filter(pl.Series(winners))
    tally.folded += len(row) - aside - kept.height
    return kept
