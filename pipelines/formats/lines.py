"""Lines of a text file, in frames of bounded size, however long a line and whatever its bytes.

What a line means is a format's own business. A line that cannot be used carries the name of the rule it breaks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl
import pyarrow as pa

from pipelines.formats.base import RAW_LIMIT, ReadContext, Texts, unreadable

MAX_RECORD = 1 << 20
BLOCK = 24 << 20
MAX_LINES = 1 << 18
HEAD = 1 << 16
NEWLINE = 10
BOM = b"\xef\xbb\xbf"

RULES: Mapping[str, Texts] = {
    "file.empty": ("The file is empty; send it again.", "文件为空，请重新发送。"),
    "file.binary": (
        "The file is not text but binary data; send it unpacked, as text.",
        "文件不是文本而是二进制数据，请解压后以文本发送。",
    ),
    "file.encoding": (
        "The file is UTF-16 text; save it as UTF-8 and send it again.",
        "文件为 UTF-16 编码，请另存为 UTF-8 后重新发送。",
    ),
    "file.options": (
        "The delivery names an option value that this format does not know.",
        "交付所带的选项值不为该格式所支持。",
    ),
    "record.too_long": (
        "The line is longer than 1 MiB, so it is no record; the file is probably damaged.",
        "该行超过 1 MiB，不可能是一条记录，文件可能已损坏。",
    ),
    "record.encoding": (
        "The line is not UTF-8; send UTF-8, or say --option encoding=gb18030 where that is what it is.",
        "该行不是 UTF-8 编码；请以 UTF-8 发送，若为 GB18030 请使用 --option encoding=gb18030。",
    ),
    "record.binary": (
        "The line holds NUL bytes, so it is damaged; send the file again.",
        "该行含有 NUL 字节，已损坏，请重新发送。",
    ),
    "record.truncated": (
        "The file ends in this line without a line end, so the line may be cut; send the whole file again.",
        "文件在该行结束且没有换行符，该行可能被截断，请重新发送完整文件。",
    ),
}
_PACKED = (
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"PAR1",
    b"%PDF",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"\x28\xb5\x2f\xfd",
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1b\x1c\x1d\x1e\x1f"))
_CONTROL_SHARE = 0.01
_ENCODINGS = {"": "utf-8", "utf-8": "utf-8", "utf8": "utf-8", "gb18030": "gb18030", "gbk": "gb18030"}


@dataclass
class _Reader:
    """Where a file's reading stands: how many lines were given out, and the bytes of a line not yet complete."""

    stream: BinaryIO
    encoding: str
    block: int
    limit: int
    row: int = 0
    rest: bytes = b""
    overflowed: bool = False


def read_head(path: Path, rules: Mapping[str, Texts], delimiter: bytes = b"") -> bytes:
    """A file's first 64 KiB without a byte order mark; Unreadable if they are no text.

    Control characters are what tells binary data, those of a given `delimiter` aside.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    if head.startswith(_UTF16):
        raise unreadable(rules, "file.encoding")
    strange = len(head) - len(head.translate(None, bytes(set(_CONTROL) - set(delimiter))))
    if head.startswith(_PACKED) or strange > len(head) * _CONTROL_SHARE:
        raise unreadable(rules, "file.binary")
    head = head.removeprefix(BOM)
    if not head.strip() and path.stat().st_size <= HEAD:
        raise unreadable(rules, "file.empty")
    return head


def encoding_option(context: ReadContext, rules: Mapping[str, Texts]) -> str:
    """Python's name of the encoding that option `encoding` names; UTF-8 without it."""
    name = context.options.get("encoding", "").strip().lower()
    if name not in _ENCODINGS:
        raise unreadable(rules, "file.options", f"encoding is {name}, neither utf-8 nor gb18030.")
    return _ENCODINGS[name]


def read_lines(
    path: Path, encoding: str = "utf-8", *, block: int = BLOCK, limit: int = MAX_RECORD
) -> Iterator[pl.DataFrame]:
    """Frames of `_row` (Int64, 1-based), `line` (without its end) and `_fault` (a rule of RULES, or NULL).

    Reads `block` bytes at a time; of a line longer than `limit` bytes only the beginning is kept.
    """
    with path.open("rb") as stream:
        reader = _Reader(stream, encoding, block, limit)
        if stream.read(len(BOM)) != BOM:
            stream.seek(0)
        while chunk := stream.read(block):
            yield from _whole_lines(reader, chunk)
        if reader.rest or reader.overflowed:
            fault = "record.too_long" if reader.overflowed else "record.truncated"
            yield _single(reader, fault if reader.rest.strip(b" \t\r\x1a") else None)


