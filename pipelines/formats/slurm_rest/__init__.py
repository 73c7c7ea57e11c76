"""JSON of Slurm's accounting, `sacct --json` and slurmrestd's slurmdb jobs, and slurmrestd's nodes.

Documents of Slurm 22.05 (OpenAPI plugin dbv0.0.38) and of the data parsers 0.0.38 to 0.0.44. A job is a row, its
steps are inside it and none; nodes become the capacity of their pools. Jobs are read in `jobs`, nodes in `nodes`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipelines.formats.base import Format, ReadContext, Tally, unreadable
from pipelines.formats.json_heads import opens_json, require_head
from pipelines.formats.json_records import Record, read_documents
from pipelines.formats.slurm_jobs import DEFAULT_GRES, job_rows, job_settings
from pipelines.formats.slurm_rest.documents import errors
from pipelines.formats.slurm_rest.jobs import job_records
from pipelines.formats.slurm_rest.nodes import capacity_rows
from pipelines.formats.slurm_rest.rules import RULES

__all__ = ["FORMAT", "RULES"]

OPTIONS = {
    "cluster": "the cluster's name, where a job names none; else the site's id",
    "accelerator_gres": f"the kinds of gres that are accelerators; {DEFAULT_GRES} without it",
    "time_zone": "the zone of valid_from where it has no offset, if it is not the site's",
    "valid_from": "for nodes: since when they are so, where the document does not say (last_update)",
    "compute_class": "for nodes: general, intelligent or super; by pool as gpu:intelligent,cpu:super",
    "pool": "for nodes: the one pool that all are in; without it a node is in its first partition",
}
_PLUGIN = re.compile(rb'"type"\s*:\s*"openapi\\?/')
_LISTS = re.compile(rb'"(?:jobs|nodes)"\s*:\s*\[')
_MEMBERS = (b'"allocation_nodes"', b'"slurmd_start_time"', b'"derived_exit_code"')


def sniff(head: bytes) -> bool:
    """Whether a document is Slurm's: by the plugin that it names, or by members that only its lists have."""
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    return bool(_PLUGIN.search(head)) or (
        bool(_LISTS.search(head)) and any(name in head for name in _MEMBERS)
    )


def _answers(head: bytes) -> bool:
    """Whether a document may be Slurm's answer, even one that holds nothing."""
    return opens_json(head) and (sniff(head) or bool(_LISTS.search(head)) or b'"errors"' in head)


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of job records, or of capacity; see `base.Format`. A record is a job, or a node."""
    require_head(path, RULES, _answers)
    rows = capacity_rows if context.dataset == "capacity_inventory" else _job_rows
    yield from rows(path, context, tally)


def _job_rows(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    settings = job_settings(context, RULES)
    said = errors(path)
    began = False
    for batch in read_documents(path, RULES, tally, ("jobs",)):
        if not began:
            _check(batch, said, tally)
        began = True
        yield job_rows(job_records(batch, settings.cluster), settings, tally)
    if not began and said:
        raise unreadable(RULES, "file.answer", "; ".join(said[:3]))
    tally.label("error beside the jobs", len(said))


def _check(batch: list[Record], said: list[str], tally: Tally) -> None:
    """Refuses what holds no jobs of the accounting; then nothing was read."""
    job = batch[0].document
    if job is None or ("job_id" in job and "job_state" not in job):
        return
    tally.records_read -= len(batch)
    if "job_state" in job:
        raise unreadable(RULES, "file.live_jobs")
    if said:
        raise unreadable(RULES, "file.answer", "; ".join(said[:3]))
    raise unreadable(RULES, "file.format")


FORMAT = Format("slurm_rest", ("job_records", "capacity_inventory"), OPTIONS, sniff, read, RULES)
