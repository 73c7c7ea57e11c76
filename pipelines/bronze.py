"""Bronze: one landing read by its format and its contract into immutable Parquet, with its quarantine and its tally.

A landing's files are a pure function of its bytes, its receipts and replays, and the code's contracts. The tally
(`bronze/_stats/<landing_id>.json`) is written last: where it stands, the landing's files are whole.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from data_contracts.contract import Contract, load_contract
from pipelines.bronze_files import BronzeFile, RowWriter, drop_and_split, quarantine_schema
from pipelines.conform import Origin, conform, empty_accepted, rule_counts
from pipelines.effective import LandingState
from pipelines.files import alone, remove_leftovers, sha256_file, write_json
from pipelines.formats import FORMATS
from pipelines.formats.base import ReadContext, Tally, Unreadable
from pipelines.home import Home, business_day
from pipelines.landing import utc_text
from pipelines.sites_config import Source


@dataclass(frozen=True)
class Ingest:
    """What became of one landing.

    records_read = rows_in + folded + Σ set_aside; rows_in = accepted + quarantined + duplicates.
    """

    landing_id: str
    source_id: str
    dataset: str
    format: str
    received_at: str
    contract_version: str
    contract_digest: str
    records_read: int
    folded: int
    set_aside: Mapping[str, int]
    labels: Mapping[str, int]
    rows_in: int
    accepted: int
    quarantined: int
    duplicates: int
    rules: Mapping[str, int]
    last_event_at: str | None
    files: tuple[BronzeFile, ...]
    quarantine: BronzeFile | None
    replays: tuple[str, ...]


def ingest(home: Home, state: LandingState, source: Source) -> Ingest:
    """Reads one landing into bronze and quarantine; returns its tally. The caller holds the lake's lock."""
    contract = load_contract(state.receipt.dataset)
    work = home.bronze / "_work" / state.landing_id
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    tally, rules = _read_into(home, state, source, contract, work)
    released: dict[int, int] = {}
    for number, replay in enumerate(state.replays, start=1):
        released.update({row: number for row in replay.rows if row not in released})
    files, duplicates = drop_and_split(work / "accepted.parquet", work, released)
    result = _settle(home, work, state, contract, tally, rules, files, duplicates)
    shutil.rmtree(work)
    return result


def _read_into(
    home: Home, state: LandingState, source: Source, contract: Contract, work: Path
) -> tuple[Tally, dict[str, int]]:
    tally, rules = Tally(), Counter[str]()
    receipt = state.receipt
    origin = Origin(receipt.source_id, receipt.landing_id, state.first_received_at)
    with (
        RowWriter(work / "accepted.parquet", contract.arrow_schema(system=True)) as accepted_rows,
        RowWriter(work / "quarantine.parquet", quarantine_schema()) as rejected_rows,
    ):
        for accepted, rejected in _conformed(home, state, source, contract, tally, origin):
            accepted_rows.write(accepted)
            rejected_rows.write(_quarantined(rejected, origin, receipt.dataset))
            rules.update(rejected["rules"])
    return tally, rule_counts(rules)


