"""What a new site is told of its files before the first of them is landed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from pipelines.commands.site import site
from pipelines.formats import FORMATS, described
from pipelines.home import Home
from pipelines.onboarding.accounts import owned_accounts
from pipelines.onboarding.examination import Examined, examine
from pipelines.sites_config import load_sources
from tests.conftest import REAL_DATA
from tests.core.conftest import HEADER, sacct_line

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PHILLIPS = REAL_DATA / "slurm_sacct" / "phillips.log"
OWNED = pl.DataFrame({"account": ["chem"]})


def told(examined: Examined) -> dict[str, str]:
    """The level of each topic; the worst where a topic has several remarks."""
    worst: dict[str, str] = {}
    for each in examined.remarks:
        levels = ["ok", "remark", "problem"]
        worst[each.topic] = max(worst.get(each.topic, "ok"), each.level, key=levels.index)
    return worst


def look(path: Path, text: str | bytes, site: str = "nscc-zz", dataset: str | None = None) -> Examined:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return examine(path, load_sources()[site], dataset, OWNED, NOW)


def test_a_sound_file_is_well_but_for_an_account_that_nobody_owns(tmp_path: Path) -> None:
    examined = look(tmp_path / "jobs.psv", "\n".join([HEADER, sacct_line(job="1")]) + "\n")
    assert (examined.dataset, examined.format, examined.accepted) == ("job_records", "slurm_sacct", 1)
    assert told(examined)["format"] == told(examined)["rows"] == told(examined)["zone"] == "ok"
    assert told(examined)["accounts"] == "remark"


def test_rows_that_the_contract_rejects_are_counted_with_their_reasons(tmp_path: Path) -> None:
    lines = [HEADER, sacct_line(job="1"), sacct_line(job="2", elapsed=-5)]
    examined = look(tmp_path / "jobs.psv", "\n".join(lines) + "\n")
    assert (examined.rows_in, examined.accepted, examined.rejected) == (2, 1, 1)
    assert examined.verdict == "problems"
    assert any("elapsed" in topic for topic in told(examined))


def test_a_time_to_come_casts_doubt_on_the_zone(tmp_path: Path) -> None:
    path = tmp_path / "jobs.psv"
    examined = look(path, "\n".join([HEADER, sacct_line(job="1")]) + "\n")
    assert told(examined)["zone"] == "ok"
    early = examine(path, load_sources()["nscc-zz"], None, OWNED, datetime(2020, 1, 1, tzinfo=UTC))
    assert told(early)["zone"] == "problem"


def test_a_file_of_no_known_format_says_so(tmp_path: Path) -> None:
    examined = look(tmp_path / "what.txt", "hello\nworld\n")
    assert examined.verdict == "problems"
    assert examined.format is None


def test_a_format_that_the_site_does_not_send_is_told(tmp_path: Path) -> None:
    sample = Path(__file__).resolve().parents[2] / "pipelines" / "formats" / "focus" / "sample.csv"
    examined = look(tmp_path / "bill.csv", sample.read_bytes())
    assert (examined.dataset, examined.format) == ("cloud_charges", "focus")
    assert told(examined)["format"] == "problem"


def test_a_binary_file_for_a_known_dataset_is_refused_in_words(tmp_path: Path) -> None:
    examined = look(tmp_path / "job_records.psv", b"\x00\x01" * 4000)
    assert examined.verdict == "problems"
    assert any("binary" in each.en for each in examined.remarks)


def test_jobs_with_cards_that_say_nothing_of_them_are_a_problem(tmp_path: Path) -> None:
    header = "JobID|Cluster|Account|User|Partition|Submit|Start|End|ElapsedRaw|State|AllocCPUS|AllocTRES"
    row = (
        "7|hami-ai|chem|li|l20|2026-07-15T14:00:00|2026-07-15T14:02:00|2026-07-15T16:02:00|7200|COMPLETED|64|"
    )
    examined = look(tmp_path / "jobs.psv", f"{header}\n{row}\n", site="hami")
    assert told(examined)["accelerators"] == "problem"
    assert told(examined)["accounts"] == "ok"


def test_a_partition_without_a_pool_is_a_problem(tmp_path: Path) -> None:
    line = sacct_line(job="1").replace("|cpu|", "|mystery|")
    assert "mystery" in line
    assert told(look(tmp_path / "jobs.psv", f"{HEADER}\n{line}\n"))["partitions"] == "problem"


def test_work_by_night_casts_doubt_on_the_zone(tmp_path: Path) -> None:
    columns = "JobID|Cluster|Account|User|Partition|Submit|Start|End|ElapsedRaw|State|AllocCPUS|AllocTRES"
    rows = []
    for number in range(400):
        at = datetime(2026, 7, 1, 20, tzinfo=UTC) + timedelta(days=number % 10, minutes=number)
        start, end = f"{at:%Y-%m-%dT%H:%M:%S}", f"{at + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}"
        rows.append(f"{number}|s|chem|li|cpu|{start}|{start}|{end}|3600|COMPLETED|4|cpu=4")
    examined = look(tmp_path / "jobs.psv", "\n".join([columns, *rows]) + "\n")
    assert told(examined)["zone"] == "remark"


def test_nobody_owns_accounts_before_the_business_system_spoke(tmp_path: Path) -> None:
    assert owned_accounts(Home(tmp_path), "nscc-zz") is None


@pytest.mark.skipif(not PHILLIPS.exists(), reason=f"needs the real file {PHILLIPS}")
def test_a_real_file_from_another_continent_is_noticed() -> None:
    examined = examine(PHILLIPS, load_sources()["nscc-zz"], None, OWNED, NOW)
    assert (examined.rows_in, examined.rejected) == (4285, 0)
    assert told(examined)["zone"] == "remark"
    assert told(examined)["partitions"] == "problem"


def test_every_format_tells_what_it_reads_and_its_options() -> None:
    listed = CliRunner().invoke(site, ["formats"])
    assert listed.exit_code == 0
    for name, each in FORMATS.items():
        assert name in listed.output
        told_of = CliRunner().invoke(site, ["formats", name]).output
        assert all(option in told_of for option in each.options)
        assert len(described(name)) > 40
