"""`suanzhang fetch`, as a person and as a script use it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli import suanzhang
from pipelines.errors import WrongUse
from pipelines.home import Home
from pipelines.landing import read_events
from pipelines.sites_config import EXTRA_SITES

SITE = """\
site_id: {name}
name: {{en: North, zh: 北}}
kind: ai_centre
region: zhengzhou
operator: North
time_zone: Asia/Shanghai
currency: CNY
provider_party: party-north
operator_party: party-north
feeds:
  - {{dataset: job_records, format: slurm_sacct, transport: {{kind: folder, path: "{path}"}}}}
  - {{dataset: feed_totals, format: table, transport: folder}}
"""


@pytest.fixture
def share(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two sites with a folder each; the second's is not there."""
    share = tmp_path / "share"
    share.mkdir()
    for name, path in (("north", share), ("south", tmp_path / "unmounted")):
        folder = tmp_path / "sites" / name
        folder.mkdir(parents=True)
        (folder / "site.yaml").write_text(SITE.format(name=name, path=path), encoding="utf-8")
    monkeypatch.setenv(EXTRA_SITES, str(tmp_path / "sites"))
    monkeypatch.setattr("pipelines.transports.patience.FIRST_SECONDS", 0.001)
    return share


def fetch(*arguments: str) -> Result:
    return CliRunner().invoke(suanzhang, ["fetch", *arguments], standalone_mode=False)


def test_what_is_new_is_landed_and_a_source_that_failed_is_told(share: Path, home: Home) -> None:
    (share / "jobs.psv").write_text("JobID|State\n")
    done = fetch()
    assert done.return_value == 1
    assert "north job_records (slurm_sacct by folder): 1 listed, 1 landed" in done.output
    assert "unmounted: No such file or directory.\n" in done.output
    assert [event.name for event in read_events(home)] == ["jobs.psv"]


def test_one_source_alone_succeeds_and_speaks_json(share: Path, home: Home) -> None:
    (share / "jobs.psv").write_text("JobID|State\n")
    done = fetch("--source", "north", "--json")
    assert done.return_value == 0
    (result,) = json.loads(done.stdout)
    assert (result["source_id"], result["listed"], result["findings"]) == ("north", 1, [])
    assert result["landed"] == [event.landing_id for event in read_events(home)]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--source", "atlantis"), "There is no source 'atlantis'"),
        (("--dataset", "jobs"), "There is no dataset 'jobs'"),
        (("--dataset", "feed_totals"), "its feeds come to the inbox"),
        (("--source", "network-ops"), "its feeds come to the inbox"),
    ],
)
def test_what_cannot_be_fetched_is_wrong_use(share: Path, arguments: tuple[str, ...], told: str) -> None:
    error = fetch(*arguments).exception
    assert isinstance(error, WrongUse)
    assert told in str(error)
