"""Nodes of Slurm's JSON: which pool they are in, what they have, whether they serve, what is refused."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.formats.base import Unreadable
from tests.conftest import REAL_DATA
from tests.formats.reading import read_path, rules
from tests.formats.test_slurm_rest import UNSET, job, read

LIVE, WEB = REAL_DATA / "slurm_live", REAL_DATA / "slurm_rest" / "v0.0.41"
needs_data = pytest.mark.skipif(not LIVE.is_dir(), reason=f"needs the real accounting data in {REAL_DATA}")
POOLS = {"compute_class": "gpu:intelligent,super", "valid_from": "2026-11-20 16:20:00"}


@needs_data
def test_real_nodes_are_capacity() -> None:
    rows, tally = read_path(
        "slurm_rest", "capacity_inventory", WEB / "slurm-nodes.json", {"compute_class": "super"}
    )
    in_service = rows.filter(pl.col("state") == "in_service")
    assert dict(in_service.select("resource_pool", "cores").rows()) == {
        "batch": 5120,
        "debug": 1216,
        "interactive": 64,
    }
    assert in_service["nodes"].sum() == 100
    assert rows.filter(pl.col("state") == "down").select("nodes", "devices", "cores").sum().row(0) == (
        0,
        0,
        0,
    )
    assert str(rows["valid_from"][0]) == "2025-11-17 09:13:10+00:00"
    assert (tally.records_read, tally.labels) == (103, {"state without nodes": 3})
    live, _ = read_path("slurm_rest", "capacity_inventory", LIVE / "rest_nodes.json", POOLS)
    assert live.filter(pl.col("nodes") > 0).select(
        "resource_pool", "model", "nodes", "devices", "cores"
    ).rows() == [
        ("gpu", "h100", 1, 4, 16),
        ("batch", "CPU", 2, 0, 32),
    ]
    with pytest.raises(Unreadable, match="last_update"):
        read_path("slurm_rest", "capacity_inventory", LIVE / "rest_nodes.json", {"compute_class": "super"})


def node(name: str, **changed: Any) -> dict[str, Any]:
    return {"name": name, "cpus": 8, "gres": "", "partitions": ["cpu"], "state": ["IDLE"]} | changed


def pools(path: Path, *nodes: Any, **options: str) -> list[tuple[Any, ...]]:
    rows, _ = read(path, {"nodes": list(nodes)}, "capacity_inventory", **POOLS | options)
    counts = ("resource_pool", "model", "state", "nodes", "devices", "cores")
    return [
        (*row, *broken) for row, broken in zip(rows.select(counts).rows(), rules(rows), strict=True) if row[3]
    ]


@pytest.mark.parametrize(
    ("state", "flags", "means"),
    [
        ("idle", [], "in_service"),
        ("mixed", [], "in_service"),
        ("idle", ["DRAIN"], "down"),
        ("allocated", ["DRAIN"], "in_service"),
        ("down", [], "down"),
        (["DOWN", "NOT_RESPONDING"], None, "down"),
        (["IDLE", "MAINTENANCE"], None, "down"),
        (["IDLE", "POWERED_DOWN", "CLOUD"], None, "in_service"),
        (["ALLOCATED", "COMPLETING"], None, "in_service"),
    ],
)
def test_a_node_serves_or_is_down(tmp_path: Path, state: Any, flags: Any, means: str) -> None:
    assert pools(tmp_path, node("n1", state=state, state_flags=flags)) == [("cpu", "CPU", means, 1, 0, 8)]


def test_pools_and_models_of_nodes(tmp_path: Path) -> None:
    sent = (
        node("a", gres="gpu:a100:4(S:0-1),gpu:h100:2(S:1),shard:8", partitions=["gpu", "all"]),
        node("b", gres="dcu:8"),
        node("c", gres="N/A"),
        node("d", gres="(null)"),
    )
    assert pools(tmp_path, *sent) == [
        ("gpu", "a100+h100", "in_service", 1, 6, 8),
        ("cpu", "dcu", "in_service", 1, 8, 8),
        ("cpu", "CPU", "in_service", 2, 0, 16),
    ]
    assert [row[0] for row in pools(tmp_path, *sent, pool="all")] == ["all"] * 3


def test_a_pool_of_which_a_node_is_not_understood_is_rejected(tmp_path: Path) -> None:
    assert pools(tmp_path, node("a", partitions=[])) == [
        (None, "CPU", "in_service", 1, 0, 8, "resource_pool.unknown")
    ]
    assert pools(tmp_path, node("a"), node("a"))[0][6:] == ("nodes.repeated",)
    assert pools(tmp_path, node("a", cpus=UNSET), node("b", state=["ASLEEP"]))[0][6:] == (
        "cores.unreadable",
        "state.unknown",
    )
    assert pools(tmp_path, node("a", gres="gpu:h100:x"))[0][6:] == ("devices.unreadable",)


def test_nodes_need_a_class_an_instant_and_a_whole_list(tmp_path: Path) -> None:
    whole = {"nodes": [node("a")], "last_update": 1772323200}
    for document, options, rule in (
        (whole, {}, "file.compute_class"),
        ({"nodes": [node("a")]}, {"compute_class": "super"}, "file.observed"),
        ({"nodes": [node("a")]}, {"compute_class": "super", "valid_from": "now"}, "file.options"),
        ({"jobs": [job()], "last_update": 1}, {"compute_class": "super"}, "file.format"),
        (
            json.dumps({"last_update": 1, "nodes": [node("a"), node("b")]})[:-9],
            {"compute_class": "super"},
            "file.cut",
        ),
        (
            {"nodes": [], "errors": [{"error": "no"}], "last_update": 1},
            {"compute_class": "super"},
            "file.answer",
        ),
    ):
        with pytest.raises(Unreadable) as refusal:
            read(tmp_path, document, "capacity_inventory", **options)
        assert refusal.value.rule == rule
    rows, _ = read(tmp_path, whole, "capacity_inventory", compute_class="super", valid_from="2020-01-01")
    assert str(rows["valid_from"][0]) == "2026-03-01 00:00:00+00:00"
