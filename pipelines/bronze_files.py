"""The Parquet files of bronze and quarantine: streaming writer, duplicates dropped, replayed rows kept apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.parquet import open_writer


@dataclass(frozen=True)
class BronzeFile:
    """A written file: its place under its root, since when its rows are known, how many, and its sha256."""

    path: str
    received_at: str
    rows: int
    sha256: str


def quarantine_schema() -> pa.Schema:
    """Rejected rows: where they came from, all rules they broke, and the record as sent."""
    return pa.schema(
        [
            ("landing_id", pa.string()),
            ("landing_row", pa.int64()),
            ("source_id", pa.string()),
            ("dataset", pa.string()),
            ("received_at", pa.timestamp("us", tz="UTC")),
            ("rules", pa.string()),
            ("raw", pa.string()),
        ]
    )


class RowWriter:
    """Writes batches to one Parquet file of a fixed schema; a file without rows is an empty, typed file."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path, self._schema = path, schema
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "RowWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        (self._writer or open_writer(self._path, self._schema, self._schema.empty_table())).close()

    def write(self, rows: pl.DataFrame) -> None:
        """Appends a batch as one row group."""
        if rows.height:
            table = rows.to_arrow().cast(self._schema)
            self._writer = self._writer or open_writer(self._path, self._schema, table)
            self._writer.write_table(table)


def drop_and_split(path: Path, work: Path, released: Mapping[int, int]) -> tuple[dict[int, Path], int]:
    """Takes exact duplicates out of a file of accepted rows and puts replayed rows into files of their own.

    `released` says of a landing_row by which replay (1, 2, …) it was released; all others belong to file 0, which
    always exists. Returns the files by number and how many duplicates were dropped. Of rows with one record_hash the
    first known is kept, and of these the first as sent: a replay takes nothing from what was known before it.
    """
    duplicates = _duplicate_rows(path, released)
    if not duplicates and not released:
        return {0: path}, 0
    schema = pq.read_schema(path)
    numbers = {0, *released.values()}
    files = {number: work / f"part-{number}.parquet" for number in numbers}
    writers = {number: RowWriter(file, schema) for number, file in files.items()}
    dropped = pa.array(duplicates, pa.int64())
    for batch in pq.ParquetFile(path).iter_batches():
        kept = batch.filter(pc.invert(pc.is_in(batch["landing_row"], value_set=dropped)))
        rows = pl.from_arrow(pa.Table.from_batches([kept]))
        assert isinstance(rows, pl.DataFrame)
        number = pl.col("landing_row").replace_strict(dict(released), default=0, return_dtype=pl.Int64)
        for each in numbers:
            writers[each].write(rows.filter(number == each))
    for writer in writers.values():
        writer.__exit__(None, None, None)
    return {n: file for n, file in files.items() if n == 0 or pq.read_metadata(file).num_rows}, len(
        duplicates
    )


def _duplicate_rows(path: Path, released: Mapping[int, int]) -> list[int]:
    """The landing rows that repeat a record of the same file known or sent before them."""
    rows = pl.scan_parquet(path)
    keys = rows.select("landing_row", pl.col("record_hash").hash().alias("key")).collect()
    if keys["key"].n_unique() == keys.height:
        return []
    suspects = keys.filter(keys["key"].is_duplicated())["landing_row"].implode()
    found = rows.filter(pl.col("landing_row").is_in(suspects)).select("landing_row", "record_hash").collect()
    number = pl.col("landing_row").replace_strict(dict(released), default=0, return_dtype=pl.Int64)
    repeats = found.sort(number, "landing_row").filter(~pl.col("record_hash").is_first_distinct())
    return repeats["landing_row"].to_list()
