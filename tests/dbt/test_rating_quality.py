"""Completeness, data quality and lineage: what was declared, what arrived, and which record stands behind a figure."""

import shutil
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data_contracts.contract import load_contracts
from tests.dbt.harness import Warehouse
from tests.dbt.rating_cases import KNOWN_AT, Case, told
from tests.dbt.world import Row, World, shanghai

pytestmark = pytest.mark.slow

DAY = date(2026, 10, 5)
SELECT = "+path:models/marts/quality +charges +utilisation_daily"


def test_a_control_day_is_part_of_the_key_but_for_jobs() -> None:
    controlled = [contract for contract in load_contracts("input") if contract.control_day]
    assert [each.name for each in controlled if each.control_day not in each.key] == ["job_records"]


def _declares(site: str, dataset: str, count: int, control_sum: str | None) -> Row:
    return {
        "dataset": dataset,
        "day": DAY,
        "record_count": count,
        "control_sum": None if control_sum is None else Decimal(control_sum),
    }


def _site_with_jobs(world: World, name: str) -> Case:
    case = Case(world, name)
    case.sells()
    case.job(hours=1, cores=4)
    case.job(hours=2, cores=8)
    return case


def _reading(site: str, at: str, value: str) -> Row:
    return {
        "site_id": site,
        "meter_id": "m1",
        "read_at": shanghai(at),
        "meter_kind": "it",
        "reading_type": "cumulative",
        "value": Decimal(value),
        "unit": "kWh",
    }


