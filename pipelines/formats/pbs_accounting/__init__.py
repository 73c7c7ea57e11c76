"""Accounting logs of PBS Professional, OpenPBS and Torque (`server_priv/accounting/YYYYMMDD`): a row per attempt.

A line is `MM/DD/YYYY HH:MM:SS;TYPE;ID;key=value …`. Which records are one attempt is decided in `events`, what they
say is read in `fields`. Times of records are those of the server's machine, all others are epoch seconds.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import polars as pl

from pipelines.formats.base import Format, ReadContext, Tally, cut_raw, flag, unreadable
from pipelines.formats.lines import encoding_option, read_head, read_lines
from pipelines.formats.pbs_accounting.events import RECORD, Attempt, Log
from pipelines.formats.pbs_accounting.fields import DEFAULT_RESOURCES, Settings, attempt_rows
from pipelines.formats.pbs_accounting.rules import RULES
from pipelines.formats.times import zone_option

__all__ = ["FORMAT", "RULES"]

BATCH = 50_000
ACCOUNTS = ("account", "project", "group")
OPTIONS = {
    "time_zone": "the zone of the records' times (those of the server's machine), if it is not the site's",
    "encoding": "utf-8 or gb18030",
    "cluster": "the cluster's name; the site's id without it",
    "account_field": "which field is the account: account, project or group; account without it",
    "accelerator_resources": f"the resources that are accelerators; {DEFAULT_RESOURCES} without it",
}


def sniff(head: bytes) -> bool:
    """Whether the first lines are accounting records."""
    lines = [
        line for line in head.decode("utf-8", "replace").lstrip("\ufeff").split("\n")[:50] if line.strip()
    ]
    records = [line for line in lines[:20] if RECORD.fullmatch(line.removesuffix("\r"))]
    return bool(records) and 2 * len(records) >= len(lines[:20])


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of job records; see `base.Format`. A record is a line."""
    encoding = encoding_option(context, RULES)
    head = read_head(path, RULES).decode(encoding, "replace")
    if not any(RECORD.fullmatch(line.removesuffix("\r")) for line in head.split("\n")):
        raise unreadable(RULES, "file.format")
    settings = _settings(context)
    log = Log(tally)
    for lines in read_lines(path, encoding):
        tally.records_read += lines.height
        for part in lines.iter_slices(BATCH):
            yield from _frames(part, log, settings, tally)
    rest = log.rest()
    while batch := list(islice(rest, BATCH)):
        yield attempt_rows(batch, settings, tally)


def _settings(context: ReadContext) -> Settings:
    options = context.options
    account = options.get("account_field") or ACCOUNTS[0]
    if account not in ACCOUNTS:
        raise unreadable(RULES, "file.options", f"account_field is {account}, none of {', '.join(ACCOUNTS)}.")
    resources = [
        name.strip() for name in (options.get("accelerator_resources") or DEFAULT_RESOURCES).split(",")
    ]
    strange = [name for name in resources if not name.replace("_", "").isalnum()]
    if strange:
        raise unreadable(
            RULES, "file.options", f"accelerator_resources names {strange[0]}, which is no resource."
        )
    return Settings(
        site_id=context.site_id,
        cluster=options.get("cluster") or context.site_id or context.source_id,
        zone=zone_option(context, RULES),
        account=account,
        resources=tuple(dict.fromkeys(resources)),
    )


def _frames(lines: pl.DataFrame, log: Log, settings: Settings, tally: Tally) -> Iterator[pl.DataFrame]:
    """What a part of the log proves, and its lines that are no records."""
    faulty = lines.filter(pl.col("_fault").is_not_null())
    blank = lines["_fault"].is_null() & (lines["line"].str.strip_chars() == "")
    tally.put_aside("blank line", int(blank.sum()))
    sound = lines.filter(lines["_fault"].is_null() & ~blank)
    attempts: list[Attempt] = []
    strange: list[tuple[int, str, str]] = []
    for found in log.take(sound.select("_row", "line").iter_rows()):
        if isinstance(found, Attempt):
            attempts.append(found)
        else:
            strange.append((*found, "record.form"))
    strange.extend(faulty.select("_row", "line", "_fault").iter_rows())
    if attempts:
        yield attempt_rows(attempts, settings, tally)
    if strange:
        yield _rejected(strange)


def _rejected(lines: list[tuple[int, str, str]]) -> pl.DataFrame:
    rows = pl.DataFrame(
        {
            "_row": pl.Series([row for row, *_ in lines], dtype=pl.Int64),
            "_raw": cut_raw(pl.Series([line for _, line, _ in lines], dtype=pl.String)),
        }
    )
    faults = pl.Series([fault for *_, fault in lines], dtype=pl.String)
    for rule in faults.unique(maintain_order=True):
        rows = flag(rows, rule, faults == rule)
    return rows


FORMAT = Format("pbs_accounting", ("job_records",), OPTIONS, sniff, read, RULES)
