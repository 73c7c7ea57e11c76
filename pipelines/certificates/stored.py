"""A delivery's bronze files as they lie on disk: hash, schema, figures of footers, a bounded sample of rows.

Nothing is judged here. DuckDB reads: of damaged files it raises an error where other readers end the process.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

import duckdb
import polars as pl

from data_contracts.contract import Column, Contract
from pipelines.bronze_files import BronzeFile
from pipelines.certificates.facts import DeliveryFacts
from pipelines.files import sha256_file
from pipelines.home import Home

SAMPLE_ROWS = 2_000
"""Rows read of one delivery: all of them up to this number, else this many drawn from all."""
BATCH_ROWS = 1_000
SETTINGS: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "1GB", "threads": 1}
"""Bounds for damaged files that claim to be huge."""
UNREADABLE = (duckdb.Error, OSError)
"""What reading a damaged file raises."""

_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "date": "DATE",
    "boolean": "BOOLEAN",
    "number": "DOUBLE",
}
_ROWS = "from read_parquet($1, hive_partitioning = false)"
_SCHEMA = f"describe {_ROWS}"
_REJECTED = f"select landing_row, coalesce(rules, ''), coalesce(raw, '') {_ROWS}"
_DRAWN = """
    select * exclude (file_row_number)
    from read_parquet($1, hive_partitioning = false, file_row_number = true)
    where file_row_number in (select unnest($2::bigint[]))
    order by file_row_number
"""
_FOOTER = """
    select
        path_in_schema,
        sum(num_values)::bigint,
        case when count(stats_null_count) = count(*) then sum(stats_null_count)::bigint end,
        max(try_cast(stats_max_value as timestamptz)) filter (where path_in_schema = $newest_of)
    from parquet_metadata($path)
    group by path_in_schema
"""


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


class Files:
    """The stored files of a home, behind one DuckDB connection; use it in a `with`."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._connection = duckdb.connect(config=SETTINGS)
        self._connection.execute("set timezone = 'UTC'")

    def __enter__(self) -> "Files":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def read(self, contract: Contract, facts: DeliveryFacts) -> tuple[Reading, pl.DataFrame]:
        """What the facts name, as found, and the sample (the contract's schema with the system columns).

        No state of the files raises an error.
        """
        schema = contract.polars_schema(system=True)
        expected = [(column.name, _type(column)) for column in contract.stored_columns()]
        root, kept = self._home.bronze, facts.quarantine
        files = tuple(self._read_file(root, file, expected, contract.control_day) for file in facts.files)
        typed = [(root / file.recorded.path, file.footer) for file in files if file.typed and file.footer]
        sound = len(typed) == len(files)
        try:
            sample = self.draw([(path, footer.rows) for path, footer in typed], schema, seed=facts.landing_id)
        except UNREADABLE:
            sample, sound = pl.DataFrame(schema=schema), False
        quarantine = self._read_file(self._home.quarantine, kept, None, None) if kept else None
        return Reading(files, quarantine, _added([each for _, each in typed]), sample.height, sound), sample

    def _read_file(
        self, root: Path, file: BronzeFile, expected: list[tuple[str, str]] | None, newest_of: str | None
    ) -> FileReading:
        path = root / file.path
        if not path.is_file():
            return FileReading(file, None, False, None)
        sha256 = sha256_file(path)
        try:
            found = self._connection.execute(_SCHEMA, [_name(path)]).fetchall()
            typed = expected is None or [(name, type_) for name, type_, *_ in found] == expected
            return FileReading(file, sha256, typed, self.footer(path, newest_of))
        except UNREADABLE:
            return FileReading(file, sha256, False, None)

    def footer(self, path: Path, newest_of: str | None = None) -> Footer:
        """The figures of one file's footer; `newest_of` names the column of event times.

        Raises one of UNREADABLE if there is no sound Parquet file.
        """
        columns = self._connection.execute(_FOOTER, {"path": _name(path), "newest_of": newest_of}).fetchall()
        return Footer(
            rows=max((rows for _, rows, _, _ in columns), default=0),
            nulls={name: nulls for name, _, nulls, _ in columns},
            newest=max((newest for *_, newest in columns if newest), default=None),
        )

    def draw(self, files: Sequence[tuple[Path, int]], schema: pl.Schema, *, seed: str) -> pl.DataFrame:
        """The sample of some files of one schema: all rows, or SAMPLE_ROWS drawn; the same for the same seed.

        Files are given with their row counts. Raises one of UNREADABLE over a damaged file.
        """
        total = sum(rows for _, rows in files)
        wanted = range(total)
        drawn = wanted if total <= SAMPLE_ROWS else sorted(random.Random(seed).sample(wanted, SAMPLE_ROWS))
        parts, offset = [pl.DataFrame(schema=schema)], 0
        for path, rows in files:
            own = [n - offset for n in drawn if offset <= n < offset + rows]
            query, numbers = (_ROWS, []) if len(own) == rows else (_DRAWN, [own])
            parts.append(self._connection.execute(query, [_name(path), *numbers]).pl().cast(schema))
            offset += rows
        return pl.concat(parts)

    def rejected(self, facts: DeliveryFacts) -> Iterator[tuple[int, str, str]]:
        """The delivery's rejected rows in order: landing_row, rules, raw. A damaged file gives what it can."""
        if facts.quarantine is None:
            return
        try:
            self._connection.execute(_REJECTED, [_name(self._home.quarantine / facts.quarantine.path)])
            while rows := self._connection.fetchmany(BATCH_ROWS):
                yield from rows
        except UNREADABLE:
            return


def _name(path: Path) -> str:
    """The path as DuckDB names this one file: its pattern characters stand for themselves."""
    return re.sub(r"[*?\[]", r"[\g<0>]", str(path))


def _type(column: Column) -> str:
    return _TYPES.get(column.type) or f"DECIMAL(38,{column.scale})"


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
