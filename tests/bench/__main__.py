"""`make bench [ROWS=…]`: reading sacct text, and taking it from landing to a release, beside plain peers.

Times are seconds of this process's own cpu. `ingest` is held against reading the bytes and counting lines; `accounting`
against one DuckDB statement that sums core-seconds by account and hour straight from the text, with no rule, no
revision, no price and no evidence.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from pipelines.deliver import deliver
from pipelines.home import Home
from pipelines.orchestrate import build, release
from pipelines.sites_config import load_sources
from pipelines.warehouse import Target

ROWS = int(os.environ.get("ROWS", "300000"))
HEADER = "JobID|Cluster|Submit|Start|End|ElapsedRaw|State|Account|User|Partition|QOS|NNodes|NCPUS|AllocTRES|JobName"
START = datetime(2026, 10, 1)  # noqa: DTZ001  (sacct writes local times without a zone)
PLAIN = """
    select "Account", date_trunc('hour', "Start") as hour, sum("ElapsedRaw" * "NCPUS") as core_seconds
    from read_csv('{path}', delim = '|', header = true, quote = '') group by all
"""


def write_sacct(path: Path, rows: int) -> None:
    """Jobs over a month, some of them over midnight; every row another job."""
    with path.open("w", encoding="utf-8") as out:
        out.write(HEADER + "\n")
        for n in range(rows):
            submit = START + timedelta(seconds=n * 2_592_000 // rows)
            elapsed, cores = 60 + n * 7919 % 30_000, 1 + n % 64
            begin, end = submit + timedelta(seconds=90), submit + timedelta(seconds=90 + elapsed)
            times = f"{submit.isoformat()}|{begin.isoformat()}|{end.isoformat()}|{elapsed}"
            size = f"cpu|normal|1|{cores}|billing={cores},cpu={cores},mem=4G,node=1"
            out.write(f"{n}|main|{times}|COMPLETED|acct{n % 300}|u{n % 900}|{size}|job {n % 50}\n")


def cpu_seconds(work: Callable[[], object]) -> float:
    """Seconds of cpu that a piece of work takes in this process."""
    before = time.process_time()
    work()
    return time.process_time() - before


def count_lines(path: Path) -> int:
    """Reads the bytes and counts the lines."""
    with path.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))


def main() -> None:
    """Measures and prints one table."""
    with tempfile.TemporaryDirectory() as folder:
        path, home, sources = Path(folder) / "jobs.psv", Home(Path(folder) / "home"), load_sources()
        os.environ["SUANZHANG_HOME"] = str(home.root)
        write_sacct(path, ROWS)
        size = path.stat().st_size / 1e6
        print(f"{ROWS:,} rows of sacct, {size:.0f} MB", file=sys.stderr)

        def read() -> None:
            deliver(
                home,
                path,
                source_id="nscc-zz",
                dataset="job_records",
                format_name="slurm_sacct",
                options={},
                received_at=datetime(2026, 11, 3, tzinfo=UTC),
            )

        lines = max(cpu_seconds(lambda: count_lines(path)), 1e-3)
        plain = cpu_seconds(lambda: duckdb.sql(PLAIN.format(path=path)).fetchall())
        ingest = cpu_seconds(read)
        models = cpu_seconds(lambda: build(Target(home), sources))
        publish = cpu_seconds(lambda: release(Target(home), sources))
    whole = ingest + models + publish
    print(f"{'':44}{'cpu s':>8}{'rows / cpu s':>14}{'ratio':>9}  to")
    for name, seconds, peer, peer_name in (
        ("count lines", lines, lines, ""),
        ("one DuckDB statement", plain, plain, ""),
        ("ingest: landing, all rules, bronze", ingest, lines, "count lines"),
        ("models: revisions, hours, rating, lineage", models, plain, "one DuckDB statement"),
        ("release", publish, plain, "one DuckDB statement"),
        ("accounting: landing to release", whole, plain, "one DuckDB statement"),
    ):
        print(f"{name:44}{seconds:>8.2f}{ROWS / seconds:>14,.0f}{seconds / peer:>9.1f}  {peer_name}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
