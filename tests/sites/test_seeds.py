"""The reference data: every row has a source, the sites stand on it, the facts are those published."""

import csv
from datetime import date
from pathlib import Path

import pytest
import yaml

from pipelines.sites_config import load_sources

SEEDS = Path(__file__).resolve().parents[2] / "dbt" / "seeds"
NAMES = sorted(file.stem for file in SEEDS.glob("*.csv"))
PRECISIONS = {"fp64", "fp32", "tf32", "fp16", "bf16", "int8"}


def rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def described() -> dict[str, dict]:
    document = yaml.safe_load((SEEDS / "_seeds.yml").read_text(encoding="utf-8"))
    return {seed["name"]: seed for seed in document["seeds"]}


def peaks(model: str) -> dict[str, int | None]:
    found = [row for row in rows("device_peaks") if row["model"] == model]
    return {row["precision"]: int(row["peak_gflops"]) if row["peak_gflops"] else None for row in found}


def test_the_seeds_are_those_that_are_described() -> None:
    assert sorted(described()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_is_typed_and_described_in_both_languages(name: str) -> None:
    seed = described()[name]
    header = list(rows(name)[0])
    types = seed["config"]["column_types"]
    assert header == list(types), "the column types are those of the file, in its order"
    assert header == [column["name"] for column in seed["columns"]]
    assert set(types.values()) <= {"string", "bigint", "double", "date"}, "what DuckDB and Spark both know"
    for text in [seed["description"], *(column["description"] for column in seed["columns"])]:
        english, _, chinese = text.partition(" / ")
        assert english.isascii()
        assert any("一" <= character <= "鿿" for character in chinese), text


@pytest.mark.parametrize("name", NAMES)
def test_every_row_names_its_source_and_the_day_of_its_check(name: str) -> None:
    for row in rows(name):
        assert row["source"].strip()
        assert date.fromisoformat(row["as_of"])
        assert not [value for value in row.values() if value != value.strip()]


def test_sites_stand_on_the_reference_data() -> None:
    regions = {row["region_id"] for row in rows("regions")}
    models = {row["model"] for row in rows("device_peaks")}
    for source in load_sources().values():
        assert source.region is None or source.region in regions
        assert {each.accelerator_model for each in source.partitions} <= models | {None}


def test_a_model_has_every_precision_once_and_says_why_one_is_missing() -> None:
    by_model: dict[str, list[str]] = {}
    for row in rows("device_peaks"):
        by_model.setdefault(row["model"], []).append(row["precision"])
        assert row["peak_gflops"] or row["note"], (
            f"{row['model']} {row['precision']} has no figure and no reason"
        )
    assert all(sorted(found) == sorted(PRECISIONS) for found in by_model.values())


def test_peaks_are_dense() -> None:
    """The A100's datasheet states 312, 624, 624 and 1248 with sparsity: half of each is dense."""
    assert peaks("nvidia-a100") == {
        "fp64": 19_500,
        "fp32": 19_500,
        "tf32": 312_000 // 2,
        "fp16": 624_000 // 2,
        "bf16": 624_000 // 2,
        "int8": 1_248_000 // 2,
    }
    assert peaks("nvidia-h20")["fp16"] == 148_000
    assert peaks("hygon-dcu-z100")["int8"] is None, "no vendor states it, so it is unknown and not zero"


def test_an_alias_is_lower_case_and_means_a_known_model() -> None:
    models = {row["model"] for row in rows("device_peaks")}
    aliases = {row["alias"]: row["model"] for row in rows("device_aliases")}
    assert len(aliases) == len(rows("device_aliases"))
    assert all(alias == alias.lower() for alias in aliases)
    assert set(aliases.values()) <= models
    assert (aliases["a800"], aliases["h20"]) == ("nvidia-a800-80g", "nvidia-h20")
    assert (aliases["l20"], aliases["z100"]) == ("nvidia-l20", "hygon-dcu-z100")
    assert aliases["910b"] == aliases["ascend910b"] == "huawei-ascend-910b"


def test_what_was_reached_is_apart_from_what_is_aimed_at() -> None:
    found: dict[str, set[tuple[str, float, str]]] = {}
    for row in rows("network_targets"):
        found.setdefault(row["kind"], set()).add((row["indicator"], float(row["target_value"]), row["unit"]))
    assert found["reached"] == {
        ("ai_compute", 3000, "PFLOPS"),
        ("compute", 6200, "PFLOPS"),
        ("high_performance_share", 0.4, "1"),
        ("data_centres", 38, "count"),
    }
    assert found["expected"] == {("ai_compute", 4000, "PFLOPS")}
    assert found["planned"] == {("compute", 57, "EFLOPS")}
    assert found["rule"] == {("utilisation", 0.5, "1")}
    assert found["target"] == {
        ("standard_racks", 350_000, "count"),
        ("rack_utilisation", 0.7, "1"),
        ("compute", 120, "EFLOPS"),
        ("high_performance_share", 0.9, "1"),
        ("large_centres", 10, "count"),
        ("ai_compute", 100, "EFLOPS"),
        ("supercomputer_utilisation", 0.7, "1"),
        ("latency", 1, "ms"),
        ("latency", 5, "ms"),
        ("latency", 20, "ms"),
    }


def test_a_target_holds_for_a_place_that_exists() -> None:
    places = {
        "region": {row["region_id"] for row in rows("regions")},
        "circle": {row["circle_id"] for row in rows("latency_circles")},
        "site": {*load_sources()},
        "any": {""},
    }
    for row in rows("network_targets"):
        assert row["scope_id"] in places[row["scope_kind"]], row["target_id"]


def test_circles_join_the_places_of_the_corridor() -> None:
    circles = {
        (row["from_region"], row["to_region"]): int(row["circle_ms"]) for row in rows("latency_circles")
    }
    assert circles == {
        ("zhengzhou", "zhengzhou"): 1,
        ("zhengzhou", "qingyang"): 5,
        ("zhengzhou", "hami"): 20,
    }


def test_regions_lie_in_one_another_without_a_circle() -> None:
    parents = {row["region_id"]: row["parent"] for row in rows("regions")}
    for region in parents:
        path = [region]
        while parents[path[-1]]:
            path.append(parents[path[-1]])
            assert len(path) < 5, path
    assert parents["gaoxin"] == "zhengzhou"
