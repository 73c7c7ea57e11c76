"""A delivery's bronze files as they lie on disk: hash, schema, figures of footers, a bounded sample of rows.

Nothing is judged here.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.contract import Contract
from pipelines.bronze_files import BronzeFile
from pipelines.certificates.facts import DeliveryFacts
from pipelines.files import sha256_file

UNREADABLE = (pa.ArrowException, pl.exceptions.PolarsError, OSError, ValueError, OverflowError)
"""What Parquet readers raise over damaged bytes."""

SAMPLE_ROWS = 2_000
"""Rows read of one delivery: all of them up to this number, else this many drawn from all."""


@dataclass(frozen=True)
class Footer:
    """Figures of Parquet footers: rows, unknown values by column (None: not recorded), newest event."""

    rows: int
    nulls: Mapping[str, int | None]
    newest: datetime | None = None


@dataclass(frozen=True)
class FileReading:
    """One recorded file as found: its hash (None: no such file) and whether it has the contract's schema."""

    recorded: BronzeFile
    sha256: str | None
    typed: bool
    footer: Footer | None


@dataclass(frozen=True)
class Reading:
    """A delivery's bronze as found.

    `sound` says that every file could be read and has the contract's schema; `footer` and the number of
    rows `sampled` are of the files that do.
    """

    files: tuple[FileReading, ...]
    quarantine: FileReading | None
    footer: Footer
    sampled: int
    sound: bool

    @property
    def whole(self) -> bool:
        """Whether every accepted row is in the sample."""
        return self.sound and self.sampled == self.footer.rows


def read_delivery(
    bronze: Path, quarantine: Path, contract: Contract, facts: DeliveryFacts
) -> tuple[Reading, pl.DataFrame]:
    """Reads what the facts name; gives also the sample (the contract's schema with the system columns).

    `bronze` and `quarantine` are the roots. No state of the files raises an error.
    """
    schema = contract.polars_schema(system=True)
    files = tuple(_read_file(bronze, file, schema, contract.control_day) for file in facts.files)
    typed = [(bronze / file.recorded.path, file.footer) for file in files if file.typed and file.footer]
    sound = len(typed) == len(files)
    try:
        sample = draw([(path, footer.rows) for path, footer in typed], schema, seed=facts.landing_id)
    except UNREADABLE:
        sample, sound = pl.DataFrame(schema=schema), False
    reading = Reading(
        files=files,
        quarantine=_read_file(quarantine, facts.quarantine, None, None) if facts.quarantine else None,
        footer=_added([footer for _, footer in typed]),
        sampled=sample.height,
        sound=sound,
    )
    return reading, sample


def _read_file(
    root: Path, file: BronzeFile, schema: Mapping[str, pl.DataType] | None, newest_of: str | None
) -> FileReading:
    path = root / file.path
    if not path.is_file():
        return FileReading(file, None, False, None)
    try:
        footer = read_footer(path, newest_of)
        typed = schema is None or list(pl.read_parquet_schema(path).items()) == list(schema.items())
    except UNREADABLE:
        return FileReading(file, sha256_file(path), False, None)
    return FileReading(file, sha256_file(path), typed, footer)


def read_footer(path: Path, newest_of: str | None = None) -> Footer:
    """The figures of one file's footer. Raises ArrowException or OSError if it is no Parquet file."""
    metadata = pq.read_metadata(path)
    nulls: dict[str, int | None] = dict.fromkeys(metadata.schema.names, 0)
    newest: list[datetime] = []
    for group in range(metadata.num_row_groups):
        for number, name in enumerate(metadata.schema.names):
            statistics = metadata.row_group(group).column(number).statistics
            known, before = statistics is not None and statistics.has_null_count, nulls[name]
            nulls[name] = before + statistics.null_count if known and before is not None else None
            if name == newest_of and statistics is not None and statistics.has_min_max:
                newest.append(statistics.max)
    return Footer(metadata.num_rows, nulls, max(newest, default=None))


def _added(footers: Sequence[Footer]) -> Footer:
    """The figures of several files of one delivery together."""
    nulls: Counter[str] = Counter()
    unknown = {name for footer in footers for name, count in footer.nulls.items() if count is None}
    for footer in footers:
        nulls.update({name: count or 0 for name, count in footer.nulls.items()})
    return Footer(
        rows=sum(footer.rows for footer in footers),
        nulls={name: None if name in unknown else count for name, count in nulls.items()},
        newest=max((footer.newest for footer in footers if footer.newest), default=None),
    )


def draw(files: Sequence[tuple[Path, int]], schema: Mapping[str, pl.DataType], *, seed: str) -> pl.DataFrame:
    """The sample of the rows of some files of one schema: all, or SAMPLE_ROWS drawn; the same for the
    same seed.

    Files are given with their row counts. Memory is bounded by the sample and one row group.
    """
    total = sum(rows for _, rows in files)
    wanted = range(total)
    drawn = wanted if total <= SAMPLE_ROWS else sorted(random.Random(seed).sample(wanted, SAMPLE_ROWS))
    parts, offset = [pl.DataFrame(schema=schema)], 0
    for path, rows in files:
        own = [n - offset for n in drawn if offset <= n < offset + rows]
        parts.extend(_take(path, own))
        offset += rows
    return pl.concat(parts)


def _take(path: Path, numbers: Sequence[int]) -> list[pl.DataFrame]:
    """Some rows of a file, by their numbers in it, in order."""
    parts, offset = [], 0
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            own = [n - offset for n in numbers if offset <= n < offset + rows]
            offset += rows
            if own:
                rows_taken = file.read_row_group(group).take(pa.array(own, pa.int64()))
                rows_taken.validate(full=True)
                frame = pl.from_arrow(rows_taken)
                assert isinstance(frame, pl.DataFrame)
                parts.append(frame)
    return parts
