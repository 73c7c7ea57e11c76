"""When a job was submitted, eligible, started and ended: local times made instants, proven where a row proves them.

When clocks go back, an hour comes twice. Then end − start has to be what the job used (and was suspended) for;
where that decides nothing the earlier instant is taken and the row is labelled.
"""

import polars as pl

from pipelines.formats.base import Tally, flag
from pipelines.formats.slurm_amounts import seconds
from pipelines.formats.times import Instants, read_instants

ABSENT = ("", "Unknown", "None", "N/A", "0")
UNENDED = ("PENDING", "RUNNING", "SUSPENDED")
_COLUMNS = {"submit_time": "submit", "eligible_time": "eligible", "start_time": "start", "end_time": "end"}
AMBIGUOUS = "ambiguous local time"


def read_times(rows: pl.DataFrame, records: pl.DataFrame, zone: str, tally: Tally) -> pl.DataFrame:
    """Adds the four times to rows that have `state` and `elapsed_s`. Nothing is believed of the end of a job that
    has not ended."""
    read = {}
    for name, column in _COLUMNS.items():
        if column not in records.columns:
            continue
        text = records[column]
        if name == "end_time":
            text = text.zip_with(
                ~rows["state"].is_in(UNENDED).fill_null(False), pl.Series([None], dtype=pl.String)
            )
        read[name] = read_instants(text, zone, ABSENT)
        rows = flag(rows, f"{name}.unreadable", read[name].unreadable)
        rows = flag(rows, f"{name}.nonexistent", read[name].nonexistent)
    rows = rows.with_columns(times.earliest.alias(name) for name, times in read.items())
    if any((times.earliest != times.latest).any() for times in read.values()):
        rows = _resolve(rows, records, read, tally)
    return rows


def _resolve(
    rows: pl.DataFrame, records: pl.DataFrame, read: dict[str, Instants], tally: Tally
) -> pl.DataFrame:
    """Decides between the two instants of a start or end that falls into the hour that comes twice."""
    suspended = seconds(records["suspended"])[0] if "suspended" in records.columns else None
    nothing = pl.Series([None], dtype=pl.Datetime("us", "UTC")).new_from_index(0, rows.height)
    known = {name: (times.earliest, times.latest) for name, times in read.items()}
    start, end = known.get("start_time", (nothing, nothing)), known.get("end_time", (nothing, nothing))
    frame = pl.DataFrame(
        {
            "submit": rows["submit_time"],
            "start_0": start[0],
            "start_1": start[1],
            "end_0": end[0],
            "end_1": end[1],
            "used": rows["elapsed_s"],
            "lasted": rows["elapsed_s"] + (suspended.fill_null(0) if suspended is not None else 0),
        }
    )
    chosen = frame.select(**_choice())
    doubtful = pl.DataFrame({name: times.earliest != times.latest for name, times in read.items()})
    unproven = (doubtful.select(pl.any_horizontal(pl.all())).to_series() & ~chosen["proven"]).fill_null(False)
    tally.label(AMBIGUOUS, int(unproven.sum()))
    return rows.with_columns(chosen[name].alias(name) for name in ("start_time", "end_time") if name in known)


def _choice() -> dict[str, pl.Expr]:
    """Start and end of the first pair that lasts as long as the row says; `proven` if all such pairs agree."""
    pairs = [(first, last) for first in (0, 1) for last in (0, 1)]
    fits = [
        (
            (pl.col(f"end_{last}") - pl.col(f"start_{first}")).dt.total_seconds().eq(pl.col("lasted"))
            & (pl.col(f"start_{first}") >= pl.col("submit"))
        ).fill_null(False)
        for first, last in pairs
    ]
    start = pl.coalesce(
        *(pl.when(fit).then(f"start_{first}") for fit, (first, _) in zip(fits, pairs, strict=True)), "start_0"
    )
    runs_to = pl.col("start_0") + pl.duration(seconds="used")
    likely_end = pl.when(pl.col("end_0") >= runs_to).then("end_0").otherwise("end_1")
    end = pl.coalesce(
        *(pl.when(fit).then(f"end_{last}") for fit, (_, last) in zip(fits, pairs, strict=True)), likely_end
    )
    starts = [pl.when(fit).then(f"start_{first}") for fit, (first, _) in zip(fits, pairs, strict=True)]
    agreed = pl.min_horizontal(starts) == pl.max_horizontal(starts)
    return {"start_time": start, "end_time": end, "proven": agreed.fill_null(False)}
