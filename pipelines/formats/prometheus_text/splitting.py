"""From lines of an exposition to samples: series, value and time apart, by expressions over whole batches.

A line in the usual form is split at the brace before its value: where its time is a whole number of milliseconds, by
arithmetic on places. What is left over is taken apart one by one.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np
import polars as pl

from pipelines.formats.base import Tally
from pipelines.formats.prometheus_text.cutting import INLINE, lines_of
from pipelines.formats.prometheus_text.labels import read_sample
from pipelines.formats.prometheus_text.rules import FAULTS
from pipelines.formats.times import read_instants

SECOND = 1_000_000
MILLISECOND = 1_000
SPACE = 32
EARLIEST, LATEST = 1_000_000_000, 10_000_000_000
"""Seconds since 1970 that are plausible: from 2001-09-09 to 2286-11-20."""
WILD = 9_000_000_000_000
"""No timestamp in either unit is as large."""
_SCRAPED = "# scraped_at "
_STAMP = len("1790784000000")
_ABSENT, _SECONDS, _MILLISECONDS, _UNREADABLE = (
    FAULTS.index(name) for name in ("absent", "seconds", "milliseconds", "unreadable")
)


@dataclass
class Clock:
    """How a file tells time: the unit of its timestamps (`stated`: not to be doubted), the scrape's microseconds."""

    unit: int
    stated: bool
    zone: str
    scraped: int | None


