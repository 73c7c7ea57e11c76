"""Asking a release: a session shows one role's tables and rows, changes nothing and reaches no file."""

import csv
import io
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from data_contracts.contract import load_contract, load_contracts
from pipelines.ask import ask, explained, limited, overview, session
from pipelines.commands.sql import json_value, sql
from pipelines.errors import Finding, WrongUse
from pipelines.home import Home
from pipelines.release import point
from pipelines.roles import ROLES, Role
from tests.core.releases import TWO_SITES, written


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with a release of all published tables, most of them empty."""
    monkeypatch.setenv("SUANZHANG_HOME", str(tmp_path / "home"))
    home = Home.from_environment()
    written(home, "r1", TWO_SITES)
    point(home, "r1")
    return home


def first_column(home: Home, role: Role, query: str) -> list[Any]:
    return [row[0] for row in ask(session(home, role), query).fetchall()]


NARROW = (Role("regulator", region="hami"), Role("tenant", tenant="t1"), Role("finance"), Role("regulator"))

WAYS_OUT = (
    "select * from read_parquet('{release}/settlement/charges.parquet')",
    "select * from '{release}/settlement/charges.parquet'",
    'select * from "{release}/quality/lineage.parquet"',
    "select * from read_parquet(['{release}/utilisation/sites.parquet'])",
    "select * from parquet_scan('{release}/utilisation/../settlement/charges.parquet')",
    "select * from parquet_metadata('{release}/settlement/charges.parquet')",
    "select * from parquet_schema('{release}/settlement/charges.parquet')",
    "select * from read_csv('/etc/passwd')",
    "select * from read_csv_auto('/etc/passwd')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "select * from read_json('/etc/passwd')",
    "select * from read_ndjson_objects('/etc/passwd')",
    "select * from glob('/*')",
    "select * from read_csv('https://example.org/x.csv')",
    "from query('select * from glob(''/*'')')",
    "from query_table(['sites'])",
    "select (select max(content) from read_text('/etc/passwd'))",
    "with x as (select * from read_text('/etc/passwd')) select * from x",
    "select * from sites where site_id in (select filename from read_blob('/etc/*'))",
    "from json_execute_serialized_sql(json_serialize_sql('select * from glob(''/*'')'))",
    "select getenv('HOME')",
    "select current_setting('allowed_paths')",
    "select * from duckdb_settings()",
    "select sql from duckdb_views()",
    "select sql from duckdb_views",
    "select sql from sqlite_master",
    "select definition from pg_catalog.pg_views",
    "with duckdb_views as (select 1) select * from duckdb_views",
    "select pg_get_viewdef(1)",
    "from duckdb_databases()",
    "from duckdb_temporary_files()",
    "from duckdb_secrets()",
    "from duckdb_extensions()",
    "from enable_logging('QueryLog', storage='file', storage_config={{'path': '{release}/log'}})",
    "from enable_profiling()",
    "from arrow_scan(1, 2, 3)",
    "select write_log('x')",
    "pragma database_list",
    "pragma show_databases",
    "pragma version",
)

STATEMENTS = (
    "copy sites to '{release}/out.csv'",
    "copy (select 1) to '{release}/utilisation/sites.parquet'",
    "copy sites from '/etc/passwd'",
    "attach '{release}/other.duckdb' as other",
    "attach ':memory:' as other",
    "export database '{release}/out'",
    "import database '{release}/out'",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "set allowed_paths = ['/']",
    "reset lock_configuration",
    "pragma enable_profiling",
    "pragma threads=1",
    "call pragma_version()",
    "insert into sites (site_id) values ('x')",
    "update sites set region = 'hami'",
    "delete from sites",
    "create table mine as select 1",
    "create or replace view sites as select 1",
    "create macro f(x) as x",
    "drop view sites",
    "alter table sites add column x int",
    "truncate sites",
    "vacuum",
    "checkpoint",
    "begin",
    "use memory",
    "explain select 1",
    "prepare p as select 1",
    "set variable x = 1",
    "create secret (type s3)",
    "comment on table sites is 'x'",
    "select 1; select 2",
    "select 1; drop table sites",
    "",
    "-- nothing at all",
)


def files(home: Home) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.root.rglob("*") if path.is_file()}


def refused(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    with pytest.raises(Finding) as found, explained(connection):
        ask(connection, query).fetchall()
    return str(found.value)


@pytest.mark.parametrize("role", [*NARROW, Role("engineer")], ids=str)
def test_no_query_reaches_a_file_a_setting_or_the_engine(home: Home, role: Role) -> None:
    before, connection = files(home), session(home, role)
    for way in (*WAYS_OUT, *STATEMENTS):
        sentence = refused(connection, way.format(release=home.published / "releases" / "r1"))
        assert "root:" not in sentence, way
        assert "Permission" not in sentence, f"{way} came as far as the engine"
        assert len(sentence.splitlines()) == 1, way
    assert files(home) == before


def test_the_engine_alone_keeps_files_and_settings_out_of_reach(home: Home) -> None:
    connection = session(home, Role("regulator"))
    charges = home.published / "releases" / "r1" / "settlement" / "charges.parquet"
    for way in (
        f"from read_parquet('{charges}')",
        "from glob('/*')",
        "attach 'x.duckdb'",
        f"copy sites to '{charges}'",
    ):
        with pytest.raises(duckdb.PermissionException):
            connection.execute(way)
    with pytest.raises(duckdb.InvalidInputException, match="locked"):
        connection.execute("set enable_external_access = true")


@pytest.mark.parametrize("name", ROLES)
def test_a_role_has_the_tables_of_the_contracts_and_no_others(home: Home, name: str) -> None:
    role = Role(name, tenant="t1" if name == "tenant" else None)
    connection = session(home, role)
    mine = {contract.name for contract in load_contracts("published") if name in contract.roles}
    assert {row[0] for row in overview(connection).fetchall()} == mine
    for contract in load_contracts("published"):
        if contract.name not in mine:
            assert "There is no table" in refused(connection, f"select * from {contract.name}")


def test_a_regulator_of_a_region_sees_its_sites_only(home: Home) -> None:
    role = Role("regulator", region="hami")
    for table, column in (
        ("sites", "site_id"),
        ("utilisation_daily", "site_id"),
        ("data_quality_daily", "source_id"),
    ):
        assert first_column(home, role, f"select {column} from {table}") == ["hami"]
    assert first_column(home, role, "select source_id from completeness_daily") == ["hami"]


def test_every_table_that_a_regulator_reads_can_be_narrowed_to_a_region() -> None:
    role = Role("regulator", region="hami")
    whole = [contract.name for contract in role.tables() if role.condition(contract) is None]
    assert whole == ["definitions", "dispatch_daily", "dispatch_refusals_daily"], (
        "of the whole network, of no place"
    )


def test_a_regulator_sees_no_tenant_account_user_or_job() -> None:
    for contract in Role("regulator").tables():
        assert not {*contract.column_names} & {"tenant_id", "account", "user", "job_id"}, contract.name


def test_a_tenant_sees_its_own_rows_only(home: Home) -> None:
    role = Role("tenant", tenant="t1")
    assert first_column(home, role, "select charge_id from charges") == ["c1"]
    assert first_column(home, role, "select line_id from statement_lines") == ["l1"]
    assert first_column(home, role, "select party_id from settlement_positions") == ["t1"]


def test_every_settlement_table_of_a_tenant_is_narrowed() -> None:
    role = Role("tenant", tenant="t1")
    for contract in role.tables():
        assert contract.group != "settlement" or role.condition(contract), contract.name


@pytest.mark.parametrize("name", ["t1' or '1'='1", "t1'; drop table charges; --", "%", "*"])
def test_a_name_is_a_name_and_no_sql(home: Home, name: str) -> None:
    assert first_column(home, Role("tenant", tenant=name), "select charge_id from charges") == []


def test_a_region_without_sites_is_said_and_not_shown_as_nothing(home: Home) -> None:
    with pytest.raises(Finding, match=r"in the region 'henan'\. Regions: hami, zhengzhou"):
        session(home, Role("regulator", region="henan"))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": "king"}, "There is no role 'king'"),
        ({"name": "tenant"}, "needs --tenant"),
        ({"name": "finance", "region": "hami"}, "--region narrows"),
        ({"name": "engineer", "tenant": "t1"}, "--tenant narrows"),
    ],
)
def test_a_role_that_cannot_be_is_wrong_use(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(WrongUse, match=sentence):
        Role(**given)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (
            "select * from utilisaton_daily",
            "There is no table 'utilisaton_daily' here. Did you mean utilisation_daily",
        ),
        ("select * from xyzzy", "There is no table 'xyzzy' here. Tables here: capacity_statement, "),
        ("select * from nowhere.sites", "There is no table 'sites' here"),
        ("select site from sites", r"There is no column 'site' in these tables\. Did you mean site_id\?"),
        ("select s.site from sites s", r"There is no column 'site' in these tables\. Did you mean site_id\?"),
        (
            "select ipu from sites",
            r"There is no column 'ipu' in these tables\. There is ipue in energy_daily\.",
        ),
        ("select xyzzy from sites", r"no column 'xyzzy' in these tables\. `describe TABLE` lists"),
        ("selec 1", "syntax error"),
        ("select cast(site_id as integer) from sites", "Could not convert string"),
        ("select sum(site_id) from sites", "No function matches"),
    ],
)
def test_a_mistake_is_one_sentence_that_helps(home: Home, query: str, sentence: str) -> None:
    connection = session(home, Role("regulator"))
    with pytest.raises(Finding, match=sentence) as found, explained(connection):
        ask(connection, query).fetchall()
    assert "LINE" not in str(found.value)


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("with x as (select * from sites) select count(*) from x", [2]),
        ("select count(*) from (select site_id from main.sites union all select region from sites)", [4]),
        ("select site_id from sites s where exists (from utilisation_daily u where u.site_id = s.site_id) order by 1",
         ["hami", "nscc-zz"]),
        ("with recursive n as (select 1 as i union all select i + 1 from n where i < 3) select max(i) from n", [3]),
        ("select count(*) from range(3), sites", [6]),
        ("values (7)", [7]),
        ("select 1;", [1]),
        ("SELECT Site_ID FROM Sites ORDER BY ALL", ["hami", "nscc-zz"]),
        ("select column_name from information_schema.columns where table_name = 'sites' limit 1", ["site_id"]),
        ("select unnest([1, 2])", [1, 2]),
    ],
)  # fmt: skip
def test_what_reads_only_the_roles_tables_is_answered(home: Home, query: str, answer: list[Any]) -> None:
    assert first_column(home, Role("regulator"), query) == answer


def test_a_regulator_can_ask_what_there_is(home: Home) -> None:
    role = Role("regulator", region="hami")
    columns = list(load_contract("utilisation_daily").column_names)
    for query in ("describe utilisation_daily", "summarize utilisation_daily", "show utilisation_daily"):
        assert first_column(home, role, query) == columns
    assert first_column(home, role, "show tables") == sorted(contract.name for contract in role.tables())
    assert "There is no table" in refused(session(home, role), "describe charges")


def test_a_table_that_the_release_does_not_have_yet_is_not_there(home: Home) -> None:
    (home.published / "current" / "utilisation" / "energy_daily.parquet").unlink()
    assert "There is no table 'energy_daily'" in refused(session(home, Role("finance")), "from energy_daily")


def run(*arguments: str) -> str:
    result = CliRunner().invoke(sql, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def table(text: str) -> Iterable[list[str]]:
    return list(csv.reader(io.StringIO(text)))


LONG = "select sum(a.a * b.a) from range(1000000) a(a), range(1000000) b(a)"


def test_a_statement_that_takes_too_long_is_stopped_and_the_session_goes_on(home: Home) -> None:
    connection = session(home, Role("regulator"))
    with (
        pytest.raises(Finding, match=r"longer than 0\.2 seconds and was stopped: .* --timeout"),
        limited(connection, 0.2),
        explained(connection),
    ):
        ask(connection, LONG).fetchall()
    with limited(connection, 0.2), explained(connection):
        assert ask(connection, "select 1").fetchall() == [(1,)]
    time.sleep(0.3)
    assert ask(connection, "select 2").fetchall() == [(2,)]


def test_a_statement_that_needs_too_much_memory_is_stopped_in_one_sentence(home: Home) -> None:
    connection = session(home, Role("regulator"), memory="20MB")
    with pytest.raises(Finding, match=r"more memory than it may take: .* --memory"), explained(connection):
        ask(connection, "select length(list(i)::varchar) from range(10000000) t(i)").fetchall()
    with pytest.raises(WrongUse, match="'lots' is no size of memory"):
        session(home, Role("regulator"), memory="lots")


def test_unknown_values_sort_as_they_do_in_the_other_door(home: Home) -> None:
    query = "select x from (values (1), (null), (2)) v(x) order by x"
    role = Role("engineer")
    assert first_column(home, role, query) == [1, 2, None]
    assert first_column(home, role, f"{query} desc") == [None, 2, 1]


UNKNOWN = "select null as a, 'nan'::double as b, 0.10::decimal(9,2) as c, date '2026-10-01' as d, '' as e"


def test_csv_holds_exact_texts_and_leaves_unknown_empty(home: Home) -> None:
    assert table(run(UNKNOWN, "--format", "csv")) == [list("abcde"), ["", "nan", "0.10", "2026-10-01", ""]]
    rows = table(run("select * from range(25000)", "--format", "csv"))
    assert (rows[0], rows[-1], len(rows)) == (["range"], ["24999"], 25001)


def test_json_is_valid_and_unknown_is_null(home: Home) -> None:
    (row,) = json.loads(run(UNKNOWN, "--format", "json"), parse_constant=pytest.fail)
    assert row == {"a": None, "b": None, "c": "0.10", "d": "2026-10-01", "e": ""}
    assert (
        json.loads(run("select 170141183460469231731687303715884105727 as n", "--format", "json"))[0]["n"]
        == 2**127 - 1
    )
    assert json_value({1: [float("inf"), {"x": (1,)}]}) == {"1": [None, {"x": [1]}]}


def test_json_does_not_lose_one_of_two_columns_of_a_name(home: Home) -> None:
    with pytest.raises(Finding, match="Two columns are called a"):
        run("select 1 as a, 2 as a", "--format", "json")


def test_statements_of_standard_input_are_answered_one_after_another(home: Home) -> None:
    def given(text: str) -> str:
        return CliRunner().invoke(sql, ["--format", "csv"], input=text, catch_exceptions=False).output

    assert given("select 1 as a;\nselect 2 as b, ';' as c") == "a\n1\nb,c\n2,;\n"
    assert given("").startswith("table_name,columns\nadjustments,")
    with pytest.raises(Finding, match="One SELECT at a time"):
        given("select 1; drop table sites")


def test_a_table_says_how_many_rows_there_are(home: Home) -> None:
    assert "3000 rows" in run("select * from range(3000)")
    assert "郑州" in run("select name_zh from sites")
