"""Samples as exporters and Prometheus show them: the text exposition format 0.0.4 and OpenMetrics 1.0.

Timestamps are milliseconds, in a file that ends with # EOF (OpenMetrics) seconds. What a metric means stands in
`mappings/`. Whole days come as repeated scrapes, each with its timestamps or after a comment `# scraped_at TIME`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.formats.base import Format, ReadContext, Tally, cut_raw, flag, unreadable
from pipelines.formats.lines import encoding_option, read_head, read_lines
from pipelines.formats.prometheus_text.held import Held
from pipelines.formats.prometheus_text.labels import LONGEST, read_sample
from pipelines.formats.prometheus_text.mapping import IDENTITY, groups_of, mapping_names
from pipelines.formats.prometheus_text.rules import RULES
from pipelines.formats.prometheus_text.series import MALFORMED, UNMAPPED, SeriesDictionary
from pipelines.formats.prometheus_text.splitting import MILLISECOND, SECOND, Clock, instants, split_lines
from pipelines.formats.prometheus_text.wide import fold
from pipelines.formats.times import read_instants, zone_option

__all__ = ["FORMAT", "RULES"]

MOST_NAMES = 50
OPTIONS = {
    "mapping": "the exporter, if metric names of several could be meant: " + ", ".join(mapping_names()),
    "node": "the host, where the labels do not name one",
    "sampled_at": "the time of samples that carry none",
    "timestamp_unit": "seconds or milliseconds, if it is not that of the format",
    "time_zone": "the zone of sampled_at and scraped_at without an offset, if it is not the source's",
    "encoding": "utf-8 or gb18030",
}
_TYPE = re.compile(
    r"# TYPE \S+ (counter|gauge|histogram|summary|untyped|unknown|info|stateset|gaugehistogram)"
)
_LOOKED_AT = 200


def sniff(head: bytes) -> bool:
    """Whether the first lines are comments and samples, but for a tenth that may be damaged."""
    lines = [line.strip() for line in head.decode("utf-8", "replace").lstrip("\ufeff").split("\n")]
    if len(head) >= 1 << 16:
        lines.pop()
    filled = [line for line in lines if line][:_LOOKED_AT]
    samples = [line for line in filled if not line.startswith("#")]
    if sum(read_sample(line) is None for line in samples) > len(samples) // 10:
        return False
    return any(_TYPE.fullmatch(line) for line in filled) or any("{" in line for line in samples)


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of device samples or meter readings; see `base.Format`."""
    if not _is_exposition(read_head(path, RULES).decode("utf-8", "replace")):
        raise unreadable(RULES, "file.format")
    clock = _clock(path, context)
    encoding = encoding_option(context, RULES)
    book = SeriesDictionary(context.dataset, _groups(context), context.options.get("node") or None)
    counts = _Unmapped(tally)
    with Held() as held:
        for lines in read_lines(path, encoding):
            samples, faulty = split_lines(lines, tally, clock)
            samples, malformed = _numbered(samples, book, counts)
            if faulty.height or malformed.height:
                yield _faulty(faulty.vstack(malformed))
            at, fault = instants(samples, clock)
            samples = samples.select("_row", "series", "value", "stamp").with_columns(pl.Series("at", at))
            for number in np.unique(fault[fault > 0]):
                yield _rows(samples.filter(pl.Series(fault == number)), int(number), book, context, tally)
            held.add(samples.filter(pl.Series(fault == 0)) if fault.any() else samples)
            if (ready := held.ready()) is not None:
                yield _rows(ready, 0, book, context, tally)
        for rest in held.rest():
            yield _rows(rest, 0, book, context, tally)


def _is_exposition(head: str) -> bool:
    """Whether a text names a metric's type, or has a sample with labels, or begins with a sample."""
    lines = [line.strip() for line in head.split("\n") if line.strip() and len(line) < LONGEST]
    labelled = any("{" in line and read_sample(line) for line in lines)
    return labelled or any(_TYPE.fullmatch(line) for line in lines) or bool(lines and read_sample(lines[0]))


