"""`sacct --parsable` and `--parsable2` text of Slurm, in any layout: one row per job, steps set aside.

The layout is in `layout`, lines to records in `records` and `align`; fields to columns in `slurm_jobs`.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipelines.formats.base import Format, ReadContext, Tally, Unreadable, cut_raw
from pipelines.formats.lines import HEAD, encoding_option, read_head, read_lines
from pipelines.formats.slurm_jobs import DEFAULT_GRES, job_rows, job_settings
from pipelines.formats.slurm_sacct.layout import Layout, delimiter_option, find_layout
from pipelines.formats.slurm_sacct.records import assemble, begins_plain, hold_from
from pipelines.formats.slurm_sacct.rules import RULES

__all__ = ["FORMAT", "RULES"]

OPTIONS = {
    "columns": "the columns as given to sacct --format, where the file has no header: jobid,submit,…",
    "delimiter": "what stands between the fields, where it cannot be found: a text, tab, us or \\x1f",
    "time_zone": "the zone of the times (sacct writes those of the machine it ran on), such as America/New_York",
    "encoding": "utf-8 or gb18030",
    "cluster": "the cluster's name, where the column Cluster is not sent; else the site's id",
    "accelerator_gres": f"the kinds of gres that are accelerators; {DEFAULT_GRES} without it",
}


def sniff(head: bytes) -> bool:
    """Whether a file begins with a header in sacct's names or a record of the known layout."""
    try:
        find_layout(_text(head, "utf-8"), {})
    except Unreadable:
        return False
    return True


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of job records; see `base.Format`. A record is a line after the header."""
    options = context.options
    encoding = encoding_option(context, RULES)
    head = read_head(path, RULES, delimiter_option(options.get("delimiter", "")).encode())
    layout = find_layout(_text(head, encoding), options)
    settings = job_settings(context, RULES)
    for lines in _joinable(_without_header(read_lines(path, encoding), layout.header), layout):
        rows = job_rows(assemble(lines, layout, tally), settings, tally)
        yield rows.with_columns(cut_raw(rows["_raw"]))


def _joinable(frames: Iterator[pl.DataFrame], layout: Layout) -> Iterator[pl.DataFrame]:
    """Frames cut so that no record lies in two of them."""
    before: pl.DataFrame | None = None
    for frame in frames:
        lines = frame
        if before is not None and before.height:
            if not begins_plain(frame, layout):
                cut = hold_from(before, layout)
                before, lines = before.head(cut), pl.concat([before.slice(cut), frame])
            if before.height:
                yield before
        before = lines
    if before is not None and before.height:
        yield before


def _without_header(frames: Iterator[pl.DataFrame], header: str | None) -> Iterator[pl.DataFrame]:
    """The lines but for the header, which is the first line that is not blank."""
    awaited = header is not None
    for lines in frames:
        found = (lines["line"] == header).arg_true().to_list() if awaited else []
        if found:
            awaited = False
            yield pl.concat([lines.head(found[0]), lines.slice(found[0] + 1)])
        else:
            yield lines


def _text(head: bytes, encoding: str) -> str:
    """The whole lines of a file's beginning."""
    if len(head) > HEAD - 4 and b"\n" in head:
        head = head[: head.rindex(b"\n")]
    return head.decode(encoding, "replace")


FORMAT = Format("slurm_sacct", ("job_records",), OPTIONS, sniff, read, RULES)
