"""What Dagster shows: the keys stay, the code location is light, partitions and checks are where they belong."""

import json
import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from pipelines.home import Home
from pipelines.manifest import manifest_path
from pipelines.partitions import billing_periods, business_days, consecutive, known_days, received_days
from tests.dagster_.days import days
from tests.dagster_.snapshot import COMMAND, SNAPSHOT, keys_of

GROUPS = {"landing", "bronze", "seeds", "staging", "intermediate", "marts", "published"}


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    patch = pytest.MonkeyPatch()
    patch.setenv("SUANZHANG_HOME", str(tmp_path_factory.mktemp("home")))
    from pipelines.definitions import defs

    patch.undo()
    return defs


def test_the_asset_keys_are_those_of_the_snapshot(definitions: dg.Definitions) -> None:
    expected = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    assert keys_of(definitions) == expected, f"if this is meant, run: {COMMAND}"


def test_every_asset_belongs_to_a_layer(definitions: dg.Definitions) -> None:
    assert set(keys_of(definitions).values()) == GROUPS


def test_every_asset_says_what_it_is_in_both_languages(definitions: dg.Definitions) -> None:
    mute = [
        spec.key.to_user_string()
        for spec in definitions.resolve_all_asset_specs()
        if spec.group_name in GROUPS
        and not re.search(r"[a-z].*[\u4e00-\u9fff]", (spec.description or "").split("\n")[0])
    ]
    assert mute == [], "dbt/models/**/_*.yml describe the models"


def test_bronze_feeds_staging_under_one_name(definitions: dg.Definitions) -> None:
    specs = {spec.key: spec for spec in definitions.resolve_all_asset_specs()}
    staging = specs[dg.AssetKey(["staging", "stg_job_records"])]
    assert dg.AssetKey(["bronze", "job_records"]) in {dep.asset_key for dep in staging.deps}


@pytest.mark.parametrize(
    ("key", "partitions"),
    [
        (["bronze", "job_records"], received_days),
        (["marts", "utilisation_daily"], business_days),
        (["marts", "metered_usage"], business_days),
        (["marts", "statement_lines"], billing_periods),
        (["marts", "sites"], None),
        (["published", "release"], None),
    ],
)
def test_the_two_times_are_visible_as_partitions(
    definitions: dg.Definitions, key: list[str], partitions: dg.PartitionsDefinition | None
) -> None:
    specs = {spec.key: spec for spec in definitions.resolve_all_asset_specs()}
    assert specs[dg.AssetKey(key)].partitions_def == partitions


def test_bronze_and_marts_have_checks_beside_them(definitions: dg.Definitions) -> None:
    graph = definitions.get_repository_def().asset_graph
    checks = {key.asset_key.to_user_string() for key in graph.asset_check_keys}
    assert {"bronze/job_records", "bronze/facility_readings", "marts/utilisation_daily"} <= checks


def test_a_close_is_a_job_that_asks_for_the_period_and_two_names(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("close_period_job")
    asked = {"ops": {"close_books": {"config": {"period": "2026-10", "propose_as": "a", "approve_as": "b"}}}}
    assert dg.validate_run_config(job, asked)
    with pytest.raises(dg.DagsterInvalidConfigError):
        dg.validate_run_config(job, {"ops": {"close_books": {"config": {"propose_as": "a"}}}})


def test_the_code_location_loads_without_great_expectations(tmp_path: Path) -> None:
    manifest_path(Home(tmp_path))
    program = "import sys, pipelines.definitions; sys.exit('great_expectations' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"SUANZHANG_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        check=False,
    )
    assert done.returncode == 0


def test_days_without_gaps_are_one_run() -> None:
    assert consecutive(days(1, 2, 3, 7, 9, 10)) == [
        (days(1)[0], days(3)[0]),
        (days(7)[0], days(7)[0]),
        (days(9)[0], days(10)[0]),
    ]


def test_a_day_before_the_first_partition_is_no_partition() -> None:
    early = days(1)[0].replace(year=2009)
    assert known_days([early, *days(1)]) == days(1)
