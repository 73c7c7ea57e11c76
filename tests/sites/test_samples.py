"""Each feed has a day's sample, small enough to read, and the declared totals are those of its files."""

import csv
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from data_contracts.contract import load_contract
from data_contracts.rules import apply_rules, broken_column
from pipelines.formats import FORMATS
from pipelines.formats.base import ReadContext, Tally
from pipelines.sites_config import SITES, SOURCES, load_sources

DAY = "2026-07-15"
FED = [
    pytest.param(source.source_id, feed.dataset, id=f"{source.source_id}-{feed.dataset}")
    for source in load_sources().values()
    for feed in source.feeds
]
DECLARING = [source.source_id for source in load_sources().values() if source.feed("feed_totals")]


def samples(source_id: str) -> Path:
    home = SITES if load_sources()[source_id].site_id else SOURCES
    return home / source_id / "sample"


def sample(source_id: str, dataset: str) -> Path:
    found = [file for file in samples(source_id).iterdir() if file.stem == dataset]
    assert len(found) == 1, f"{source_id} has {len(found)} samples of {dataset}"
    return found[0]


def table(file: Path, delimiter: str = ",") -> list[dict[str, str]]:
    quoting = csv.QUOTE_NONE if delimiter == "|" else csv.QUOTE_MINIMAL
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text, delimiter=delimiter, quoting=quoting))


@pytest.mark.parametrize(("source_id", "dataset"), FED)
def test_a_feed_has_a_sample(source_id: str, dataset: str) -> None:
    file = sample(source_id, dataset)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert 2 <= len(lines) <= 60
    assert file.stat().st_size < 8_000


@pytest.mark.parametrize(("source_id", "dataset"), FED)
def test_a_sample_is_read_by_its_format_and_keeps_its_contract(source_id: str, dataset: str) -> None:
    source, tally = load_sources()[source_id], Tally()
    feed, contract = source.feed(dataset), load_contract(dataset)
    assert feed is not None
    context = ReadContext(
        source_id=source_id,
        site_id=source.site_id,
        time_zone=source.time_zone,
        dataset=dataset,
        options=feed.options,
        columns=tuple(column.name for column in contract.columns),
        currency=source.currency,
    )
    read = list(FORMATS[feed.format].read(sample(source_id, dataset), context, tally))
    rows = sum(batch.height for batch in read)
    assert rows > 0
    assert tally.records_read == rows + tally.folded + sum(tally.set_aside.values())
    assert [broken for batch in read for broken in _broken(batch, dataset)] == [""] * rows


def test_no_sample_lies_beside_a_source_that_does_not_feed_it() -> None:
    fed = {source.source_id: {feed.dataset for feed in source.feeds} for source in load_sources().values()}
    for source_id, datasets in fed.items():
        folder = samples(source_id)
        assert {file.stem for file in folder.iterdir()} == datasets if folder.exists() else not datasets


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
    if declared:
        jobs = [row for row in table(sample(source_id, "job_records"), "|") if "." not in row["JobID"]]
        ended = [row for row in jobs if row["End"].startswith(DAY)]
        seconds = [int(row["NCPUS"]) * _seconds(row["Elapsed"]) for row in ended]
        assert declared.pop("job_records") == (len(ended), sum(seconds))
    assert not declared


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
