"""A release in PostgreSQL: loaded whole or not at all, while readers read; the same rows and answers as of files."""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from data_contracts.contract import load_contracts
from pipelines.ask import ask, session
from pipelines.commands.serve import serve
from pipelines.errors import Finding, WrongUse
from pipelines.home import Home
from pipelines.release import point
from pipelines.roles import Role
from pipelines.serving import loading
from pipelines.serving.connecting import connected
from pipelines.serving.loading import Loaded, load
from pipelines.serving.people import admit, dismiss, people
from tests.core.releases import TWO_SITES, written
from tests.peers.documented import DOCUMENTED, answers, plausible_rows
from tests.peers.postgres import PASSWORD, Server
from tests.peers.servers import wait_until

pytestmark = pytest.mark.peers
READERS = 20
PAIRED = (
    "select (select max(allocated_hours) from utilisation_daily), (select max(gross_fen) from statements)"
)
"""Two tables of one release: their figures are equal in each release of these tests."""


def numbered(number: int) -> Mapping[str, list[dict[str, Any]]]:
    """A release that says its number in two tables."""
    return {
        **TWO_SITES,
        "utilisation_daily": [{"site_id": "hami", "allocated_hours": float(number)}] * 2_000,
        "statements": [{"party_id": "t1", "gross_fen": number}] * 2_000,
    }


@pytest.fixture
def empty(server: Server, request: pytest.FixtureRequest) -> str:
    """A new database; the DSN of its loader."""
    return server.create(f"test_{abs(hash(request.node.nodeid))}")


def loaded(dsn: str, folder: Path) -> Loaded:
    with connected(dsn) as connection:
        return load(connection, folder, lambda _: None)


def one(dsn: str, query: str) -> Any:
    with psycopg.connect(dsn, options="-c search_path=suanzhang -c timezone=UTC") as connection:
        return connection.execute(query).fetchall()


def test_the_same_release_again_changes_nothing_and_another_only_what_differs(empty: str, home: Home) -> None:
    first = loaded(empty, written(home, "r1", numbered(1)))
    assert len(first.tables) == len(load_contracts("published"))
    before = one(
        empty, "select oid, relname, relfilenode from pg_class where relname in ('sites', 'statements')"
    )
    transactions = "select xmin::text, site_id from suanzhang.sites"
    rows = one(empty, transactions)
    assert loaded(empty, home.published / "releases" / "r1") == Loaded("r1", (), 0, True)
    second = loaded(empty, written(home, "r2", numbered(2)))
    assert second.tables == ("statements", "utilisation_daily")
    assert one(empty, transactions) == rows
    assert one(empty, PAIRED) == [(2.0, 2)]
    assert (
        one(empty, "select oid, relname, relfilenode from pg_class where relname in ('sites', 'statements')")
        == before
    )
    assert one(empty, "select obj_description('suanzhang'::regnamespace)")[0][0].startswith(
        "Release r2 of suanzhang"
    )