def _conformed(
    home: Home, state: LandingState, source: Source, contract: Contract, tally: Tally, origin: Origin
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Accepted and rejected rows by batch; a file of which no row can be read is one rejected row itself."""
    receipt = state.receipt
    context = read_context(source, contract, receipt.options)
    try:
        for batch in FORMATS[receipt.format].read(home.object(receipt.content_sha256), context, tally):
            yield conform(batch, contract, origin)
    except Unreadable as refusal:
        tally.records_read += 1
        refused = {
            "landing_row": [0],
            "rules": [refusal.rule],
            "raw": [f"{receipt.name}: {refusal.en} {refusal.zh}"],
        }
        yield empty_accepted(contract), pl.DataFrame(refused)


def read_context(source: Source, contract: Contract, options: Mapping[str, str]) -> ReadContext:
    """What a format may know of a delivery besides its bytes."""
    return ReadContext(
        source_id=source.source_id,
        site_id=source.site_id,
        time_zone=options.get("time_zone", source.time_zone),
        dataset=contract.name,
        options=dict(options),
        columns=tuple(column.name for column in contract.columns),
        currency=source.currency,
    )


def _quarantined(rejected: pl.DataFrame, origin: Origin, dataset: str) -> pl.DataFrame:
    return rejected.select(
        pl.lit(origin.landing_id).alias("landing_id"),
        "landing_row",
        pl.lit(origin.source_id).alias("source_id"),
        pl.lit(dataset).alias("dataset"),
        pl.lit(origin.received_at).cast(pl.Datetime("us", "UTC")).alias("received_at"),
        "rules",
        "raw",
    )


def _settle(
    home: Home,
    work: Path,
    state: LandingState,
    contract: Contract,
    tally: Tally,
    rules: Mapping[str, int],
    files: Mapping[int, Path],
    duplicates: int,
) -> Ingest:
    """Moves the finished files to their places, then writes the tally."""
    receipt = state.receipt
    instants = (state.first_received_at, *(replay.instant for replay in state.replays))
    moved = []
    for number, path in sorted(files.items()):
        folder = partition(contract.name, receipt.source_id, business_day(instants[number]).isoformat())
        name = receipt.landing_id + (f"-r{number}" if number else "")
        moved.append(_move(home.bronze, path, folder / f"{name}.parquet", utc_text(instants[number])))
    folder = partition(contract.name, receipt.source_id, business_day(instants[0]).isoformat())
    target = folder / f"{receipt.landing_id}.parquet"
    quarantine = None
    if pq.read_metadata(work / "quarantine.parquet").num_rows:
        quarantine = _move(home.quarantine, work / "quarantine.parquet", target, utc_text(instants[0]))
    else:
        (home.quarantine / target).unlink(missing_ok=True)
    accepted, quarantined = sum(file.rows for file in moved), quarantine.rows if quarantine else 0
    result = Ingest(
        landing_id=receipt.landing_id,
        source_id=receipt.source_id,
        dataset=receipt.dataset,
        format=receipt.format,
        received_at=utc_text(instants[0]),
        contract_version=contract.version,
        contract_digest=contract.digest,
        records_read=tally.records_read,
        folded=tally.folded,
        set_aside=dict(sorted(tally.set_aside.items())),
        labels=dict(sorted(tally.labels.items())),
        rows_in=accepted + quarantined + duplicates,
        accepted=accepted,
        quarantined=quarantined,
        duplicates=duplicates,
        rules=rules,
        last_event_at=_last_event(home, moved, contract),
        files=tuple(moved),
        quarantine=quarantine,
        replays=tuple(replay.event_id for replay in state.replays),
    )
    prove(result)
    write_json(home.stats / f"{receipt.landing_id}.json", asdict(result))
    return result


def _last_event(home: Home, files: Sequence[BronzeFile], contract: Contract) -> str | None:
    """The newest event among accepted rows, by the contract's control day; None where the contract has none."""
    if contract.control_day is None or contract.column(contract.control_day).type != "timestamp":
        return None
    paths = [home.bronze / file.path for file in files]
    newest = pl.scan_parquet(paths).select(pl.col(contract.control_day).max()).collect().item()
    return utc_text(newest) if newest else None


def _move(root: Path, path: Path, relative: Path, received_at: str) -> BronzeFile:
    rows = pq.read_metadata(path).num_rows
    (root / relative).parent.mkdir(parents=True, exist_ok=True)
    path.replace(root / relative)
    return BronzeFile(relative.as_posix(), received_at, rows, sha256_file(root / relative))


def partition(dataset: str, source_id: str, received_day: str) -> Path:
    """The folder of a dataset's files, under bronze and quarantine alike."""
    return Path(dataset) / f"source={source_id}" / f"received_day={received_day}"


def prove(result: Ingest) -> None:
    """Raises AssertionError if a record is unaccounted for: no tally that does not add up is ever written."""
    aside = sum(result.set_aside.values())
    if result.records_read != result.rows_in + result.folded + aside:
        raise AssertionError(
            f"landing {result.landing_id}: {result.records_read} records read, but {result.rows_in} rows in, "
            f"{result.folded} folded and {aside} set aside"
        )


def read_ingest(home: Home, landing_id: str) -> Ingest | None:
    """The tally of a landing, or None while there is none."""
    try:
        document = json.loads((home.stats / f"{landing_id}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    document["files"] = tuple(BronzeFile(**each) for each in document["files"])
    document["quarantine"] = BronzeFile(**document["quarantine"]) if document["quarantine"] else None
    document["replays"] = tuple(document["replays"])
    return Ingest(**document)


def is_current(result: Ingest | None, state: LandingState) -> bool:
    """Whether a landing's bronze needs no work.

    It does if it was never made, if an earlier receipt or a replay came to light since, or if its contract has had a
    breaking change (a new major version): then it is read again from landing.
    """
    if result is None:
        return False
    version = load_contract(state.receipt.dataset).version
    return (
        result.received_at == utc_text(state.first_received_at)
        and result.replays == tuple(replay.event_id for replay in state.replays)
        and result.contract_version.split(".")[0] == version.split(".")[0]
    )


def discard(home: Home, result: Ingest) -> None:
    """Removes a landing's files before they are made again; the tally first, so that a kill leaves no false one."""
    (home.stats / f"{result.landing_id}.json").unlink(missing_ok=True)
    for file in result.files:
        (home.bronze / file.path).unlink(missing_ok=True)
    if result.quarantine:
        (home.quarantine / result.quarantine.path).unlink(missing_ok=True)


def tidy(home: Home) -> None:
    """Removes what a killed run left behind, so that a glob over bronze finds what the tallies name and nothing else.

    Only the holder of the lake's lock may call it.
    """
    shutil.rmtree(home.bronze / "_work", ignore_errors=True)
    for folder in (home.bronze, home.quarantine):
        remove_leftovers(folder)
    with alone(home.locks / "landing") as nobody_lands:
        for folder in (home.objects, home.log) if nobody_lands else ():
            remove_leftovers(folder)
    tallies = [each for path in home.stats.glob("*.json") if (each := read_ingest(home, path.stem))]
    named = {home.bronze / file.path for each in tallies for file in each.files}
    named |= {home.quarantine / each.quarantine.path for each in tallies if each.quarantine}
    for root in (home.bronze, home.quarantine):
        for path in root.glob("*/source=*/received_day=*/*.parquet"):
            if path not in named:
                path.unlink()
