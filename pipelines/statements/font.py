"""The one font of statements, shipped here: which characters it has, and what is written for those that it lacks."""

import struct
from functools import cache
from pathlib import Path

from pipelines.words import plain

FOLDER = Path(__file__).parent / "fonts"
FILE = FOLDER / "NotoSansSC-Regular.otf"
SEGMENTED = 12
"""The format of the character map that holds all planes: groups of (first, last, glyph)."""


@cache
def _ranges() -> tuple[tuple[int, int], ...]:
    """The code points that the font's character map names, as closed ranges."""
    content = FILE.read_bytes()
    (tables,) = struct.unpack_from(">H", content, 4)
    records = (struct.unpack_from(">4sIII", content, 12 + 16 * each) for each in range(tables))
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    (count,) = struct.unpack_from(">H", content, start + 2)
    for each in range(count):
        (offset,) = struct.unpack_from(">I", content, start + 8 + 8 * each)
        form, _, _, _, groups = struct.unpack_from(">HHIII", content, start + offset)
        if form == SEGMENTED:
            at = start + offset + 16
            return tuple(struct.unpack_from(">II", content, at + 12 * group) for group in range(groups))
    raise ValueError(f"{FILE} has no character map of format {SEGMENTED}.")


@cache
def has(character: str) -> bool:
    """Whether the font can draw a character."""
    return any(first <= ord(character) <= last for first, last in _ranges())


def drawable(text: str, missing: set[str]) -> str:
    """A text that the font can draw: what it lacks is written as its code point and added to `missing`."""
    if text.isascii() and text.isprintable():
        return text
    shown = plain(text)
    lacking = {each for each in shown if not has(each)}
    missing |= lacking
    return "".join(f"[U+{ord(each):04X}]" if each in lacking else each for each in shown)
