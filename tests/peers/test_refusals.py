"""What a regulator of a region, and a tenant, try at the door of PostgreSQL: each way is refused or shows their own."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from data_contracts.contract import load_contracts
from pipelines.errors import Finding
from pipelines.home import Home
from pipelines.roles import Role
from pipelines.serving.connecting import connected
from pipelines.serving.loading import load
from pipelines.serving.people import admit
from tests.core.releases import TWO_SITES, written
from tests.peers.postgres import PASSWORD, Server

pytestmark = pytest.mark.peers
READERS = {
    "li-hami": Role("regulator", region="hami"),
    "t-one": Role("tenant", tenant="t1"),
    "zhang": Role("finance"),
    "province": Role("regulator"),
    "chen": Role("engineer"),
}

BILLING = (
    "select * from charges",
    "select count(*) from statement_lines",
    "select * from suanzhang.statements",
    "select 1 from journal_entries limit 1",
    "table line_splits",
    'select "BilledCost" from focus_cost_and_usage',
    "select charges from charges",
    "explain analyze select * from charges",
    "select query_to_xml('select * from suanzhang.charges', true, false, '')",
    "select table_to_xml('suanzhang.charges', true, false, '')",
    "select * from ts_stat('select null::tsvector from suanzhang.charges')",
    "declare c cursor with hold for select * from charges",
    "prepare p as select * from charges; execute p",
    "copy charges to stdout",
    "copy (select * from charges) to stdout",
    "select * from lineage",
    "select * from quarantine_rows",
    "do $$ begin perform * from suanzhang.charges; end $$",
)
FILES = (
    "select pg_read_file('/etc/passwd')",
    "select pg_read_binary_file('/etc/passwd')",
    "select pg_ls_dir('.')",
    "select * from pg_ls_logdir()",
    "select pg_stat_file('/etc/passwd')",
    "copy (select 1) to '/tmp/suanzhang-refused'",
    "copy (select 1) to program 'id'",
    "copy sites from '/etc/passwd'",
    "select lo_import('/etc/passwd')",
    "select lo_export(1, '/tmp/suanzhang-refused')",
    "create extension dblink",
    "create extension file_fdw",
    "create server s foreign data wrapper postgres_fdw",
    "load '/tmp/x.so'",
    "create function f() returns int language c as '/tmp/x.so', 'f'",
    "create function f() returns int language plpython3u as 'return 1'",
    "select dblink('dbname=suanzhang', 'select 1')",
    "show data_directory",
    "select * from pg_file_settings",
    "select * from pg_hba_file_rules",
)
ROLES_OF_OTHERS = (
    "set role suanzhang_finance",
    "set role postgres",
    "set role zhang",
    "set local role suanzhang_engineer",
    "select set_config('role', 'suanzhang_finance', false)",
    "set session authorization zhang",
    "select set_config('session_authorization', 'postgres', false)",
    "set row_security = off; select * from sites",
    "alter role current_user superuser",
    "alter role current_user bypassrls",
    "alter role zhang password 'x'",
    "grant suanzhang_finance to current_user",
    "grant select on lineage to current_user",
    "grant pg_read_all_data to current_user",
    "create role mine",
    "select * from pg_authid",
    "select * from pg_shadow",
    "select * from suanzhang_door.logins",
    "select suanzhang_door.sees_all()",
    "update suanzhang_door.logins set region = null",
    "insert into suanzhang_door.logins values (current_user, 'regulator', null, null)",
    "create or replace function suanzhang_door.region() returns text language sql as $$ select 'zhengzhou'::text $$",
    "alter function suanzhang_door.sees_all() owner to current_user",
    "alter policy seen on sites using (true)",
    "drop policy seen on sites",
    "create policy mine on sites using (true)",
    "alter table sites disable row level security",
    "reassign owned by postgres to current_user",
    "drop owned by postgres",
    "select * from pg_statistic",
    "alter system set ssl = off",
    "alter database suanzhang set search_path = public",
)
WRITING = (
    "insert into sites (site_id) values ('x')",
    "update sites set region = 'zhengzhou'",
    "delete from sites",
    "truncate sites",
    "merge into sites using (select 1) as s on true when matched then delete",
    "drop table sites",
    "alter table sites add column x int",
    "create index on sites (site_id)",
    "lock table sites in exclusive mode",
    "select * from sites for update",
    "comment on table sites is 'x'",
    "create table mine (a int)",
    "create table public.mine (a int)",
    "create temp table mine (a int)",
    "select * into mine from sites",
    "select * into temp mine from sites",
    "create view public.mine as select 1",
    "create schema mine",
    "create function public.f() returns int language sql as 'select 1'",
    "create function pg_temp.f() returns int language sql as 'select 1'",
    "create operator public.=== (leftarg = text, rightarg = text, function = texteq)",
    "create publication mine for all tables",
    "create database mine",
    "create event trigger mine on ddl_command_start execute function suanzhang_door.region()",
    "create sequence public.mine",
    "select lo_create(0)",
    "select lo_from_bytea(0, 'x')",
    "select pg_logical_emit_message(true, 'x', 'y')",
    "do $$ begin delete from suanzhang.sites; end $$",
    "refresh materialized view sites",
    "security label on table sites is 'x'",
    "checkpoint",
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres' and pid <> pg_backend_pid()",
    "select pg_reload_conf()",
    "select pg_stat_reset()",
    "select pg_switch_wal()",
)
OTHER_PLACES = (
    "select site_id from sites where site_id <> 'hami'",
    "select site_id from utilisation_daily where region = 'zhengzhou'",
    "select region from suanzhang.utilisation_daily where region <> 'hami'",
    "select source_id from data_quality_daily where source_id <> 'hami'",
    "select source_id from completeness_daily where source_id in ('nscc-zz', 'network-ops')",
    "select u.site_id from utilisation_daily as u left join sites as s using (site_id) where s.site_id is null",
    "with a as (select * from sites) select * from a where region = 'zhengzhou'",
    "select site_id from sites where 1 / (case when region = 'zhengzhou' then 0 else 1 end) = 2",
    "select site_id from sites where region = 'zhengzhou' and site_id::xml is not null",
    "set role suanzhang_regulator; select site_id from sites where site_id <> 'hami'",
    "set search_path = suanzhang, pg_temp; select site_id from sites where site_id <> 'hami'",
    "set suanzhang.region = 'zhengzhou'; select site_id from sites where site_id <> 'hami'",
    "set \"suanzhang_door.region\" = 'zhengzhou'; select site_id from sites where site_id <> 'hami'",
    "set application_name = 'zhang'; select site_id from sites where site_id <> 'hami'",
    "begin isolation level serializable; select site_id from sites where site_id <> 'hami'",
    "select 1 where schema_to_xml('suanzhang', true, false, '')::text ~ 'nscc|charge|party_id'",
    "select most_common_vals from pg_stats where schemaname = 'suanzhang'",
    "select * from pg_stats_ext where schemaname = 'suanzhang'",
    "select query from pg_stat_activity where usename = 'postgres' and query like '%select%'",
)


@pytest.fixture(scope="module")
def door(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """The server with a small release and five readers."""
    folder = written(Home(tmp_path_factory.mktemp("door")), "r1", TWO_SITES)
    with connected(server.create("suanzhang")) as connection:
        assert load(connection, folder, lambda _: None).hardened
        for login, role in READERS.items():
            admit(connection, login, role, PASSWORD)
    return server


@pytest.fixture
def trying(door: Server) -> Any:
    """Tries a statement as a login, by itself; its rows, or the error."""

    def attempt(login: str, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(door.dsn(login, "suanzhang"), autocommit=True) as connection:
            connection.execute("set default_transaction_read_only = off")  # a reader may: it is no protection
            cursor = connection.cursor()
            if query.endswith("to stdout"):
                with cursor.copy(query) as copy:
                    return list(copy.rows())
            cursor.execute(query)
            while cursor.nextset():
                pass
            return cursor.fetchall() if cursor.description else []

    return attempt


def state(door: Server) -> dict[str, Any]:
    """All that a reader could have changed."""
    with psycopg.connect(door.dsn(database="suanzhang")) as connection:
        queries = {
            "objects": "select nspname, relname, relacl::text, relrowsecurity from pg_class "
            "join pg_namespace n on n.oid = relnamespace "
            "where nspname !~ '^pg_(toast|temp)' order by 1, 2",
            "functions": "select proname, prosrc, proowner, proacl::text from pg_proc order by oid",
            "policies": "select tablename, roles::text, qual from pg_policies order by 1",
            "roles": "select rolname, rolsuper, rolbypassrls, rolcreaterole from pg_roles order by 1",
            "members": "select roleid::regrole::text, member::regrole::text from pg_auth_members order by 1, 2",
            "logins": "select * from suanzhang_door.logins order by 1",
            "large objects": "select oid from pg_largeobject_metadata",
            "sites": "select * from suanzhang.sites order by 1",
            "charges": "select charge_id, tenant_id from suanzhang.charges order by 1",
        }
        return {name: connection.execute(query).fetchall() for name, query in queries.items()}


@pytest.mark.parametrize("login", ["li-hami", "t-one"])
def test_every_way_to_files_other_roles_or_a_change_is_refused(door: Server, trying: Any, login: str) -> None:
    before = state(door)
    assert len(FILES + ROLES_OF_OTHERS + WRITING) >= 40
    for way in FILES + ROLES_OF_OTHERS + WRITING:
        with pytest.raises(psycopg.Error):
            pytest.fail(f"{way} gave {trying(login, way)}")
    assert state(door) == before
    assert not Path("/tmp/suanzhang-refused").exists()


@pytest.mark.parametrize("login", ["li-hami", "province"])
def test_no_way_leads_a_regulator_to_billing(trying: Any, login: str) -> None:
    for way in BILLING:
        with pytest.raises(psycopg.Error, match="permission denied"):
            pytest.fail(f"{way} gave {trying(login, way)}")


def test_no_way_shows_a_regulator_of_a_region_other_places(trying: Any) -> None:
    for way in OTHER_PLACES:
        assert trying("li-hami", way) == [], way
    assert trying("li-hami", "select site_id from sites") == [("hami",)]
    assert [row[0] for row in trying("li-hami", "copy sites (site_id) to stdout")] == ["hami"]
    assert trying("province", "select site_id from sites order by 1") == [("hami",), ("nscc-zz",)]


def test_no_way_shows_a_tenant_what_others_owe(trying: Any) -> None:
    for way in (
        "select charge_id from charges where tenant_id <> 't1'",
        "select charge_id from charges where tenant_id = 't2'",
        "select line_id from statement_lines where line_id = 'l2'",
        "select party_id from settlement_positions where party_id <> 't1'",
        "select gross_fen from statements where 1 / (case when party_id = 't2' then 0 else 1 end) = 2",
        "set role suanzhang_tenant; select charge_id from charges where tenant_id <> 't1'",
        "select most_common_vals from pg_stats where tablename = 'charges'",
    ):
        assert trying("t-one", way) == [], way
    assert trying("t-one", "select charge_id from charges") == [("c1",)]
    assert trying("t-one", "select party_id, gross_fen from statements") == [("t1", 100)]
    for table in ("journal_entries", "line_splits", "usage_by_segment", "lineage"):
        with pytest.raises(psycopg.Error, match="permission denied"):
            trying("t-one", f"select * from {table}")


def test_a_member_of_a_group_cannot_take_the_groups_rights_away(door: Server, trying: Any) -> None:
    before = state(door)
    trying("li-hami", "drop owned by suanzhang_regulator")
    trying("li-hami", "drop owned by current_user")
    assert state(door) == before


def test_a_login_that_the_door_does_not_know_sees_no_row(door: Server, trying: Any) -> None:
    with psycopg.connect(door.dsn(database="suanzhang"), autocommit=True) as connection:
        connection.execute(f"create role stranger login password '{PASSWORD}' in role suanzhang_finance")
        connection.execute("alter role stranger set search_path = suanzhang")
    assert trying("stranger", "select * from charges") == []
    assert trying("stranger", "select * from sites") == []
    assert len(trying("zhang", "select * from charges")) == 2


@pytest.mark.parametrize("login", READERS)
def test_each_login_has_the_tables_of_its_role_and_no_others(trying: Any, login: str) -> None:
    query = "select table_name from information_schema.tables where table_schema = 'suanzhang'"
    mine = {contract.name for contract in READERS[login].tables()}
    assert {name for (name,) in trying(login, query)} == mine
    assert len(load_contracts("published")) >= len(mine) > 0


def test_nobody_comes_in_without_tls_or_into_another_database(door: Server) -> None:
    for dsn in (
        door.dsn("li-hami", "suanzhang").replace("verify-full", "disable"),
        door.dsn("li-hami", "postgres"),
        door.dsn("li-hami", "suanzhang", "wrong"),
    ):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(dsn)


def test_a_reader_cannot_load_or_admit(door: Server, tmp_path: Path) -> None:
    folder = written(Home(tmp_path), "r1", TWO_SITES)
    for login in ("li-hami", "chen"):
        dsn = door.dsn(login, "suanzhang")
        with pytest.raises(Finding, match="The loader owns the database"), connected(dsn) as connection:
            load(connection, folder, lambda _: None)
        with pytest.raises(Finding, match="The loader owns the database"), connected(dsn) as connection:
            admit(connection, "mine", Role("finance"), PASSWORD)


def test_the_server_keeps_passwords_as_scram_and_never_sees_them(door: Server) -> None:
    with psycopg.connect(door.dsn(database="suanzhang")) as connection:
        kept = connection.execute(
            "select rolpassword from pg_authid where rolname = any(%s)", [list(READERS)]
        )
        assert all(text.startswith("SCRAM-SHA-256$") for (text,) in kept.fetchall())
