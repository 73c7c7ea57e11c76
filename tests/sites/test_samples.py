"""Each feed has a day's sample, small enough to read, and the declared totals are those of its files."""

import csv
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from data_contracts.contract import load_contract
from data_contracts.rules import apply_rules, broken_column
from pipelines.formats import FORMATS
from pipelines.formats.base import ReadContext, Tally
from pipelines.sites_config import SITES, SOURCES, Feed, Source, load_sources

DAY = "2026-07-15"
FED = [
    pytest.param(source, feed, id=f"{source.source_id}-{feed.dataset}-{feed.format}")
    for source in load_sources().values()
    for feed in source.feeds
]
DECLARING = [source.source_id for source in load_sources().values() if source.feed("feed_totals")]


def samples(source_id: str) -> Path:
    home = SITES if load_sources()[source_id].site_id else SOURCES
    return home / source_id / "sample"


def stem(source: Source, feed: Feed) -> str:
    """The name of a feed's sample: its dataset, and its format where the dataset comes in several."""
    return f"{feed.dataset}.{feed.format}" if len(source.feeds_of(feed.dataset)) > 1 else feed.dataset


def sample(source_id: str, name: str) -> Path:
    found = [file for file in samples(source_id).iterdir() if file.stem == name]
    assert len(found) == 1, f"{source_id} has {len(found)} samples of {name}"
    return found[0]


def table(file: Path, delimiter: str = ",") -> list[dict[str, str]]:
    quoting = csv.QUOTE_NONE if delimiter == "|" else csv.QUOTE_MINIMAL
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text, delimiter=delimiter, quoting=quoting))


@pytest.mark.parametrize(("source", "feed"), FED)
def test_a_feed_has_a_sample(source: Source, feed: Feed) -> None:
    file = sample(source.source_id, stem(source, feed))
    lines = file.read_text(encoding="utf-8").splitlines()
    assert 2 <= len(lines) <= 60
    assert file.stat().st_size < 8_000


@pytest.mark.parametrize(("source", "feed"), FED)
def test_a_sample_is_read_by_its_format_and_keeps_its_contract(source: Source, feed: Feed) -> None:
    tally = Tally()
    read = batches(source, feed, tally)
    rows = sum(batch.height for batch in read)
    assert rows > 0
    assert tally.records_read == rows + tally.folded + sum(tally.set_aside.values())
    assert [broken for batch in read for broken in _broken(batch, feed.dataset)] == [""] * rows


@pytest.mark.parametrize(("source", "feed"), FED)
def test_a_sample_is_recognised_among_the_formats_that_its_source_sends(source: Source, feed: Feed) -> None:
    head = sample(source.source_id, stem(source, feed)).read_bytes()[: 1 << 16]
    sent = [each.format for each in source.feeds_of(feed.dataset)]
    assert [name for name in sent if FORMATS[name].sniff(head)] == [feed.format]


def batches(source: Source, feed: Feed, tally: Tally) -> list[pl.DataFrame]:
    """A sample as its format reads it."""
    context = ReadContext(
        source_id=source.source_id,
        site_id=source.site_id,
        time_zone=source.time_zone,
        dataset=feed.dataset,
        options=feed.options,
        columns=tuple(column.name for column in load_contract(feed.dataset).columns),
        currency=source.currency,
    )
    return list(FORMATS[feed.format].read(sample(source.source_id, stem(source, feed)), context, tally))


def test_no_sample_lies_beside_a_source_that_does_not_feed_it() -> None:
    fed = {each.source_id: {stem(each, feed) for feed in each.feeds} for each in load_sources().values()}
    for source_id, names in fed.items():
        folder = samples(source_id)
        assert {file.stem for file in folder.iterdir()} == names if folder.exists() else not names


@pytest.mark.parametrize("source_id", DECLARING)
def test_the_declared_totals_are_those_of_the_samples(source_id: str) -> None:
    declared = {
        row["dataset"]: (int(row["record_count"]), Decimal(row["control_sum"]))
        for row in table(sample(source_id, "feed_totals"))
        if row["day"] == DAY
    }
    values = [
        Decimal(row["value"])
        for row in table(sample(source_id, "facility_readings"))
        if row["read_at"].startswith(DAY)
    ]
    assert declared.pop("facility_readings") == (len(values), sum(values))
    for dataset in sorted(set(declared) - {"job_records"}):
        assert declared.pop(dataset) == controls(load_sources()[source_id], dataset)
    if declared:
        jobs = [row for row in table(sample(source_id, "job_records"), "|") if "." not in row["JobID"]]
        ended = [row for row in jobs if row["End"].startswith(DAY)]
        seconds = [int(row["NCPUS"]) * _seconds(row["Elapsed"]) for row in ended]
        assert declared.pop("job_records") == (len(ended), sum(seconds))
    assert not declared


def controls(source: Source, dataset: str) -> tuple[int, Decimal]:
    """Number and control sum of a dataset's sampled records of the day, as its contract says."""
    contract = load_contract(dataset)
    rows = [
        row
        for feed in source.feeds_of(dataset)
        for batch in batches(source, feed, Tally())
        for row in batch.rows(named=True)
        if _business_day(row[contract.control_day]) == DAY and row.get("state") != "PENDING"
    ]
    columns = (contract.control_sum or "").split(" + ")
    return len(rows), sum((Decimal(row.get(name) or 0) for row in rows for name in columns), Decimal(0))


def _business_day(instant: datetime) -> str:
    return instant.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()


@pytest.mark.parametrize("source_id", ["nscc-zz", "yunai-ai", "qingyang", "hami"])
def test_sampled_jobs_ran_in_partitions_that_the_site_explains(source_id: str) -> None:
    known = {each.partition for each in load_sources()[source_id].partitions}
    jobs = [row for row in table(sample(source_id, "job_records"), "|") if "." not in row["JobID"]]
    assert {row["Partition"] for row in jobs} <= known
    pools = {row["resource_pool"] for row in table(sample(source_id, "capacity_inventory"))}
    assert pools == {each.resource_pool for each in load_sources()[source_id].partitions}


def _broken(batch: pl.DataFrame, dataset: str) -> list[str]:
    contract, extra = load_contract(dataset), [name[1:] for name in batch.columns if name.startswith("!")]
    return broken_column(apply_rules(batch, contract, extra), contract, extra).to_list()


def _seconds(elapsed: str) -> int:
    hours, minutes, seconds = (int(part) for part in elapsed.split(":"))
    return hours * 3600 + minutes * 60 + seconds
