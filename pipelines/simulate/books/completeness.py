"""Whether all that a sender declares for a business day has arrived, and what became of each delivery."""

from collections import defaultdict
from datetime import date, timedelta

from pipelines.simulate.books.tables import Table, Value, boolean, millionths
from pipelines.simulate.clock import day_number, day_text, utc_text
from pipelines.simulate.facts import ENDED_RANK
from pipelines.simulate.feeds.records import CONTROLS
from pipelines.simulate.feeds.standing import totals
from pipelines.simulate.replay import Known, Landing
from pipelines.simulate.wire_csv import MILLION, decimal_text

Found = dict[tuple[str, str], list[int]]
"""(dataset, day) → [records, control sum in millionths]."""


def completeness(known: Known) -> Table:
    """completeness_daily: a row per day and dataset that a source declared or of which something was found.

    A day from the first declaration to the network's last without either is silent.
    """
    rows: list[tuple[Value, ...]] = []
    last = max((total["day"] for totals in known.totals.values() for total in totals), default="")
    feeds = {source for sources in known.records.values() for source in sources}
    for source in sorted({*known.totals, *known.jobs, *known.readings, *feeds}):
        found = _found(known, source)
        said = {(total["dataset"], total["day"]): total for total in known.totals.get(source, [])}
        for dataset, day in {**said, **found}:
            count, control = found.get((dataset, day), [0, 0])
            total = said.get((dataset, day))
            if total is None:
                unsaid = (source, dataset, day, None, count, None, decimal_text(control), None, "undeclared")
                rows.append(unsaid)
                continue
            number, declared = int(total["record_count"]), millionths(total["control_sum"])
            sums = (decimal_text(declared), decimal_text(control))
            agree = boolean((number, declared) == (count, control))
            rows.append(
                (
                    source,
                    dataset,
                    day,
                    number,
                    count,
                    *sums,
                    agree,
                    _status(number, count, declared == control),
                )
            )
        for dataset in {name for name, _ in said}:
            day = min(each for name, each in said if name == dataset)
            while day <= last:
                if (dataset, day) not in {**said, **found}:
                    rows.append((source, dataset, day, None, 0, None, "0", None, "silent"))
                day = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    return Table.of(
        "completeness_daily",
        "source_id dataset day declared found declared_control_sum found_control_sum complete status",
        rows,
    )


def _status(declared: int, found: int, sums_agree: bool) -> str:
    if declared != found:
        return "short" if found < declared else "excess"
    return "complete" if sums_agree else "sum_differs"


def _found(known: Known, source: str) -> Found:
    found: Found = defaultdict(lambda: [0, 0])
    jobs = known.jobs.get(source)
    for fact in jobs.current if jobs else []:
        if fact.rank == ENDED_RANK and fact.end is not None:
            _count(
                found[("job_records", day_text(day_number(fact.end)))], fact.cores * fact.elapsed * MILLION
            )
    for reading in known.readings.get(source, []):
        _count(found[("facility_readings", day_text(day_number(reading.read_at)))], reading.value)
    for dataset in CONTROLS:
        for (name, day), (count, control) in totals(
            dataset, known.records.get(dataset, {}).get(source, [])
        ).items():
            found[(name, day.isoformat())] = [count, control]
    return found


def _count(counts: list[int], control: int) -> None:
    counts[0] += 1
    counts[1] += control


def landed(landings: list[Landing]) -> Table:
    """landings: per receipt what was read of it; `first_delivery` is the first receipt of the same landing."""
    return Table.of(
        "landings",
        "delivery source_id dataset first_delivery content_sha256 effective known_at rows_in accepted quarantined "
        "duplicates set_aside",
        (
            (
                *(
                    number,
                    landing.parcel.source,
                    landing.parcel.dataset,
                    landing.acts[0],
                    landing.parcel.sha256,
                ),
                boolean(landing.known_at is not None),
                None if landing.known_at is None else utc_text(landing.known_at),
                *(
                    landing.rows_in,
                    len(landing.accepted),
                    landing.quarantined,
                    landing.duplicates,
                    landing.set_aside,
                ),
            )
            for landing in landings
            for number in landing.acts
        ),
    )
