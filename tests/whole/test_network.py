"""The whole house on a simulated network: equal to what the simulator computed by itself, however it came about."""

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from data_contracts.contract import load_contracts
from pipelines.build import plan
from pipelines.closing.blockers import blockers
from pipelines.errors import Finding, WrongUse
from pipelines.first_month import land_simulated
from pipelines.home import Home
from pipelines.lake import refresh
from pipelines.landing import read_events, receive
from pipelines.orchestrate import as_known_at, build, close_period, release
from pipelines.release import current_release
from pipelines.simulate import SimulationParams
from pipelines.sites_config import load_sources
from pipelines.warehouse import Target, locked
from tests.whole.comparing import TABLES, TRUE_TABLES, difference, release_tables
from tests.whole.network import month_end, settle, settled, table_hashes
from tests.whole.ratios import RATIOS, ratio_differences

pytestmark = pytest.mark.slow

COLUMNS = "JobID|Cluster|Submit|Start|End|ElapsedRaw|State|Account|Partition|NNodes|NCPUS|AllocTRES"


def deliver_jobs(home: Home, path: Path) -> None:
    """Lands one more file of nscc-zz's jobs, an hour after all others."""
    receive(
        home,
        path,
        source_id="nscc-zz",
        dataset="job_records",
        format_name="slurm_sacct",
        options={},
        received_at=max(event.instant for event in read_events(home)) + timedelta(hours=1),
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Path]:
    """A hostile network, settled; tests of this module only add to it in the order in which they stand."""
    return settled(tmp_path_factory.mktemp("hostile"), month_end(11, "hostile"))


@pytest.mark.parametrize("table", TABLES)
def test_every_mart_equals_what_the_delivered_bytes_can_prove(hostile: tuple[Home, Path], table: str) -> None:
    home, folder = hostile
    with release_tables(home) as connection:
        found = difference(connection, folder / "expected", table)
    assert found.rows
    assert not found, found.text()


@pytest.mark.parametrize("table", RATIOS)
def test_every_ratio_is_that_of_whole_numbers(hostile: tuple[Home, Path], table: str) -> None:
    home, folder = hostile
    with release_tables(home) as connection:
        assert ratio_differences(connection, folder / "expected", table) == []


UNTOLD = {"bill_reconciliation", "reconciliation"}
"""What the simulator does not compute by itself; cases by hand hold it."""


def test_no_figure_for_reading_is_left_out(hostile: tuple[Home, Path]) -> None:
    for contract in load_contracts("published"):
        numbers = {column.name for column in contract.columns if column.type == "number"}
        if numbers and contract.name not in UNTOLD:
            with (hostile[1] / "expected" / f"{contract.name}.csv").open(encoding="utf-8") as stream:
                written = set(stream.readline().strip().split(","))
            assert numbers - written - {*RATIOS.get(contract.name, ())} <= {"target_value"}, contract.name


def test_running_again_changes_nothing(hostile: tuple[Home, Path]) -> None:
    home, _ = hostile
    before, name = table_hashes(home), current_release(home).release_id
    assert settle(home).results == ()
    assert (table_hashes(home), current_release(home).release_id) == (before, name)


@pytest.mark.long
def test_a_rebuild_from_landing_and_ledger_gives_the_same_bytes(hostile: tuple[Home, Path]) -> None:
    home, _ = hostile
    before = table_hashes(home)
    for folder in (home.bronze, home.quarantine, home.warehouse, home.published):
        shutil.rmtree(folder)
    settle(home)
    assert table_hashes(home) == before


@pytest.mark.long
@pytest.mark.parametrize("order", ["as they came", "backwards", "at random"])
def test_deliveries_one_after_another_give_what_all_at_once_give(
    hostile: tuple[Home, Path], tmp_path: Path, order: str
) -> None:
    home, _folder = hostile
    step = Home(tmp_path)
    events = sorted(home.log.glob("*/*.json"), reverse=order == "backwards")
    if order == "at random":
        Random(4).shuffle(events)
    shutil.copytree(home.objects, step.objects)
    for share in (0.4, 0.7, 1.0):
        for path in events[: int(len(events) * share)]:
            target = step.log / path.parent.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        settle(step)
    assert table_hashes(step) == table_hashes(home)


