"""Lines come out whole, in order and in bounded frames, whatever the block size; bad ones are named."""

import tracemalloc
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.formats import lines as lines_module
from pipelines.formats.base import Unreadable
from pipelines.formats.lines import RULES, read_head, read_lines


def frames(folder: Path, data: bytes, encoding: str = "utf-8", **bounds: int) -> pl.DataFrame:
    path = folder / "sent"
    path.write_bytes(data)
    found = list(read_lines(path, encoding, **bounds))
    return (
        pl.concat(found)
        if found
        else pl.DataFrame(schema={"_row": pl.Int64, "line": pl.String, "_fault": pl.String})
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lines")


@given(
    st.lists(st.text(st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"]), max_size=30)),
    st.integers(1, 40),
)
def test_any_block_size_gives_the_same_lines(folder: Path, texts: list[str], block: int) -> None:
    data = "".join(text + "\n" for text in texts).encode()
    found = frames(folder, data, block=block)
    expected = texts[:]
    if expected and expected[0].startswith("\ufeff"):
        expected[0] = expected[0][1:]
    assert found["line"].to_list() == expected
    assert found["_row"].to_list() == list(range(1, len(texts) + 1))
    assert found["_fault"].null_count() == len(texts)


@given(st.binary(max_size=300), st.integers(1, 50), st.integers(1, 60))
def test_no_line_is_lost_whatever_the_bytes(folder: Path, data: bytes, block: int, limit: int) -> None:
    found = frames(folder, data, block=block, limit=limit)
    body = data.removeprefix(b"\xef\xbb\xbf")
    assert found.height == body.count(b"\n") + (body[-1:] not in (b"", b"\n"))
    for line, fault, sent in zip(found["line"], found["_fault"], body.split(b"\n"), strict=False):
        if fault is None:
            assert line.encode() == sent.removesuffix(b"\r")


def test_many_short_lines_come_in_several_frames(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "MAX_LINES", 3)
    path = folder / "sent"
    path.write_bytes(b"a\nb\nc\nd\ne\nf\ng\n")
    assert [frame["line"].to_list() for frame in read_lines(path)] == [
        ["a", "b", "c"],
        ["d", "e", "f"],
        ["g"],
    ]


def test_windows_ends_and_byte_order_mark_are_no_part_of_a_line(folder: Path) -> None:
    assert frames(folder, "\ufeffa\r\nb\r\n".encode())["line"].to_list() == ["a", "b"]


def test_a_line_without_end_may_be_cut(folder: Path) -> None:
    assert frames(folder, b"a\nb")["_fault"].to_list() == [None, "record.truncated"]
    assert frames(folder, b"a\n \t")["_fault"].to_list() == [None, None]


def test_a_line_beyond_the_bound_keeps_its_beginning_only(folder: Path) -> None:
    data = b"a\n" + b"x" * 9000 + b"\nb\n" + b"y" * 9000
    found = frames(folder, data, block=1000, limit=5000)
    assert found["_fault"].to_list() == [None, "record.too_long", None, "record.too_long"]
    assert found["line"].str.len_bytes().to_list() == [1, 4096, 1, 4096]


def test_memory_does_not_follow_the_length_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "sent"
    with path.open("wb") as stream:
        stream.truncate(200 << 20)
    tracemalloc.start()
    found = pl.concat(read_lines(path, block=1 << 20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found["_fault"].to_list() == ["record.too_long"]
    assert found["line"].str.len_bytes().item() == 4096
    assert peak < 8 << 20


def test_a_line_of_another_encoding_is_named(folder: Path) -> None:
    data = "甲\n".encode() + "乙\n".encode("gb18030") + "丙\n".encode()
    assert frames(folder, data)["_fault"].to_list() == [None, "record.encoding", None]


def test_gb18030_is_read_where_it_is_said(folder: Path) -> None:
    data = "作业|甲\n名称|乙\n".encode("gb18030")
    assert frames(folder, data, "gb18030")["line"].to_list() == ["作业|甲", "名称|乙"]
    broken = frames(folder, data + b"\xff\xff\n", "gb18030")
    assert broken["_fault"].to_list() == [None, None, "record.encoding"]


def test_a_line_with_nul_is_damaged(folder: Path) -> None:
    assert frames(folder, b"a\n\0\0\nb\n")["_fault"].to_list() == [None, "record.binary", None]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "file.empty"),
        (b" \n\n", "file.empty"),
        (b"\xef\xbb\xbf", "file.empty"),
        (b"\x1f\x8b\x08 packed", "file.binary"),
        (bytes(range(256)) * 9, "file.binary"),
        ("a|b\n".encode("utf-16"), "file.encoding"),
    ],
)
def test_what_is_no_text_is_refused(folder: Path, data: bytes, rule: str) -> None:
    path = folder / "sent"
    path.write_bytes(data)
    with pytest.raises(Unreadable) as refusal:
        read_head(path, RULES)
    assert refusal.value.rule == rule
