"""Figures of deliveries as wholes: their files as found, counts, volume, freshness, drift.

One row of figures per delivery. What they should be is said in `delivery_suite`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

import polars as pl

from pipelines.certificates.facts import DeliveryFacts
from pipelines.certificates.stored import FileReading, Footer, Reading

EARLIER = 14
"""Deliveries before one that say what is usual."""
ENOUGH = 3
"""Fewer earlier deliveries than this say nothing of what is usual."""
LEAST_ROWS = 100
"""Deliveries with fewer rows have no usual volume and no usual shares."""
NULL_SHIFT = 0.2
"""A share of unknown values further than this from the usual one is worth a remark."""

SCHEMA: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "landing_id": pl.String,
    "recorded_sha256": pl.String,
    "found_sha256": pl.String,
    "files_sound": pl.Boolean,
    "rows_unaccounted": pl.Int64,
    "bronze_rows_off": pl.Int64,
    "quarantine_rows_off": pl.Int64,
    "rule_counts_off": pl.Int64,
    "share_accepted": pl.Float64,
    "quarantined": pl.Int64,
    "minutes_late": pl.Float64,
    "minutes_ahead": pl.Float64,
    "volume_ratio": pl.Float64,
    "null_shift": pl.Float64,
    "declared_off": pl.Int64,
}


@dataclass(frozen=True)
class Usual:
    """The usual number of rows (None: not known) and the usual share of unknown values by column."""

    rows: float | None
    null_shares: Mapping[str, float]


@dataclass(frozen=True)
class Measure:
    """The figures of one delivery (SCHEMA), and what to say of them, by expectation's name."""

    figures: Mapping[str, Any]
    said: Mapping[str, str]


def measures(pairs: Sequence[tuple[DeliveryFacts, Reading]], earlier: Iterable[Footer]) -> list[Measure]:
    """The figures of each delivery, in the order given, which is the order of receipt.

    What is usual for a delivery comes from the EARLIER ones before it, first from `earlier`, then from
    `pairs`.
    """
    past = list(earlier)
    measured = []
    for facts, reading in pairs:
        measured.append(_measure(facts, reading, usual(past[-EARLIER:])))
        past.append(reading.footer)
    return measured


def frame_of(measured: Sequence[Measure]) -> pl.DataFrame:
    """One row of figures per delivery."""
    return pl.DataFrame([each.figures for each in measured], schema=SCHEMA)


def usual(past: Sequence[Footer]) -> Usual:
    """Median rows and pooled shares of unknown values, where enough deliveries were large enough."""
    large = [footer for footer in past if footer.rows >= LEAST_ROWS]
    if len(large) < ENOUGH:
        return Usual(None, {})
    total = sum(footer.rows for footer in large)
    shares = {}
    for name in large[-1].nulls:
        counts = [count for footer in large if (count := footer.nulls.get(name)) is not None]
        if len(counts) == len(large):
            shares[name] = sum(counts) / total
    return Usual(median(footer.rows for footer in large), shares)


def null_shifts(footer: Footer, usually: Usual) -> dict[str, float]:
    """By column, how far the share of unknown values is from the usual; none for a small delivery."""
    if footer.rows < LEAST_ROWS:
        return {}
    return {
        name: round(count / footer.rows - usually.null_shares[name], 6)
        for name, count in footer.nulls.items()
        if count is not None and name in usually.null_shares
    }


def _measure(facts: DeliveryFacts, reading: Reading, usually: Usual) -> Measure:
    files = [*reading.files, *([reading.quarantine] if reading.quarantine else [])]
    shifts = null_shifts(reading.footer, usually)
    figures: dict[str, Any] = {
        "landing_id": facts.landing_id,
        "recorded_sha256": " ".join(file.recorded.sha256 for file in files),
        "found_sha256": " ".join(file.sha256 or "missing" for file in files),
        "files_sound": reading.sound,
        "rows_unaccounted": facts.rows_in - facts.accepted - facts.quarantined - facts.duplicates,
        "bronze_rows_off": reading.footer.rows - facts.accepted if reading.sound else None,
        "quarantine_rows_off": _quarantine_rows(reading.quarantine, facts),
        "rule_counts_off": _rule_counts_off(facts),
        "share_accepted": (facts.accepted + facts.duplicates) / facts.rows_in if facts.rows_in else None,
        "quarantined": facts.quarantined,
        "minutes_late": _minutes(facts.due_at, facts.received_at),
        "minutes_ahead": _minutes(facts.received_at, reading.footer.newest),
        "volume_ratio": round(reading.footer.rows / usually.rows, 6) if usually.rows else None,
        "null_shift": max((abs(shift) for shift in shifts.values()), default=None),
        "declared_off": sum(abs(each.found - each.declared) for each in facts.declared)
        if facts.declared
        else None,
    }
    said = {
        f"delivery.{name}": f"{figure:,.12g}"
        for name, figure in figures.items()
        if isinstance(figure, int | float)
    }
    minutes = {f"delivery.{name}": duration(figures[name]) for name in ("minutes_late", "minutes_ahead")}
    return Measure(figures, said | minutes | _said(files, reading, usually, shifts))


def _said(
    files: Sequence[FileReading], reading: Reading, usually: Usual, shifts: Mapping[str, float]
) -> dict[str, str]:
    """What a bare figure would not tell: which file, how many rows where how many are usual, which column."""
    altered = [
        f"{file.recorded.path}: {file.sha256 or 'missing'} ≠ {file.recorded.sha256}"
        for file in files
        if file.sha256 != file.recorded.sha256
    ]
    moved = [f"{name} {shift:+.0%}" for name, shift in sorted(shifts.items()) if abs(shift) > NULL_SHIFT]
    return {
        "delivery.sha256": "; ".join(altered),
        "delivery.files_sound": "; ".join(file.recorded.path for file in reading.files if not file.typed),
        "delivery.volume_ratio": f"{reading.footer.rows:,} ({usually.rows or 0:,.0f})",
        "delivery.null_shift": ", ".join(moved),
    }


def _minutes(since: datetime | None, until: datetime | None) -> float | None:
    return round((until - since).total_seconds() / 60, 3) if since and until else None


def duration(minutes: float | None) -> str:
    """Minutes as days, hours and minutes, in units that both languages read: `1 d 2 h 5 min`."""
    whole = int(minutes or 0)
    parts = ((whole // 1440, "d"), (whole // 60 % 24, "h"), (whole % 60, "min"))
    return " ".join(f"{number:,} {unit}" for number, unit in parts if number) or "< 1 min"


def _quarantine_rows(quarantine: FileReading | None, facts: DeliveryFacts) -> int | None:
    """Rejected rows in hand minus those counted; None where the file cannot be read, which its hash tells."""
    if quarantine is None:
        return -facts.quarantined
    return quarantine.footer.rows - facts.quarantined if quarantine.footer else None


def _rule_counts_off(facts: DeliveryFacts) -> int:
    """Rejected rows that no rule explains, or counts of a rule beyond the rejected rows."""
    unexplained = max(0, facts.quarantined - sum(facts.rules.values()))
    return unexplained + sum(max(0, count - facts.quarantined) for count in facts.rules.values())
