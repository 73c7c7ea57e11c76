"""A month of sacct rows from landing to a release, beside one DuckDB statement over the text.

The statement sums core-seconds by account and hour, with no rule, no revision, no price and no evidence. Start-up is
what a hundred rows cost.
"""

import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.deliver import deliver
from pipelines.home import Home
from pipelines.orchestrate import build, release
from pipelines.release import current_release
from pipelines.sites_config import load_sources
from pipelines.warehouse import Target
from tests.bench.files import write_business, write_sacct
from tests.bench.measure import count_lines, cpu_seconds, peak_megabytes

ROWS = int(os.environ.get("ROWS", "1000000"))
FEW = 100
PLAIN = """
    select "Account", date_trunc('hour', "Start") as hour, sum("ElapsedRaw" * "NCPUS") as core_seconds
    from read_csv('{path}', delim = '|', header = true, quote = '') group by all
"""


def main() -> None:
    """Measures and prints one table."""
    with tempfile.TemporaryDirectory() as folder:
        few, path = Path(folder) / "few.psv", Path(folder) / "jobs.psv"
        business = write_business(Path(folder) / "business")
        write_sacct(few, FEW)
        write_sacct(path, ROWS)
        print(f"{ROWS:,} rows of sacct, {path.stat().st_size / 1e6:.0f} MB", file=sys.stderr)
        _steps(few, business, Path(folder) / "warm")
        start_up = _steps(few, business, Path(folder) / "start")
        lines = cpu_seconds(lambda: count_lines(path))
        plain = cpu_seconds(lambda: duckdb.sql(PLAIN.format(path=path)).fetchall())
        ingest, models, publish = _steps(path, business, Path(folder) / "home")
        billed = _billed(Home(Path(folder) / "home"))
    whole, beyond = ingest + models + publish, ingest + models + publish - sum(start_up)
    print(f"{'':44}{'cpu s':>8}{'rows / cpu s':>14}{'ratio':>9}  to")
    for name, seconds, peer, peer_name in (
        ("count lines", lines, lines, ""),
        ("one DuckDB statement", plain, plain, ""),
        ("ingest: landing, all rules, bronze", ingest, lines, "count lines"),
        ("models: revisions, hours, rating, lineage", models, plain, "one DuckDB statement"),
        ("release", publish, plain, "one DuckDB statement"),
        ("accounting: landing to release", whole, plain, "one DuckDB statement"),
        ("accounting beyond start-up", beyond, plain, "one DuckDB statement"),
    ):
        print(f"{name:44}{seconds:>8.2f}{ROWS / seconds:>14,.0f}{seconds / peer:>9.1f}  {peer_name}")
    print(f"{billed:,} rows of metered usage, all billed")
    print(f"start-up {sum(start_up):.2f} cpu s, peak memory {peak_megabytes():,.0f} MB")


def _steps(path: Path, business: dict[str, Path], root: Path) -> tuple[float, float, float]:
    """Seconds of cpu to bronze, through the models, to a release, in a home of its own."""
    home, sources = Home(root), load_sources()
    os.environ["SUANZHANG_HOME"] = str(root)

    def land(each: Path, source: str, dataset: str, format_name: str) -> None:
        deliver(
            home, each, source_id=source, dataset=dataset, format_name=format_name, options={},
            received_at=datetime(2026, 11, 3, tzinfo=UTC),
        )  # fmt: skip

    for dataset, table in business.items():
        land(table, "network-ops", dataset, "table")

    def read() -> None:
        land(path, "nscc-zz", "job_records", "slurm_sacct")

    return (
        cpu_seconds(read),
        cpu_seconds(lambda: build(Target(home), sources)),
        cpu_seconds(lambda: release(Target(home), sources)),
    )


def _billed(home: Home) -> int:
    """How many rows of usage were billed. Raises SystemExit if one was not: then rating was not measured."""
    usage = current_release(home).folder / "settlement" / "metered_usage.parquet"
    (counted,) = duckdb.sql(f"select count(*), count(reason) from '{usage}'").fetchall()
    if counted[1]:
        raise SystemExit(f"{counted[1]:,} of {counted[0]:,} rows of usage are in nobody's bill.")
    return int(counted[0])
