"""Texts cut out of longer ones by arithmetic on their places, without a copy: a batch of lines is one buffer.

A text of Arrow's string view is 16 bytes: its length, and either itself, if it has at most 12 bytes, or its first four
bytes, the number of its buffer and where it begins there.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

INLINE = 12
WORDS = 3
_KEPT = np.array(
    [[(1 << 8 * min(max(size - 4 * word, 0), 4)) - 1 for word in range(WORDS)] for size in range(INLINE + 1)],
    dtype="<u4",
)
"""Which bytes of three words belong to a text of so many bytes."""


@dataclass(frozen=True)
class Lines:
    """Lines that lie in one buffer: where each begins and ends there, in bytes."""

    buffer: pa.Buffer
    start: np.ndarray
    end: np.ndarray

    def at(self, places: np.ndarray) -> np.ndarray:
        """The bytes at these places."""
        return np.frombuffer(self.buffer, dtype=np.uint8)[places]

    def long(self, name: str, start: np.ndarray, length: np.ndarray) -> pl.Series:
        """The texts at these places, all of them longer than 12 bytes."""
        views = np.empty((len(start), 4), dtype="<u4")
        views[:, 0], views[:, 1], views[:, 2], views[:, 3] = length, self._words(1)[start, 0], 0, start
        return self._series(name, views)

    def short(self, name: str, start: np.ndarray, length: np.ndarray) -> pl.Series:
        """The texts at these places, none longer than 12 bytes nor within the last 12 of the buffer."""
        views = np.empty((len(start), 4), dtype="<u4")
        views[:, 0] = length
        np.bitwise_and(self._words(WORDS)[start], _KEPT.take(length, axis=0), out=views[:, 1:])
        return self._series(name, views)

    def _words(self, count: int) -> np.ndarray:
        """The words of four bytes that begin at each place, `count` of them."""
        places = self.buffer.size - 4 * count + 1
        return np.ndarray((places, count), dtype="<u4", buffer=self.buffer, strides=(1, 4))

    def _series(self, name: str, views: np.ndarray) -> pl.Series:
        buffers = [None, pa.py_buffer(views), self.buffer]
        return pl.Series(name, pa.Array.from_buffers(pa.string_view(), len(views), buffers, null_count=0))


def lines_of(text: pl.Series) -> Lines:
    """The lines of a series without NULL; those that are not in its first buffer, short ones too, are empty there."""
    array = text.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    _, places, *buffers = array.buffers()
    views = np.frombuffer(places, dtype="<u4", count=4 * len(array), offset=16 * array.offset).reshape(-1, 4)
    within = (views[:, 0] > INLINE) & (views[:, 2] == 0)
    start = np.where(within, views[:, 3], 0).astype(np.int64)
    return Lines(
        buffers[0] if buffers else pa.py_buffer(b""), start, start + np.where(within, views[:, 0], 0)
    )
