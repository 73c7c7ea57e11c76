"""Traces and counts of AI clusters, and a node's power: what they say, what they do not, and the real files' totals."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data_contracts.contract import load_contract
from data_contracts.rules import apply_rules, broken_column
from pipelines.formats import FORMATS
from pipelines.formats.base import Tally, Unreadable
from tests.conftest import REAL_DATA
from tests.formats.damage import damaged, survives
from tests.formats.reading import SAMPLES, read_path, rules

AI, FACILITY = REAL_DATA / "ai_cluster", REAL_DATA / "facility"
needs_data = pytest.mark.skipif(not AI.is_dir(), reason=f"needs the real traces in {REAL_DATA}")
EPOCH = {"epoch": "2020-05-01 00:00:00"}
POOL = {"compute_class": "intelligent", "model": "v100", "cards_per_node": "8", "cores_per_node": "64"}
TRACE = "job_id,num_gpu,submit_time,duration,iterations"
MINUTES = "time,running_gpu_num,idle_gpu_num,total_gpu_num"
POWER = "name\ttimestamp\tpowerave\ttempave\tutilave"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def judged(name: str, dataset: str, path: Path, **options: str) -> tuple[pl.DataFrame, Tally]:
    """Rows as the contract takes them, with the rules that they broke in the column `rules`."""
    rows, tally = read_path(name, dataset, path, options)
    contract = load_contract(dataset)
    extra = [column[1:] for column in rows.columns if column.startswith("!")]
    found = apply_rules(rows, contract, extra)
    return found.with_columns(broken_column(found, contract, extra)), tally


def read(
    folder: Path, name: str, dataset: str, text: str, options: dict[str, str] | None = None, **known: Any
) -> tuple[pl.DataFrame, Tally]:
    target = folder / "sent.csv"
    target.write_text(text)
    return read_path(name, dataset, target, options, **known)


@needs_data
def test_a_trace_says_too_little_of_its_jobs_by_itself() -> None:
    rows, tally = judged("gpu_trace", "job_records", AI / "gpu_jobs_muri_trace2.csv", **EPOCH)
    assert (tally.records_read, rows.height) == (5755, 5755)
    assert rows["rules"].unique().to_list() == ["row.start_known"]


@needs_data
def test_a_trace_is_whole_with_what_its_feed_says_of_all_jobs() -> None:
    said = EPOCH | {"started": "submission", "cores_per_card": "8"}
    rows, _ = judged("gpu_trace", "job_records", AI / "gpu_jobs_muri_trace2.csv", **said)
    assert (rows.height, rows["rules"].unique().to_list()) == (5755, [""])
    assert (rows["accelerators"] * rows["elapsed_s"]).sum() == 2_966_695_253
    assert dict(rows["accelerators"].value_counts().rows()) == {
        1: 2335,
        8: 1825,
        4: 937,
        16: 424,
        2: 171,
        32: 63,
    }
    assert (rows["cpu_cores"] == rows["accelerators"] * 8).all()
    assert (
        rows["user"].null_count() == rows["account"].null_count() == rows["memory_mib"].null_count() == 5755
    )


def test_times_of_a_trace_count_from_its_zero(tmp_path: Path) -> None:
    said = {"epoch": "2026-03-01T00:00:00Z", "started": "submission"}
    rows, _ = read(tmp_path, "gpu_trace", "job_records", f"{TRACE}\n0,2,1500,3000,1\n", said)
    row = rows.row(0, named=True)
    assert row["submit_time"] == row["start_time"] == utc(2026, 3, 1, 0, 0, 1, 500000)
    assert row["end_time"] == utc(2026, 3, 1, 0, 0, 4, 500000)
    assert (row["elapsed_s"], row["cpu_cores"], row.get("user")) == (3, None, None)


def test_what_a_trace_says_wrong_is_named(tmp_path: Path) -> None:
    text = f"{TRACE}\n0,2,x,3000,1\n1,2,5,-1,1\n2,2,5,1500,1\n3,many,5,1000,1\n4,2,5\n"
    rows, tally = read(tmp_path, "gpu_trace", "job_records", text, EPOCH | {"cores_per_card": "4"})
    assert rules(rows) == [
        ["submit_time.unreadable"],
        ["elapsed_s.unreadable"],
        ["elapsed_s.fraction"],
        [],
        ["record.fields"],
    ]
    assert rows["accelerators"].to_list() == ["2", "2", "2", "many", None]
    assert rows["cpu_cores"].to_list() == [8, 8, 8, None, None]
    assert tally.records_read == 5


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({}, "file.epoch"),
        ({"epoch": "once"}, "file.epoch"),
        (EPOCH | {"started": "later"}, "file.options"),
        (EPOCH | {"cores_per_card": "many"}, "file.options"),
    ],
)
def test_a_trace_needs_its_zero(tmp_path: Path, options: dict[str, str], rule: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(tmp_path, "gpu_trace", "job_records", f"{TRACE}\n0,2,1500,3000,1\n", options)
    assert refusal.value.rule == rule


@needs_data
def test_minutes_of_a_real_cluster() -> None:
    path = AI / "cluster_sequence_vc6YE.csv"
    rows, tally = judged("cluster_minutes", "instance_records", path, cluster="vc6YE", model="v100")
    assert (tally.records_read, rows.height, tally.folded) == (44_640, 44_640, 0)
    assert rows["rules"].unique().to_list() == [""]
    assert rows["accelerator_milli"].sum() == 8_381_023_000
    assert (rows["interval_end"] - rows["interval_start"]).unique().dt.total_seconds().to_list() == [60]
    assert rows["interval_start"].min() == utc(2020, 4, 30, 16)
    assert rows["vcpus"].null_count() == rows.height


@needs_data
def test_a_total_that_does_not_change_is_one_statement() -> None:
    rows, tally = judged("cluster_minutes", "capacity_inventory", AI / "cluster_sequence_vc6YE.csv", **POOL)
    assert rows.select("devices", "nodes", "cores", "rules").rows() == [(208, 26, 1664, "")]
    assert (tally.records_read, tally.folded) == (44_640, 44_639)


@needs_data
def test_the_pools_of_a_real_cluster_by_the_day() -> None:
    rows, tally = judged("cluster_minutes", "capacity_inventory", AI / "Earth_gpu_number.csv", **POOL)
    assert tally.records_read == 181 * 25
    assert tally.folded == 181 * 25 - rows.height
    assert rows["rules"].unique().to_list() == [""]
    ours = rows.filter(pl.col("resource_pool") == "vc6YE").sort("valid_from")
    assert ours["devices"].unique(maintain_order=True).to_list()[:1] == [128]
    days = pl.DataFrame({"day": [utc(2020, 3, 31, 16) + timedelta(days=day) for day in range(181)]})
    held = (
        days.join(rows.select("resource_pool").unique(), how="cross")
        .sort("day")
        .join_asof(
            rows.sort("valid_from"),
            left_on="day",
            right_on="valid_from",
            by="resource_pool",
            check_sortedness=False,
        )
    )
    assert (held.height, held["devices"].sum()) == (181 * 25, 180_576)


def test_cards_that_do_not_add_up_are_rejected(tmp_path: Path) -> None:
    text = f"{MINUTES}\n2026-03-01 00:00:00,5,3,8\n2026-03-01 00:01:00,5,2,8\n2026-03-01 00:02:00,5,,8\nnever,5,3,8\n"
    broken = [[], ["cards.contradiction"], ["cards.unreadable"], ["time.unreadable"]]
    rows, _ = read(tmp_path, "cluster_minutes", "instance_records", text)
    assert rules(rows) == broken
    rows, tally = read(tmp_path, "cluster_minutes", "capacity_inventory", text, POOL)
    assert rules(rows) == broken
    assert (tally.records_read, tally.folded) == (4, 0)


def test_a_pool_is_stated_where_it_changes(tmp_path: Path) -> None:
    days = ("03-01,8,0,8", "03-02,8,16,24", "", "03-02,16,16,32", "03-04,9,16,25", "03-05,8")
    text = "date,a,b,total\n" + "".join(f"2026-{day}\n" if day else "\n" for day in days)
    rows, tally = read(tmp_path, "cluster_minutes", "capacity_inventory", text, POOL)
    assert [(*row, *broken) for row, broken in zip(
        rows.select("_row", "resource_pool", "devices").rows(), rules(rows), strict=True
    )] == [
        (7, None, None, "record.fields"),
        (2, "a", 8),
        (2, "b", 0),
        (3, "b", 16),
        (5, "a", 16, "time.order"),
        (5, "b", 16, "time.order"),
        (6, "a", 9, "nodes.fraction"),
    ]  # fmt: skip
    assert (tally.records_read, tally.folded, tally.set_aside) == (10, 2, {"blank line": 1})


def test_counts_of_cards_are_no_capacity_without_the_rest(tmp_path: Path) -> None:
    text = "date,a,total\n2026-03-01,8,8\n"
    with pytest.raises(Unreadable, match="model, cards_per_node, cores_per_node"):
        read(tmp_path, "cluster_minutes", "capacity_inventory", text, {"compute_class": "intelligent"})
    with pytest.raises(Unreadable, match="cards_per_node is 0"):
        read(tmp_path, "cluster_minutes", "capacity_inventory", text, POOL | {"cards_per_node": "0"})
    with pytest.raises(Unreadable, match="header"):
        read(tmp_path, "cluster_minutes", "instance_records", text, POOL)


@needs_data
def test_hours_of_a_real_node() -> None:
    path = FACILITY / "gpu_node_hourly_power.tsv"
    rows, tally = judged("node_power", "device_samples", path, time_zone="America/New_York")
    assert (tally.records_read, rows.height) == (15_282, 15_277)
    assert tally.set_aside == {"trailer of the query tool": 2, "blank line": 3}
    assert tally.labels == {"ambiguous local time": 1}
    assert rows["rules"].unique().to_list() == [""]
    assert rows["power_w"].sum() == Decimal("2257355.155626")
    assert rows["sampled_at"].n_unique() == rows.height
    assert rows["sampled_at"].min() == utc(2024, 1, 20, 15)
    assert rows["sampled_at"].max() == utc(2025, 10, 20, 18)
    for local, instant in (
        ("2024-03-10 00:00", utc(2024, 3, 10, 5)),
        ("2024-03-10 03:00", utc(2024, 3, 10, 7)),
        ("2024-11-03 00:00", utc(2024, 11, 3, 4)),
        ("2024-11-03 01:00", utc(2024, 11, 3, 5)),
        ("2024-11-03 02:00", utc(2024, 11, 3, 7)),
        ("2025-03-09 03:00", utc(2025, 3, 9, 7)),
    ):
        found = rows.filter(pl.col("_raw").str.contains(f"\t{local}:00", literal=True))["sampled_at"]
        assert found.to_list() == [instant]


def power(*times: str, node: str = "n1") -> str:
    return "".join(f"{node}\t{time}\t50\t36\t0\n" for time in times)


UP = [f"2026-11-01 {clock}" for clock in ("00:30", "01:00", "01:30", "01:00", "01:30", "02:00")]
TWICE = [utc(2026, 11, 1, 4, 30) + timedelta(minutes=30 * half) for half in range(6)]


@pytest.mark.parametrize("falling", [False, True])
def test_an_hour_that_comes_twice_is_decided_by_the_order(tmp_path: Path, *, falling: bool) -> None:
    times = [f"{time}:00.000" for time in (UP[::-1] if falling else UP)]
    rows, tally = read(
        tmp_path,
        "node_power",
        "device_samples",
        f"{POWER}\n{power(*times)}",
        {"time_zone": "America/New_York"},
    )
    assert rows["sampled_at"].to_list() == (TWICE[::-1] if falling else TWICE)
    assert tally.labels == {}


def test_an_hour_whose_order_proves_nothing_is_labelled(tmp_path: Path) -> None:
    zone = {"time_zone": "America/New_York"}
    once = power(*(f"{time}:00" for time in (UP[0], UP[1], UP[5])))
    rows, tally = read(tmp_path, "node_power", "device_samples", f"{POWER}\n{once}", zone)
    assert (rows["sampled_at"].to_list(), tally.labels) == (
        [TWICE[0], TWICE[1], TWICE[5]],
        {"ambiguous local time": 1},
    )
    alone = power("2026-11-01 01:00:00", "2026-11-01 01:00:00")
    rows, tally = read(tmp_path, "node_power", "device_samples", f"{POWER}\n{alone}", zone)
    assert tally.labels == {"ambiguous local time": 2}


def test_two_nodes_do_not_decide_for_each_other(tmp_path: Path) -> None:
    text = "".join(power(f"{time}:00", node=node) for time in (UP[0], UP[1], UP[5]) for node in ("n1", "n2"))
    rows, tally = read(
        tmp_path, "node_power", "device_samples", f"{POWER}\n{text}", {"time_zone": "America/New_York"}
    )
    assert tally.labels == {"ambiguous local time": 2}
    assert rows["sampled_at"].to_list() == [TWICE[i] for i in (0, 0, 1, 1, 5, 5)]


def test_times_that_a_clock_change_skips_are_rejected(tmp_path: Path) -> None:
    text = f"{POWER}\n{power('2026-03-08 02:30:00', 'noon', '2026-03-08 03:00:00')}"
    rows, _ = read(tmp_path, "node_power", "device_samples", text, {"time_zone": "America/New_York"})
    assert rules(rows) == [["sampled_at.nonexistent"], ["sampled_at.unreadable"], []]


def test_means_are_rounded_half_up_and_words_stay(tmp_path: Path) -> None:
    text = f"{POWER}\nn1\t2026-03-01 00:00:00\t50.1234565\tNULL\tlow\n"
    row = read(tmp_path, "node_power", "device_samples", text)[0].row(0, named=True)
    assert (row["power_w"], row["temperature_c"], row["utilisation_pct"]) == ("50.123457", None, "low")


@pytest.mark.parametrize(
    ("trailer", "labels"),
    [
        ("(2 rows affected)", {}),
        ("(5 rows affected)", {"rows fewer than the trailer says": 3}),
        ("(1 row affected)", {"rows more than the trailer says": 1}),
        ("", {}),
    ],
)
def test_the_trailer_counts_the_rows(tmp_path: Path, trailer: str, labels: dict[str, int]) -> None:
    rows = power("2026-03-01 01:00:00", "2026-03-01 00:00:00")
    text = f"{POWER}\n----\t---------\t---\t---\t---\n{rows}\n{trailer}\n\nCompletion time: 2026-03-01T02:00:00\n"
    found, tally = read(tmp_path, "node_power", "device_samples", text)
    assert (found.height, tally.labels) == (2, labels)
    assert tally.set_aside["trailer of the query tool"] == (3 if trailer else 2)


@needs_data
def test_real_files_are_recognised_by_their_own_format_alone() -> None:
    for path, name in (
        (AI / "gpu_jobs_muri_trace2.csv", "gpu_trace"),
        (AI / "cluster_sequence_vc6YE.csv", "cluster_minutes"),
        (AI / "Earth_gpu_number.csv", "cluster_minutes"),
        (FACILITY / "gpu_node_hourly_power.tsv", "node_power"),
    ):
        with path.open("rb") as stream:
            head = stream.read(65536)
        assert [other for other, each in FORMATS.items() if each.sniff(head)] == [name]


@pytest.mark.parametrize(
    ("name", "dataset"),
    [
        ("node_power", "device_samples"),
        ("cluster_minutes", "instance_records"),
        ("slurm_rest", "job_records"),
    ],
)
def test_damaged_files_are_read_or_refused(tmp_path: Path, name: str, dataset: str) -> None:
    (sample,) = (SAMPLES / name).glob(f"sample.{dataset}.*")
    assert survives(name, dataset, sample, tmp_path) > 20


@pytest.mark.parametrize(
    ("name", "dataset", "options"),
    [
        ("gpu_trace", "job_records", EPOCH),
        ("cluster_minutes", "capacity_inventory", POOL),
        ("slurm_rest", "capacity_inventory", {"compute_class": "super"}),
    ],
)
def test_damaged_files_are_read_or_refused_with_their_options(
    tmp_path: Path, name: str, dataset: str, options: dict[str, str]
) -> None:
    (sample,) = (SAMPLES / name).glob(f"sample.{dataset}.*")
    target, rows = tmp_path / sample.name, 0
    for data in damaged(sample.read_bytes()):
        target.write_bytes(data)
        with suppress(Unreadable):
            rows += read_path(name, dataset, target, options)[0].height
    assert rows
