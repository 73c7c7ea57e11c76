"""Asking the current release by SQL: a session that holds one role's tables and no way to anything else.

Two guards, each enough for files: the engine has no access but to the role's own tables, and a query is read as a tree
before it runs, so that it names nothing but those tables and harmless functions. The engine's own tables and settings
would tell where things lie on this machine.
"""

import difflib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import Finding
from pipelines.home import Home
from pipelines.release import current_release
from pipelines.roles import Role, quoted

MEMORY, THREADS = "2GB", 2
TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "repeat", "repeat_row"})
"""Functions that may stand where a table does; all others read files, settings or the engine's own state."""
REFUSED_FUNCTIONS = frozenset({"current_setting", "getenv", "getvariable", "pg_get_viewdef", "write_log"})
CATALOGUE = frozenset({"tables", "columns"})
"""What may be read of `information_schema`: it tells names and types only."""
ONE_SELECT = "One SELECT at a time: this session reads published tables and does nothing else."


def session(home: Home, role: Role, release: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only DuckDB session over the current release, or that in a folder, with the role's tables alone.

    Rows of a narrowed role are copied into the session, so that no file with other rows is within its reach; whole
    tables are views over files that the session may read. A table that the release does not have yet is not there.
    Raises Finding before the first release and for a region that has no site.
    """
    folder = release or current_release(home).folder
    connection = duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY})
    connection.execute("set timezone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    connection.execute("set default_null_order = 'postgres'")
    connection.execute(f"set temp_directory = {quoted(str(home.warehouse / 'spill'))}")
    readable: list[str] = []
    for contract in sorted(role.tables(), key=lambda each: each.name != "sites"):
        path = folder / str(contract.group) / f"{contract.name}.parquet"
        if not path.exists():
            continue
        condition = role.condition(contract)
        rows = f"select * from read_parquet({quoted(str(path))})"
        if condition:
            connection.execute(f"create table {contract.name} as {rows} where {condition}")
        else:
            connection.execute(f"create view {contract.name} as {rows}")
            readable.append(quoted(str(path)))
        if contract.name == "sites" and role.region:
            _require_region(connection, rows, role.region)
    connection.execute(f"set allowed_paths = [{', '.join(readable)}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def _require_region(connection: duckdb.DuckDBPyConnection, all_sites: str, region: str) -> None:
    if connection.sql("select 1 from sites limit 1").fetchall():
        return
    known = connection.sql(f"select distinct region from ({all_sites}) order by region").fetchall()
    raise Finding(
        f"No site of this release is in the region '{region}'. Regions: {', '.join(name for (name,) in known)}."
    )


def ask(connection: duckdb.DuckDBPyConnection, query: str) -> duckdb.DuckDBPyRelation:
    """Reads one statement; its rows are fetched later, within `explained`.

    Raises Finding, in one sentence, for anything but a SELECT (or DESCRIBE, SUMMARIZE, SHOW) over the session's
    tables and for any mistake in it.
    """
    with explained(connection):
        statements = connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise Finding(ONE_SELECT)
        _require_harmless(connection, statements[0].query)
        relation = connection.sql(query)
    if relation is None:
        raise Finding("This statement has no result to show.")
    return relation


def _require_harmless(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Raises Finding if a query names a table or a function that is not for asking."""
    (text,) = connection.execute("select json_serialize_sql(?::varchar)", [query]).fetchall()[0]
    try:
        tree = json.loads(text)
    except RecursionError as error:
        raise Finding("This statement is nested too deeply: write it in smaller steps.") from error
    if tree["error"]:
        raise Finding(ONE_SELECT)
    nodes = list(_nodes(tree))
    system = {
        name for (name,) in connection.sql("select view_name from duckdb_views() where internal").fetchall()
    }
    within = {str(item["key"]).lower() for node in nodes for item in node.get("map") or [] if "key" in item}
    allowed = {*_tables(connection), *(within - system)}
    for node in nodes:
        if node.get("type") == "BASE_TABLE":
            _require_table(node, allowed, _tables(connection))
        elif node.get("type") == "TABLE_FUNCTION":
            _require_function(
                node["function"]["function_name"], node["function"]["function_name"] in TABLE_FUNCTIONS
            )
        elif node.get("class") == "FUNCTION":
            _require_function(node["function_name"], node["function_name"].lower() not in REFUSED_FUNCTIONS)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of a parsed JSON document."""
    waiting = [tree]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield each
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)


def _require_table(node: dict[str, Any], allowed: set[str], tables: list[str]) -> None:
    name, schema = node["table_name"].lower(), node["schema_name"].lower()
    if (schema in ("", "main") and name in allowed) or (schema == "information_schema" and name in CATALOGUE):
        return
    raise Finding(f"There is no table '{node['table_name']}' here. {_near(name, tables)}")


def _require_function(name: str, harmless: bool) -> None:
    if not harmless:
        raise Finding(f"This session reads published tables only: '{name}' is not one of its functions.")


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    views = "select view_name from duckdb_views() where not internal"
    found = connection.sql(
        f"select table_name as name from duckdb_tables() union {views} order by name"
    ).fetchall()
    return [name for (name,) in found]


def overview(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """The tables of a session with their numbers of columns."""
    return connection.sql(
        "select table_name, count(*) as columns from information_schema.columns group by all order by all"
    )


@contextmanager
def explained(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Within it, what the engine objects to is a Finding: one sentence, naming what may have been meant."""
    try:
        yield
    except duckdb.Error as error:
        raise Finding(explain(connection, error)) from error


def explain(connection: duckdb.DuckDBPyConnection, error: duckdb.Error) -> str:
    """An engine's error as one sentence that names the tables or columns that may have been meant."""
    text = " ".join(re.split(r"\n+LINE \d", str(error))[0].split())
    missing = re.search(r'Table with name "?(\w+)"?', text)
    if missing and isinstance(error, duckdb.CatalogException):
        return f"There is no table '{missing.group(1)}' here. {_near(missing.group(1), _tables(connection))}"
    kind, colon, sentence = text.partition(" Error: ")
    return f"{sentence} ({kind.lower()} error)" if colon else text


def _near(name: str, tables: list[str]) -> str:
    near = difflib.get_close_matches(name, tables, 3)
    return f"Did you mean {' or '.join(near)}?" if near else f"Tables here: {', '.join(tables)}."
