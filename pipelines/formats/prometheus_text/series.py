"""The dictionary of a file's distinct series: each is taken apart once, however many samples it has."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from pipelines.formats.prometheus_text.labels import read_series
from pipelines.formats.prometheus_text.mapping import ATTRIBUTES, Group, Metric

MALFORMED, UNMAPPED = -2, -1

Attributes = tuple[str | None, ...]


class SeriesDictionary:
    """Numbers series, devices, attributes and metrics of one file.

    `places` has per series its metric (or MALFORMED, UNMAPPED), device, attributes and name.
    """

    def __init__(self, dataset: str, groups: Mapping[str, tuple[Group, ...]], node: str | None) -> None:
        self.groups, self.node, self.columns = groups, node, ATTRIBUTES[dataset]
        self.coded = pl.Series([], dtype=pl.Categorical(pl.Categories.random()))
        self.places = np.empty((0, 4), dtype=np.int64)
        self.texts = pl.Series([], dtype=pl.String)
        self.metrics: list[Metric] = []
        self.devices: list[tuple[str | None, str]] = []
        self.attributes: list[Attributes] = []
        self.names: list[str] = []
        self._numbers: dict[object, int] = {}

    def numbers(self, series: pl.Series) -> np.ndarray:
        """The number of each series; new ones are taken apart."""
        coded = series.cast(self.coded.dtype)
        self.coded = coded.head(1)  # numbers hold only as long as a series lives that has them
        numbers = coded.to_physical().cast(pl.Int64)
        fresh = numbers >= len(self.places)
        if fresh.any():
            new = pl.DataFrame({"number": numbers.filter(fresh), "text": series.filter(fresh)}).unique(
                "number"
            )
            self._grow(new["number"].to_numpy(), new["text"].to_list())
        return numbers.to_numpy()

    def _grow(self, numbers: np.ndarray, texts: list[str]) -> None:
        """Takes new series in; their texts are copied, so that the lines they were cut from can be forgotten."""
        known, size = len(self.places), int(numbers.max()) + 1
        places = np.full((size, 4), MALFORMED, dtype=np.int64)
        places[:known] = self.places
        places[numbers] = [self._place(text) for text in texts]
        self.places = places
        self.texts = self.texts.extend_constant(None, size - known).scatter(numbers, texts)

    def _place(self, text: str) -> tuple[int, int, int, int]:
        parsed = read_series(text)
        if parsed is None:
            return MALFORMED, 0, 0, 0
        name, labels = parsed
        known = name if name in self.groups else name.removesuffix("_total")
        group = next((group for group in self.groups.get(known, ()) if group.applies(labels)), None)
        if group is None:
            return UNMAPPED, 0, 0, self._number("name", name, self.names)
        attributes = group.attributes(labels, self.node)
        identifier = group.named(labels, attributes["node"])
        device = (identifier, "" if identifier else repr(sorted(labels.items())))
        kept = tuple(attributes.get(column) for column in self.columns)
        return (
            self._number("metric", id(group.metrics[known]), self.metrics, group.metrics[known]),
            self._number("device", device, self.devices),
            self._number("attributes", kept, self.attributes),
            0,
        )

    def _number(self, kind: str, key: object, found: list, value: object = None) -> int:  # type: ignore[type-arg]
        number = self._numbers.setdefault((kind, key), len(found))
        if number == len(found):
            found.append(key if value is None else value)
        return number

    def merged(self, numbers: tuple[int, ...]) -> tuple[Attributes, bool]:
        """What several sets of attributes agree on, NULL where they differ; and whether they differ anywhere."""
        seen = [
            {value for value in values if value is not None}
            for values in zip(*(self.attributes[n] for n in numbers), strict=True)
        ]
        return tuple(next(iter(values)) if len(values) == 1 else None for values in seen), any(
            len(values) > 1 for values in seen
        )
