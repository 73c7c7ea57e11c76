"""Real files taken all the way to a release: the published figures are those of the files' own columns and totals."""

import csv
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipelines.deliver import deliver
from pipelines.home import Home
from tests.conftest import REAL_DATA
from tests.whole.comparing import release_tables
from tests.whole.network import settle

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL_DATA.is_dir(), reason=f"needs the real files in {REAL_DATA}"),
]
MINUTES = REAL_DATA / "ai_cluster" / "cluster_sequence_vc6YE.csv"
CARD = {"model": "nvidia-a800-80g"}


def take(home: Home, path: Path, source_id: str, dataset: str, format_name: str, **options: str) -> None:
    """A file lands and is read, whole."""
    told = deliver(
        home, path, source_id=source_id, dataset=dataset, format_name=format_name, options=options,
        received_at=datetime(2026, 11, 1, tzinfo=UTC), replaces=None,
    )  # fmt: skip
    assert told.ingest.quarantined == 0
    assert told.ingest.accepted > 0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A month of a GPU cluster by the minute, as an AI centre's allocation and as its capacity."""
    home = Home(tmp_path_factory.mktemp("cluster"))
    take(home, MINUTES, "yunai-ai", "instance_records", "cluster_minutes", **CARD)
    pool = {"compute_class": "intelligent", "cards_per_node": "8", "cores_per_node": "48"}
    take(home, MINUTES, "yunai-ai", "capacity_inventory", "cluster_minutes", **CARD, **pool)
    settle(home)
    return home


def minutes() -> list[dict[str, str]]:
    with MINUTES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_clusters_hours_are_the_sums_of_its_minutes(cluster: Home) -> None:
    """Cards × 60 seconds × 1000 a minute, by hour; running + idle = total in each minute, so in each hour."""
    shanghai = ZoneInfo("Asia/Shanghai")
    expected: dict[datetime, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in minutes():
        at = datetime.fromisoformat(row["time"]).replace(tzinfo=shanghai, minute=0).astimezone(UTC)
        for place, name in enumerate(("running_gpu_num", "idle_gpu_num", "total_gpu_num")):
            expected[at][place] += int(row[name]) * 60_000
    found = release_tables(cluster).execute(
        "select hour, allocated_unit_seconds, idle_unit_seconds, installed_unit_seconds, quality "
        "from utilisation_hourly where resource_kind = 'accelerator'"
    )
    assert {row[0].astimezone(UTC): [*row[1:]] for row in found.fetchall()} == {
        at: [*sums, "measured"] for at, sums in expected.items()
    }


def test_a_clusters_own_utilisation_comes_out_to_three_decimals(cluster: Home) -> None:
    """The file's column is running ÷ total of a line; ours is what that line's record held of what was installed."""
    found = release_tables(cluster).execute(
        "select l.landing_row, l.quantity, u.installed_unit_seconds / 24 / 60 from lineage l "
        "join utilisation_daily u on l.row_key = concat_ws('|', site_id, day, compute_class, resource_kind, model) "
        "where l.table_name = 'utilisation_daily' and u.resource_kind = 'accelerator'"
    )
    ours = {line: round(Decimal(held) / Decimal(had), 3) for line, held, had in found.fetchall()}
    theirs = {line: round(Decimal(row["gpu_utilization"]), 3) for line, row in enumerate(minutes(), start=2)}
    assert ours == {line: share for line, share in theirs.items() if share}


def test_a_week_of_machines_is_a_carriers_usage(tmp_path: Path) -> None:
    """519.0444 instance-hours and 644.065 vCPU-hours, worked out from the events by the data's own README."""
    home = Home(tmp_path / "home")
    events = REAL_DATA / "openstack" / "events_2018-04-17_2018-04-23.json"
    take(home, events, "unicom-zy", "instance_records", "openstack_events")
    settle(home)
    tables = release_tables(home)
    (cores,) = tables.execute(
        "select sum(allocated_unit_seconds) from utilisation_daily where resource_kind = 'cpu_core'"
    ).fetchone()  # type: ignore[misc]
    assert cores == 2_318_634
    assert round(cores / 3600, 3) == 644.065
    (hours,) = tables.execute(
        "select sum(quantity) from metered_usage where resource_kind = 'cpu_core' and reason = 'account_unknown'"
    ).fetchone()  # type: ignore[misc]
    assert hours == cores


def test_a_day_of_latency_matrices_decides_circles(tmp_path: Path) -> None:
    """24 slices of round-trip seconds, taken as the hours of a day; three of the nodes are taken to stand at sites."""
    home = Home(tmp_path / "home")
    sites = ("nscc-zz", "yunai-ai", "hami")
    places = ",".join(sites) + "," * 96
    one_way: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for number in range(1, 25):
        path = REAL_DATA / "network" / f"SeattleData_{number}"
        told = {"unit": "s", "probed_at": f"2026-03-01T{number - 1:02}:00:00+08:00", "no_value": "absent"}
        take(home, path, "network-ops", "network_probes", "rtt_matrix", **told, sites=places)
        cells = [line.split("\t") for line in path.read_text().splitlines()]
        for i, start in enumerate(sites):
            for j, end in enumerate(sites):
                if i != j and Decimal(cells[i][j]) > 0:
                    one_way[start, end].append(Decimal(cells[i][j]) * 500)
    settle(home)
    found = release_tables(home).execute(
        "select from_site_id, to_site_id, circle_ms, probes, p50_ms, p95_ms, within_share, met, basis "
        "from latency_circles_daily where probes > 0"
    )
    rows = {row[:2]: row[2:] for row in found.fetchall()}
    assert set(rows) == set(one_way)
    for pair, (circle, probes, half, most, share, met, basis) in rows.items():
        ordered = sorted(one_way[pair])
        # nearest rank: of 24 the 12th and the 23rd
        middle, high = (ordered[-(-percent * len(ordered) // 100) - 1] for percent in (50, 95))
        assert (probes, basis) == (len(ordered), "round_trip_half")
        assert (half, most) == (pytest.approx(float(middle), abs=1e-3), pytest.approx(float(high), abs=1e-3))
        assert share == pytest.approx(sum(value <= circle for value in ordered) / len(ordered))
        assert met is (None if len(ordered) < 20 else high <= circle)
