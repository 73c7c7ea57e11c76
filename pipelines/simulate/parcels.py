"""What is delivered: parcels of rows, each row with its text as sent and the fact that it states.

A parcel's bytes are its header, its rows and what stands between and after them. What rows state is told by `facts`;
who sends when is told by `schedule`; what goes wrong is told by `faults`.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Literal

from pipelines.simulate.facts import Fact
from pipelines.simulate.feeds.records import RecordFact

RowKind = Literal["record", "joined", "folded", "aside", "broken"]
"""Alone, with others of the file, only beside others, for nothing, or not to be read."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file: its text, and what it states where it can be read (None: broken or set aside).

    `asides` counts records within the text that state nothing by themselves and are set aside.
    """

    text: str
    fact: Fact | None
    kind: RowKind = "record"
    asides: int = 0


@dataclass(frozen=True)
class Parcel:
    """One file. `options` are those of the feed; `blob` replaces the content where nothing can be read.

    `newline` stands between rows, `footer` after the last. With `families`, rows whose first lines are equal are one
    scrape, and line n of each follows the nth family, as expositions of metrics are ordered. `write` makes a row of a
    record that was changed.
    """

    source: str
    dataset: str
    format: str
    options: tuple[tuple[str, str], ...]
    name: str
    header: str
    rows: tuple[Row, ...]
    newline: str = "\n"
    bom: bool = False
    cut: bool = False
    blob: bytes | None = None
    footer: str | None = None
    families: tuple[str, ...] = ()
    write: Callable[[RecordFact], Row] | None = None

    @property
    def content(self) -> bytes:
        """The bytes as sent; a cut file has no line end after its last row."""
        if self.blob is not None:
            return self.blob
        if self.families:
            text = self._by_family()
        elif self.footer is not None:
            text = self.header + self.newline.join([row.text for row in self.rows])
            text += "" if self.cut else self.footer
        else:
            head = [self.header] if self.header else []
            text = self.newline.join([*head, *(row.text for row in self.rows)])
            text += "" if self.cut else self.newline
        return (b"\xef\xbb\xbf" if self.bom else b"") + text.encode()

    def _by_family(self) -> str:
        lines: list[str] = []
        blocks = [row.text.split("\n") for row in self.rows]
        for marker, scrape in groupby(blocks, key=itemgetter(0)):
            members = list(scrape)
            lines += [] if marker.startswith("@") else [marker]
            for place, family in enumerate(self.families, 1):
                samples = [block[place] for block in members if place < len(block) and block[place]]
                lines += [family, *samples] if samples else []
        return "\n".join(lines) + ("" if self.cut else "\n")

    def settled(self) -> bytes:
        """The bytes as sent; what is asked of them later is remembered."""
        content = self.content
        self.__dict__["_measures"] = self._measured(content)
        return content

    def _measured(self, content: bytes) -> tuple[str, int]:
        comments = content.count(b"\n#") + content.startswith(b"#") if self.families else 0
        return hashlib.sha256(content).hexdigest(), comments

    @cached_property
    def _measures(self) -> tuple[str, int]:
        return self._measured(self.content)

    @property
    def sha256(self) -> str:
        return self._measures[0]

    @property
    def comments(self) -> int:
        """The comment lines of a file that is ordered by families."""
        return self._measures[1]

    def with_rows(self, rows: list[Row], suffix: str = "", cut: bool = False) -> "Parcel":
        """The same delivery with other rows; `suffix` goes into its file name, before the extension."""
        return replace(self, rows=tuple(rows), cut=cut, name=self.renamed(suffix))

    def renamed(self, suffix: str) -> str:
        """The file's name with `suffix` before its extension."""
        stem, dot, extension = self.name.rpartition(".")
        return f"{stem}{suffix}{dot}{extension}" if suffix else self.name


@dataclass
class Act:
    """A receipt of a parcel or the withdrawal of an earlier one, at an instant (epoch seconds).

    `replaces` and `target` name other acts; `faults` says what is wrong with this delivery, empty if nothing.
    """

    at: int
    parcel: Parcel | None = None
    replaces: "Act | None" = None
    target: "Act | None" = None
    reason: str = ""
    faults: list[str] = field(default_factory=list)
    number: int = -1
