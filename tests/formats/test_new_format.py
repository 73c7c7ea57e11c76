"""A wire format that does not exist yet is one folder: nothing else is touched, and the house takes its files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
OLD_METERS = '''"""Meter readings as an old building sends them: `meter;kind;instant;kWh`, one reading per line."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipelines.formats.base import Format, ReadContext, Tally, cut_raw, flag
from pipelines.formats.lines import RULES as LINE_RULES
from pipelines.formats.lines import read_head, read_lines
from pipelines.formats.times import read_instants

RULES = {**LINE_RULES, "record.fields": ("The line does not have four fields.", "该行不是四个字段。")}


def sniff(head: bytes) -> bool:
    """Whether the first line is a reading."""
    return head.partition(b"\\n")[0].count(b";") == 3 and b";it;" in head


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of facility readings."""
    read_head(path, RULES)
    for lines in read_lines(path):
        tally.records_read += lines.height
        names = ["meter_id", "meter_kind", "read_at", "value"]
        fields = lines["line"].str.split_exact(";", 3).struct.rename_fields(names).struct.unnest()
        times = read_instants(fields["read_at"], context.time_zone)
        rows = lines.select("_row", _raw=cut_raw(lines["line"])).hstack(fields.drop("read_at")).with_columns(
            site_id=pl.lit(context.site_id),
            read_at=times.earliest,
            unit=pl.lit("kWh"),
            reading_type=pl.lit("cumulative"),
        )
        yield flag(rows, "record.fields", fields["value"].is_null())


FORMAT = Format("old_meters", ("facility_readings",), {}, sniff, read, RULES)
'''
SAMPLE = "m1;it;2026-10-01 08:00:00;12.5\nm1;it;2026-10-01 09:00:00;13.5\nbroken\n"


def test_a_format_is_one_folder(tmp_path: Path) -> None:
    house = tmp_path / "house"
    for package in ("pipelines", "data_contracts"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / package, house / package, ignore=ignored)
    before = {path for path in house.rglob("*") if path.is_file()}
    folder = house / "pipelines" / "formats" / "old_meters"
    folder.mkdir()
    (folder / "__init__.py").write_text(OLD_METERS, encoding="utf-8")
    sent = tmp_path / "readings.txt"
    sent.write_text(SAMPLE, encoding="utf-8")
    told = subprocess.run(
        [
            sys.executable, "-c", "from pipelines.cli import main; main()", "land", "--source", "hami",
            "--dataset", "facility_readings", "--format", "old_meters", str(sent),
        ],
        cwd=house,
        env={**os.environ, "PYTHONPATH": str(house), "SUANZHANG_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert "3 rows in = 2 accepted + 1 quarantined + 0 duplicates" in told.stdout, told.stderr
    assert "does not have four fields" in told.stdout
    touched = {
        path for path in house.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    } - before
    assert touched == {folder / "__init__.py"}
