"""Kubernetes pods: what they hold by their requests, and from when until when."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.formats.base import Tally, Unreadable
from pipelines.formats.kubernetes_pods import sniff
from pipelines.formats.kubernetes_pods.quantities import NANO, quantity
from tests.formats.damage import survives
from tests.formats.reading import SAMPLES, read_path, rules

UID = "11111111-1111-4222-8333-444455556666"
DAY = "2026-03-01T"


def container(cpu: str | None = None, memory: str | None = None, **more: Any) -> dict[str, Any]:
    requests = {"cpu": cpu, "memory": memory}
    return {
        "name": "c",
        "resources": {"requests": {key: value for key, value in requests.items() if value}},
    } | more


def pod(
    *containers: dict[str, Any], meta: dict[str, Any] | None = None, phase: str = "Running",
    status: dict[str, Any] | None = None, **spec: Any,
) -> dict[str, Any]:  # fmt: skip
    metadata = {"name": "x", "namespace": "team", "uid": UID, "creationTimestamp": DAY + "07:59:59Z"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata | (meta or {}),
        "spec": {"nodeName": "n1", "containers": list(containers)} | spec,
        "status": {"phase": phase, "startTime": DAY + "08:00:00Z"} | (status or {}),
    }


def read(folder: Path, *objects: Any, **options: str) -> tuple[pl.DataFrame, Tally]:
    path = folder / "pods.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in objects))
    return read_path("kubernetes_pods", "instance_records", path, options)


def cards(folder: Path, limits: dict[str, str], **options: Any) -> tuple[str | None, str | None, str | None]:
    spec = {key: options.pop(key) for key in ("nodeSelector", "resourceClaims") if key in options}
    rows, _ = read(folder, pod({"name": "c", "resources": {"limits": limits}}, **spec), **options)
    return rows.select("accelerator_milli", "slice_profile", "accelerator_model").row(0)


def span(rows: pl.DataFrame) -> tuple[str, str, str]:
    start, end, state = rows.select("interval_start", "interval_end", "state").row(0)
    return f"{start:%H:%M:%S}", f"{end:%H:%M:%S}" if end else "", state


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1", 1), ("250m", Fraction(1, 4)), ("0.5", Fraction(1, 2)), (".5", Fraction(1, 2)), ("2.", 2), ("1k", 1000),
        ("1Ki", 1024), ("1.5Gi", Fraction(3, 2) * 2**30), ("1e3", 1000), ("1E3", 1000), ("5e-1", Fraction(1, 2)),
        ("12E", 12 * 10**18), ("100u", Fraction(1, 10_000)), ("+2", 2), ("-1", -1), ("3Ti", 3 * 2**40), (" 7 ", 7),
    ],
)  # fmt: skip
def test_quantities_are_exact(text: str, amount: Fraction) -> None:
    assert quantity(text) == amount * NANO


@pytest.mark.parametrize(
    "text", ["", ".", "m", "1 Gi", "1ki", "1kb", "two", "1e", "1e999", "0x10", "1,5", "٣", "9" * 40]
)
def test_what_is_no_quantity(text: str) -> None:
    assert quantity(text) is None


def test_finer_than_a_thousand_millionth_is_rounded_up() -> None:
    assert quantity("0.0000000001") == 1
    assert quantity("1.0000000000") == NANO


def test_the_effective_request_is_the_larger_of_both_phases(tmp_path: Path) -> None:
    def held(first: list[dict[str, Any]], **spec: Any) -> tuple[str, str]:
        rows, _ = read(tmp_path, pod(container("1", "1Gi"), container("500m"), initContainers=first, **spec))
        return rows.select("vcpus", "memory_mib").row(0)

    sidecar = container("200m", "100Mi", restartPolicy="Always")
    assert held([]) == ("1.500", "1024")
    assert held([container("1", "2Gi")]) == ("1.500", "2048")
    assert held([container("4"), container("3", "2Gi")]) == ("4.000", "2048")
    assert held([sidecar]) == ("1.700", "1124")
    assert held([sidecar, container("4")]) == ("4.200", "1124")
    assert held([container("4"), sidecar]) == ("4.000", "1124")
    assert held([], overhead={"cpu": "250m", "memory": "1Mi"}) == ("1.750", "1025")
    assert held([], resources={"requests": {"cpu": "3"}}) == ("3.000", "1024")


def test_limits_stand_in_and_nothing_requested_is_nothing_held(tmp_path: Path) -> None:
    limited = {"resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "100m"}}}
    assert read(tmp_path, pod(limited))[0].select("vcpus", "memory_mib").row(0) == ("0.100", "1024")
    assert read(tmp_path, pod({"name": "c"}))[0].select("vcpus", "memory_mib", "accelerator_milli").row(0) == (
        "0.000", "0", "0"
    )  # fmt: skip
    unsaid = pod(meta={"uid": "2"}) | {"spec": {"nodeName": "n"}}
    assert read(tmp_path, pod(), unsaid)[0]["vcpus"].to_list() == ["0.000", None]


def test_whole_cards(tmp_path: Path) -> None:
    assert cards(tmp_path, {"nvidia.com/gpu": "2"}) == ("2000", None, None)
    assert cards(tmp_path, {"huawei.com/Ascend910": "8"}) == ("8000", None, "Ascend910")
    assert cards(tmp_path, {"amd.com/gpu": "1"}) == ("1000", None, None)
    selector = {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}
    assert cards(tmp_path, {"nvidia.com/gpu": "1"}, nodeSelector=selector) == (
        "1000",
        None,
        "NVIDIA-H100-80GB-HBM3",
    )
    assert cards(tmp_path, {"cpu": "1"}, nodeSelector=selector) == ("0", None, None)


def test_slices_of_a_card_never_add_up_to_more(tmp_path: Path) -> None:
    assert cards(tmp_path, {"nvidia.com/mig-1g.10gb": "1"}) == ("142", "1g.10gb", None)
    assert cards(tmp_path, {"nvidia.com/mig-1g.10gb": "7"}) == ("1000", "1g.10gb", None)
    assert cards(tmp_path, {"nvidia.com/mig-3g.40gb": "2"}) == ("857", "3g.40gb", None)
    assert cards(tmp_path, {"nvidia.com/mig-1g.5gb.me": "1"}) == ("142", "1g.5gb.me", None)
    assert cards(tmp_path, {"nvidia.com/mig-1c.3g.20gb": "1"}) == ("142", "1c.3g.20gb", None)
    assert cards(tmp_path, {"nvidia.com/mig-1g.6gb": "1"}) == ("250", "1g.6gb", None)
    assert cards(tmp_path, {"nvidia.com/mig-1g.24gb": "1"}) == (None, None, None)
    pro = {"nvidia.com/gpu.product": "NVIDIA-RTX-PRO-6000-Blackwell"}
    assert cards(tmp_path, {"nvidia.com/mig-1g.24gb": "1"}, nodeSelector=pro)[0] == "250"
    single = {"nvidia.com/gpu.product": "A100-SXM4-40GB-MIG-1g.5gb"}
    assert cards(tmp_path, {"nvidia.com/gpu": "1"}, nodeSelector=single) == (
        "142",
        "1g.5gb",
        "A100-SXM4-40GB",
    )


def test_virtual_npus(tmp_path: Path) -> None:
    assert cards(tmp_path, {"huawei.com/Ascend310P-2c": "1"}) == ("250", "vir02", "Ascend310P")
    assert cards(tmp_path, {"huawei.com/Ascend910-16c": "1"}) == ("500", "vir16", "Ascend910")
    assert cards(tmp_path, {"huawei.com/Ascend910-16c": "1"}, npu_cores="30") == ("533", "vir16", "Ascend910")
    assert cards(tmp_path, {"huawei.com/Ascend910-10c.3cpu.16g": "1"}) == ("500", "vir10_3c_16g", "Ascend910")
    assert cards(tmp_path, {"huawei.com/Ascend910-7c": "1"}) == (None, None, "Ascend910")
    assert cards(tmp_path, {"huawei.com/Ascend910B": "1", "huawei.com/Ascend910B-memory": "8192"})[0] is None


def test_shares_by_percent(tmp_path: Path) -> None:
    hami = {"nvidia.com/gpu": "2", "nvidia.com/gpumem": "3000"}
    assert cards(tmp_path, hami)[0] is None
    assert cards(tmp_path, hami | {"nvidia.com/gpucores": "30"})[0] == "600"
    assert cards(tmp_path, {"nvidia.com/gpu": "1", "nvidia.com/gpumem-percentage": "50"})[0] == "500"
    assert cards(tmp_path, {"nvidia.com/gpu": "1", "nvidia.com/gpucores": "130"})[0] is None
    assert cards(tmp_path, {"volcano.sh/vgpu-number": "1", "volcano.sh/vgpu-cores": "25"})[0] == "250"
    assert cards(tmp_path, {"volcano.sh/vgpu-number": "1", "volcano.sh/vgpu-memory": "3000"})[0] is None
    assert cards(tmp_path, {"volcano.sh/vgpu-number": "3"})[0] == "3000"
    assert cards(tmp_path, {"tencent.com/vcuda-core": "40", "tencent.com/vcuda-memory": "8"})[0] == "400"


def test_what_cannot_be_known_is_no_zero(tmp_path: Path) -> None:
    assert cards(tmp_path, {"nvidia.com/gpu.shared": "1"}) == (None, None, None)
    assert cards(tmp_path, {"example.com/accelerator": "1"})[0] is None
    assert cards(tmp_path, {"nvidia.com/gpu": "many"})[0] is None
    assert cards(tmp_path, {"cpu": "1"}, resourceClaims=[{"name": "gpu"}])[0] is None
    shared = {"nvidia.com/gpu.product": "Tesla-T4-SHARED"}
    assert cards(tmp_path, {"nvidia.com/gpu": "1"}, nodeSelector=shared) == (None, None, "Tesla-T4")
    for other in (
        "ephemeral-storage",
        "hugepages-2Mi",
        "rdma/hca",
        "devices.kubevirt.io/kvm",
        "intel.com/sriov_net",
    ):
        assert cards(tmp_path, {other: "1"})[0] == "0"


def terminated(start: str, end: str) -> dict[str, Any]:
    return {"state": {"terminated": {"startedAt": DAY + start, "finishedAt": DAY + end}}}


def test_an_interval_ends_with_the_last_container(tmp_path: Path) -> None:
    statuses = [terminated("08:00:05Z", "08:30:00Z"), terminated("08:00:05Z", "08:40:00Z")]
    for phase, state in (("Succeeded", "SUCCEEDED"), ("Failed", "FAILED")):
        rows, _ = read(tmp_path, pod(phase=phase, status={"containerStatuses": statuses}))
        assert span(rows) == ("08:00:00", "08:40:00", state)
    rows, _ = read(tmp_path, pod(status={"containerStatuses": [statuses[0], {"state": {"running": {}}}]}))
    assert span(rows) == ("08:00:00", "", "RUNNING")
    rows, _ = read(tmp_path, pod(status={"containerStatuses": statuses}))
    assert span(rows) == ("08:00:00", "", "RUNNING"), "all containers ended, and one is started again"


def test_a_deleted_pod_ends_by_its_containers_or_by_the_deadline(tmp_path: Path) -> None:
    meta = {"deletionTimestamp": DAY + "09:00:30Z"}
    running = {"containerStatuses": [{"state": {"running": {"startedAt": DAY + "08:00:05Z"}}}]}
    rows, tally = read(tmp_path, pod(meta=meta, status=running))
    assert span(rows) == ("08:00:00", "09:00:30", "DELETED")
    assert sum(tally.labels.values()) == 1
    rows, tally = read(
        tmp_path, pod(meta=meta, status={"containerStatuses": [terminated("08:00:05Z", "09:00:10Z")]})
    )
    assert span(rows) == ("08:00:00", "09:00:10", "DELETED")
    assert not tally.labels


def test_an_evicted_pod_ends_with_its_disruption_or_is_flagged(tmp_path: Path) -> None:
    condition = {"type": "DisruptionTarget", "status": "True", "lastTransitionTime": DAY + "10:00:00Z"}
    rows, _ = read(tmp_path, pod(phase="Failed", status={"reason": "Evicted", "conditions": [condition]}))
    assert span(rows) == ("08:00:00", "10:00:00", "FAILED")
    rows, _ = read(tmp_path, pod(phase="Failed", status={"reason": "Evicted"}))
    assert rules(rows) == [["interval_end.unknown"]]


def test_a_pod_that_waits_holds_nothing(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, pod(container("1"), phase="Pending", status={"startTime": None}))
    assert span(rows) == ("07:59:59", "", "PENDING")
    assert rows["vcpus"].to_list() == [None]
    rows, _ = read(tmp_path, pod(container("1"), phase="Pending"))
    assert span(rows) == ("08:00:00", "", "RUNNING"), "the kubelet has taken it and pulls its images"
    rows, tally = read(tmp_path, pod(phase="Failed", status={"startTime": None}))
    assert rows.is_empty()
    assert tally.set_aside == {"pod that ended before it started": 1}


def test_the_newest_version_counts_whatever_the_order(tmp_path: Path) -> None:
    old = pod(container("1"), meta={"resourceVersion": "99"})
    new = pod(container("2"), meta={"resourceVersion": "100"})
    for objects in (
        [old, new],
        [new, old],
        [{"type": "MODIFIED", "object": new}, {"type": "ADDED", "object": old}],
    ):
        rows, tally = read(tmp_path, *objects)
        assert rows["vcpus"].to_list() == ["2.000"]
        assert tally.folded == 1


def test_a_static_pod_keeps_its_identity(tmp_path: Path) -> None:
    first = pod(meta={"uid": "a", "annotations": {"kubernetes.io/config.mirror": "hash"}})
    second = pod(meta={"uid": "b", "annotations": {"kubernetes.io/config.mirror": "hash"}})
    assert read(tmp_path, first, second)[0]["instance_id"].to_list() == ["hash"]


def test_lists_and_other_kinds(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    bare = {key: value for key, value in pod(container("1")).items() if key not in {"kind", "apiVersion"}}
    path.write_text(
        json.dumps(
            {"kind": "PodList", "items": [bare, {"metadata": {}, "spec": {}, "kind": "Node"}]}, indent=2
        )
    )
    rows, tally = read_path("kubernetes_pods", "instance_records", path)
    assert rows["account"].to_list() == ["team"]
    assert tally.set_aside == {"other kind of object": 1}
    path.write_text('{"kind": "PodList", "apiVersion": "v1", "items": []}')
    assert read_path("kubernetes_pods", "instance_records", path)[0].is_empty()


def test_the_account_may_be_a_label(tmp_path: Path) -> None:
    labelled = pod(meta={"labels": {"tenant": "t1"}})
    assert read(tmp_path, labelled, account_label="tenant")[0]["account"].to_list() == ["t1"]
    assert read(tmp_path, pod(), account_label="tenant")[0]["account"].to_list() == [None]
    with pytest.raises(Unreadable):
        read(tmp_path, pod(), npu_cores="many")


def test_times_that_are_none_are_flagged(tmp_path: Path) -> None:
    rows, _ = read(
        tmp_path, pod(status={"startTime": "soon"}), pod(meta={"uid": "2", "deletionTimestamp": 5.5})
    )
    assert sorted(rules(rows)[0]) == ["interval_start.unreadable"]


def test_what_is_no_pod_is_not_sniffed() -> None:
    event = {"kind": "Event", "involvedObject": {"kind": "Pod"}, "message": "x"}
    deployment = {"kind": "Deployment", "spec": {"template": {"spec": {"containers": []}}}}
    assert not any(sniff(json.dumps(each).encode()) for each in (event, deployment, [], {}))
    assert sniff(json.dumps(pod(container("1"))).encode())


def test_damage_is_survived(tmp_path: Path) -> None:
    sample = SAMPLES / "kubernetes_pods" / "sample.instance_records.jsonl"
    assert survives("kubernetes_pods", "instance_records", sample, tmp_path) > 30
