"""Kubernetes pods as the API sends them: objects as JSON lines, a PodList, or the events of a watch.

One row per pod (its uid; for a static pod that of its manifest): of several observations in a file the newest
resourceVersion counts. What a pod holds is its effective request (quantities.py, devices.py), its interval is in
pods.py. A pod without startTime waits and holds nothing. A pod resized in place counts as its spec last said. The
card's model is what the pod asks for (node selector or annotation nvidia.com/gpu.product); node labels are not in it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.formats.base import Format, ReadContext, Tally, Texts, cut_raw, flag, unreadable
from pipelines.formats.json_heads import opens_json, require_head
from pipelines.formats.json_records import RULES as JSON_RULES
from pipelines.formats.json_records import Record, frame_of, read_documents, text_of
from pipelines.formats.kubernetes_pods.pods import Pod, read_pod
from pipelines.formats.times import INSTANT

__all__ = ["FORMAT", "RULES"]

BATCH = 20_000
_LIST = re.compile(rb'"kind"\s*:\s*"PodList"')
_POD = re.compile(rb'"kind"\s*:\s*"Pod"|"phase"\s*:\s*"')
COLUMNS = (
    "instance_id", "interval_start", "interval_end", "instance_kind", "instance_name", "account", "vcpus", "memory_mib",
    "accelerator_milli", "accelerator_model", "slice_profile", "node", "device_ids", "state",
)  # fmt: skip

RULES: Mapping[str, Texts] = {
    **JSON_RULES,
    "record.pod": (
        "The record is no pod: it has no metadata, or neither spec nor status.",
        "该记录不是容器组（Pod）：没有 metadata，或既无 spec 也无 status。",
    ),
    "interval_start.unreadable": (
        "startTime, a container's startedAt or creationTimestamp is not in the form 2026-03-01T08:00:00Z.",
        "startTime、容器的 startedAt 或 creationTimestamp 不是 2026-03-01T08:00:00Z 的形式。",
    ),
    "interval_end.unreadable": (
        "A container's finishedAt or deletionTimestamp is not in the form 2026-03-01T08:00:00Z.",
        "容器的 finishedAt 或 deletionTimestamp 不是 2026-03-01T08:00:00Z 的形式。",
    ),
    "interval_end.unknown": (
        "The pod has ended, but no container's finishedAt, deletionTimestamp or disruption says when.",
        "容器组已结束，但没有容器的 finishedAt、deletionTimestamp 或中断时间说明何时结束。",
    ),
    "vcpus.unreadable": (
        "A container's cpu is not a quantity such as 500m, 2 or 0.5.",
        "容器的 cpu 不是 500m、2、0.5 这样的数量。",
    ),
    "memory_mib.unreadable": (
        "A container's memory is not a quantity such as 512Mi, 1.5Gi or 1e9.",
        "容器的 memory 不是 512Mi、1.5Gi、1e9 这样的数量。",
    ),
}
OPTIONS = {
    "account_label": "the label whose value is the account; the namespace without it",
    "npu_cores": "AI cores of a whole Ascend card, for shares of it; as its vNPU templates show without it",
}


@dataclass(slots=True)
class _Seen:
    record: Record
    pod: Pod


def sniff(head: bytes) -> bool:
    """Whether the text is JSON with pods in it."""
    return opens_json(head) and bool(_LIST.search(head) or (b'"containers"' in head and _POD.search(head)))


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of instance records; see `base.Format`."""
    cores = context.options.get("npu_cores", "")
    if cores and not (cores.isdecimal() and 0 < int(cores[:6]) <= 1000):
        raise unreadable(RULES, "file.options", f"npu_cores is {cores}, no number of AI cores.")
    require_head(path, RULES, sniff)
    label = context.options.get("account_label") or None
    pods: dict[str, _Seen] = {}
    for records in read_documents(path, RULES, tally, ("items",)):
        faulty: list[Record] = []
        unnamed: list[_Seen] = []
        for record in records:
            document, removed = _object(record, tally)
            if document is None:
                continue
            if not isinstance(document, dict) or not _is_pod(document):
                faulty.append(Record(record.row, record.raw, None, record.fault or "record.pod"))
                continue
            pod = read_pod(
                document, removed=removed, account_label=label, cores=int(cores) if cores else None
            )
            if isinstance(pod, str):
                tally.put_aside(pod, 1)
            else:
                _keep(_Seen(Record(record.row, record.raw, {}), pod), pods, unnamed, tally)
        if faulty:
            yield frame_of(faulty)
        if unnamed:
            yield _frame(unnamed, context.site_id, tally)
    newest = sorted(pods.values(), key=lambda seen: seen.record.row)
    for first in range(0, len(newest), BATCH):
        yield _frame(newest[first : first + BATCH], context.site_id, tally)


def _object(record: Record, tally: Tally) -> tuple[Any, bool]:
    """The object in a record and whether it was removed; None for what is no business of the dataset (booked)."""
    document = record.document
    if document is None:
        return False, False
    event = document.get("type")
    if isinstance(document.get("object"), dict) and isinstance(event, str):
        if event in {"BOOKMARK", "ERROR"}:
            tally.put_aside(f"watch {event.lower()}", 1)
            return None, False
        document = document["object"]
    kind = document.get("kind", "Pod")
    if kind != "Pod":
        tally.put_aside("other kind of object", 1)
        return None, False
    return document, event == "DELETED"


def _is_pod(document: dict[str, Any]) -> bool:
    return isinstance(document.get("metadata"), dict) and any(
        isinstance(document.get(part), dict) for part in ("spec", "status")
    )


def _keep(seen: _Seen, pods: dict[str, _Seen], unnamed: list[_Seen], tally: Tally) -> None:
    """Keeps the newest observation of each pod; the others are folded."""
    identity = text_of(seen.pod.values["instance_id"])
    if identity is None:
        unnamed.append(seen)
        return
    before = pods.get(identity)
    if before is not None:
        tally.folded += 1
        if seen.pod.version < before.pod.version:
            return
    pods[identity] = seen


def _frame(seen: Sequence[_Seen], site_id: str | None, tally: Tally) -> pl.DataFrame:
    types = {"interval_start": INSTANT, "interval_end": INSTANT}
    rows = pl.DataFrame(
        [
            pl.Series("_row", [each.record.row for each in seen], dtype=pl.Int64),
            cut_raw(pl.Series("_raw", [each.record.raw for each in seen], dtype=pl.String)),
            pl.Series("site_id", [site_id] * len(seen), dtype=pl.String),
            *(
                pl.Series(
                    name, [each.pod.values.get(name) for each in seen], dtype=types.get(name, pl.String())
                )
                for name in COLUMNS
            ),
        ]
    )
    for rule in dict.fromkeys(rule for each in seen for rule in each.pod.faults):
        rows = flag(rows, rule, pl.Series([rule in each.pod.faults for each in seen], dtype=pl.Boolean))
    for each in seen:
        for label in each.pod.labels:
            tally.label(label, 1)
    return rows


FORMAT = Format("kubernetes_pods", ("instance_records",), OPTIONS, sniff, read, RULES)
