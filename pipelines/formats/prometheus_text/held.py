"""Samples that wait for others of their device and time, in bounded memory.

Scrapes that follow each other are given out as soon as they lie ten minutes back. A file in another order (OpenMetrics
keeps a metric's samples together) is held whole; beyond some millions of samples on disk, an hour's in one place.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
import polars as pl

SLACK = 600_000_000
MOST = 2_000_000
SPAN = 3_600_000_000
PLACES = 64
AT_ONCE = 300_000


class Held:
    """What has been added and not yet given out."""

    def __init__(self) -> None:
        self.frames: list[pl.DataFrame] = []
        self.latest = -(1 << 62)
        self.ordered = True
        self.folder: tempfile.TemporaryDirectory[str] | None = None
        self.spilled = 0

    def __enter__(self) -> "Held":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.folder is not None:
            self.folder.cleanup()

    def add(self, samples: pl.DataFrame) -> None:
        """Takes a batch in."""
        if samples.is_empty():
            return
        at = np.maximum.accumulate(samples["at"].to_numpy())
        behind = np.maximum(at, self.latest) - samples["at"].to_numpy()
        self.ordered = self.ordered and bool(behind.max() <= SLACK)
        self.latest = max(self.latest, int(at[-1]))
        self.frames.append(samples if self.ordered else _copied(samples))
        if not self.ordered and sum(frame.height for frame in self.frames) > MOST:
            self._spill()

    def ready(self) -> pl.DataFrame | None:
        """The samples that lie so far back that no more of their time are to come; None if there are none."""
        if not self.ordered or not self.frames:
            return None
        waiting = pl.concat(self.frames)
        old = waiting["at"] < self.latest - SLACK
        if not old.any():
            self.frames = [waiting]
            return None
        self.frames = [waiting.filter(~old)]
        return waiting.filter(old)

    def rest(self) -> Iterator[pl.DataFrame]:
        """All that is left."""
        if self.folder is None:
            waiting = pl.concat(self.frames) if self.frames else pl.DataFrame()
            if 0 < waiting.height <= AT_ONCE:
                yield waiting
            elif waiting.height:
                places = waiting.group_by(pl.col("at") // SPAN, maintain_order=True)
                yield from (samples for _, samples in places)
            return
        self._spill()
        for place in range(PLACES):
            paths = sorted(Path(self.folder.name).glob(f"{place}.*.parquet"))
            if paths:
                yield pl.concat([pl.read_parquet(path) for path in paths]).sort("_row")

    def _spill(self) -> None:
        if not self.frames:
            return
        self.folder = self.folder or tempfile.TemporaryDirectory(prefix="samples-")
        waiting = pl.concat(self.frames)
        place = (waiting["at"] // SPAN % PLACES).alias("place")
        for (number,), part in waiting.with_columns(place).group_by("place"):
            part.drop("place").write_parquet(
                Path(self.folder.name) / f"{number}.{self.spilled:06d}.parquet", compression="lz4"
            )
        self.frames, self.spilled = [], self.spilled + 1


def _copied(samples: pl.DataFrame) -> pl.DataFrame:
    """The samples with texts of their own, so that the lines they were cut from can be forgotten."""
    return samples.with_columns(
        pl.Series(name, samples[name].to_arrow(), dtype=pl.String) for name in ("value", "stamp")
    )
