"""What is delivered: parcels of rows, each row with its text as sent and the fact that it states.

A parcel's bytes are its header, its rows and its line ends. What rows state is told by `facts`; who sends when is
told by `schedule`; what goes wrong is told by `faults`.
"""

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from pipelines.simulate.facts import Fact

RowKind = Literal["record", "aside", "broken"]


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file: its text, and what it states where it can be read (None: broken or set aside)."""

    text: str
    fact: Fact | None
    kind: RowKind = "record"


@dataclass(frozen=True)
class Parcel:
    """One file. `options` are those of the feed; `blob` replaces the content where nothing can be read."""

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

    @property
    def content(self) -> bytes:
        """The bytes as sent; a cut file has no line end after its last row."""
        if self.blob is not None:
            return self.blob
        lines = [self.header, *(row.text for row in self.rows)]
        text = self.newline.join(lines) + ("" if self.cut else self.newline)
        return (b"\xef\xbb\xbf" if self.bom else b"") + text.encode()

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

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
