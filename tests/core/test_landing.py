"""Landing: bytes kept once, receipts for every delivery, acts that only add to the log."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.effective import landings_as_of
from pipelines.errors import Finding
from pipelines.home import Home
from pipelines.landing import Event, read_events, receive, resolve, withdraw

NOON = datetime(2026, 10, 1, 4, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def file(tmp_path: Path, text: str = "a|b\n", name: str = "jobs.psv") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def take(
    home: Home, path: Path, at: datetime = NOON, source: str = "nscc-zz", **more: str | None
) -> tuple[Event, bool]:
    return receive(
        home,
        path,
        source_id=source,
        dataset=more.get("dataset") or "job_records",
        format_name=more.get("format_name") or "slurm_sacct",
        options={},
        received_at=at,
        replaces=more.get("replaces"),
    )


def test_the_same_delivery_twice_is_one_landing_and_a_second_receipt(home: Home, tmp_path: Path) -> None:
    first, _ = take(home, file(tmp_path))
    second, new = take(home, file(tmp_path), NOON + timedelta(hours=1))
    assert new
    assert first.landing_id == second.landing_id
    assert len(landings_as_of(read_events(home))) == 1
    assert landings_as_of(read_events(home))[0].receipts == (NOON, NOON + timedelta(hours=1))


def test_the_same_receipt_again_changes_nothing(home: Home, tmp_path: Path) -> None:
    take(home, file(tmp_path))
    before = sorted(path.name for path in home.root.rglob("*"))
    _, new = take(home, file(tmp_path))
    assert not new
    assert sorted(path.name for path in home.root.rglob("*")) == before


@pytest.mark.parametrize("other", [{"source": "hami"}, {"dataset": "parties"}, {"format_name": "table"}])
def test_the_same_bytes_otherwise_sent_are_another_landing(
    home: Home, tmp_path: Path, other: dict[str, str]
) -> None:
    first, _ = take(home, file(tmp_path))
    second, _ = take(home, file(tmp_path), **other)  # type: ignore[arg-type]
    assert first.landing_id != second.landing_id
    assert first.content_sha256 == second.content_sha256
    assert len([path for path in home.objects.rglob("*") if path.is_file()]) == 1


def test_a_replaced_landing_counts_until_then_and_the_other_from_then_on(home: Home, tmp_path: Path) -> None:
    wrong, _ = take(home, file(tmp_path, "wrong\n"))
    later = NOON + timedelta(days=1)
    right, _ = take(home, file(tmp_path, "right\n"), later, replaces=wrong.landing_id)
    before = {each.landing_id: each for each in landings_as_of(read_events(home), NOON)}
    after = {each.landing_id: each for each in landings_as_of(read_events(home))}
    assert before[wrong.landing_id].known_at == NOON
    assert not after[wrong.landing_id].effective
    assert (after[wrong.landing_id].end_reason, after[wrong.landing_id].replaced_by) == (
        "replaced",
        right.landing_id,
    )
    assert after[right.landing_id].known_at == later


def test_a_withdrawn_landing_counts_again_when_it_is_received_again(home: Home, tmp_path: Path) -> None:
    event, _ = take(home, file(tmp_path))
    withdraw(home, event.landing_id[:8], "wrong month", NOON + timedelta(days=1))
    assert not landings_as_of(read_events(home))[0].effective
    take(home, file(tmp_path), NOON + timedelta(days=2))
    assert landings_as_of(read_events(home))[0].known_at == NOON + timedelta(days=2)


def test_a_replacement_must_be_of_the_same_source_and_dataset(home: Home, tmp_path: Path) -> None:
    event, _ = take(home, file(tmp_path, "one\n"))
    with pytest.raises(Finding, match="is of source_id nscc-zz, not hami"):
        take(home, file(tmp_path, "two\n"), source="hami", replaces=event.landing_id)
    with pytest.raises(Finding, match="cannot replace itself"):
        take(home, file(tmp_path, "one\n"), replaces=event.landing_id)


def test_a_name_of_no_landing_is_one_clear_sentence(home: Home, tmp_path: Path) -> None:
    event, _ = take(home, file(tmp_path))
    with pytest.raises(Finding, match="names no landing"):
        resolve(read_events(home), "ffffffff")
    with pytest.raises(Finding, match="at least six characters"):
        resolve(read_events(home), event.landing_id[:3])
    with pytest.raises(Finding, match="cannot be read or kept: No such file"):
        take(home, tmp_path / "missing.psv")
