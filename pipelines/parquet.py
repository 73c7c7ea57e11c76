"""How Parquet is written here: zstd, dictionaries for columns whose values repeat, bounds where they help a reader."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SAMPLE = 4096


def open_writer(path: Path, schema: pa.Schema, first: pa.Table) -> pq.ParquetWriter:
    """A writer of a file that begins with the rows `first`: they say which columns are worth a dictionary.

    A dictionary of values that do not repeat is made, found too large and thrown away: it doubles the cost. The bounds
    of texts that do not repeat, hashes most of them, span everything and let a reader skip nothing.
    """
    often = repeating(first)
    bounded = [field.name for field in schema if field.name in often or not pa.types.is_string(field.type)]
    return pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=often, write_statistics=bounded)


def repeating(rows: pa.Table) -> list[str]:
    """The columns of which a sample has at most half as many values as rows."""
    sample = rows.slice(0, SAMPLE)
    return [
        name
        for name in rows.column_names
        if pc.count_distinct(sample[name], mode="all").as_py() * 2 <= sample.num_rows
    ]
