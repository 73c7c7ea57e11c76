"""What a regulator reads of a whole release: answers to questions, no word of a tenant, evidence for every figure."""

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from data_contracts.contract import load_contract, load_contracts
from pipelines.cli import suanzhang
from pipelines.home import Home
from pipelines.release import current_release
from pipelines.roles import Role
from tests.whole.comparing import TABLES, difference, release_tables
from tests.whole.network import month_end, settled
from tests.whole.ratios import RATIOS, ratio_differences

pytestmark = pytest.mark.slow
QUESTIONS = Path(__file__).parents[2] / "docs" / "questions.md"
STATEMENTS = re.findall(r"^## \d+\. (.*?)$.*?```sql\n(.*?)```", QUESTIONS.read_text(), re.M | re.S)
OCTOBER = ("2026-10-01", "2026-10-31")
FORBIDDEN = {
    "tenant_id", "tenant", "account", "user", "group_party_id", "job_id", "job_name", "order_id", "instance_id",
    "volume_id", "device_id", "node", "record_hash", "landing_row", "charge_id", "party_id", "line_id",
}  # fmt: skip
Row = Mapping[str, str]
Expected = Callable[[str], list[Row]]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Path]:
    """A hostile network, settled."""
    return settled(tmp_path_factory.mktemp("regulators"), month_end(23, "hostile", scale=0.03))


