"""Which columns and which delimiter a sacct text has: from options, from its header, or from itself."""

from pathlib import Path

import pytest

from pipelines.formats.base import Unreadable
from pipelines.formats.slurm_sacct import sniff
from pipelines.formats.slurm_sacct.columns import USUAL_26
from pipelines.formats.slurm_sacct.layout import columns_option, delimiter_option, find_layout
from tests.formats.reading import read_jobs, read_text, rules
from tests.formats.sacct import COLUMNS, row, text

SHORT = ("State", "Submit", "JobID", "Elapsed", "NCPUS", "Start", "End", "AllocTRES")


def test_the_usual_26_columns_need_neither_header_nor_options(tmp_path: Path) -> None:
    assert tuple(name.lower() for name in COLUMNS) == USUAL_26
    assert read_jobs(tmp_path, text(row(), header=False))["job_id"].to_list() == ["1"]


@pytest.mark.parametrize("delimiter", ["|", "\x1f", "☃", "\t", ";", "~", "||", "§§§", "^"])
def test_any_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    for header in (True, False):
        sent = text(
            *(row(delimiter=delimiter, JobID=str(i)) for i in range(3)), delimiter=delimiter, header=header
        )
        assert read_jobs(tmp_path, sent)["job_id"].to_list() == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("option", "delimiter"), [("tab", "\t"), ("\\x1f", "\x1f"), ("☃", "☃"), ("<>", "<>"), ("|", "|")]
)
def test_a_delimiter_can_be_said(tmp_path: Path, option: str, delimiter: str) -> None:
    assert delimiter_option(option) == delimiter
    sent = text(row(delimiter=delimiter), header=False)
    assert read_jobs(tmp_path, sent, {"delimiter": option}).height == 1


def test_any_column_list_by_header(tmp_path: Path) -> None:
    rows = read_jobs(tmp_path, text(row(SHORT), columns=SHORT))
    assert rows.select("job_id", "state", "cpu_cores", "account", "memory_mib").row(0) == (
        "1", "COMPLETED", 4, None, 8192,
    )  # fmt: skip


def test_any_column_list_by_option(tmp_path: Path) -> None:
    sent = text(row(SHORT), header=False)
    listed = ",".join(SHORT).upper().replace("NCPUS", "NCPUS%10")
    assert read_jobs(tmp_path, sent, {"columns": listed})["cpu_cores"].to_list() == [4]


def test_a_cluster_that_is_not_sent_is_the_option_or_the_site(tmp_path: Path) -> None:
    sent = text(row(SHORT), columns=SHORT)
    assert read_jobs(tmp_path, sent)["cluster"].to_list() == ["nscc-zz"]
    assert read_jobs(tmp_path, sent, {"cluster": "songshan"})["cluster"].to_list() == ["songshan"]


def test_parsable_lines_end_in_the_delimiter(tmp_path: Path) -> None:
    for header in (True, False):
        sent = text(row(), row(JobID="2", JobName="a|b"), row(JobID="3", JobName="two\nlines"), header=header)
        rows, tally = read_text(tmp_path, sent.replace("\n", "|\n").replace("two|\n", "two\n"))
        assert rows["job_name"].to_list() == ["plain", "a|b", "two\nlines"]
        assert tally.folded == 1


def test_columns_of_the_option_and_of_the_header_must_agree(tmp_path: Path) -> None:
    assert find_layout(text(row()), {"columns": ",".join(COLUMNS)}).header
    with pytest.raises(Unreadable, match="header names other columns") as refusal:
        find_layout(text(row()), {"columns": ",".join(SHORT)})
    assert refusal.value.rule == "file.columns"


def test_a_list_that_does_not_fit_is_refused_with_numbers() -> None:
    sent = text(row(), row(JobID="2"), row(JobID="3"), header=False)
    with pytest.raises(Unreadable, match=r"names 8 columns; the first line, split at “\|”, has 26 fields"):
        find_layout(sent, {"columns": ",".join(SHORT)})


def test_a_list_that_forgets_a_column_before_the_name_is_refused() -> None:
    sent = text(row(), row(JobID="2"), row(JobID="3"), header=False)
    listed = [name for name in COLUMNS if name != "NodeList"]
    with pytest.raises(Unreadable, match="names 25 columns"):
        find_layout(sent, {"columns": ",".join(listed)})


@pytest.mark.parametrize("missing", ["JobID", "Submit", "State", "Elapsed"])
def test_without_these_columns_no_job_is_known(missing: str) -> None:
    columns = [name for name in SHORT if name != missing]
    with pytest.raises(Unreadable, match=f"lacks {missing.lower()}"):
        find_layout(text(row(columns), columns=columns), {})


@pytest.mark.parametrize(
    "sent",
    [
        "meter_id,meter_kind,reading_type,read_at,value,unit\nm,it,gauge,2026-03-01 00:00:00,1,W\n",
        '{"jobs": []}\n',
        "JobID    State\n-----    -----\n1    COMPLETED\n",
        "Sun Oct 25 02:59:30 CEST 2026\nnothing\n",
    ],
)
def test_another_format_is_refused(sent: str) -> None:
    assert not sniff(sent.encode())
    with pytest.raises(Unreadable) as refusal:
        find_layout(sent, {})
    assert refusal.value.rule == "file.format"


def test_a_header_that_comes_again_is_set_aside(tmp_path: Path) -> None:
    rows, tally = read_text(tmp_path, text(row()) + text(row(JobID="2")))
    assert (rows.height, tally.set_aside) == (2, {"repeated header": 1})


def test_blank_lines_are_set_aside(tmp_path: Path) -> None:
    rows, tally = read_text(tmp_path, "\n" + text(row(), "", "  ", row(JobID="2")) + "\n")
    assert (rows.height, tally.set_aside, tally.records_read) == (2, {"blank line": 4}, 6)


def test_a_file_with_a_header_alone_has_no_records(tmp_path: Path) -> None:
    rows, tally = read_text(tmp_path, text())
    assert (rows.height, tally.records_read) == (0, 0)


def test_a_name_that_is_listed_twice_counts_once() -> None:
    assert columns_option("JobID,User,User") == ("jobid", "user", "user#2")


def test_other_words_in_the_header_are_read_over(tmp_path: Path) -> None:
    columns = [*SHORT, "SiteNote"]
    sent = text(row(SHORT) + "|anything", columns=columns)
    assert rules(read_jobs(tmp_path, sent)) == [[]]
