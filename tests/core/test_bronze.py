"""Bronze: every record accounted for, bytes that depend on nothing but the landing, and nothing lost to a kill."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipelines.bronze import Ingest, prove, read_ingest
from pipelines.deliver import Delivered
from pipelines.effective import landings_as_of
from pipelines.files import sha256_file
from pipelines.home import Home
from pipelines.lake import due, refresh
from pipelines.landing import read_events
from pipelines.sites_config import load_sources
from tests.core.conftest import HEADER, sacct_line

Send = Callable[..., Delivered]


def text(*lines: str) -> str:
    return "\n".join([HEADER, *lines]) + "\n"


def hashes(home: Home) -> dict[str, str]:
    files = [path for root in (home.bronze, home.quarantine) for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(home.root).as_posix(): sha256_file(path) for path in files}


def test_rows_in_are_accepted_quarantined_and_duplicate(send: Send) -> None:
    bad = sacct_line("2", elapsed=-5)
    tally = send(text(sacct_line("1"), bad, sacct_line("3"), sacct_line("1"))).ingest
    assert (tally.rows_in, tally.accepted, tally.quarantined, tally.duplicates) == (4, 2, 1, 1)
    assert tally.records_read == 4


def test_the_first_of_exact_duplicates_is_kept(send: Send, home: Home) -> None:
    tally = send(text(sacct_line("1"), sacct_line("2"), sacct_line("1"))).ingest
    rows = pl.read_parquet(home.bronze / tally.files[0].path)
    assert rows.select("job_id", "landing_row").rows() == [("1", 2), ("2", 3)]


def test_two_payloads_of_one_key_are_no_duplicates(send: Send) -> None:
    tally = send(text(sacct_line("1", cores=4), sacct_line("1", cores=8))).ingest
    assert (tally.accepted, tally.duplicates) == (2, 0)


def test_landing_the_same_file_again_changes_nothing_but_the_receipts(send: Send, home: Home) -> None:
    send(text(sacct_line("1")))
    before = hashes(home)
    again = send(text(sacct_line("1")), at="2026-10-03T02:00:00+08:00")
    assert again.new
    assert hashes(home) == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x7fELF\x00\x00\x01\x02" * 400,
        b"meter_id,read_at,value\nm1,2026-10-01 00:00:00,5\n",
        b"PK\x03\x04" + bytes(300),
    ],
    ids=["empty", "binary", "another format", "archive"],
)
def test_a_file_that_cannot_be_read_is_one_rejected_row_with_a_reason(
    send: Send, home: Home, content: bytes
) -> None:
    sent = send(content)
    assert (sent.ingest.rows_in, sent.ingest.accepted, sent.ingest.quarantined) == (1, 0, 1)
    (rule,) = sent.ingest.rules
    assert rule.startswith("file.")
    assert len(sent.text().splitlines()) == 3
    assert home.object(sent.receipt.content_sha256).read_bytes() == content


def test_deleting_bronze_and_reading_again_gives_the_same_bytes(send: Send, home: Home) -> None:
    send(text(sacct_line("1"), sacct_line("2", elapsed=-1)))
    send(text(sacct_line("3")), name="other.psv", at="2026-10-03T02:00:00+08:00")
    before = hashes(home)
    for path in [*home.bronze.rglob("*"), *home.quarantine.rglob("*")]:
        if path.is_file():
            path.unlink()
    refresh(home, load_sources())
    assert hashes(home) == before


def test_files_that_a_killed_run_left_are_not_counted(send: Send, home: Home) -> None:
    tally = send(text(sacct_line("1"))).ingest
    kept = home.bronze / tally.files[0].path
    orphan = kept.with_name("f" * 32 + ".parquet")
    orphan.write_bytes(kept.read_bytes())
    kept.with_name(".half.parquet.1.tmp").write_bytes(b"half")
    refresh(home, load_sources())
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_an_earlier_receipt_that_comes_to_light_moves_the_landing(send: Send, home: Home) -> None:
    send(text(sacct_line("1")), at="2026-10-05T02:00:00+08:00")
    tally = send(text(sacct_line("1")), at="2026-10-02T02:00:00+08:00").ingest
    assert "received_day=2026-10-02" in tally.files[0].path
    assert len(list(home.bronze.glob("*/source=*/*/*.parquet"))) == 1
    assert not due(home, landings_as_of(read_events(home)))


def test_a_tally_that_does_not_add_up_is_never_written(send: Send) -> None:
    tally = send(text(sacct_line("1"))).ingest
    broken = Ingest(**{**vars(tally), "records_read": 2})
    with pytest.raises(AssertionError, match="2 records read, but 1 rows in"):
        prove(broken)


def test_a_tally_is_read_as_it_was_written(send: Send, home: Home) -> None:
    tally = send(text(sacct_line("1"), sacct_line("2", elapsed=-1))).ingest
    assert read_ingest(home, tally.landing_id) == tally


def test_the_lake_writes_nothing_outside_its_home(send: Send, home: Home, tmp_path: Path) -> None:
    send(text(sacct_line("1")))
    assert {path.name for path in tmp_path.iterdir()} == {"home", "jobs.psv"}