@pytest.fixture(scope="module")
def expected(network: tuple[Home, Path]) -> Expected:
    """Rows of a table of the simulator's own books."""

    def rows(name: str) -> list[Row]:
        with (network[1] / "expected" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    return rows


def in_october(rows: list[Row]) -> list[Row]:
    return [row for row in rows if OCTOBER[0] <= row["day"] <= OCTOBER[1]]


def summed(rows: list[Row], key: tuple[str, ...], column: str) -> dict[tuple[str, ...], int]:
    """Σ of a column by key, of what is known."""
    sums: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        if row[column]:
            sums[tuple(row[name] for name in key)] += int(row[column])
    return dict(sums)


def used_in_october(books: Expected) -> list[tuple[Any, ...]]:
    per_hour = {"cpu_core": 3600, "accelerator": 3_600_000, "rack": 3600}
    sums = summed(
        in_october(books("utilisation_daily")), ("site_id", "resource_kind"), "allocated_unit_seconds"
    )
    return [(*key, total, total / per_hour[key[1]]) for key, total in sorted(sums.items())]


def shares_of_cards(books: Expected) -> list[tuple[Any, ...]]:
    cards = [row for row in in_october(books("utilisation_daily")) if row["resource_kind"] == "accelerator"]
    unknown = {row["site_id"] for row in cards if not row["idle_unit_seconds"]}
    cards = [row for row in cards if row["site_id"] not in unknown]
    had, down, held = (
        summed(cards, ("site_id",), f"{part}_unit_seconds") for part in ("installed", "down", "allocated")
    )
    return [
        (site, held[site,] / had[site,], held[site,] / (had[site,] - down[site,])) for (site,) in sorted(had)
    ]


def below_half(books: Expected) -> list[tuple[Any, ...]]:
    return sorted(
        (row["scope_kind"], row["scope_id"], row["resource_kind"], float(row["value"]))
        for row in books("target_scorecard")
        if row["target_id"] == "low-utilisation-rule" and row["value"] and float(row["value"]) < 0.5
    )


def targets(books: Expected) -> list[tuple[Any, ...]]:
    seeds = Path(__file__).parents[2] / "dbt" / "seeds" / "network_targets.csv"
    with seeds.open(encoding="utf-8", newline="") as stream:
        aims = {row["target_id"] for row in csv.DictReader(stream) if row["kind"] == "target"}
    return sorted(
        (
            row["target_id"],
            row["scope_id"],
            row["resource_kind"] or None,
            row["status"],
            row["reason"] or None,
        )
        for row in books("target_scorecard")
        if row["target_id"] in aims
    )


def ai_compute(books: Expected) -> list[tuple[Any, ...]]:
    stated = books("capacity_statement")
    last = max(row["as_of"] for row in stated)
    own = [
        row
        for row in stated
        if (row["as_of"], row["compute_class"], row["precision"]) == (last, "intelligent", "fp16")
    ]
    unknown = {row["region"] for row in own if not row["gflops"]}
    sums = summed([row for row in own if row["region"] not in unknown], ("region",), "gflops")
    return [(region, total / 10**6) for (region,), total in sorted(sums.items())]


def rack_rates(books: Expected) -> list[tuple[Any, ...]]:
    stated = books("capacity_statement")
    last = max(row["as_of"] for row in stated)
    racks = {
        (row["site_id"], int(row["racks_installed"]), int(row["racks_occupied"]))
        for row in stated
        if row["as_of"] == last and row["racks_installed"]
    }
    return [(site, had, taken, taken / had) for site, had, taken in sorted(racks)]


def ipues(books: Expected) -> list[tuple[Any, ...]]:
    days = [row for row in books("energy_daily") if row["facility_wh"] and row["it_wh"]]
    facility, it = summed(days, ("site_id",), "facility_wh"), summed(days, ("site_id",), "it_wh")
    count = Counter(row["site_id"] for row in days)
    return [(site, count[site], facility[site,] / it[site,]) for site in sorted(count)]


def short_days(books: Expected) -> list[tuple[Any, ...]]:
    return sorted(
        (
            row["source_id"],
            row["dataset"],
            row["day"],
            row["status"],
            _number(row["declared"]),
            int(row["found"]),
        )
        for row in books("completeness_daily")
        if row["status"] not in ("complete", "undeclared")
    )


def segments(books: Expected) -> list[tuple[Any, ...]]:
    cells: dict[str, list[Row]] = defaultdict(list)
    for row in books("usage_by_segment"):
        if row["resource_kind"] == "cpu_core":
            cells[row["segment"]].append(row)
    return [
        (
            segment,
            sum(int(row["unit_seconds"]) for row in rows if row["unit_seconds"])
            if any(row["unit_seconds"] for row in rows)
            else None,
            len(rows),
            sum(row["suppressed"] == "true" for row in rows),
        )
        for segment, rows in sorted(cells.items())
    ]


def busiest_hour(books: Expected) -> list[tuple[Any, ...]]:
    own = [
        row
        for row in books("utilisation_hourly")
        if (row["site_id"], row["compute_class"], row["resource_kind"]) == ("nscc-zz", "super", "cpu_core")
    ]
    sums = summed(own, ("hour",), "allocated_unit_seconds")
    (hour,), most = min(sums.items(), key=lambda item: (-item[1], item[0]))
    return [(hour.replace("T", " ").replace("Z", "+00:00"), most)]


def records_behind(books: Expected) -> list[tuple[Any, ...]]:
    own = [
        row
        for row in books("metered_usage")
        if (row["site_id"], row["day"]) == ("nscc-zz", "2026-10-01") and row["reason"] != "record_conflict"
    ]
    sums = summed(own, ("compute_class", "resource_kind", "model"), "records")
    return [("|".join(("nscc-zz", "2026-10-01", *key)), total) for key, total in sorted(sums.items())]


def less_than_measured(books: Expected) -> list[tuple[Any, ...]]:
    rows = Counter(
        (row["site_id"], row["quality"]) for row in books("utilisation_daily") if row["quality"] != "measured"
    )
    return [(*key, count) for key, count in sorted(rows.items())]


def _number(text: str) -> int | None:
    return int(text) if text else None


ANSWERS = [
    used_in_october, shares_of_cards, below_half, targets, ai_compute, rack_rates, ipues, short_days, segments,
    busiest_hour, records_behind, less_than_measured,
]  # fmt: skip


def test_there_are_twelve_questions() -> None:
    assert len(STATEMENTS) == len(ANSWERS) == 12


@pytest.mark.parametrize("number", range(len(ANSWERS)), ids=[question for question, _ in STATEMENTS])
def test_a_question_is_answered_by_what_the_simulator_knows(
    network: tuple[Home, Path],
    expected: Expected,
    number: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SUANZHANG_HOME", str(network[0].root))
    arguments = ["sql", "--role", "regulator", "--format", "json", STATEMENTS[number][1]]
    suanzhang.main(arguments, standalone_mode=False)
    found = [tuple(row.values()) for row in json.loads(capsys.readouterr().out)]
    answer = ANSWERS[number](expected)
    assert answer, "nothing would be compared"
    assert [[_close(value) for value in row] for row in answer] == [list(row) for row in found]


def _close(value: Any) -> Any:
    return pytest.approx(value, rel=1e-12) if isinstance(value, float) else value


@pytest.mark.parametrize("table", TABLES)
def test_every_mart_of_this_network_too_is_what_the_delivered_bytes_can_prove(
    network: tuple[Home, Path], table: str
) -> None:
    with release_tables(network[0]) as connection:
        found = difference(connection, network[1] / "expected", table)
        assert not found, found.text()
        assert not (ratio_differences(connection, network[1] / "expected", table) if table in RATIOS else [])


def test_no_column_of_a_regulator_tells_of_a_tenant() -> None:
    for contract in Role("regulator").tables():
        assert not FORBIDDEN & set(contract.column_names), contract.name
        assert contract.tenant_column is None
        assert {column.sensitivity for column in contract.columns} <= {"public", "internal"}, contract.name


def test_no_tenant_account_or_user_occurs_in_a_regulators_tables(network: tuple[Home, Path]) -> None:
    home, _folder = network
    names: set[str] = set()
    with release_tables(home) as connection:
        connection.execute(f"attach '{home.warehouse / 'warehouse.duckdb'}' as warehouse (read_only)")
        for query in (
            "select tenant_id from warehouse.staging.stg_tenants",
            "select name_en from warehouse.staging.stg_tenants",
            "select name_zh from warehouse.staging.stg_tenants",
            "select group_party_id from warehouse.staging.stg_tenants",
            "select account from warehouse.staging.stg_tenant_accounts",
            "select account from warehouse.staging.stg_job_records",
            'select "user" from warehouse.staging.stg_job_records',
            "select job_name from warehouse.staging.stg_job_records",
            "select account from warehouse.staging.stg_instance_records",
            "select account from warehouse.staging.stg_dispatch_orders",
        ):
            names |= {name for (name,) in connection.sql(query).fetchall() if name}
        assert len(names) > 100
        for contract in Role("regulator").tables():
            texts = [f'"{column.name}"' for column in contract.columns if column.type == "string"]
            for column in texts:
                found = {
                    value
                    for (value,) in connection.sql(
                        f"select distinct {column} from {contract.name}"
                    ).fetchall()
                }
                words = {word for value in found if value for word in [value, *re.split(r"[^\w.-]+", value)]}
                assert not names & words, (contract.name, column, names & words)


def test_every_row_of_supply_and_use_has_its_evidence_down_to_the_row_of_a_file(
    network: tuple[Home, Path],
) -> None:
    with release_tables(network[0]) as connection:
        for table, key, condition in (
            ("utilisation_daily", "site_id, day, compute_class, resource_kind, model",
             "allocated_unit_seconds > 0 and resource_kind <> 'rack'"),
            ("energy_daily", "site_id, day", "facility_wh is not null"),
            ("capacity_statement", "site_id, as_of, compute_class", "pflops > 0"),
            ("downtime_daily", "site_id, day, resource_pool", "outages > 0 and quality <> 'conflict'"),
            ("green_certificate_use", "certificate_id, version", "true"),
            ("unknown_usage", "day, site_id, coalesce(account, ''), compute_class, resource_kind, model", "true"),
        ):  # fmt: skip
            rows, bare = connection.sql(
                f"with published as (select distinct concat_ws('|', {key}) as row_key from {table} where {condition}) "
                "select count(*), count(*) filter (not exists (select 1 from lineage l join landings d "
                "on l.landing_id = d.landing_id where d.name is not null and l.landing_row > 0 "
                f"and l.table_name = '{table}' and l.row_key = p.row_key)) from published p"
            ).fetchall()[0]
            assert rows, table
            assert bare == 0, table
        watched, bare = connection.sql(
            "with days as (select distinct concat_ws('|', site_id, day) as row_key from utilisation_daily "
            "where observed_unit_seconds > 0 union select distinct concat_ws('|', site_id, day) "
            "from energy_by_job_daily where basis = 'device_samples') "
            "select count(*), count(*) filter (not exists (select 1 from lineage l join landings d "
            "on l.landing_id = d.landing_id where d.dataset = 'device_samples' and l.landing_row > 0 "
            "and l.table_name = 'device_samples' and l.row_key = days.row_key)) from days"
        ).fetchall()[0]
        assert watched
        assert bare == 0
        quantities = connection.sql(
            "select count(*) from (select row_key, sum(quantity) as quantity from lineage "
            "where table_name = 'utilisation_daily' group by row_key) evidence "
            "join utilisation_daily u on evidence.row_key = "
            "concat_ws('|', u.site_id, u.day, u.compute_class, u.resource_kind, u.model) "
            "where evidence.quantity <> u.allocated_unit_seconds and u.day between '2026-09-30' and '2026-10-01'"
        ).fetchall()
        assert quantities == [(0,)]


def test_the_summary_of_lineage_counts_what_lineage_lists(network: tuple[Home, Path]) -> None:
    with release_tables(network[0]) as connection:
        different = connection.sql(
            "with listed as (select l.table_name, l.row_key, d.content_sha256, count(*) as records "
            "from lineage l join landings d on l.landing_id = d.landing_id "
            "where l.table_name not in ('charges', 'unknown_usage') group by all), "
            "counted as (select table_name, row_key, content_sha256, records from lineage_summary "
            "where table_name <> 'usage_by_segment') "
            "select count(*) from (from listed except from counted union all (from counted except from listed))"
        ).fetchall()
        assert different == [(0,)]
        assert not connection.sql(
            "select 1 from lineage_summary where table_name = 'usage_by_segment' and row_key similar to "
            "'.*(park|enterprise|campus|household|unattributed).*'"
        ).fetchall()


@pytest.mark.parametrize("name", [contract.name for contract in load_contracts("published")])
def test_a_file_says_what_its_columns_mean_in_both_languages(network: tuple[Home, Path], name: str) -> None:
    contract = load_contract(name)
    folder = current_release(network[0]).folder
    path = folder / str(contract.group) / f"{name}.parquet"
    schema = pq.read_schema(path)
    with release_tables(network[0]) as connection:
        keys = dict(
            connection.sql(
                f"select decode(key), decode(value) from parquet_kv_metadata('{path}') "
                "where decode(key) <> 'ARROW:schema'"
            ).fetchall()
        )
    page = (folder / "docs" / f"{name}.md").read_text(encoding="utf-8")
    assert keys["contract_version"] == contract.version
    assert contract.title.zh in keys["comment_zh"]
    assert contract.title.en in keys["comment"]
    for column in contract.columns:
        said = schema.field(column.name).metadata
        assert said[b"comment"].decode() == column.definition_en
        assert said[b"comment_zh"].decode() == column.definition_zh
        for text in (column.definition_en, column.definition_zh, column.unit or ""):
            assert text in keys[f"column.{column.name}"]
        assert (
            f"{column.definition_en}<br>{column.name_zh}：{column.definition_zh}".replace("|", "\\|") in page
        )


def test_what_a_whole_release_hides_cannot_be_had_by_subtraction(network: tuple[Home, Path]) -> None:
    """All that a region held, without the cells that are shown, is all of its cells, or that of three groups at least,
    none of which has more than 85 %. The last day's hours end where a site's slowest feed ends, so not all days add up.
    Hours, models, regions above and counts of records are sums over all groups, too.
    """
    with release_tables(network[0]) as connection:
        connection.execute(f"attach '{network[0].warehouse / 'warehouse.duckdb'}' as warehouse (read_only)")
        held = connection.sql(
            "select region, day, compute_class, resource_kind, "
            "sum(allocated_unit_seconds - estimated_unit_seconds)::bigint from utilisation_daily group by all"
        ).fetchall()
        cells = connection.sql(
            "select region, day, compute_class, resource_kind, segment, unit_seconds from usage_by_segment"
        ).fetchall()
        metered = connection.sql(
            "select region, day, compute_class, resource_kind, tenant_id, account, quantity::bigint "
            "from metered_usage join sites using (site_id) where reason is distinct from 'record_conflict'"
        ).fetchall()
        tenants = {
            tenant: (group or tenant, segment)
            for tenant, group, segment in connection.sql(
                "select tenant_id, group_party_id, segment from warehouse.staging.stg_tenants"
            ).fetchall()
        }
    users: dict[Any, Counter[tuple[str, str]]] = defaultdict(Counter)
    for *where, tenant, account, quantity in metered:
        users[tuple(where)][tenants.get(tenant, (account, "unattributed"))] += quantity
    hidden, shown = defaultdict(set), Counter()
    for *where, segment, seconds in cells:
        shown[tuple(where)] += seconds or 0
        hidden[tuple(where)] |= {segment} if seconds is None else set()
    judged = 0
    for *where, total in held:
        secret = hidden[tuple(where)]
        behind: Counter[str] = Counter()
        for (group, segment), quantity in users[tuple(where)].items():
            behind[group] += quantity if segment in secret else 0
        if behind.total() and shown[tuple(where)]:
            judged += total is not None and total - shown[tuple(where)] == behind.total()
            assert len(+behind) >= 3, where
            assert 100 * max(behind.values()) <= 85 * behind.total(), where
    assert judged > 5
