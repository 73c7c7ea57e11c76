"""How tests read bytes with a format: all frames as one, the tally, and which rules each row broke."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from data_contracts.contract import load_contract
from pipelines.formats import FORMATS
from pipelines.formats.base import ReadContext, Tally

SAMPLES = Path(__file__).resolve().parents[2] / "pipelines" / "formats"


def context(
    dataset: str, options: Mapping[str, str], zone: str = "Asia/Shanghai", site: str | None = "nscc-zz"
) -> ReadContext:
    """What a site's delivery is read with."""
    return ReadContext(
        source_id=site or "network-ops",
        site_id=site,
        time_zone=zone,
        dataset=dataset,
        options=options,
        columns=load_contract(dataset).column_names,
        currency="CNY",
    )


def read_path(
    name: str, dataset: str, path: Path, options: Mapping[str, str] | None = None, **known: Any
) -> tuple[pl.DataFrame, Tally]:
    """All rows of a file, and its tally, which is checked."""
    tally = Tally()
    frames = list(FORMATS[name].read(path, context(dataset, options or {}, **known), tally))
    rows = (
        pl.concat(frames, how="diagonal")
        if frames
        else pl.DataFrame(schema={"_row": pl.Int64, "_raw": pl.String})
    )
    assert tally.records_read == rows.height + tally.folded + sum(tally.set_aside.values())
    assert all(column[1:] in FORMATS[name].rules for column in rows.columns if column.startswith("!"))
    return rows, tally


def read_jobs(
    path: Path, text: str | bytes, options: Mapping[str, str] | None = None, **known: Any
) -> pl.DataFrame:
    """Job records of a sacct text."""
    return read_text(path, text, options, **known)[0]


def read_text(
    path: Path, text: str | bytes, options: Mapping[str, str] | None = None, **known: Any
) -> tuple[pl.DataFrame, Tally]:
    """Job records of a sacct text and its tally; written to a file in the folder `path`."""
    target = path / "sent.psv"
    target.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_path("slurm_sacct", "job_records", target, options, **known)


def rules(rows: pl.DataFrame) -> list[list[str]]:
    """Per row the names of the format's rules that it broke."""
    flags = [column for column in rows.columns if column.startswith("!")]
    return [[name[1:] for name in flags if row[name]] for row in rows.iter_rows(named=True)]


def sound(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that broke no rule of the format."""
    return rows.filter(pl.Series([not broken for broken in rules(rows)], dtype=pl.Boolean))


def as_json(rows: pl.DataFrame, tally: Tally) -> list[dict[str, Any]]:
    """Rows as a golden file has them: what is not NULL, rules last; then the tally."""
    broken = rules(rows)
    lines = []
    for row, names in zip(rows.iter_rows(named=True), broken, strict=True):
        values = {key: _plain(value) for key, value in row.items() if value is not None and key[0] not in "!"}
        values.pop("_raw")
        lines.append(values | ({"rules": names} if names else {}))
    return [*lines, {"tally": json.loads(json.dumps(vars(tally)))}]


def _plain(value: Any) -> Any:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value