@pytest.mark.long
@pytest.mark.parametrize("share", [0.5, 0.85])
def test_as_known_at_an_instant_equals_the_release_made_then(
    hostile: tuple[Home, Path], tmp_path: Path, share: float
) -> None:
    home, _ = hostile
    instants = sorted(event.instant for event in read_events(home))
    at = instants[int(len(instants) * share)]
    then = Home(tmp_path)
    shutil.copytree(home.objects, then.objects)
    for path, event in ((p, e) for p in home.log.glob("*/*.json") for e in [_event(p)] if e <= at):
        assert event <= at
        target = then.log / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    settle(then)
    side = as_known_at(home, load_sources(), at, lambda _: None)
    made_then = {p.stem: p.read_bytes() for p in current_release(then).folder.glob("*/*.parquet")}
    known_then = {p.stem: p.read_bytes() for p in side.folder.glob("*/*.parquet")}
    assert {*made_then} == {*known_then} == {contract.name for contract in load_contracts("published")}
    different = [name for name in made_then if made_then[name] != known_then[name]]
    assert different == []
    assert current_release(home).release_id != side.release_id


def _event(path: Path) -> datetime:
    from pipelines.landing import read_event

    return read_event(path).instant


def test_one_delivery_for_two_days_recomputes_those_days_only(
    hostile: tuple[Home, Path], tmp_path: Path
) -> None:
    home, _ = hostile
    path = tmp_path / "late.psv"
    path.write_text(
        f"{COLUMNS}\n"
        "990001|late|2026-09-30T20:00:00|2026-09-30T23:30:00|2026-10-01T01:30:00|7200|COMPLETED|nobody|cpu|1|8|cpu=8\n"
    )
    deliver_jobs(home, path)
    built = settle(home)
    assert list(built.days) == [date(2026, 9, 30), date(2026, 10, 1)]
    with release_tables(home) as connection:
        halves = connection.sql(
            "select period, sum(quantity)::bigint from metered_usage where account = 'nobody' group by all order by all"
        ).fetchall()
    assert halves == [("2026-09", 8 * 1800), ("2026-10", 8 * 5400)]
    increment = table_hashes(home)
    Target(home).remove()
    settle(home)
    assert table_hashes(home) == increment


