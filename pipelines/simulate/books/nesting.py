"""Cards that two records tell of at once, and devices of which more than the whole was held: instant by instant.

Between two neighbouring instants at which anything begins or ends nothing changes: each such span is judged by itself.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

LAYERS = ("machine", "pod", "job")
"""From the outermost inwards."""

WHOLE = 1000
_UUID = re.compile(r".*.{8}-.{4}-.{4}-.{4}-.{12}")
Span = tuple[int, int]


@dataclass(eq=False)
class Share:
    """What a record held of one device (None: of its node) in [start, stop), in thousandths; where it is nested."""

    layer: str
    node: str | None
    device: str | None
    milli: int
    start: int
    stop: int
    nested: list[Span] = field(default_factory=list)

    @property
    def place(self) -> str | None:
        """The device, told apart from others of its name: a UUID is unique, another name is so on its node."""
        if self.device is None or self.node is None or _UUID.fullmatch(self.device):
            return self.device
        return f"{self.node}/{self.device}"

    def is_of(self, other: "Share") -> bool:
        """Whether both are about the same device, or about one node where one of them names no device."""
        if self.device is not None and other.device is not None:
            return self.place == other.place
        return self.node is not None and self.node == other.node

    @property
    def nested_milli_seconds(self) -> int:
        return self.milli * sum(stop - start for start, stop in self.nested)


def shares(layer: str, node: str | None, devices: str | None, milli: int, span: Span) -> list[Share]:
    """A record's shares: equal ones of all the devices that it names."""
    names = sorted({part.strip() for part in (devices or "").split(",")} - {""})
    if not names:
        return [Share(layer, node, None, milli, *span)]
    bounds = [milli * number // len(names) for number in range(len(names) + 1)]
    found = [
        Share(layer, node, name, high - low, *span)
        for name, (low, high) in zip(names, pairwise(bounds), strict=True)
    ]
    return [share for share in found if share.milli > 0]


def nest(held: Iterable[Share]) -> None:
    """Says of each share of a site when a record around it holds the same."""
    known = [share for share in held if share.layer in LAYERS]
    outer: dict[str | None, list[Share]] = defaultdict(list)
    for share in known:
        if share.layer != LAYERS[-1]:
            for name in {share.node, share.place} - {None}:
                outer[name].append(share)
    for share in known:
        near = {id(each): each for name in (share.node, share.place) for each in outer.get(name, ())}
        around = [
            each
            for each in near.values()
            if LAYERS.index(each.layer) < LAYERS.index(share.layer)
            and each.start < share.stop
            and each.stop > share.start
            and share.is_of(each)
        ]
        if around:
            share.nested = _covered(share, around)


def _covered(share: Share, around: list[Share]) -> list[Span]:
    instants = {share.start, share.stop}
    for each in around:
        instants |= {at for at in (each.start, each.stop) if share.start < at < share.stop}
    return [
        (start, stop)
        for start, stop in pairwise(sorted(instants))
        if any(each.start <= start and stop <= each.stop for each in around)
    ]


def over_allocated(
    held: Iterable[Share], cuts: Iterable[int] = ()
) -> list[tuple[str, Span, int, int, list[Share]]]:
    """(device, span, thousandths held at once, by how many records, their shares) wherever it is more than the whole.

    Spans are as long as nothing changes, and are cut at `cuts`.
    """
    devices: dict[str, list[Share]] = defaultdict(list)
    for share in held:
        if share.place is not None and share.layer in LAYERS:
            devices[share.place].append(share)
    found: list[tuple[str, Span, int, int, list[Share]]] = []
    for place, own in sorted(devices.items()):
        instants = {at for each in own for span in ((each.start, each.stop), *each.nested) for at in span}
        first, last = min(instants), max(instants)
        bounds = {at for at in cuts if first < at < last}
        before: tuple[int, int] | None = None
        for start, stop in pairwise(sorted(instants | bounds)):
            there = [
                each
                for each in own
                if each.start <= start < each.stop and not any(a <= start < b for a, b in each.nested)
            ]
            level = sum(each.milli for each in there), len(there)
            if level[0] > WHOLE:
                if before == level and start not in bounds and found[-1][1][1] == start:
                    _, span, *_, shown = found.pop()
                    found.append((place, (span[0], stop), *level, [*shown, *there]))
                else:
                    found.append((place, (start, stop), *level, there))
            before = level
    return found
