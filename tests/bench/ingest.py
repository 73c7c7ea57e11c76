"""Each format from bytes to bronze: rows and megabytes per second of cpu, beside reading the bytes and counting lines.

`parse` reads and writes the rows as Parquet, with no rule at all; what is measured judges them by every rule, hashes
them, drops what repeats and writes bronze and quarantine. What is only there at the first file is not measured.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from data_contracts.contract import load_contract
from pipelines.bronze import ingest, read_context
from pipelines.effective import landings_as_of
from pipelines.formats import FORMATS
from pipelines.formats.base import Tally, Unreadable
from pipelines.home import Home
from pipelines.landing import read_events, receive
from pipelines.sites_config import Source, load_sources
from tests.bench.files import write_repeated, write_sacct, write_scrapes
from tests.bench.measure import count_lines, cpu_seconds, peak_megabytes
from tests.formats.test_golden import OPTIONS, cases

ROWS = int(os.environ.get("ROWS", "300000"))
FEW = 100
REPEATED_BYTES = int(os.environ.get("MEGABYTES", "10")) << 20


def main() -> None:
    """Measures and prints one table."""
    print(f"{'':44}{'rows':>10}{'MB':>6}{'rows/cpu s':>12}{'MB/cpu s':>10}{'÷ lines':>9}{'÷ parse':>9}")
    source = load_sources()["nscc-zz"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "written"
        for write, name, dataset in (
            (write_sacct, "slurm_sacct", "job_records"),
            (write_scrapes, "prometheus_text", "device_samples"),
        ):
            write(path, FEW)
            _measure(path, source, name, dataset, {})
            write(path, ROWS)
            print(_measure(path, source, name, dataset, {}))
        for name, dataset, sample, _ in cases():
            if sample.suffix not in {".xlsx", ".parquet"}:
                write_repeated(sample, path, REPEATED_BYTES)
                given = OPTIONS.get((name, dataset), {})
                try:
                    print(_measure(path, source, name, dataset, given, note=" (sample repeated)"))
                except Unreadable:
                    print(f"{name} → {dataset}: its sample, repeated, is no file of the format")
    print(f"peak memory {peak_megabytes():,.0f} MB")


def _measure(
    path: Path, source: Source, name: str, dataset: str, options: Mapping[str, str], note: str = ""
) -> str:
    """The line of the table that tells of a file."""
    contract, size = load_contract(dataset), path.stat().st_size / 1e6
    context = read_context(source, contract, options)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        receive(
            home, path, source_id=source.source_id, dataset=dataset, format_name=name, options=options,
            received_at=datetime(2026, 11, 3, tzinfo=UTC),
        )  # fmt: skip
        (state,) = landings_as_of(read_events(home))
        tally = Tally()

        def parse() -> None:
            for number, frame in enumerate(FORMATS[name].read(path, context, tally)):
                frame.write_parquet(Path(folder) / f"{number}.parquet", compression="zstd")

        lines = cpu_seconds(lambda: count_lines(path))
        parsed = cpu_seconds(parse)
        whole = cpu_seconds(lambda: ingest(home, replace(state), source))
    records = tally.records_read
    return (
        f"{name + ' → ' + dataset + note:44}"[:60].ljust(44)
        + f"{records:>10,}{size:>6.0f}{records / whole:>12,.0f}{size / whole:>10.1f}{whole / lines:>9.0f}"
        f"{whole / parsed:>9.2f}"
    )
