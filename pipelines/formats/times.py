"""Instants from text: local times of a zone, times with an offset, epoch seconds.

A local time that a clock change skips does not exist; one that it repeats has two instants, and both are
returned: what else a row says may prove one of them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from pipelines.formats.base import ReadContext, Texts, unreadable

INSTANT = pl.Datetime("us", "UTC")
_NAIVE = pl.Datetime("us")
_USUAL = "%Y-%m-%dT%H:%M:%S"
_CLOCK = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
_LOCAL = rf"^{_CLOCK}$"
_OFFSET = rf"^{_CLOCK} ?(?:Z|[+-][0-9]{{2}}(?::?[0-9]{{2}})?)$"
_EPOCH = r"^[0-9]{1,11}$"
_LONGEST_SPAN_DAYS = 3660


@dataclass(frozen=True)
class Instants:
    """What a column of texts means. `latest` differs from `earliest` only where a local time occurs twice.

    `unreadable` and `nonexistent` are true where `earliest` is NULL although something was sent.
    """

    earliest: pl.Series
    latest: pl.Series
    unreadable: pl.Series
    nonexistent: pl.Series


def zone_option(context: ReadContext, rules: Mapping[str, Texts], default: str | None = None) -> str:
    """The zone of times without one: option `time_zone`, else `default`, else the source's own."""
    name = context.options.get("time_zone") or default or context.time_zone
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise unreadable(rules, "file.options", f"time_zone is {name}, which is no zone.") from error
    return name


def read_instants(text: pl.Series, zone: str, absent: Collection[str] = ("",)) -> Instants:
    """Reads a String column; the words in `absent` mean that there is no time."""
    naive = text.str.to_datetime(_USUAL, time_unit="us", strict=False, cache=False)
    usual = text.str.len_bytes() == len("2026-01-01T00:00:00")
    rest = naive.is_null() | ~usual if not usual.all() else naive.is_null()
    rest = rest & text.is_not_null()
    known = _nothing(naive).cast(INSTANT)
    if rest.any():
        rest = rest & ~text.is_in(list(absent))
        naive, known = _unusual(text, rest, naive.zip_with(usual.fill_null(False), _nothing(naive)), known)
    earliest, latest = _localise(naive, zone)
    nonexistent = naive.is_not_null() & earliest.is_null()
    unreadable_ = rest & naive.is_null() & known.is_null()
    return Instants(_either(known, earliest), _either(known, latest), unreadable_, nonexistent)


def _either(known: pl.Series, local: pl.Series) -> pl.Series:
    return local if known.null_count() == len(known) else known.zip_with(known.is_not_null(), local)


def _nothing(like: pl.Series) -> pl.Series:
    return pl.Series(like.name, [None], dtype=_NAIVE).new_from_index(0, len(like))


def _unusual(
    text: pl.Series, rest: pl.Series, naive: pl.Series, known: pl.Series
) -> tuple[pl.Series, pl.Series]:
    """Fills in the texts that are not in the usual form: other local forms, offsets, epoch seconds."""
    where = rest.arg_true()
    value = pl.col("text")
    spaced = value.str.replace(" ", "T", literal=True)
    offset = value.str.slice(0, 10) + "T" + value.str.slice(11).str.replace(" ", "", literal=True)
    seconds = value.str.strip_chars().cast(pl.Int64, strict=False)
    found = pl.DataFrame({"text": text.gather(where)}).select(
        local=pl.when(value.str.contains(_LOCAL)).then(
            spaced.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)
        ),
        offset=pl.when(value.str.contains(_OFFSET)).then(
            offset.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", time_zone="UTC", strict=False)
        ),
        epoch=pl.when(value.str.contains(_EPOCH) & (seconds > 0)).then(
            pl.from_epoch(seconds, time_unit="s").cast(INSTANT)
        ),
    )
    return naive.scatter(where, found["local"]), known.scatter(
        where, found["offset"].fill_null(found["epoch"])
    )


def _localise(naive: pl.Series, zone: str) -> tuple[pl.Series, pl.Series]:
    """The earliest and the latest instant of each local time; NULL where a clock change skips it."""
    low, high = naive.min(), naive.max()
    if not isinstance(low, datetime) or not isinstance(high, datetime):
        nothing = naive.cast(INSTANT)
        return nothing, nothing
    offset = constant_offset(zone, low.date(), high.date())
    if offset is not None:
        instants = (naive - offset).dt.replace_time_zone("UTC")
        return instants, instants
    earliest = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    latest = naive.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")
    return earliest.dt.convert_time_zone("UTC"), latest.dt.convert_time_zone("UTC")


@lru_cache(maxsize=256)
def constant_offset(zone: str, low: date, high: date) -> timedelta | None:
    """The zone's offset from UTC if no clock change touches the days from low to high, else None."""
    days = (high - low).days
    if days > _LONGEST_SPAN_DAYS or low.year < 1900 or high.year > 2200:
        return None
    start = datetime(low.year, low.month, low.day, tzinfo=UTC) - timedelta(days=2)
    place = ZoneInfo(zone)
    offsets = {(start + timedelta(days=day)).astimezone(place).utcoffset() for day in range(days + 5)}
    return offsets.pop() if len(offsets) == 1 else None