def _rows(
    samples: pl.DataFrame, fault: int, book: SeriesDictionary, context: ReadContext, tally: Tally
) -> pl.DataFrame:
    rows = fold(samples, fault, book, context.dataset, tally)
    return rows.with_columns(pl.lit(context.site_id, pl.String).alias("site_id"))


def _clock(path: Path, context: ReadContext) -> Clock:
    unit = context.options.get("timestamp_unit", "")
    units = {"seconds": SECOND, "s": SECOND, "milliseconds": MILLISECOND, "ms": MILLISECOND}
    if unit and unit not in units:
        raise unreadable(
            RULES, "file.options", f"timestamp_unit is {unit}, neither seconds nor milliseconds."
        )
    with path.open("rb") as stream:
        stream.seek(max(path.stat().st_size - 64, 0))
        openmetrics = stream.read().rstrip().split(b"\n")[-1].strip() == b"# EOF"
    zone = zone_option(context, RULES)
    return Clock(
        unit=units.get(unit, SECOND if openmetrics else MILLISECOND),
        stated=bool(unit),
        zone=zone,
        scraped=_sampled_at(context, zone),
    )


def _sampled_at(context: ReadContext, zone: str) -> int | None:
    given = context.options.get("sampled_at", "").strip()
    if not given:
        return None
    at = read_instants(pl.Series([given]), zone).earliest.to_physical()[0]
    if at is None:
        raise unreadable(
            RULES, "file.options", f"sampled_at is {given}, which is no time such as 2026-03-01T08:00:00Z."
        )
    return int(at)


def _groups(context: ReadContext) -> dict:  # type: ignore[type-arg]
    exporter = context.options.get("mapping", "")
    if exporter and exporter not in mapping_names():
        raise unreadable(
            RULES, "file.options", f"mapping is {exporter}, none of {', '.join(mapping_names())}."
        )
    return dict(groups_of(context.dataset, exporter))


def _numbered(
    samples: pl.DataFrame, book: SeriesDictionary, counts: "_Unmapped"
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The mapped samples with their series' numbers, and the lines whose series is malformed."""
    numbers = book.numbers(samples["series"])
    metric = book.places[numbers, 0]
    counts.book(book.places[numbers[metric == UNMAPPED], 3], book.names)
    bad = pl.Series(metric == MALFORMED)
    malformed = samples.filter(bad).select(
        "_row",
        pl.concat_str("series", pl.lit("}"), "value", "stamp", separator=" ", ignore_nulls=True).alias(
            "line"
        ),
        pl.lit("record.format").alias("_fault"),
    )
    samples = samples.with_columns(pl.Series("series", numbers, dtype=pl.UInt32))
    kept = metric >= 0
    return samples if kept.all() else samples.filter(pl.Series(kept)), malformed


def _faulty(lines: pl.DataFrame) -> pl.DataFrame:
    rows = lines.select("_row", cut_raw(lines["line"]).alias("_raw"))
    for rule in lines["_fault"].unique(maintain_order=True):
        rows = flag(rows, rule, lines["_fault"] == rule)
    return rows


class _Unmapped:
    """Books samples of metrics that no mapping knows, by name; beyond fifty names together."""

    def __init__(self, tally: Tally) -> None:
        self.tally, self.named = tally, set[str]()

    def book(self, numbers: np.ndarray, names: list[str]) -> None:
        for number, count in zip(*np.unique(numbers, return_counts=True), strict=True):
            name = names[number][:100]
            if name in self.named or len(self.named) < MOST_NAMES:
                self.named.add(name)
                self.tally.put_aside(f"unmapped metric {name}", int(count))
            else:
                self.tally.put_aside("other unmapped metrics", int(count))


FORMAT = Format("prometheus_text", tuple(IDENTITY), OPTIONS, sniff, read, RULES)
