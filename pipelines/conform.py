"""From what a format read to bronze rows: the contract's rules, the record hash, accepted apart from rejected.

Pure functions over one batch. What a landing's files are called and when they are written is `bronze`'s.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import groupby

import numpy as np
import polars as pl
import pyarrow as pa

from data_contracts.contract import Contract
from data_contracts.rules import apply_rules, broken_column, is_broken

HASH_LENGTH = 32
FIELD, ESCAPE, NULL = "\x1f", "\x1e", "\x1e2"


@dataclass(frozen=True)
class Origin:
    """Where a landing's rows come from and when they were known: the system columns."""

    source_id: str
    landing_id: str
    received_at: datetime


def conform(batch: pl.DataFrame, contract: Contract, origin: Origin) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Splits a batch into accepted rows (the contract's schema with the system columns) and rejected ones.

    Rejected rows have landing_row, rules (names of all broken rules, comma separated) and raw (the record as sent).
    """
    extra = [name[1:] for name in batch.columns if name.startswith("!")]
    judged = apply_rules(batch, contract, extra)
    broken = judged.select(is_broken(contract, extra)).to_series()
    return _accepted(judged.filter(~broken), contract, origin), _rejected(
        judged.filter(broken), contract, extra
    )


def _accepted(rows: pl.DataFrame, contract: Contract, origin: Origin) -> pl.DataFrame:
    business = [column.name for column in contract.columns]
    return rows.select(
        *business,
        pl.lit(origin.source_id).alias("source_id"),
        pl.lit(origin.landing_id).alias("landing_id"),
        pl.col("_row").alias("landing_row"),
        pl.lit(origin.received_at).cast(pl.Datetime("us", "UTC")).alias("received_at"),
        record_hashes(rows.select(business)).alias("record_hash"),
    )


def _rejected(rows: pl.DataFrame, contract: Contract, extra: Sequence[str]) -> pl.DataFrame:
    return rows.select(
        pl.col("_row").alias("landing_row"),
        broken_column(rows, contract, extra),
        pl.col("_raw").alias("raw"),
    )


def record_hashes(rows: pl.DataFrame) -> pl.Series:
    """The first 128 bits of SHA-256 over each row's canonical text, in hexadecimal.

    The text holds every column in the contract's order: fields end in U+001F, unknown is U+001E 2, and U+001E and
    U+001F inside a value are escaped, so that two different rows never have the same text.
    """
    if rows.is_empty():
        return pl.Series("record_hash", [], dtype=pl.String)
    text = pl.concat_str(_fields(rows), separator=FIELD)
    texts = rows.with_columns(text.cast(pl.Binary).alias("_text"))["_text"].to_list()
    digits = b"".join([sha256(each).digest()[: HASH_LENGTH // 2] for each in texts]).hex()
    ends = np.arange(0, len(digits) + 1, HASH_LENGTH, dtype=np.int64)
    values = pa.LargeStringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(digits.encode()))
    return pl.Series("record_hash", values)


def _fields(rows: pl.DataFrame) -> Iterator[pl.Expr]:
    """The canonical texts of the columns in order; columns side by side that never change are one literal."""
    for constant, names in groupby(rows.columns, lambda name: _is_constant(rows[name])):
        if constant:
            first = rows.head(1).select(names)
            text = pl.concat_str([_field(first, name) for name in first.columns], separator=FIELD)
            yield pl.lit(first.select(text).item())
        else:
            yield from (_field(rows, name) for name in names)


def _is_constant(column: pl.Series) -> bool:
    """Whether all values have one text: none is known, or all are equal. Equal floats may have two (0 and −0)."""
    nulls = column.null_count()
    alike = nulls == 0 and not column.dtype.is_float()
    return nulls == len(column) or (alike and bool((column == column.head(1)).all()))


def _field(rows: pl.DataFrame, name: str) -> pl.Expr:
    dtype = rows.schema[name]
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        column = column.dt.epoch("us").cast(pl.String)
    elif dtype == pl.String:
        if rows[name].str.contains_any([FIELD, ESCAPE]).any():
            column = column.str.replace_all(ESCAPE, ESCAPE + "0", literal=True).str.replace_all(
                FIELD, ESCAPE + "1", literal=True
            )
    else:
        column = column.cast(pl.String)
    return column.fill_null(NULL)


def rule_counts(rejected: Mapping[str, int]) -> dict[str, int]:
    """How many rejected rows broke each rule, most first, from counts by their comma separated names."""
    counts: Counter[str] = Counter()
    for names, rows in rejected.items():
        counts.update(dict.fromkeys(names.split(","), rows))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def empty_accepted(contract: Contract) -> pl.DataFrame:
    """No accepted rows, typed."""
    return pl.DataFrame(schema=contract.polars_schema(system=True))
