"""Lines to records: what is torn is joined where it is proven, and refused by name where it is not."""

from functools import partial
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.formats import slurm_sacct
from pipelines.formats.lines import read_lines
from tests.formats.reading import read_jobs, read_text, rules
from tests.formats.sacct import COLUMNS, row, text

MIDDLE = ("JobID", "JobName", "Submit", "Start", "End", "Elapsed", "State", "NCPUS", "AllocTRES", "NodeList")
TWO = ("JobID", "Submit", "Elapsed", "Comment", "State", "Start", "JobName", "NCPUS", "AllocTRES", "WorkDir")


def test_delimiters_in_a_last_name_are_the_names(tmp_path: Path) -> None:
    assert read_jobs(tmp_path, text(row(JobName="a|b||c|")))["job_name"].to_list() == ["a|b||c|"]


def test_line_ends_in_a_last_name_are_the_names(tmp_path: Path) -> None:
    rows, tally = read_text(tmp_path, text(row(JobName="a\nb|c\nd"), row(JobID="2")))
    assert rows["job_name"].to_list() == ["a\nb|c\nd", "plain"]
    assert (tally.records_read, tally.folded) == (4, 2)
    assert rows["_raw"][0].endswith("a\nb|c\nd")


def test_a_line_after_a_header_alone_is_judged(tmp_path: Path) -> None:
    rows, tally = read_text(tmp_path, text().rstrip("\n") + "}\n1")
    assert (rows.height, rules(rows), tally.records_read) == (1, [["record.truncated"]], 1)


def test_a_piece_of_a_steps_name_goes_with_the_step(tmp_path: Path) -> None:
    rows, tally = read_text(tmp_path, text(row(), row(JobID="1.0", JobName="a\nb")))
    assert (rows.height, tally.folded, tally.set_aside) == (1, 1, {"job step": 1})


def test_a_record_that_begins_and_does_not_end_is_no_name(tmp_path: Path) -> None:
    rows, tally = read_text(tmp_path, text(row(), "2|2|lab|cpu", row(JobID="3")))
    assert rules(rows) == [[], ["record.fields"], []]
    assert rows["job_name"].to_list() == ["plain", None, "plain"]
    assert tally.folded == 0


def test_a_piece_without_a_record_before_it_is_refused(tmp_path: Path) -> None:
    assert rules(read_jobs(tmp_path, text("tail of a name", row()))) == [["record.fragment"], []]


def test_two_records_in_one_line_are_refused(tmp_path: Path) -> None:
    assert rules(read_jobs(tmp_path, text(row(JobName="cut") + row(JobID="2"), row(JobID="3")))) == [
        ["record.glued"],
        [],
    ]


@pytest.mark.parametrize("name", ["a|b", "|", "a||b|", "two\nlines", "a|b\nc|d\ne", "a\nb|c", "a\n|b|c|d"])
def test_a_name_in_the_middle_is_found_by_what_stands_around_it(tmp_path: Path, name: str) -> None:
    rows, tally = read_text(tmp_path, text(row(MIDDLE, JobName=name), row(MIDDLE, JobID="2"), columns=MIDDLE))
    assert rows["job_name"].to_list() == [name, "plain"]
    assert rules(rows) == [[], []]
    assert tally.folded == name.count("\n")


def test_two_free_columns_are_told_apart_by_what_stands_between(tmp_path: Path) -> None:
    sent = text(
        row(TWO, JobName="a|b", Comment="x|y|z", WorkDir="/a|b"), row(TWO, Comment="x\ny"), columns=TWO
    )
    assert read_jobs(tmp_path, sent)["job_name"].to_list() == ["a|b", "plain"]


def test_neighbours_that_could_share_a_delimiter_are_refused(tmp_path: Path) -> None:
    columns = (
        "JobID",
        "Submit",
        "Elapsed",
        "State",
        "Start",
        "NCPUS",
        "AllocTRES",
        "JobName",
        "Comment",
        "NodeList",
    )
    sent = text(row(columns, JobName="a|b"), row(columns, JobID="2"), columns=columns)
    assert rules(read_jobs(tmp_path, sent)) == [["record.ambiguous"], []]


