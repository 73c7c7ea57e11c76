"""One pod as an instance record: who holds what, from when until when.

A pod holds its effective requests from startTime, when a kubelet took it, to the end of its last container; restarts of
containers in between change nothing. What a pod holds in the end is known only when its phase says so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipelines.formats.instants import instant
from pipelines.formats.json_records import at, text_of
from pipelines.formats.kubernetes_pods.devices import MILLI, devices, product_of
from pipelines.formats.kubernetes_pods.quantities import NANO, Amounts, effective, quantity, requested

_MIB = NANO << 20
_GONE = {"Succeeded": "SUCCEEDED", "Failed": "FAILED"}
_GPU = re.compile(r"(?:GPU|MIG)-[0-9a-fA-F-]{36}")
_MIRROR = "kubernetes.io/config.mirror"


@dataclass
class Pod:
    """The record of a pod by column, the format's rules that it breaks, what is remarkable, and its version."""

    values: dict[str, str | datetime | None]
    faults: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    version: int = -1


def read_pod(
    document: dict[str, Any], *, removed: bool, account_label: str | None, cores: int | None
) -> Pod | str:
    """A pod's record; the reason for setting it aside where it never held anything. `removed`: a watch saw it go."""
    metadata = _mapping(document.get("metadata"))
    annotations = _texts(metadata.get("annotations"))
    labels = _texts(metadata.get("labels"))
    namespace = text_of(metadata.get("namespace"))
    name = text_of(metadata.get("name"))
    account = labels.get(account_label) if account_label else namespace
    identity = annotations.get(_MIRROR) or text_of(metadata.get("uid"))
    pod = Pod({"instance_kind": "pod", "instance_name": name, "account": account or None})
    pod.values["instance_id"] = identity or (f"{namespace}/{name}" if namespace and name else None)
    pod.values["node"] = text_of(at(document, "spec", "nodeName")) or None
    version = text_of(metadata.get("resourceVersion")) or ""
    pod.version = int(version) if version.isdecimal() and version.isascii() and len(version) < 40 else -1
    reason = _interval(pod, document, metadata, removed=removed)
    if reason is None and pod.values["state"] != "PENDING":
        _resources(pod, _mapping(document.get("spec")), annotations, cores)
    return reason or pod


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> dict[str, str]:
    return {key: text_of(each) or "" for key, each in _mapping(value).items()}


def _interval(
    pod: Pod, document: dict[str, Any], metadata: Mapping[str, Any], *, removed: bool
) -> str | None:
    """Fills in the interval and the state; the reason for setting the pod aside."""
    status = _mapping(document.get("status"))
    phase = text_of(status.get("phase")) or ""
    spans = _Spans(status)
    start = _first(pod, "interval_start", [status.get("startTime")]) or spans.started
    deleted = _first(pod, "interval_end", [metadata.get("deletionTimestamp")])
    pod.faults += spans.faults
    ended = phase in _GONE or removed or deleted is not None
    if start is None and not pod.faults:
        if ended:
            return "pod that ended before it started"
        start = _first(pod, "interval_start", [metadata.get("creationTimestamp")])
        pod.values |= {"interval_start": start, "interval_end": None, "state": "PENDING", "node": None}
        return None
    end = None
    if ended:
        end = spans.end(all_of_them=phase not in _GONE) or deleted
        if end is not None and end == deleted and phase not in _GONE:
            pod.labels.append("deleted pod whose end is the deadline of its deletion")
        end = end or spans.disrupted
        if end is None and not pod.faults:
            pod.faults.append("interval_end.unknown")
    state = _GONE.get(phase, "DELETED" if ended else "RUNNING")
    pod.values |= {"interval_start": start, "interval_end": end, "state": state}
    return None


def _first(pod: Pod, column: str, sent: list[Any]) -> datetime | None:
    """The first of several times; a text that is none breaks a rule of the column."""
    for value in sent:
        found, readable = instant(text_of(value))
        if not readable:
            pod.faults.append(f"{column}.unreadable")
        if found is not None:
            return found
    return None


