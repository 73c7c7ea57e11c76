"""Faults: at least one delivery in twenty, each noted; what is sent again makes the truth provable."""

from collections import Counter
from datetime import date

import pytest

from pipelines.simulate import SimulationParams
from pipelines.simulate.faults import KINDS, WEIGHTS
from pipelines.simulate.feeds.records import COLUMNS

from .conftest import Simulation, params

pytestmark = pytest.mark.slow

MONEY = (
    "charges", "statement_lines", "line_splits", "journal_entries", "settlement_positions", "statements",
    "voucher_redemptions",
)  # fmt: skip
USAGE = ("utilisation_hourly", "utilisation_daily", "metered_usage", "unattributed_usage")


def receipts(simulation):
    return [act for act in simulation.acts if act["act"] == "receipt"]


@pytest.mark.parametrize("level", ["normal", "hostile"])
def test_one_delivery_in_twenty_is_faulty(simulated, level):
    faulty = [act for act in receipts(simulated(faults=level)) if act["faults"]]
    assert len(faulty) >= 0.05 * len(receipts(simulated(faults=level)))


def test_without_faults_expected_is_the_truth(simulated):
    simulation = simulated(faults="none")
    assert not simulation.notes
    assert all(not act.get("faults") for act in simulation.acts)
    for name in (*MONEY, *USAGE, "energy_daily", "pflops_hours_daily"):
        assert simulation.table(name) == simulation.table(name, "truth"), name
    assert {row["complete"] for row in simulation.table("completeness_daily") if row["declared"]} == {"true"}


def test_normal_faults_are_put_right_but_for_reset_counters(simulated):
    simulation = simulated(faults="normal", scale=0.1)
    for name in (*MONEY, *USAGE):
        assert simulation.table(name) == simulation.table(name, "truth"), name
    assert {note["fault"] for note in simulation.notes if note["final"]} == {"meter_reset"}
    known = {tuple(row.values()) for row in simulation.table("energy_daily", "truth")}
    unknown = [row for row in simulation.table("energy_daily") if tuple(row.values()) not in known]
    assert [row["quality"] for row in unknown] == ["estimated"]


@pytest.mark.parametrize("seed", range(10, 13))
def test_whatever_the_seed_normal_faults_are_put_right(seed, tmp_path):
    simulation = Simulation(params(seed=seed, sites=(), scale=0.01), tmp_path / "out")
    for name in (*MONEY, *USAGE):
        assert simulation.table(name) == simulation.table(name, "truth"), name


def test_hostile_faults_leave_marks(simulated):
    simulation = simulated(faults="hostile", last_day=date(2026, 10, 10), scale=0.05)
    final = {note["fault"] for note in simulation.notes if note["final"]}
    assert {"broken_rows_final", "conflict_final"} <= final
    assert simulation.table("charges") != simulation.table("charges", "truth")
    assert "record_conflict" in {row["reason"] for row in simulation.table("unattributed_usage")}
    assert "conflict" in {row["quality"] for row in simulation.table("utilisation_daily")}
    assert "false" in {row["complete"] for row in simulation.table("completeness_daily")}


def test_every_fault_is_noted_and_every_act_is_named(each):
    noted = {note["delivery"] for note in each.notes}
    assert noted == {number for number, act in enumerate(each.acts) if act.get("faults")} - second_copies(
        each
    )
    assert all(note["note"] for note in each.notes)


def second_copies(simulation):
    """Later receipts of the same file, which the first receipt's note speaks of."""
    seen = set()
    copies = set()
    for number, act in enumerate(simulation.acts):
        if act["act"] == "receipt" and act["file"] in seen:
            copies.add(number)
        seen.add(act.get("file"))
    return copies


def test_acts_are_in_order_and_refer_to_earlier_ones(each):
    acts = each.acts
    instants = [act["received_at"] for act in acts]
    assert instants == sorted(set(instants))
    for number, act in enumerate(acts):
        earlier = act["delivery"] if act["act"] == "withdraw" else act["replaces"]
        assert earlier is None or (earlier < number and acts[earlier]["act"] == "receipt")
        if act["act"] == "receipt":
            assert (each.folder / act["file"]).is_file()


def test_every_receipt_is_accounted_for(each):
    landings = each.table("landings")
    assert {int(row["delivery"]) for row in landings} == {
        number for number, act in enumerate(each.acts) if act["act"] == "receipt"
    }
    for row in landings:
        parts = sum(int(row[name]) for name in ("accepted", "quarantined", "duplicates"))
        assert int(row["rows_in"]) == parts > 0


def test_damage_is_counted_where_it_was_done(simulated):
    simulation = simulated(faults="hostile", last_day=date(2026, 10, 10), scale=0.05)
    landings = {int(row["delivery"]): row for row in simulation.table("landings")}
    expected_marks = {
        "broken_rows": "quarantined", "broken_rows_final": "quarantined", "truncated": "quarantined",
        "unreadable": "quarantined", "duplicate_rows": "duplicates",
    }  # fmt: skip
    seen = Counter()
    for note in simulation.notes:
        column = expected_marks.get(note["fault"])
        if column:
            assert int(landings[note["delivery"]][column]) > 0
            seen[column] += 1
        if note["fault"] in ("wrong_zone", "lost_final", "withdrawn"):
            assert landings[note["delivery"]]["effective"] == "false"
            seen["ineffective"] += 1
    assert set(seen) == {"quarantined", "duplicates", "ineffective"}


@pytest.mark.slow
@pytest.mark.long
def test_the_default_month(tmp_path):
    """A whole month: its size, its tenants, every kind of usual fault, and the truth reached."""
    month = Simulation(SimulationParams(), tmp_path / "month")
    assert len(month.table("jobs", "truth")) >= 100_000
    assert month.manifest["summary"]["jobs"] >= 100_000
    assert month.manifest["summary"]["tenants"] == 323
    october = [row for row in month.table("statement_lines") if row["period"] == "2026-10"]
    assert len({row["party_id"] for row in october if row["line_kind"] == "sale"}) == 323
    usual = {kind for dataset in ("job_records", "facility_readings") for kind in KINDS[dataset]}
    assert usual <= {note["fault"] for note in month.notes}
    damaged = {act["dataset"] for act in receipts(month) if act["faults"]}
    assert {name for name in WEIGHTS if name in COLUMNS} | {"instance_records"} <= damaged
    fresh = sum(len(month.table(dataset)) for dataset in COLUMNS)
    assert 200_000 <= fresh <= 400_000
    assert len([act for act in receipts(month) if act["faults"]]) >= 0.05 * len(receipts(month))
    for name in (*MONEY, *USAGE):
        assert month.table(name) == month.table(name, "truth"), name