def test_a_delimiter_where_none_can_be_is_refused(tmp_path: Path) -> None:
    columns = [name for name in COLUMNS if name != "JobName"]
    assert rules(read_jobs(tmp_path, text(row(columns, User="a|b"), row(columns), columns=columns))) == [
        ["record.fields"],
        [],
    ]


def test_lines_that_do_not_make_a_record_are_refused_one_by_one(tmp_path: Path) -> None:
    good = row(MIDDLE, JobID="9")
    sent = text("1|a", "b|nonsense", good, "2|c|2026-03-01T08:00:00", good, columns=MIDDLE)
    rows, tally = read_text(tmp_path, sent)
    assert rules(rows) == [["record.fields"], ["record.fields"], [], ["record.fields"], []]
    assert tally.folded == 0


def test_the_last_line_may_be_cut_and_is_refused(tmp_path: Path) -> None:
    whole = text(row(), row(JobID="2"))
    for cut in (1, 4, 60, 150):
        rows = read_jobs(tmp_path, whole[:-cut])
        assert rules(rows) == [[], ["record.truncated"]]


def test_a_last_line_whose_cut_could_only_touch_what_is_not_needed_is_whole(tmp_path: Path) -> None:
    columns = (*MIDDLE, "WorkDir")
    assert rules(read_jobs(tmp_path, text(row(columns), columns=columns)[:-1])) == [[]]
    assert rules(read_jobs(tmp_path, text(row() + "|").replace("JobName", "JobName|")[:-1])) == [[]]


def test_other_encodings_and_damage_are_named_by_line(tmp_path: Path) -> None:
    sent = text(row(), row(JobName="作业"), row()).encode().replace("作业".encode(), "作业".encode("gbk"))
    assert rules(read_jobs(tmp_path, sent)) == [[], ["record.encoding"], []]
    said = text(row(JobName="作业")).encode("gb18030")
    assert read_jobs(tmp_path, said, {"encoding": "gb18030"})["job_name"].to_list() == ["作业"]
    assert rules(read_jobs(tmp_path, text(row(), row(User="a\0b")))) == [[], ["record.binary"]]


def test_a_line_beyond_a_mebibyte_is_refused_alone(tmp_path: Path) -> None:
    rows = read_jobs(tmp_path, text(row(), row(JobName="x" * (1 << 20)), row(JobID="3")))
    assert rules(rows) == [[], ["record.too_long"], []]
    assert rows["_raw"].str.len_bytes().max() < 5000


def test_a_long_record_is_kept_but_for_what_is_shown_of_it(tmp_path: Path) -> None:
    rows = read_jobs(tmp_path, text(row(JobName="x" * 10_000)))
    assert rows["job_name"].str.len_bytes().item() == 10_000
    assert rows["_raw"][0].endswith("x…")
    assert len(rows["_raw"][0]) == 4097


NAMES = st.text(st.sampled_from("ab|\n计"), min_size=1, max_size=6).map(
    lambda name: "n" + name.strip("\n") + "e"
)


@settings(max_examples=6)
@given(st.lists(NAMES, min_size=1, max_size=8), st.sampled_from([COLUMNS, MIDDLE]), st.integers(200, 1500))
def test_blocks_may_end_anywhere(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], columns: tuple[str, ...], block: int
) -> None:
    folder = tmp_path_factory.mktemp("blocks")
    sent = text(*(row(columns, JobID=str(i), JobName=name) for i, name in enumerate(names)), columns=columns)
    whole, whole_tally = read_text(folder, sent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slurm_sacct, "read_lines", partial(read_lines, block=block))
        parts, parts_tally = read_text(folder, sent)
    assert whole["job_name"].to_list() == names
    assert parts.equals(whole)
    assert parts_tally == whole_tally


def test_rows_keep_the_numbers_of_their_lines(tmp_path: Path) -> None:
    rows = read_jobs(tmp_path, text(row(JobName="a\nb"), row(JobID="2"), row(JobID="2.0"), row(JobID="3")))
    assert rows["_row"].to_list() == [2, 4, 6]
    assert rows.schema["_row"] == pl.Int64
