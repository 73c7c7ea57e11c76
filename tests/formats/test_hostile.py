"""Whatever bytes a format is fed, it refuses the file or accounts for every record, and its rows can be judged.

Every format's samples are cut, flipped, spliced and salted. FUZZ_CASES says how many cases each format gets
(2,000 in CI), shared among its samples.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts.contract import load_contract
from pipelines.conform import Origin, conform
from pipelines.formats import FORMATS
from pipelines.formats.base import Tally, Unreadable
from tests.formats.reading import context
from tests.formats.test_golden import OPTIONS, cases

CASES = int(os.environ.get("FUZZ_CASES", "10"))
ORIGIN = Origin("nscc-zz", "0" * 32, datetime(2026, 11, 1, tzinfo=UTC))
SALT = [
    b"\0", b'"', b"'", b"\n", b"\r\n", b"\\", b",", b"|", b"{", b"}", b"[", b"]", b":", b"\xff", b"\xef\xbb\xbf",
    b"NaN", b"-Infinity", b"1e999999", b"-1", b"null", b"NULL", b"0x1F", b"9" * 400, b"[" * 3000, b'{"a":' * 300,
    b"\\ud800", "１２３".encode(), "１".encode("gb18030"), b"\xed\xa0\x80", b"9999-99-99T99:99:99", b"2026-02-30",
    b"1_000", b"\x1a", b"\x1f", b"\x1e2", b"=cmd|' /C calc'!A0", b"\xe2\x80\xae",
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, sample: bytes) -> bytes:
    """A sample with some of what happens to files on their way, or bytes that are no sample at all."""
    data = bytearray(sample)
    for _ in range(draw(st.integers(1, 4))):
        act = draw(st.sampled_from(["cut", "flip", "salt", "drop", "repeat", "random", "lines"]))
        first = draw(st.integers(0, max(len(data) - 1, 0)))
        last = min(first + draw(st.integers(1, 200)), len(data))
        if act == "cut":
            del data[first:]
        elif act == "flip" and data:
            data[first] ^= 1 << draw(st.integers(0, 7))
        elif act == "salt":
            data[first:first] = draw(st.sampled_from(SALT))
        elif act == "drop":
            del data[first:last]
        elif act == "repeat":
            data[first:first] = data[first:last] * draw(st.integers(1, 5))
        elif act == "lines":
            lines = bytes(data).split(b"\n")
            data = bytearray(b"\n".join(draw(st.permutations(lines[:12])) + lines[12:]))
        elif act == "random":
            data[first:first] = draw(st.binary(max_size=300))
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "dataset", "sample"),
    [(name, dataset, sample) for name, dataset, sample, _ in cases()],
    ids=lambda value: getattr(value, "name", value),
)
def test_nothing_is_lost_whatever_the_bytes(name: str, dataset: str, sample: Path, tmp_path: Path) -> None:
    whole, path = sample.read_bytes(), tmp_path / sample.name
    samples = sum(each == name for each, *_ in cases())
    given_options = OPTIONS.get((name, dataset)) or {}

    @settings(
        max_examples=-(-CASES // samples), deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(damaged(whole))
    def holds(data: bytes) -> None:
        path.write_bytes(data)
        FORMATS[name].sniff(data[:65536])
        tally = Tally()
        proposed, refused = _take(name, dataset, path, given_options, tally)
        if refused:
            assert proposed == 0, "a file is refused before its first row"
            assert refused in FORMATS[name].rules
        else:
            assert tally.records_read == proposed + tally.folded + sum(tally.set_aside.values())

    holds()


def _take(
    name: str, dataset: str, path: Path, options: Mapping[str, str], tally: Tally
) -> tuple[int, str | None]:
    """How many rows a file gave, each judged; and the rule under which it was refused, if it was."""
    contract, proposed = load_contract(dataset), 0
    try:
        for batch in FORMATS[name].read(path, context(dataset, options), tally):
            accepted, rejected = conform(batch, contract, ORIGIN)
            assert accepted.height + rejected.height == batch.height
            proposed += batch.height
    except Unreadable as refusal:
        return proposed, refusal.rule
    return proposed, None