def _whole_lines(reader: _Reader, chunk: bytes) -> Iterator[pl.DataFrame]:
    """The lines that end within a chunk; what follows the last of them waits for the next one."""
    if reader.overflowed:
        end = chunk.find(b"\n")
        if end < 0:
            return
        yield _single(reader, "record.too_long")
        reader.overflowed, reader.rest, chunk = False, b"", chunk[end + 1 :]
    text = reader.rest + chunk if reader.rest else chunk
    size = text.rfind(b"\n") + 1
    reader.rest = text[size:]
    if len(reader.rest) > reader.limit:
        reader.rest, reader.overflowed = reader.rest[:RAW_LIMIT], True
    ends, start = _line_ends(text, size), 0
    for first in range(0, len(ends), MAX_LINES):
        part = ends[first : first + MAX_LINES]
        yield _frame(reader, text, start, part)
        start = int(part[-1]) + 1


def _line_ends(text: bytes, size: int) -> np.ndarray:
    return np.flatnonzero(np.frombuffer(text, dtype=np.uint8, count=size) == NEWLINE)


def _single(reader: _Reader, fault: str | None) -> pl.DataFrame:
    """The frame of one line that has no end or of which only the beginning was kept."""
    return _frame(reader, reader.rest + b"\n", 0, np.array([len(reader.rest)]), fault)


def _frame(
    reader: _Reader, text: bytes, start: int, ends: np.ndarray, fault: str | None = None
) -> pl.DataFrame:
    """The frame of the lines of a text that begin at `start` and end at `ends`; `fault` holds for all of them."""
    text, start, ends, invalid = _utf8(text, start, ends, reader.encoding)
    lines = _strings(text, start, ends)
    if b"\r" in text:
        lines = lines.str.strip_suffix("\r")
    frame = pl.DataFrame(
        {
            "_row": pl.int_range(reader.row + 1, reader.row + 1 + len(lines), eager=True, dtype=pl.Int64),
            "line": lines,
            "_fault": pl.Series([fault], dtype=pl.String).new_from_index(0, len(lines)),
        }
    )
    reader.row += len(lines)
    if fault is None:
        frame = _with_faults(frame, reader.limit, b"\0" in text, invalid)
    return frame


def _strings(text: bytes, start: int, ends: np.ndarray) -> pl.Series:
    """The lines of valid UTF-8, without copying them one by one: every other value is a line end."""
    offsets = np.empty(2 * len(ends) + 1, dtype=np.int64)
    offsets[0], offsets[1::2], offsets[2::2] = start, ends, ends + 1
    values = pa.LargeStringArray.from_buffers(2 * len(ends), pa.py_buffer(offsets), pa.py_buffer(text))
    return pl.Series("line", values).gather_every(2)


def _utf8(
    text: bytes, start: int, ends: np.ndarray, encoding: str
) -> tuple[bytes, int, np.ndarray, list[int]]:
    """The lines as UTF-8: text, start, line ends, and which of them were not of the encoding."""
    stop = int(ends[-1]) + 1
    try:
        if encoding == "utf-8":
            _validate(text, start, stop)
            return text, start, ends, []
        converted = text[start:stop].decode(encoding).encode()
        return converted, 0, _line_ends(converted, len(converted)), []
    except (UnicodeError, pa.ArrowInvalid):
        return _mended(text[start:stop], encoding)


def _validate(text: bytes, start: int, stop: int) -> None:
    """Raises ArrowInvalid if the bytes are not UTF-8, without making a copy of them."""
    ends = pa.py_buffer(np.array([start, stop], dtype=np.int64))
    pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(text)).validate(full=True)


def _mended(text: bytes, encoding: str) -> tuple[bytes, int, np.ndarray, list[int]]:
    """Line by line, with replacement characters where a line is not of the encoding."""
    mended, invalid = [], []
    for number, line in enumerate(text.split(b"\n")[:-1]):
        try:
            mended.append(line.decode(encoding).encode())
        except UnicodeError:
            mended.append(line.decode(encoding, "replace").encode("utf-8", "replace"))
            invalid.append(number)
    data = b"\n".join(mended) + b"\n"
    return data, 0, _line_ends(data, len(data)), invalid


def _with_faults(frame: pl.DataFrame, limit: int, nul: bool, invalid: list[int]) -> pl.DataFrame:
    """Names the rule that a line breaks, and keeps only the beginning of a line that is too long."""
    line, fault = pl.col("line"), pl.col("_fault")
    if nul:
        broken = line.str.contains("\0", literal=True)
        frame = frame.with_columns(
            pl.when(broken).then(pl.lit("record.binary")).otherwise(fault).alias("_fault")
        )
    if invalid:
        mark = pl.Series(invalid, dtype=pl.Int64)
        faults = frame["_fault"].scatter(mark, "record.encoding")
        frame = frame.with_columns(faults)
    if (frame["line"].str.len_bytes().max() or 0) > limit:  # type: ignore[operator]
        long = line.str.len_bytes() > limit
        frame = frame.with_columns(
            pl.when(long).then(line.str.slice(0, RAW_LIMIT)).otherwise(line).alias("line"),
            pl.when(long).then(pl.lit("record.too_long")).otherwise(fault).alias("_fault"),
        )
    return frame
