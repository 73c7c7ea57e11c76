"""Bills in FOCUS as Parquet: batches of rows whose values are the text that a CSV would have.

Decimals, integers and texts keep every digit. A floating point number becomes the shortest text that means it, which
need not be what was billed: the tally counts such rows. Tags and other nested values become JSON.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from pipelines.formats.base import Tally, Texts, cut_raw, unreadable
from pipelines.formats.focus.columns import NUMBERS
from pipelines.formats.json_values import json_text, whole
from pipelines.formats.lines import HEAD

MAGIC = b"PAR1"
BATCH = 20_000
MAX_WIDTH = 2000

RULES: Mapping[str, Texts] = {
    "file.parquet": (
        "The Parquet file is damaged or cut off; send it again.",
        "Parquet 文件已损坏或被截断，请重新发送。",
    ),
    "record.parquet": (
        "From this row on the Parquet file cannot be read; send it again.",
        "Parquet 文件自该行起无法读取，请重新发送。",
    ),
}
CALENDAR = (-62_135_596_800, 253_402_300_799)
"""The years 1 to 9999, in seconds."""
MICROS = 1_000_000
PER_SECOND = {
    "d": Fraction(1, 86_400),
    "s": Fraction(1),
    "ms": Fraction(1000),
    "us": Fraction(MICROS),
    "ns": Fraction(10**9),
}
_ERRORS = (pa.ArrowException, OSError, ValueError, ArithmeticError, RecursionError)


def is_parquet(path: Path) -> bool:
    """Whether a file says that it is Parquet."""
    with path.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def names_in(head: bytes) -> tuple[str, ...] | None:
    """The columns of a Parquet file that is no longer than a head; None for a longer one, which has them at its end."""
    if len(head) >= HEAD:
        return None
    import pyarrow.parquet as pq

    try:
        return tuple(pq.read_schema(BytesIO(head)).names)
    except _ERRORS:
        return ()


def read_names(path: Path, rules: Mapping[str, Texts]) -> tuple[str, ...]:
    """The columns of a Parquet file; Unreadable if it has no readable schema."""
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = tuple(file.schema_arrow.names)
    except _ERRORS as error:
        raise unreadable(rules, "file.parquet") from error
    if len(names) > MAX_WIDTH:
        raise unreadable(rules, "file.columns", f"It has {len(names)} columns.", f"共 {len(names)} 列。")
    return names


def read_batches(
    path: Path, names: tuple[str, ...], rules: Mapping[str, Texts], tally: Tally
) -> Iterator[pl.DataFrame]:
    """Frames as `csv_records.read_records` yields them; the row number is that in the file, from 1."""
    import pyarrow.parquet as pq

    row = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=BATCH):
                frame = _frame(batch, names, row, tally)
                row += frame.height
                tally.records_read += frame.height
                if frame.height:
                    yield frame
    except _ERRORS as error:
        if not row:
            raise unreadable(rules, "file.parquet") from error
        tally.records_read += 1
        yield _broken(row + 1, names, str(error))


def _broken(row: int, names: tuple[str, ...], said: str) -> pl.DataFrame:
    """The one record that stands for all that cannot be read."""
    values = {"_row": row, "_raw": whole(said)[:200], "_fault": "record.parquet", **dict.fromkeys(names)}
    types = {"_row": pl.Int64, "_raw": pl.String, "_fault": pl.String, **dict.fromkeys(names, pl.String)}
    return pl.DataFrame([values], schema=types)


def _frame(batch: pa.RecordBatch, names: tuple[str, ...], before: int, tally: Tally) -> pl.DataFrame:
    columns = [_mended(batch.column(place)) for place in range(batch.num_columns)]
    texts = [_texts(column).alias(name) for (column, _), name in zip(columns, names, strict=True)]
    strange = [mark for _, mark in columns if mark is not None]
    floats = [
        pl.Series(batch.column(place).is_valid())
        for place, name in enumerate(names)
        if name in NUMBERS and pa.types.is_floating(batch.schema.field(place).type)
    ]
    tally.label("amount sent as floating point", int(_any(floats, batch.num_rows).sum()))
    sent = pl.DataFrame(texts)
    raw = sent.select(pl.struct(names).struct.json_encode()).to_series()
    rows = pl.int_range(before + 1, before + 1 + sent.height, eager=True, dtype=pl.Int64)
    fault = pl.when(_any(strange, sent.height)).then(pl.lit("record.encoding"))
    return pl.DataFrame([rows.alias("_row"), cut_raw(raw).alias("_raw"), *texts]).with_columns(
        fault.alias("_fault")
    )


def _any(marks: list[pl.Series], height: int) -> pl.Series:
    """Where at least one of some marks is set."""
    found = pl.Series([False]).new_from_index(0, height)
    for mark in marks:
        found = found | mark
    return found


def _mended(column: pa.Array) -> tuple[pa.Array, pl.Series | None]:
    """A column whose texts are UTF-8, and where they were not: Arrow does not look, Polars relies on it."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            raise
        sent = column.cast(pa.large_binary()).to_pylist()
        mended = [None if value is None else value.decode("utf-8", "replace") for value in sent]
        strange = [value is not None and not _is_utf8(value) for value in sent]
        return pa.array(mended, pa.large_string()), pl.Series(strange, dtype=pl.Boolean)
    return column, None


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _texts(column: pa.Array) -> pl.Series:
    """A column's values as text."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind):
        return pl.Series(pa.chunked_array([column.cast(pa.large_string())]), dtype=pl.String)
    if pa.types.is_timestamp(kind):
        return _moments(
            column.cast(pa.int64()), kind.unit, "%Y-%m-%dT%H:%M:%S%.6f" + ("Z" if kind.tz else "")
        )
    if pa.types.is_date32(kind):
        return _moments(column.cast(pa.int32()), "d", "%Y-%m-%d")
    if pa.types.is_date64(kind):
        return _moments(column.cast(pa.int64()), "ms", "%Y-%m-%d")
    if pa.types.is_float32(kind) or pa.types.is_float16(kind):
        return _each(_singles(column))
    return _each(column.to_pylist())


def _moments(column: pa.Array, unit: str, form: str) -> pl.Series:
    """Instants as text; those that no calendar has stay numbers with their unit, which is no time."""
    ticks = pl.Series(pa.chunked_array([column])).cast(pl.Int64)
    first, last = (max(min(int(bound * PER_SECOND[unit]), 2**63 - 1), -(2**63)) for bound in CALENDAR)
    number = pl.col("ticks")
    micros = pl.DataFrame({"ticks": ticks}).select(
        pl.when(number.is_between(first, last)).then(
            number // 1000 if unit == "ns" else number * int(MICROS / PER_SECOND[unit])
        )
    )
    text = micros.to_series().cast(pl.Datetime("us")).dt.strftime(form)
    return text.zip_with(text.is_not_null() | ticks.is_null(), ticks.cast(pl.String) + f" {unit}")


def _singles(column: pa.Array) -> list[Any]:
    """Short floating point numbers as the shortest text that means them, not their neighbours among long ones."""
    numbers = column.cast(pa.float32()).to_numpy(zero_copy_only=False)
    return [
        Decimal(str(number)) if valid else None
        for number, valid in zip(numbers, column.is_valid().to_pylist(), strict=True)
    ]


def _each(values: list[Any]) -> pl.Series:
    return pl.Series([None if value is None else _text(value) for value in values], dtype=pl.String)


def _text(value: Any) -> str:
    """A value as text: numbers without an exponent, nested values as JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return json_text(_plain(value)) if isinstance(value, list | dict | tuple) else whole(str(value))


def _plain(value: Any) -> Any:
    """A nested value for JSON: a map is a list of pairs in Arrow, an object in JSON."""
    if (
        isinstance(value, list)
        and value
        and all(isinstance(pair, tuple) and len(pair) == 2 for pair in value)
    ):
        keys = [str(key) for key, _ in value]
        if len(set(keys)) == len(keys):
            return {key: _plain(held) for key, (_, held) in zip(keys, value, strict=True)}
    if isinstance(value, list | tuple):
        return [_plain(held) for held in value]
    if isinstance(value, dict):
        return {key: _plain(held) for key, held in value.items()}
    return _text(value) if isinstance(value, float | bytes) else value
