"""A new version of a contract: a breaking one makes bronze anew from landing, a compatible one leaves it alone."""

from collections.abc import Callable

import polars as pl
import pytest

from pipelines.bronze import is_current, read_ingest
from pipelines.deliver import Delivered
from pipelines.effective import landings_as_of
from pipelines.files import sha256_file
from pipelines.home import Home
from pipelines.lake import due, refresh
from pipelines.landing import read_events
from pipelines.sites_config import load_sources
from tests.core.conftest import HEADER, sacct_line
from tests.core.contracts import in_force, most_cores

Send = Callable[..., Delivered]


@pytest.fixture
def sent(send: Send, monkeypatch: pytest.MonkeyPatch) -> Delivered:
    """Three jobs, one of them with 200 cores, under version 1.0.0, which allows 100."""
    in_force(monkeypatch, most_cores(100))
    lines = [HEADER, sacct_line("1"), sacct_line("2", cores=200), sacct_line("3"), sacct_line("1")]
    delivered = send("\n".join(lines) + "\n")
    assert (delivered.ingest.accepted, delivered.ingest.quarantined, delivered.ingest.duplicates) == (2, 1, 1)
    return delivered


def waiting(home: Home) -> int:
    return len(due(home, landings_as_of(read_events(home))))


@pytest.mark.parametrize("version", ["1.0.0", "1.0.1", "1.1.0", "1.20.3"])
def test_a_compatible_version_leaves_bronze_alone(
    home: Home, sent: Delivered, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    in_force(monkeypatch, most_cores(1000, version))
    assert waiting(home) == 0
    assert refresh(home, load_sources()) == []


@pytest.mark.parametrize("version", ["2.0.0", "10.0.0"])
def test_a_breaking_version_reads_landing_again_and_loses_nothing(
    home: Home, sent: Delivered, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    in_force(monkeypatch, most_cores(1000, version))
    (state,) = landings_as_of(read_events(home))
    assert not is_current(read_ingest(home, state.landing_id), state)
    (done,) = refresh(home, load_sources())
    tally = done.ingest
    assert (tally.rows_in, tally.accepted, tally.quarantined, tally.duplicates) == (4, 3, 0, 1)
    assert tally.rows_in == sent.ingest.rows_in
    assert tally.contract_version == version
    rows = pl.read_parquet(home.bronze / tally.files[0].path)
    assert rows.select("job_id", "landing_row").rows() == [("1", 2), ("2", 3), ("3", 4)]
    assert list(home.quarantine.glob("*/source=*/*/*.parquet")) == []
    assert waiting(home) == 0


def test_a_narrower_breaking_version_puts_rows_in_quarantine_and_keeps_the_bytes(
    home: Home, sent: Delivered, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force(monkeypatch, most_cores(3, "2.0.0"))
    (done,) = refresh(home, load_sources())
    tally = done.ingest
    assert (tally.rows_in, tally.accepted, tally.quarantined, tally.duplicates) == (4, 0, 4, 0)
    assert sha256_file(home.object(sent.receipt.content_sha256)) == sent.receipt.content_sha256
    assert pl.read_parquet(home.bronze / tally.files[0].path).is_empty()


def test_a_migration_that_dies_is_made_again(
    home: Home, sent: Delivered, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force(monkeypatch, most_cores(1000, "2.0.0"))
    with monkeypatch.context() as dying:
        dying.setattr("pipelines.bronze.write_json", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            refresh(home, load_sources())
    assert waiting(home) == 1
    (done,) = refresh(home, load_sources())
    assert (done.ingest.rows_in, done.ingest.accepted) == (4, 3)
    assert len(list(home.bronze.glob("*/source=*/*/*.parquet"))) == 1
