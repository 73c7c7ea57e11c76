"""Daily snapshots of a cluster's pods, one object per line: those that run or wait, or ended since the last one."""

from datetime import date
from decimal import Decimal

from pipelines.simulate.clock import DAY, day_start, days_between, utc_text
from pipelines.simulate.events import Events
from pipelines.simulate.feeds.pods import SITE, Cluster, Pod
from pipelines.simulate.feeds.records import RecordFact, fact
from pipelines.simulate.feeds.wire import feed_of
from pipelines.simulate.parcels import Parcel, Row

WIRE = "kubernetes_pods"
PRODUCT = "NVIDIA-L20"
TAKEN = 300
"""Seconds after midnight at which the day's snapshot is taken."""


def kubernetes(events: Events, pods: Cluster) -> dict[date, Parcel]:
    """The snapshot of every business day."""
    wire, options = feed_of(events.world, SITE, "instance_records", WIRE)
    snapshots: dict[date, Parcel] = {}
    for day in days_between(events.world.params.first_day, events.world.params.last_day):
        since, taken = day_start(day) + TAKEN, day_start(day) + DAY + TAKEN
        snapshots[day] = Parcel(
            source=SITE,
            dataset="instance_records",
            format=wire,
            options=options,
            name=f"pods_{day:%Y%m%d}.jsonl",
            header="",
            rows=tuple(written(_seen(pod, taken)) for pod in pods.pods if _shown(pod, since, taken)),
            write=written,
        )
    return snapshots


def _shown(pod: Pod, since: int, taken: int) -> bool:
    """Whether a snapshot shows the pod; one that waits for long is not there any more."""
    if pod.created >= taken or (pod.ended is not None and pod.ended <= since):
        return False
    return pod.started is not None or taken - pod.created < DAY // 2


def _seen(pod: Pod, taken: int) -> RecordFact:
    """The pod as it stands at an instant. One that waits holds nothing yet."""
    common = {"site_id": SITE, "instance_id": pod.uid, "instance_kind": "pod", "instance_name": pod.name}
    if pod.started is None or pod.started > taken:
        waits = {"interval_start": utc_text(pod.created), "state": "PENDING", "account": pod.namespace}
        return fact("instance_records", pod, **common, **waits)
    ended = pod.ended is not None and pod.ended <= taken
    return fact(
        "instance_records",
        pod,
        **common,
        interval_start=utc_text(pod.started),
        interval_end=utc_text(pod.ended) if ended and pod.ended is not None else "",
        account=pod.namespace,
        vcpus=_cores(pod.milli_cpu),
        memory_mib=str(pod.mib),
        accelerator_milli="" if pod.sliced else str(pod.card_count * pod.percent * 10),
        accelerator_model=PRODUCT if pod.card_count else "",
        node=pod.node,
        device_ids="" if pod.sliced else pod.device,
        state=("FAILED" if pod.failing else "SUCCEEDED") if ended else "RUNNING",
    )


def _cores(milli_cpu: int) -> str:
    whole, part = divmod(milli_cpu, 1000)
    return f"{whole}.{part:03d}".rstrip("0").rstrip(".")


def written(record: RecordFact) -> Row:
    """A pod object, as `kubectl get pods -o json` has it."""
    pod: Pod = record.native
    milli = int(Decimal(record["vcpus"] or 0) * 1000) or pod.milli_cpu
    requests = f'"cpu":"{milli}m","memory":"{pod.mib}Mi"'
    limits = f'{requests},"nvidia.com/gpu":"{pod.card_count}"' if pod.card_count else requests
    product = f"{PRODUCT}-SHARED" if pod.sliced else PRODUCT
    selector = f'"nodeSelector":{{"nvidia.com/gpu.product":"{product}"}},' if pod.card_count else ""
    notes = ""
    if record["device_ids"]:
        limits += f',"nvidia.com/gpucores":"{pod.percent}"'
        given = f"{pod.device},NVIDIA,{49140 * pod.percent // 100},{pod.percent}:;"
        notes = f',"annotations":{{"hami.io/vgpu-devices-allocated":"{given}"}}'
    node = f'"nodeName":"{record["node"]}",' if record["node"] else ""
    text = (
        f'{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{pod.name}","namespace":"{record["account"]}",'
        f'"uid":"{pod.uid}","resourceVersion":"{pod.created % 10**8 + len(record["state"])}",'
        f'"creationTimestamp":"{utc_text(pod.created)}","labels":{{"app":"{pod.name.rpartition("-")[0]}"}}{notes}}},'
        f'"spec":{{"containers":[{{"name":"main","image":"registry.example/ai/{pod.name[:3]}:1.4",'
        f'"resources":{{"requests":{{{requests}}},"limits":{{{limits}}}}}}}],{selector}{node}'
        f'"restartPolicy":"Never","schedulerName":"default-scheduler"}},"status":{{{_status(record, pod)}}}}}'
    )
    return Row(text, record)


def _status(record: RecordFact, pod: Pod) -> str:
    state, start, end = record["state"], record["interval_start"], record["interval_end"]
    if state == "PENDING":
        return (
            '"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable",'
            f'"lastTransitionTime":"{start}"}}],"qosClass":"Guaranteed"'
        )
    code = 137 if pod.failing else 0
    ended = (
        f'{{"terminated":{{"exitCode":{code},"reason":"{"Error" if code else "Completed"}","startedAt":"{start}",'
        f'"finishedAt":"{end}"}}}}'
    )
    container = ended if end else f'{{"running":{{"startedAt":"{start}"}}}}'
    return (
        f'"phase":"{state.capitalize()}","startTime":"{start}","containerStatuses":[{{"name":"main",'
        f'"restartCount":0,"state":{container}}}],"qosClass":"Guaranteed"'
    )