class _Spans:
    """When a pod's containers started and finished, by its status."""

    def __init__(self, status: Mapping[str, Any]) -> None:
        self.faults: list[str] = []
        self.running = 0
        self.finished: list[datetime] = []
        begun: list[datetime] = []
        for name in ("containerStatuses", "initContainerStatuses"):
            statuses = status.get(name)
            for each in statuses if isinstance(statuses, list) else []:
                state = at(each, "state", "terminated")
                begun += self._times(
                    "interval_start", at(state, "startedAt"), at(each, "state", "running", "startedAt")
                )
                self.finished += self._times("interval_end", at(state, "finishedAt"))
                self.running += isinstance(at(each, "state", "running"), dict)
        conditions = status.get("conditions")
        known = (
            {at(each, "type"): each for each in conditions if isinstance(each, dict)}
            if isinstance(conditions, list)
            else {}
        )
        self.started = min(begun, default=None) or self._condition(
            known.get("PodScheduled"), "interval_start"
        )
        self.disrupted = self._condition(known.get("DisruptionTarget"), "interval_end")

    def end(self, *, all_of_them: bool) -> datetime | None:
        """When the last container finished; None while one may still run, if `all_of_them` have to be through."""
        return None if all_of_them and self.running else max(self.finished, default=None)

    def _condition(self, condition: Any, column: str) -> datetime | None:
        if at(condition, "status") not in {"True", True}:
            return None
        return next(iter(self._times(column, at(condition, "lastTransitionTime"))), None)

    def _times(self, column: str, *sent: Any) -> list[datetime]:
        found = []
        for value in sent:
            moment, readable = instant(text_of(value))
            if not readable:
                self.faults.append(f"{column}.unreadable")
            if moment is not None:
                found.append(moment)
        return found


def _resources(pod: Pod, spec: Mapping[str, Any], annotations: Mapping[str, str], cores: int | None) -> None:
    """Fills in what the pod holds; nothing where its containers were not sent."""
    containers = spec.get("containers")
    if not isinstance(containers, list):
        return
    product = product_of(annotations, _texts(spec.get("nodeSelector")))
    profiles: dict[str, None] = {}
    models: dict[str, None] = {product: None} if product else {}

    def amounts(container: Any) -> Amounts:
        sent = requested(_mapping(container))
        found = devices(sent, product, cores)
        profiles.update(dict.fromkeys(found.profiles))
        if not product:
            models.update(dict.fromkeys(found.models))
        return {name: sent[name] for name in ("cpu", "memory") if name in sent} | {MILLI: found.milli}

    first = spec.get("initContainers")
    inits = (
        [(at(each, "restartPolicy") == "Always", amounts(each)) for each in first]
        if isinstance(first, list)
        else []
    )
    over = {name: quantity(value) for name, value in _mapping(spec.get("overhead")).items()}
    whole = requested(spec)
    total = effective([amounts(each) for each in containers], inits, over, whole)
    claimed = bool(spec.get("resourceClaims"))
    _fill(pod, total, None if claimed else total.get(MILLI, 0))
    if pod.values["accelerator_milli"] is not None and total.get(MILLI):
        pod.values["slice_profile"] = ",".join(profiles) or None
    if total.get(MILLI, 0) != 0 and len(models) == 1:
        pod.values["accelerator_model"] = next(iter(models)).partition("-MIG-")[0].removesuffix("-SHARED")
    real = annotations.get("huawei.com/AscendReal") or ",".join(
        dict.fromkeys(_GPU.findall(annotations.get("hami.io/vgpu-devices-allocated", "")))
    )
    pod.values["device_ids"] = real or None


def _fill(pod: Pod, total: Amounts, milli: int | None) -> None:
    """The amounts as text: processors to the thousandth, memory in whole MiB, both rounded up."""
    cpu, memory = total.get("cpu", 0), total.get("memory", 0)
    if cpu is None or cpu < 0:
        pod.faults.append("vcpus.unreadable")
    else:
        thousandths = -(-cpu // (NANO // 1000))
        pod.values["vcpus"] = f"{thousandths // 1000}.{thousandths % 1000:03}"
    if memory is None or memory < 0:
        pod.faults.append("memory_mib.unreadable")
    else:
        pod.values["memory_mib"] = str(-(-memory // _MIB))
    pod.values["accelerator_milli"] = None if milli is None else str(milli)
