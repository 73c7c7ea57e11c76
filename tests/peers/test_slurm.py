"""Slurm: real jobs, arrays and cancels, by sacct and by slurmrestd, against Slurm's own report."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.bronze import read_ingest
from pipelines.home import Home
from pipelines.lake import refresh
from pipelines.landing import read_events, receive
from pipelines.sites_config import EXTRA_SITES, Source, load_sources
from pipelines.transports.base import Secrets
from pipelines.transports.pull import Puller, fetched_feeds
from pipelines.transports.slurmrestd import connect
from tests.peers.slurm import Slurm, between, cluster

pytestmark = pytest.mark.peers

SITE = """\
site_id: peer
name: {{en: Peer, zh: 对端}}
kind: supercomputer
region: zhengzhou
operator: Peer
time_zone: UTC
currency: CNY
provider_party: party-peer
operator_party: party-peer
feeds:
  - {{dataset: job_records, format: slurm_sacct, transport: folder}}
  - dataset: job_records
    format: slurm_rest
    transport: {{kind: slurmrestd, url: "{url}", user: root, token_env: TOKEN, since: "{since}", window_minutes: 60}}
"""
FIELDS = "JobID,Cluster,Submit,Eligible,Start,End,ElapsedRaw,State,Account,User,Partition,QOS,NNodes,NCPUS,AllocTRES"
HOUR = 3600


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    """A cluster on which a few dozen jobs have ended: some cancelled, some failed, some never begun."""
    with cluster(tmp_path_factory.mktemp("slurm")) as made:
        for number in range(12):
            made.submit(
                "games", 0.5 + number % 3, "-A", "astro", "-n", str(1 + number % 4), "-J", f"a|b {number}"
            )
            made.submit("nobody", 1, "-A", "astro", "-J", 'quo"ted')
        for cards in (1, 2, 4):
            made.submit("games", 2, "-A", "bio", "-p", "gpu", f"--gres=gpu:a800:{cards}", "-n", "2")
        made.submit("nobody", 1, "-A", "astro", "--array=1-8%4", "-n", "2")
        held = made.submit("games", 1, "-A", "bio", "--begin=now+3600")
        long = made.submit("games", 60, "-A", "bio", "-n", "3")
        some = made.submit("games", 60, "-A", "bio", "--array=1-3", "--begin=now+3600")
        made.run("scancel", held, f"{some}_2")
        time.sleep(4)
        made.run("scancel", long, some)
        made.wait(span())
        yield made


def span() -> tuple[str, str]:
    """The whole hours in which the jobs ran."""
    now = int(time.time())
    return text((now - 600) // HOUR * HOUR), text(now // HOUR * HOUR + HOUR)


def text(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def reported(slurm: Slurm) -> dict[tuple[str, str, str], int]:
    """Seconds of each account, user and resource, as sreport has them, without zeros."""
    options = ("-nP", "-t", "seconds", "-T", "cpu,gres/gpu", "cluster", "AccountUtilizationByUser")
    out = slurm.run("sreport", *options, *between(span()))
    rows = [line.split("|") for line in out.splitlines()]
    return {(row[1], row[2], row[4]): int(row[5]) for row in rows if row[2] and int(row[5])}


def totals(jobs: pl.DataFrame) -> dict[tuple[str, str, str], int]:
    """The same from job records."""
    found: Counter[tuple[str, str, str]] = Counter()
    for row in jobs.iter_rows(named=True):
        who = row["account"], row["user"]
        found[(*who, "cpu")] += row["elapsed_s"] * row["cpu_cores"]
        found[(*who, "gres/gpu")] += row["elapsed_s"] * (row["accelerators"] or 0)
    return {key: seconds for key, seconds in found.items() if seconds}


@pytest.fixture
def sources(slurm: Slurm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Source]:
    """The network with the cluster as one more site."""
    folder = tmp_path / "sites" / "peer"
    folder.mkdir(parents=True)
    since = f"{span()[0]}Z"
    (folder / "site.yaml").write_text(SITE.format(url=slurm.rest, since=since), encoding="utf-8")
    monkeypatch.setenv(EXTRA_SITES, str(tmp_path / "sites"))
    return load_sources()


def puller(home: Home, token: str) -> Puller:
    """A puller in two hours, when this hour is over."""

    def later(feed: Any, secrets: Secrets) -> Any:
        made = connect(feed.settings, secrets)
        made._clock = lambda: time.time() + 2 * HOUR
        return made

    return Puller(home, Secrets({"TOKEN": token}), lambda _: None, connect=later)


def jobs_of(home: Home, sources: dict[str, Source]) -> pl.DataFrame:
    """All jobs of bronze, each once; nothing may be in quarantine."""
    refresh(home, sources, datasets=["job_records"])
    for event in read_events(home):
        tally = read_ingest(home, event.landing_id)
        assert tally is not None
        assert tally.quarantined == 0, tally.rules
    files = list((home.bronze / "job_records").rglob("*.parquet"))
    assert files
    return pl.concat([pl.read_parquet(file) for file in files], how="diagonal").unique("job_id")


def by_sacct(slurm: Slurm, home: Home, sources: dict[str, Source], folder: Path) -> pl.DataFrame:
    sent = slurm.sacct(span(), f"{FIELDS},JobName")
    path = folder / "sacct.psv"
    path.write_text(sent)
    feed = sources["peer"].feed("job_records", "slurm_sacct")
    assert feed is not None
    receive(
        home,
        path,
        source_id="peer",
        dataset="job_records",
        format_name=feed.format,
        options=feed.options,
        received_at=puller(home, "").now(),
    )
    return jobs_of(home, sources)


def by_rest(slurm: Slurm, home: Home, sources: dict[str, Source]) -> pl.DataFrame:
    (pulled,) = puller(home, slurm.token("root")).pull(fetched_feeds(sources, "peer"))
    assert pulled.findings == []
    assert pulled.landed
    return jobs_of(home, sources)


def test_sacct_s_jobs_add_up_to_sreport(
    slurm: Slurm, home: Home, sources: dict[str, Source], tmp_path: Path
) -> None:
    jobs = by_sacct(slurm, home, sources, tmp_path)
    assert jobs.height >= 36
    assert totals(jobs) == reported(slurm)


def test_slurmrestd_s_jobs_add_up_to_sreport(slurm: Slurm, home: Home, sources: dict[str, Source]) -> None:
    assert totals(by_rest(slurm, home, sources)) == reported(slurm)


def test_both_ways_tell_the_same_of_every_job_that_ran(
    slurm: Slurm, home: Home, sources: dict[str, Source], tmp_path: Path
) -> None:
    same = [
        "job_id",
        "state",
        "account",
        "elapsed_s",
        "cpu_cores",
        "memory_mib",
        "accelerators",
        "start_time",
        "end_time",
    ]
    text_jobs = by_sacct(slurm, Home(home.root / "a"), sources, tmp_path)
    rest_jobs = by_rest(slurm, Home(home.root / "b"), sources)
    ran = [
        jobs.filter(pl.col("elapsed_s") > 0).select(same).sort("job_id") for jobs in (text_jobs, rest_jobs)
    ]
    assert ran[0].rows() == ran[1].rows()


def test_a_wrong_token_is_refused_and_not_told(slurm: Slurm, home: Home, sources: dict[str, Source]) -> None:
    (pulled,) = puller(home, "not.a.token").pull(fetched_feeds(sources, "peer"))
    (finding,) = pulled.findings
    assert "authentication" in finding.lower()
    assert "not.a.token" not in finding
    assert read_events(home) == []