@pytest.mark.parametrize("columns_change", [False, True], ids=["same columns", "other columns"])
def test_twenty_readers_see_no_failure_and_no_mixture_while_releases_are_loaded(
    empty: str, home: Home, columns_change: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [written(home, f"r{number}", numbered(number)) for number in (1, 2, 3)]
    loaded(empty, folders[0])
    seen: list[tuple[float, int]] = []
    failures: list[str] = []
    over = threading.Event()

    def read() -> None:
        with psycopg.connect(empty, autocommit=True, options="-c search_path=suanzhang") as connection:
            while not over.is_set():
                try:
                    seen.extend(connection.execute(PAIRED).fetchall())
                except psycopg.Error as error:
                    failures.append(str(error))
                over.wait(0.02)

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        for number, folder in enumerate(folders[1:], 2):
            if columns_change:
                monkeypatch.setattr(loading, "definitions", remarked(number))
            loaded(empty, folder)
            wait_until(partial(seen.__contains__, (float(number), number)), f"release {number}")
    finally:
        over.set()
        for reader in readers:
            reader.join()
    assert failures == []
    assert {hours for hours, _ in seen} >= {1.0, 2.0, 3.0}
    assert all(hours == fen for hours, fen in seen), "a mixed release"


def remarked(number: int) -> Any:
    """Definitions that differ, as those of changed contracts do."""
    original = loading.definitions

    def changed(contracts: Any) -> Any:
        return original([replace(contract, version=f"{number}.0.0") for contract in contracts])

    return changed


def test_a_transaction_that_began_before_a_release_ends_with_the_one_it_began_with(
    empty: str, home: Home
) -> None:
    loaded(empty, written(home, "r1", numbered(1)))
    with psycopg.connect(empty, options="-c search_path=suanzhang") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert connection.execute("select max(allocated_hours) from utilisation_daily").fetchall() == [(1.0,)]
        loaded(empty, written(home, "r2", numbered(2)))
        assert connection.execute(PAIRED).fetchall() == [(1.0, 1)]
    assert one(empty, PAIRED) == [(2.0, 2)]


def test_two_loads_at_once_are_one_after_the_other(empty: str, home: Home) -> None:
    loaded(empty, written(home, "r1", numbered(1)))
    folder = written(home, "r2", numbered(2))
    done: list[tuple[str, ...]] = []
    loads = [threading.Thread(target=lambda: done.append(loaded(empty, folder).tables)) for _ in range(3)]
    for each in loads:
        each.start()
    for each in loads:
        each.join()
    assert sorted(done) == [(), (), ("statements", "utilisation_daily")]


def test_a_reader_without_end_is_named_and_the_old_release_stays(
    empty: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(empty, written(home, "r1", numbered(1)))
    monkeypatch.setattr(loading, "definitions", remarked(2))
    monkeypatch.setattr(loading, "PATIENCE", 0.5)
    with psycopg.connect(empty, options="-c search_path=suanzhang") as connection:
        connection.execute("select * from sites")
        with pytest.raises(Finding, match="end that session"):
            loaded(empty, written(home, "r2", numbered(2)))
        assert connection.execute(PAIRED).fetchall() == [(1.0, 1)]
    assert loaded(empty, home.published / "releases" / "r2").release_id == "r2"


def test_a_load_that_is_killed_leaves_the_release_before_it(empty: str, home: Home) -> None:
    loaded(empty, written(home, "r1", numbered(1)))
    folder = written(home, "r2", numbered(2))
    program = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom pipelines.serving import loading\n"
        "from pipelines.serving.connecting import connected\n"
        "loading._note = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "with connected(sys.argv[1]) as connection: loading.load(connection, Path(sys.argv[2]), print)\n"
    )
    died = subprocess.run(
        [sys.executable, "-c", program, empty, str(folder)], capture_output=True, text=True, check=False
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert "Loading statements" in died.stdout
    assert one(empty, PAIRED) == [(1.0, 1)]
    assert loaded(empty, folder).tables == ("statements", "utilisation_daily")


EXACT = {
    "charges": [
        {
            "charge_id": "c1",
            "tenant_id": 'a,"b"\n\'c\\',
            "billed_cost_micro_yuan": 2**63 - 1,
            "sku_id": "",
            "site_id": None,
        }
    ],
    "bill_reconciliation": [{"provider": "aliyun"}],
    "quarantine_rows": [{"landing_id": "a", "raw": "before\0after"}],
    "utilisation_daily": [
        {"site_id": "x", "day": date(2026, 10, 1), "allocated_hours": 0.1 + 0.2, "idle_hours": float("nan")}
    ],
    "utilisation_hourly": [{"site_id": "x", "hour": datetime(2026, 10, 1, 16, 0, 0, 1, UTC)}],
}


def test_values_are_the_same_to_the_last_digit(empty: str, home: Home) -> None:
    decimals = {
        column.name: Decimal(f"-{'9' * (38 - column.scale)}.{'0' * (column.scale - 1)}1")
        for contract in load_contracts("published")
        if contract.name == "bill_reconciliation"
        for column in contract.columns
        if column.type == "decimal"
    }
    rows = {**EXACT, "bill_reconciliation": [decimals, dict.fromkeys(decimals, Decimal(0))]}
    loaded(empty, written(home, "r1", rows))
    query = "select tenant_id, billed_cost_micro_yuan, sku_id, site_id from charges"
    assert one(empty, query) == [('a,"b"\n\'c\\', 2**63 - 1, "", None)]
    assert one(empty, "select raw from quarantine_rows") == [("before␀after",)]
    ((hours, idle),) = one(empty, "select allocated_hours, idle_hours from utilisation_daily")
    assert (hours, str(idle)) == (0.30000000000000004, "nan")
    assert one(empty, "select hour from utilisation_hourly") == [(datetime(2026, 10, 1, 16, 0, 0, 1, UTC),)]
    assert decimals
    named = ", ".join(decimals)
    found = one(empty, f"select {named} from bill_reconciliation order by 1")
    assert found == [tuple(decimals.values()), tuple(Decimal(0) for _ in decimals)]


def test_every_table_and_column_says_what_it_is_in_both_languages(empty: str, home: Home) -> None:
    loaded(empty, written(home, "r1", TWO_SITES))
    comments = one(
        empty,
        "select c.relname, a.attname, col_description(c.oid, a.attnum), obj_description(c.oid) "
        "from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 "
        "where c.relnamespace = 'suanzhang'::regnamespace and c.relkind = 'r'",
    )
    assert {(table, column) for table, column, *_ in comments} == {
        (contract.name, name) for contract in load_contracts("published") for name in contract.column_names
    }
    for table, column, said, of_table in comments:
        for text in (said, of_table):
            assert any("一" <= letter <= "鿿" for letter in text), (table, column)
            assert any("a" <= letter <= "z" for letter in text), (table, column)


@pytest.fixture(scope="module")
def both(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Any, psycopg.Connection]]:
    """The same plausible rows in a release of files and in PostgreSQL, asked as an engineer."""
    home = Home(tmp_path_factory.mktemp("both"))
    folder = written(home, "r1", plausible_rows())
    point(home, "r1")
    with connected(server.create("both_doors")) as connection:
        load(connection, folder, lambda _: None)
    with (
        session(home, Role("engineer")) as files,
        psycopg.connect(
            server.dsn(database="both_doors"),
            options="-c search_path=suanzhang -c timezone=UTC",
            autocommit=True,
        ) as tables,
    ):
        yield files, tables


@pytest.mark.parametrize("query", DOCUMENTED.values(), ids=DOCUMENTED.keys())
def test_a_documented_statement_gives_the_same_answer_at_both_doors(both: Any, query: str) -> None:
    files, tables = both
    expected, found = answers(ask(files, query).fetchall()), answers(tables.execute(query).fetchall())
    assert expected, "no row: the statement shows nothing"
    assert found == expected


def run(dsn: str, *arguments: str, given: str = "") -> str:
    result = CliRunner().invoke(serve, [*arguments, "--dsn", dsn], input=given, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_commands_load_admit_list_and_dismiss(empty: str, home: Home, server: Server) -> None:
    with pytest.raises(Finding, match="Nothing is loaded into this database yet"):
        run(empty, "list")
    written(home, "r1", TWO_SITES)
    point(home, "r1")
    assert "Nobody may read it yet" in run(empty)
    said = run(empty, "admit", "wu-hami", "--role", "regulator", "--region", "hami", given=f"{PASSWORD}\n")
    assert said == "wu-hami may read as regulator of hami.\n"
    assert run(empty, "list").splitlines()[1].split() == ["wu-hami", "regulator", "hami"]
    again = run(empty)
    assert "Release r1 was there already." in again
    assert again.splitlines()[-1].startswith("Look: psql -h 127.0.0.1")
    assert "no statement of a tenant 't9'" in run(
        empty, "admit", "t-nine", "--role", "tenant", "--tenant", "t9", given="x\n"
    )
    run(empty, "dismiss", "t-nine")
    run(empty, "dismiss", "wu-hami")
    with connected(empty) as connection:
        assert people(connection) == []


def test_a_login_changes_its_role_and_keeps_nothing_of_the_old_one(empty: str, home: Home) -> None:
    loaded(empty, written(home, "r1", TWO_SITES))
    with connected(empty) as connection:
        admit(connection, "sun", Role("finance"), PASSWORD)
        admit(connection, "sun", Role("regulator", region="hami"), PASSWORD)
        assert people(connection) == [("sun", "regulator", "hami", None)]
        groups = "select roleid::regrole::text from pg_auth_members where member = 'sun'::regrole"
        assert connection.execute(groups).fetchall() == [("suanzhang_regulator",)]
        with pytest.raises(Finding, match=r"in the region 'henan'\. Regions: hami, zhengzhou"):
            admit(connection, "sun", Role("regulator", region="henan"), PASSWORD)
        with pytest.raises(Finding, match="not of this door"):
            admit(connection, "postgres", Role("finance"), PASSWORD)
        connection.execute("grant select on suanzhang.sites to sun")
        with pytest.raises(Finding, match="gave it other rights by hand"):
            dismiss(connection, "sun")
        assert people(connection) == []
        connection.execute("drop owned by sun; drop role sun")
        with pytest.raises(WrongUse, match="cannot be a login"):
            admit(connection, 'x"; drop table sites', Role("finance"), PASSWORD)


def test_a_loader_that_is_no_superuser_loads_and_says_what_it_cannot_forbid(
    server: Server, home: Home
) -> None:
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(f"create role loader login createrole password '{PASSWORD}'")
    dsn = server.create("of_a_loader", "loader")
    written(home, "r1", TWO_SITES)
    point(home, "r1")
    assert "only a superuser can forbid it" in run(dsn)
    page = (Path(__file__).parents[2] / "docs" / "serving.md").read_text(encoding="utf-8")
    (forbid,) = re.findall(r"^```sql\n(do .*?)^```", page, re.MULTILINE | re.DOTALL)
    with psycopg.connect(server.dsn(database="of_a_loader"), autocommit=True) as connection:
        connection.execute(forbid)
    assert "only a superuser" not in run(dsn)
    run(dsn, "admit", "zhou-hami", "--role", "regulator", "--region", "hami", given=f"{PASSWORD}\n")
    with connected(dsn) as connection:
        assert connection.execute(
            "select has_table_privilege('zhou-hami', 'suanzhang.sites', 'select')"
        ).fetchall() == [(True,)]
        assert connection.execute(
            "select has_table_privilege('zhou-hami', 'suanzhang.charges', 'select')"
        ).fetchall() == [(False,)]
    run(dsn, "dismiss", "zhou-hami")


@pytest.mark.parametrize(
    ("dsn", "error", "sentence"),
    [
        ("", WrongUse, "Which server"),
        ("no dsn at all", WrongUse, "no DSN"),
        ("postgresql://x:secret@127.0.0.1:1/y", Finding, "cannot be used"),
    ],
)
def test_a_server_that_cannot_be_reached_is_one_sentence_without_a_password(
    home: Home, monkeypatch: pytest.MonkeyPatch, dsn: str, error: type[Exception], sentence: str
) -> None:
    monkeypatch.delenv("SUANZHANG_POSTGRES_DSN", raising=False)
    written(home, "r1", TWO_SITES)
    point(home, "r1")
    with pytest.raises(error, match=sentence) as found:
        CliRunner().invoke(serve, ["--dsn", dsn], catch_exceptions=False)
    assert "secret" not in str(found.value)
    assert len(str(found.value).splitlines()) == 1