def split_lines(lines: pl.DataFrame, tally: Tally, clock: Clock) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Samples (`_row`, `series`, `value`, `stamp`, `scraped`) of a batch of lines, and its faulty lines."""
    lines = lines.with_columns(_scraped(lines, clock).alias("scraped"))
    tally.records_read += lines.height
    line = pl.col("line")
    if (lines["line"].str.head(1).is_in([" ", "\t", ""])).any():
        blank, comment = line.str.strip_chars() == "", line.str.strip_chars_start().str.starts_with("#")
    else:
        blank, comment = pl.lit(False), line.str.starts_with("#")
    kinds = lines.select(fault=pl.col("_fault").is_not_null(), blank=blank, comment=comment)
    fault = kinds["fault"]
    blank_lines, comments = kinds["blank"] & ~fault, kinds["comment"] & ~fault
    tally.put_aside("blank line", int(blank_lines.sum()))
    tally.put_aside("comment line", int(comments.sum()))
    faulty = lines.filter(fault).select("_row", "line", "_fault") if fault.any() else None
    samples = _split(lines.filter(~(fault | blank_lines | comments)))
    bad = samples["series"].is_null()
    if bad.any():
        lost = samples.filter(bad).select("_row", "line", pl.lit("record.format").alias("_fault"))
        faulty = lost if faulty is None else faulty.vstack(lost).sort("_row")
        samples = samples.filter(~bad)
    return samples.drop("line"), lines.clear().select("_row", "line", "_fault") if faulty is None else faulty


def _scraped(lines: pl.DataFrame, clock: Clock) -> pl.Series:
    """The time of the scrape that each line belongs to, from comments that say so."""
    said = lines["line"].str.starts_with(_SCRAPED)
    given = pl.Series([None], dtype=pl.Int64).new_from_index(0, lines.height)
    if said.any():
        texts = lines["line"].filter(said).str.slice(len(_SCRAPED)).str.strip_chars()
        times = read_instants(texts, clock.zone).earliest.to_physical()
        given = given.scatter(said.arg_true(), times).fill_null(strategy="forward")
    given = given.fill_null(clock.scraped) if clock.scraped is not None else given
    clock.scraped = given[-1] if lines.height else clock.scraped
    return given


def _split(lines: pl.DataFrame) -> pl.DataFrame:
    """The parts of each line; `series` is NULL where it is no sample."""
    plain, parts = _cut(lines["line"])
    if not parts:
        return _search(lines)
    kept = lines.select("_row", "scraped", "line")
    if plain.all():
        return kept.hstack(parts)
    return pl.concat([kept.filter(plain).hstack(parts), _search(lines.filter(~plain))]).sort("_row")


def _cut(text: pl.Series) -> tuple[pl.Series, list[pl.Series]]:
    """Which lines are plain: labels, a value of at most 12 bytes, milliseconds; and series, value, stamp of those."""
    lines = lines_of(text)
    found = text.str.find("} ", literal=True)
    brace = found.fill_null(0).to_numpy().astype(np.int64)
    value, stamp = lines.start + brace + 2, lines.end - _STAMP
    size = stamp - 1 - value
    plain = (brace > INLINE) & (size > 0) & (size <= INLINE)
    plain[plain] = lines.at(stamp[plain] - 1) == SPACE
    if not plain.any():
        return pl.Series(plain), []
    start, brace, value, stamp, size = (each[plain] for each in (lines.start, brace, value, stamp, size))
    parts = [
        lines.long("series", start, brace),
        lines.short("value", value, size),
        lines.long("stamp", stamp, np.full(len(stamp), _STAMP)),
    ]
    odd = parts[1].str.contains_any([" ", '"', "#", "\t"]) | parts[2].cast(pl.Int64, strict=False).is_null()
    if odd.any():
        parts = [part.filter(~odd) for part in parts]
        plain[plain] = ~odd.to_numpy()
    return pl.Series(plain), parts


def _search(lines: pl.DataFrame) -> pl.DataFrame:
    """The parts of each line, whatever its form."""
    head = lines.lazy().select("_row", "scraped", "line", pl.col("line").str.splitn("} ", 2).struct.unnest())
    parts = head.collect()
    bare = parts["field_1"].is_null()
    if bare.any():
        two = pl.col("line").str.splitn(" ", 2).struct
        labelled = pl.col("line").str.contains("{", literal=True)
        bare_ = pl.col("field_1").is_null()
        parts = parts.with_columns(
            pl.when(bare_ & ~labelled).then(two.field("field_0")).otherwise("field_0").alias("field_0"),
            pl.when(bare_ & ~labelled).then(two.field("field_1")).otherwise("field_1").alias("field_1"),
        )
    fields = parts.lazy().select(
        "_row",
        "scraped",
        "line",
        pl.col("field_0").alias("series"),
        pl.col("field_1").str.contains_any(['"', "#", "\t", "  "]).alias("odd"),
        pl.col("field_1").str.splitn(" ", 2).struct.rename_fields(["value", "stamp"]).struct.unnest(),
    )
    samples = fields.collect()
    odd = samples["odd"].fill_null(True) | samples["value"].is_null() | (samples["value"] == "")
    odd |= samples["stamp"].is_not_null() & samples["stamp"].cast(pl.Float64, strict=False).is_null()
    samples = samples.drop("odd")
    return _read_odd(samples, odd) if odd.any() else samples


def _read_odd(samples: pl.DataFrame, odd: pl.Series) -> pl.DataFrame:
    """The samples with those lines taken apart one by one that are not in the usual form."""
    where = odd.arg_true()
    found = [read_sample(line) for line in samples["line"].gather(where)]
    return samples.with_columns(
        samples[name].scatter(
            where, pl.Series([getattr(each, name) if each else None for each in found], dtype=pl.String)
        )
        for name in ("series", "value", "stamp")
    )


def instants(samples: pl.DataFrame, clock: Clock) -> tuple[np.ndarray, np.ndarray]:
    """The microseconds of each sample, and the number of what is wrong with its time (0: nothing)."""
    stamps = samples["stamp"]
    whole = stamps.cast(pl.Int64, strict=False)
    fault = np.zeros(samples.height, dtype=np.int8)
    number = whole.fill_null(0).to_numpy()
    other, factor = (_SECONDS, 1) if clock.unit == MILLISECOND else (_MILLISECONDS, 1000)
    if not clock.stated:
        fault[(number >= EARLIEST * factor) & (number < LATEST * factor)] = other
    fault[(number >= WILD) | (number <= -WILD)] = _UNREADABLE
    at = np.where(fault == 0, number, 0) * clock.unit + np.where(fault == 0, 0, number)
    absent = stamps.is_null().to_numpy()
    if absent.any():
        scraped = samples["scraped"]
        at = np.where(absent, scraped.fill_null(0).to_numpy(), at)
        fault[absent] = np.where(scraped.is_null().to_numpy()[absent], _ABSENT, 0)
    fractional = whole.is_null().to_numpy() & ~absent
    if fractional.any():
        _fractional(stamps, fractional, clock, at, fault)
    return at, fault


def _fractional(
    stamps: pl.Series, where: np.ndarray, clock: Clock, at: np.ndarray, fault: np.ndarray
) -> None:
    """Fills in the times of stamps that are no integers, such as OpenMetrics' seconds with decimals."""
    sent = stamps.filter(pl.Series(where))
    distinct = sent.unique()
    read = [_decimal(text, clock) for text in distinct]
    order = pl.DataFrame(
        {"stamp": distinct, "number": range(len(read))}, schema_overrides={"number": pl.Int64}
    )
    numbers = sent.to_frame("stamp").join(order, on="stamp", how="left", maintain_order="left")["number"]
    at[where] = np.array([each[0] for each in read], dtype=np.int64)[numbers.to_numpy()]
    fault[where] = np.array([each[1] for each in read], dtype=np.int8)[numbers.to_numpy()]


def _decimal(text: str, clock: Clock) -> tuple[int, int]:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return 0, _UNREADABLE
    if not number.is_finite() or number.adjusted() > 12 or abs(number) >= WILD:
        return 0, _UNREADABLE
    at = int(number * clock.unit)
    if clock.stated:
        return at, 0
    if clock.unit == MILLISECOND and EARLIEST <= number < LATEST:
        return at, _SECONDS
    if clock.unit == SECOND and EARLIEST * 1000 <= number < LATEST * 1000:
        return at, _MILLISECONDS
    return at, 0