def _rejected(row: int, received_at: str, rules: str) -> Row:
    return {
        "landing_id": "rejected",
        "landing_row": row,
        "source_id": "agrees",
        "dataset": "job_records",
        "received_at": shanghai(received_at),
        "rules": rules,
        "reason_en": f"why {rules}",
        "reason_zh": f"原因 {rules}",
    }


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Sites that declare what they sent: rightly, wrongly, twice or not at all."""
    world = World()
    names = (
        "agrees",
        "misses-one",
        "wrong-sum",
        "says-nothing",
        "no-sum",
        "corrects",
        "half-withdrawn",
        "odd-jobs",
    )
    cases = {name: _site_with_jobs(world, name) for name in names}
    odd = cases["odd-jobs"]
    odd.job(hours=4, start="2026-10-05 22:00")
    odd.job(hours=1, state="RUNNING")
    first = odd.job(hours=1)
    odd.job(hours=2, job_id=first["job_id"])
    told(world, list(cases.values()))
    # two jobs of 4 × 3,600 and 8 × 7,200 core-seconds: 14,400 + 57,600 = 72,000
    for name, count, total in (
        ("agrees", 2, "72000"),
        ("misses-one", 3, "72000"),
        ("wrong-sum", 2, "72001"),
        ("no-sum", 2, None),
        ("odd-jobs", 2, "72000"),
    ):
        world.deliver(name, "feed_totals", KNOWN_AT, [_declares(name, "job_records", count, total)])
    world.deliver("corrects", "feed_totals", KNOWN_AT, [_declares("corrects", "job_records", 9, "9")])
    later = KNOWN_AT + timedelta(hours=1)
    world.deliver("corrects", "feed_totals", later, [_declares("corrects", "job_records", 2, "72000")])
    wrong = world.deliver(
        "half-withdrawn", "feed_totals", later, [_declares("half-withdrawn", "job_records", 9, "9")]
    )
    world.deliver(
        "half-withdrawn", "feed_totals", KNOWN_AT, [_declares("half-withdrawn", "job_records", 2, "72000")]
    )
    world.withdraw(wrong)
    readings = [
        _reading("agrees", "2026-10-05 00:00", "10.5"),
        _reading("agrees", "2026-10-05 00:15", "11.25"),
    ]
    world.deliver("agrees", "facility_readings", KNOWN_AT, readings)
    meters = {**_declares("agrees", "facility_readings", 2, "21.75")}
    world.deliver("agrees", "feed_totals", KNOWN_AT, [meters])
    # the network's last declared day is the day after; one about days to come extends nothing
    next_day = {**_declares("no-sum", "job_records", 0, None), "day": DAY + timedelta(days=1)}
    future = {**_declares("no-sum", "job_records", 0, None), "day": DAY + timedelta(days=9000)}
    world.deliver("no-sum", "feed_totals", KNOWN_AT, [next_day, future])
    # two records before and one after midnight in Shanghai, 16:00 UTC; of the two, each broke another rule
    for number, (received_at, rules) in enumerate(
        (
            ("2026-10-05 23:59", "state.code"),
            ("2026-10-05 10:00", "times.order"),
            ("2026-10-06 00:00", "state.code"),
        )
    ):
        world.quarantined.append(_rejected(number, received_at, rules))
    world.quarantined.append(_rejected(9, "2026-10-05 11:00", "state.code"))
    built = Warehouse(tmp_path_factory.mktemp("quality"), SELECT)
    built.build(world)
    return built


def complete(warehouse: Warehouse, source: str, dataset: str = "job_records", day: date = DAY) -> Any:
    """What completeness_daily says: (declared, found, complete)."""
    (row,) = warehouse.rows("marts.completeness_daily", source_id=source, dataset=dataset, day=day)
    return row["declared"], row["found"], row["complete"]


def test_a_day_is_complete_when_number_and_control_sum_agree(warehouse: Warehouse) -> None:
    assert complete(warehouse, "agrees") == (2, 2, True)
    (row,) = warehouse.rows("marts.completeness_daily", source_id="agrees", dataset="job_records", day=DAY)
    assert row["declared_control_sum"] == row["found_control_sum"] == Decimal("72000.000000")


def test_every_day_has_a_status_and_a_day_of_silence_is_named(warehouse: Warehouse) -> None:
    said = {
        row["source_id"]: row["status"]
        for row in warehouse.rows("marts.completeness_daily", dataset="job_records", day=DAY)
    }
    assert said["agrees"] == said["no-sum"] == "complete"
    assert said["misses-one"] == "short"
    assert said["wrong-sum"] == "sum_differs"
    assert said["says-nothing"] == "undeclared"
    later = warehouse.rows("marts.completeness_daily", dataset="facility_readings", source_id="agrees")
    assert [(row["day"] - DAY, row["status"], row["complete"]) for row in later] == [
        (timedelta(0), "complete", True),
        (timedelta(days=1), "silent", None),
    ]


def test_a_missing_record_makes_a_day_incomplete(warehouse: Warehouse) -> None:
    assert complete(warehouse, "misses-one") == (3, 2, False)


def test_a_wrong_control_sum_makes_a_day_incomplete(warehouse: Warehouse) -> None:
    assert complete(warehouse, "wrong-sum") == (2, 2, False)


def test_a_day_that_nobody_declared_is_neither_complete_nor_incomplete(warehouse: Warehouse) -> None:
    assert complete(warehouse, "says-nothing") == (None, 2, None)


def test_a_declaration_without_a_control_sum_is_judged_by_its_number(warehouse: Warehouse) -> None:
    assert complete(warehouse, "no-sum") == (2, 2, True)


def test_the_newest_declaration_that_counts_is_believed(warehouse: Warehouse) -> None:
    assert complete(warehouse, "corrects") == (2, 2, True)
    assert complete(warehouse, "half-withdrawn") == (2, 2, True)


def test_only_ended_jobs_without_contradiction_are_found_and_on_the_day_of_their_end(
    warehouse: Warehouse,
) -> None:
    # a job to 02:00 belongs to the next day; one that runs and one that contradicts itself are not found
    assert complete(warehouse, "odd-jobs") == (2, 2, True)
    assert complete(warehouse, "odd-jobs", day=DAY + timedelta(days=1)) == (None, 1, None)


def test_readings_are_held_against_their_own_declaration(warehouse: Warehouse) -> None:
    # 10.5 + 11.25 = 21.75
    assert complete(warehouse, "agrees", "facility_readings") == (2, 2, True)


def test_a_late_record_makes_its_day_complete_and_touches_no_other(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    world = warehouse.world
    assert world is not None
    built = Warehouse(tmp_path, SELECT)
    shutil.copy(warehouse.path, built.path)
    built.world = world
    before = built.rows("marts.completeness_daily")
    changed = world.copy()
    late = Case(World(), "misses-one")
    late.job(hours=0, seconds=1, cores=0, job_id="late")
    changed.deliver("misses-one", "job_records", KNOWN_AT + timedelta(days=1), late.jobs)
    built.build(changed)
    # one core-less second more: 72,000 + 0 × 1
    assert complete(built, "misses-one") == (3, 3, True)
    after = built.rows("marts.completeness_daily")
    assert [row for row in after if row["source_id"] != "misses-one"] == [
        row for row in before if row["source_id"] != "misses-one"
    ]


def test_reasons_of_quarantine_are_counted_by_the_day_of_arrival_in_shanghai(warehouse: Warehouse) -> None:
    found = warehouse.rows("marts.quarantine_reasons", source_id="agrees")
    counted = {(row["received_day"], row["rules"]): (row["records"], row["reason_en"]) for row in found}
    assert counted == {
        (DAY, "state.code"): (2, "why state.code"),
        (DAY, "times.order"): (1, "why times.order"),
        (DAY + timedelta(days=1), "state.code"): (1, "why state.code"),
    }


def test_data_quality_sums_the_receipts_of_a_day(warehouse: Warehouse) -> None:
    # two declarations of one site on 10 January, one row each
    (row,) = warehouse.rows("marts.data_quality_daily", source_id="corrects", dataset="feed_totals")
    assert (row["deliveries"], row["rows_in"], row["accepted"], row["quarantined"], row["late"]) == (
        2,
        2,
        2,
        0,
        0,
    )


def test_landings_say_which_delivery_counts(warehouse: Warehouse) -> None:
    found = warehouse.rows("marts.landings", source_id="half-withdrawn", dataset="feed_totals")
    assert sorted((row["effective"], row["end_reason"]) for row in found) == [
        (False, "withdrawn"),
        (True, None),
    ]


def test_a_day_of_utilisation_names_its_records_down_to_the_row_of_the_file(warehouse: Warehouse) -> None:
    found = warehouse.sql(
        "select * from marts.lineage where row_key = 'agrees|2026-10-05|super|cpu_core|all'"
    )
    assert {(row["table_name"], row["landing_row"], row["quantity"]) for row in found} == {
        ("utilisation_daily", 1, 14_400),
        ("utilisation_daily", 2, 57_600),
    }
    (landing,) = {row["landing_id"] for row in found}
    (delivery,) = warehouse.rows("marts.landings", landing_id=landing)
    assert (delivery["source_id"], delivery["dataset"]) == ("agrees", "job_records")


def test_a_charge_names_its_records_down_to_the_row_of_the_file(warehouse: Warehouse) -> None:
    found = warehouse.sql(
        "select lineage.landing_row, lineage.quantity from marts.lineage "
        "inner join marts.charges on lineage.row_key = charges.charge_id "
        "where lineage.table_name = 'charges' and charges.site_id = 'agrees' and charges.charge_category = 'Usage'"
    )
    assert {(row["landing_row"], row["quantity"]) for row in found} == {(1, 14_400), (2, 57_600)}


def test_a_contradiction_is_evidence_of_nothing(warehouse: Warehouse) -> None:
    world = warehouse.world
    assert world is not None
    (delivery,) = [
        each
        for each in world.deliveries.values()
        if (each.source_id, each.dataset) == ("odd-jobs", "job_records")
    ]
    contradicting = {row["landing_row"] for row in replace(delivery).records() if row["job_id"] == "5"}
    named = warehouse.sql("select landing_row from marts.lineage where landing_id = ?", [delivery.landing_id])
    assert contradicting & {row["landing_row"] for row in named} == set()
