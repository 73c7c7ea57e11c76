"""What an .xlsx holds, learned before anything else opens it: how large it is, and which cells are Excel errors.

Every part is unpacked once and counted, because the sizes that an archive names may be lies; the cells of a sheet are
counted from the first to the last, because the reader keeps them all. What the reader does not tell, errors, is kept.
"""

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.parsers import expat

from pipelines.formats.base import unreadable
from pipelines.formats.table.rules import RULES

MAX_BYTES = 512 << 20
MAX_CELLS = 5_000_000
MAX_PARTS = 10_000
MAX_ERRORS = 100_000
_CHUNK = 1 << 20
_SHEETS = "xl/worksheets/"
_FILLED = {"v", "is", "f"}
_MOST_COLUMNS = 1 << 14

Place = tuple[int, int]


class _Cells:
    """The corners of a sheet's filled cells, and where its errors are; rows and columns from 1.

    A sheet has millions of cells, so the usual ones (without a prefix, in their row) take the shortest way.
    """

    def __init__(self) -> None:
        self.top = self.left = 1 << 30
        self.bottom = self.right = 0
        self.errors: set[Place] = set()
        self.row = self.column = 0
        self.digits = "0"
        self.error = False
        self.columns: dict[str, int] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """What expat calls for every element that begins."""
        name = tag.rpartition(":")[2] if ":" in tag else tag
        if name == "c":
            reference = attributes.get("r", "")
            column = (
                self.columns.get(reference[: -len(self.digits)]) if reference.endswith(self.digits) else None
            )
            if column is None:
                self._place(reference)
            else:
                self.column = column
            self.error = attributes.get("t") == "e"
        elif name in _FILLED:
            if not (self.top <= self.row <= self.bottom and self.left <= self.column <= self.right):
                self._grow()
            if self.error:
                self.errors.add((self.row, self.column))
                if len(self.errors) > MAX_ERRORS:
                    raise unreadable(RULES, "file.too_large")
        elif name == "row":
            self.row, self.column = _whole(attributes.get("r"), self.row + 1), 0
            self.digits = str(self.row)

    def _place(self, reference: str) -> None:
        """Where a cell is that is the first of its column, has no reference or one to another row."""
        letters = reference.rstrip("0123456789")
        if not letters:
            self.column += 1
            return
        self.column = 0
        for letter in letters.upper()[:4]:
            self.column = self.column * 26 + ord(letter) - 64
        self.row = _whole(reference[len(letters) :], self.row)
        self.digits = str(self.row)
        if reference == letters + self.digits and len(self.columns) < _MOST_COLUMNS:
            self.columns[letters] = self.column

    def _grow(self) -> None:
        self.top, self.bottom = min(self.top, self.row), max(self.bottom, self.row)
        self.left, self.right = min(self.left, self.column), max(self.right, self.column)
        if self.size > MAX_CELLS:
            raise unreadable(RULES, "file.too_large")

    @property
    def size(self) -> int:
        return (self.bottom - self.top + 1) * (self.right - self.left + 1) if self.bottom else 0


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else default


def error_cells(path: Path) -> dict[str, set[Place]]:
    """Where the errors of each sheet are, by its name; Unreadable for what is no workbook or too large."""
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as stream:
            return _errors(archive.infolist(), stream)
    except (
        zipfile.BadZipFile, zlib.error, expat.ExpatError, struct.error, ValueError, OSError, NotImplementedError,
        LookupError, OverflowError, EOFError,
    ) as error:  # fmt: skip
        raise unreadable(RULES, "file.workbook") from error


def _errors(parts: list[zipfile.ZipInfo], stream: IO[bytes]) -> dict[str, set[Place]]:
    names = {part.filename.lstrip("/").lower(): part for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise unreadable(RULES, "file.encrypted")
    if "xl/workbook.xml" not in names or any(part.compress_type not in {0, 8} for part in parts):
        raise unreadable(RULES, "file.workbook")
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_BYTES:
        raise unreadable(RULES, "file.too_large")
    left, cells, sheets = MAX_BYTES, 0, {}
    for part in parts:
        name = part.filename.lstrip("/").lower()
        found = _Cells()
        parser = _parser(found) if name.startswith(_SHEETS) and name.endswith(".xml") else None
        for chunk in _unpacked(stream, part):
            left -= len(chunk)
            if left < 0:
                raise unreadable(RULES, "file.too_large")
            if parser:
                parser.Parse(chunk, False)
        if parser:
            parser.Parse(b"", True)
            cells += found.size
            sheets[name] = found
    if cells > MAX_CELLS:
        raise unreadable(RULES, "file.too_large")
    targets = _targets(stream, names)
    return {sheet: sheets[target].errors for sheet, target in targets.items() if target in sheets}


def _parser(found: _Cells) -> expat.XMLParserType:
    parser = expat.ParserCreate("UTF-8")
    parser.StartElementHandler = found.start
    parser.EntityDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    """No workbook declares entities; one that does means harm."""
    raise unreadable(RULES, "file.workbook")


def _unpacked(stream: IO[bytes], part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part's bytes as they really are, in chunks."""
    stream.seek(part.header_offset)
    name, extra = struct.unpack("<26xHH", stream.read(30))
    stream.seek(name + extra, 1)
    left = part.compress_size
    inflate = zlib.decompressobj(-15) if part.compress_type == 8 else None
    while left > 0 and (packed := stream.read(min(left, _CHUNK))):
        left -= len(packed)
        if inflate is None:
            yield packed
            continue
        while packed:
            yield inflate.decompress(packed, _CHUNK)
            packed = inflate.unconsumed_tail
    if inflate is not None:
        yield inflate.flush()


def _targets(stream: IO[bytes], parts: dict[str, zipfile.ZipInfo]) -> dict[str, str]:
    """The part that holds each sheet, by the sheet's name."""
    ids: dict[str, str] = {}
    targets: dict[str, str] = {}

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet":
            key = next((value for name, value in attributes.items() if name.rpartition(":")[2] == "id"), "")
            ids[attributes.get("name", "")] = key

    def related(_: str, attributes: dict[str, str]) -> None:
        target = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", "")))
        targets[attributes.get("Id", "")] = target.lstrip("/").lower()

    for name, handler in (("xl/workbook.xml", sheet), ("xl/_rels/workbook.xml.rels", related)):
        if name in parts:
            parser = expat.ParserCreate("UTF-8")
            parser.StartElementHandler = handler
            parser.EntityDeclHandler = _refuse
            parser.Parse(b"".join(_unpacked(stream, parts[name])), True)
    return {name: targets.get(key, "") for name, key in ids.items()}