def test_a_period_with_conflicts_cannot_be_closed(hostile: tuple[Home, Path], tmp_path: Path) -> None:
    home, _ = hostile
    path = tmp_path / "conflict.psv"
    line = (
        "990003|late|2026-09-29T08:00:00|2026-09-29T09:00:00|2026-09-29T10:00:00|3600|COMPLETED|nobody|cpu|1"
    )
    path.write_text(f"{COLUMNS}\n{line}|8|cpu=8\n{line}|16|cpu=16\n")
    deliver_jobs(home, path)
    settle(home)
    with locked(home):
        against = blockers(plan(Target(home), load_sources()), "2026-09")
    assert any("contradict each other" in sentence for sentence in against)
    with pytest.raises(Finding, match="cannot be closed"):
        close_period(home, load_sources(), "2026-09", "a", "b", datetime(2026, 11, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Path]:
    """A network without faults, settled."""
    return settled(tmp_path_factory.mktemp("sound"), month_end(5, "none"))


@pytest.mark.parametrize("table", TRUE_TABLES)
def test_without_faults_every_mart_equals_what_happened(sound: tuple[Home, Path], table: str) -> None:
    home, folder = sound
    with release_tables(home) as connection:
        found = difference(connection, folder / "truth", table)
    assert found.rows
    assert not found, found.text()


def test_a_close_freezes_a_month_and_late_data_is_booked_in_the_next(
    sound: tuple[Home, Path], tmp_path: Path
) -> None:
    home, _ = sound
    sources, at = load_sources(), datetime(2026, 10, 8, tzinfo=UTC)
    with pytest.raises(WrongUse, match="two people"):
        close_period(home, sources, "2026-09", "a", "a", at)
    before = table_hashes(home)
    closed = close_period(home, sources, "2026-09", "a", "b", at)
    pack = {path.name: path.read_bytes() for path in closed.folder.rglob("*.*")}
    settle(home)
    after = table_hashes(home)
    states = {"periods", "statements", "receivables", "payment_proposals"}
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {*states, "focus_billing_period", "focus_invoice_detail"}

    late = tmp_path / "late.psv"
    late.write_text(
        f"{COLUMNS}\n"
        f"990002|late|2026-09-29T08:00:00|2026-09-29T09:00:00|2026-09-29T19:00:00|36000|COMPLETED|{_account(home)}"
        "|cpu|1|64|cpu=64\n"
    )
    deliver_jobs(home, late)
    settle(home)
    again = close_period(home, sources, "2026-09", "c", "d", at)
    assert (again.new, again.pack_sha256) == (False, closed.pack_sha256)
    assert {path.name: path.read_bytes() for path in closed.folder.rglob("*.*")} == pack
    with release_tables(home) as connection:
        late_fen = connection.sql("select late_fen from periods where period = '2026-09'").fetchall()[0][0]
        frozen = connection.sql(
            "select sum(gross_fen) from statement_lines where period = '2026-09'"
        ).fetchall()[0][0]
        stated = connection.sql("select gross_fen, state from periods where period = '2026-09'").fetchall()[0]
        booked = connection.sql(
            "select period, charge_period, quantity, gross_fen from statement_lines where charge_class = 'Correction'"
        ).fetchall()
        bridged = connection.sql(
            "select period, adjustment_fen, closing_fen - opening_fen, quantity_changed from adjustments"
        ).fetchall()
    assert late_fen > 0
    assert stated == (frozen, "closed")
    # 64 cores for 10 hours
    assert booked == [("2026-10", "2026-09", 64 * 36_000, late_fen)]
    assert bridged == [("2026-10", late_fen, late_fen, True)]


def _account(home: Home) -> str:
    """An account of nscc-zz that a tenant owns and whose usage is priced."""
    with release_tables(home) as connection:
        rows = connection.sql(
            "select account from metered_usage where site_id = 'nscc-zz' and reason is null "
            "and compute_class = 'super' and resource_kind = 'cpu_core' and day = '2026-09-29' order by account limit 1"
        ).fetchall()
    return str(rows[0][0])


@pytest.mark.long
def test_a_deleted_warehouse_after_a_close_gives_the_same_bytes(sound: tuple[Home, Path]) -> None:
    home, _ = sound
    before = table_hashes(home)
    Target(home).remove()
    sources = load_sources()
    build(Target(home), sources)
    release(Target(home), sources)
    assert table_hashes(home) == before


def test_landing_a_simulation_twice_adds_nothing(sound: tuple[Home, Path]) -> None:
    home, folder = sound
    before = sorted(path.name for path in home.log.rglob("*.json"))
    land_simulated(home, folder, lambda _: None)
    assert sorted(path.name for path in home.log.rglob("*.json")) == before
    assert refresh(home, load_sources()) == []


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Path]:
    """Two sites over ten days, one of which falls silent in the last two."""
    days, sites = (date(2026, 9, 23), date(2026, 10, 2)), ("nscc-zz", "hami")
    params = SimulationParams(*days, sites=sites, seed=11, scale=0.01, faults="hostile")
    return settled(tmp_path_factory.mktemp("silent"), params)


@pytest.mark.long
@pytest.mark.parametrize("table", ["utilisation_hourly", "utilisation_daily", "utilisation_region_daily"])
def test_what_a_silent_site_owes_is_estimated_from_its_history(silent: tuple[Home, Path], table: str) -> None:
    home, folder = silent
    with release_tables(home) as connection:
        found = difference(connection, folder / "expected", table)
        estimated = connection.sql(f"select count(*) from {table} where quality = 'estimated'").fetchall()
    assert not found, found.text()
    assert estimated[0][0]
