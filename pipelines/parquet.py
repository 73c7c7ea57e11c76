"""How Parquet is written here: zstd, and dictionaries for those columns only whose values repeat."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SAMPLE = 4096


def open_writer(path: Path, schema: pa.Schema, first: pa.Table) -> pq.ParquetWriter:
    """A writer of a file that begins with the rows `first`: they say which columns are worth a dictionary.

    A dictionary of values that do not repeat is made, found too large and thrown away: it doubles the cost.
    """
    return pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=repeating(first))


def repeating(rows: pa.Table) -> list[str]:
    """The columns of which a sample has at most half as many values as rows."""
    sample = rows.slice(0, SAMPLE)
    return [
        name
        for name in rows.column_names
        if pc.count_distinct(sample[name], mode="all").as_py() * 2 <= sample.num_rows
    ]
