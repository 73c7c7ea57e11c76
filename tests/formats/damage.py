"""Damaged copies of a sample, always the same ones, and that a format survives them: rows and tally, or one refusal."""

import random
from collections.abc import Iterator
from pathlib import Path

from pipelines.formats.base import Unreadable
from tests.formats.reading import read_path


def damaged(data: bytes, seed: int = 7, copies: int = 60) -> Iterator[bytes]:
    """Cut off, bits flipped, pieces swapped out, nonsense put in."""
    chance = random.Random(seed)
    yield b""
    yield bytes(chance.randrange(256) for _ in range(2000))
    for _ in range(copies):
        place = chance.randrange(len(data))
        kind = chance.randrange(4)
        if kind == 0:
            yield data[:place]
        elif kind == 1:
            broken = bytearray(data)
            for _ in range(chance.randrange(1, 30)):
                broken[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            yield bytes(broken)
        elif kind == 2:
            other = chance.randrange(len(data))
            yield data[:place] + data[other : other + chance.randrange(400)] + data[place:]
        else:
            word = chance.choice(
                [b"null", b"[]", b"{}", b"-1", b"1e999", b'""', b"\xff\xfe", b"true", b"9" * 40]
            )
            yield data[:place] + word + data[place + chance.randrange(6) :]


def survives(name: str, dataset: str, sample: Path, folder: Path, copies: int = 60) -> int:
    """How many damaged copies gave rows; the others were refused with a reason. Anything else fails."""
    read, refusals = 0, []
    for number, data in enumerate(damaged(sample.read_bytes(), copies=copies)):
        target = folder / f"{number}{sample.suffix}"
        target.write_bytes(data)
        try:
            read_path(name, dataset, target)
            read += 1
        except Unreadable as refusal:
            refusals.append(refusal)
    assert all(refusal.en and refusal.zh for refusal in refusals)
    return read
