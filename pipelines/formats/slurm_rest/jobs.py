"""A job of a document as sacct's fields, so that a job from JSON is the row that it is from sacct's text.

What sacct prints of a job, it derives from the same record: the array's and the het job's id, the one word for a
state with flags, cores and nodes asked for where none were given.
"""

import re
from collections.abc import Sequence
from typing import Any

import polars as pl

from pipelines.formats.base import cut_raw
from pipelines.formats.json_records import Record, at, text_of
from pipelines.formats.slurm_rest.documents import number

FIELDS = (
    "jobid", "jobidraw", "cluster", "partition", "qos", "account", "user", "submit", "eligible", "start", "end",
    "elapsedraw", "state", "exitcode", "nnodes", "ncpus", "reqmem", "reqtres", "alloctres", "nodelist", "jobname",
    "restarts", "consumedenergyraw",
)  # fmt: skip
FLAGS = (
    "COMPLETING", "STAGE_OUT", "CONFIGURING", "RESIZING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT",
    "STOPPED", "REVOKED", "RESV_DEL_HOLD", "SIGNALING",
)  # fmt: skip
"""Flags that sacct prints instead of the state, in its order; all others leave the state."""

_HEX = re.compile(r"0x[0-9A-Fa-f]{1,100000}")
_KEPT = 128


def job_records(records: Sequence[Record], cluster: str | None) -> pl.DataFrame:
    """Records as `slurm_jobs` takes them: `_row`, `_raw`, `_fault` and sacct's fields as text."""
    fields = [
        (None,) * len(FIELDS) if each.document is None else _fields(each.document, cluster)
        for each in records
    ]
    columns = list(zip(*fields, strict=True))
    return pl.DataFrame(
        [
            pl.Series("_row", [each.row for each in records], dtype=pl.Int64),
            cut_raw(pl.Series("_raw", [each.raw for each in records], dtype=pl.String)),
            pl.Series("_fault", [each.fault for each in records], dtype=pl.String),
            *(pl.Series(name, column, dtype=pl.String) for name, column in zip(FIELDS, columns, strict=True)),
        ]
    )


def _fields(job: dict[str, Any], cluster: str | None) -> tuple[str | None, ...]:
    allocated, requested = at(job, "tres", "allocated"), at(job, "tres", "requested")
    given = allocated if allocated else requested
    state = _state(at(job, "state", "current"))
    return (
        job_id(job),
        number(job.get("job_id")),
        text_of(job.get("cluster")) or text_of(at(job, "association", "cluster")) or cluster,
        text_of(job.get("partition")),
        text_of(job.get("qos")),
        text_of(job.get("account")) or text_of(at(job, "association", "account")),
        text_of(job.get("user")) or text_of(at(job, "association", "user")),
        number(at(job, "time", "submission")),
        number(at(job, "time", "eligible")),
        number(at(job, "time", "start")),
        number(at(job, "time", "end")),
        number(at(job, "time", "elapsed")),
        state,
        exit_code(job.get("exit_code"), state),
        _positive(number(job.get("allocation_nodes")))
        or _count(given, "node")
        or number(job.get("allocation_nodes")),
        _count(given, "cpu") or number(at(job, "required", "CPUs")),
        _requested_memory(job.get("required")),
        tres_list(requested),
        tres_list(allocated),
        text_of(job.get("nodes")),
        text_of(job.get("name")),
        number(job.get("restart_cnt")),
        _count(allocated, "energy"),
    )


def _positive(digits: str | None) -> str | None:
    return None if digits == "0" else digits


def job_id(job: dict[str, Any]) -> str | None:
    """The id as sacct prints it: `12`, `12_3` and `12_[3-5]` of an array, `12+1` of a het job."""
    own, array = number(job.get("job_id")), _positive(number(at(job, "array", "job_id")))
    if array is not None:
        tasks, task = at(job, "array", "task"), number(at(job, "array", "task_id"))
        if isinstance(tasks, str) and tasks:
            return f"{array}_[{task_list(tasks)}{_at_once(job)}]"
        if task is not None:
            return f"{array}_{task}"
    het, offset = _positive(number(at(job, "het", "job_id"))), number(at(job, "het", "job_offset"))
    return own if het is None or offset is None else f"{het}+{offset}"


def _at_once(job: dict[str, Any]) -> str:
    most = _positive(number(at(job, "array", "limits", "max", "running", "tasks")))
    return f"%{most}" if most else ""


def task_list(tasks: str) -> str:
    """An array's tasks; Slurm stores those that wait as a mask, `0x1A`, and sacct prints `1,3-4`."""
    if not _HEX.fullmatch(tasks):
        return tasks
    ranges: list[list[int]] = []
    for place, bit in enumerate(reversed(f"{int(tasks, 16):b}")):
        if bit == "0":
            continue
        if ranges and ranges[-1][1] == place - 1:
            ranges[-1][1] = place
        else:
            ranges.append([place, place])
    return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in ranges)


def _state(current: Any) -> str | None:
    """The one word that sacct prints for a state, which newer Slurms give as a list with flags."""
    if not isinstance(current, list):
        return text_of(current)
    words = [str(text_of(word)) for word in current]
    flag = next((flag for flag in FLAGS if flag in words), None)
    return flag or (words[0] if words else None)


def exit_code(code: Any, state: str | None) -> str | None:
    """`exit:signal` as sacct prints it.

    Slurm 22.05 writes SUCCESS and 0 for every exit that was no signal (and names no signal): that says something of
    a job that completed, and nothing of any other.
    """
    status, signal = at(code, "status"), at(code, "signal")
    returned = number(at(code, "return_code"))
    killed = number(at(signal, "id")) or number(at(signal, "signal_id"))
    if killed:
        return f"0:{killed}"
    if returned is None or not returned.isdigit():
        return None
    if isinstance(status, str) and signal is None and returned == "0" and state != "COMPLETED":
        return None
    whole = int(returned[:9])
    return f"{whole - _KEPT if whole >= _KEPT else whole}:0"


def _requested_memory(required: Any) -> str | None:
    """Memory asked for, as ReqMem. 22.05 does not say whether its `memory` is per CPU or per node: unknown."""
    per_cpu, per_node = number(at(required, "memory_per_cpu")), number(at(required, "memory_per_node"))
    if per_cpu:
        return f"{per_cpu}Mc"
    return f"{per_node}Mn" if _positive(per_node) else None


def _count(tres: Any, kind: str) -> str | None:
    for item in tres if isinstance(tres, list) else ():
        if at(item, "type") == kind:
            return number(at(item, "count"))
    return None


def tres_list(tres: Any) -> str | None:
    """A list of resources in the words of AllocTRES, memory in MiB; None where there is none.

    Energy is left to its own field: of it, unknown is usual.
    """
    if not isinstance(tres, list):
        return None
    return ",".join(_tres(item) for item in tres if at(item, "type") != "energy")


def _tres(item: Any) -> str:
    kind, name, count = text_of(at(item, "type")), text_of(at(item, "name")), number(at(item, "count"))
    if not kind:
        return "?"
    unit = "M" if kind == "mem" and count else ""
    return f"{kind}{'/' + name if name else ''}={count or ''}{unit}"
