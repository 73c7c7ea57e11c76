"""Asking the current release by SQL: a session that holds one role's tables and no way to anything else.

Two guards, each enough for files: the engine has no access but to the role's own tables, and a query is read as a tree
before it runs, so that it names nothing but those tables and harmless functions. The engine's own tables and settings
would tell where things lie on this machine.
"""

import difflib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import Finding, WrongUse
from pipelines.home import Home
from pipelines.release import current_release
from pipelines.roles import Role, quoted
from pipelines.words import near

MEMORY, THREADS, SPILL = "2GB", 2, "10GB"
"""What a session may take of memory, processors, and disk for what does not fit into memory."""
TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "repeat", "repeat_row"})
"""Functions that may stand where a table does; all others read files, settings or the engine's own state."""
REFUSED_FUNCTIONS = frozenset({"current_setting", "getenv", "getvariable", "pg_get_viewdef", "write_log"})
CATALOGUE = frozenset({"tables", "columns"})
"""What may be read of `information_schema`: it tells names and types only."""
TABLES = "Tables here:"
ONE_SELECT = "One SELECT at a time: this session reads published tables and does nothing else."


def session(
    home: Home, role: Role, release: Path | None = None, memory: str = MEMORY
) -> duckdb.DuckDBPyConnection:
    """A read-only DuckDB session over the current release, or that in a folder, with the role's tables alone.

    Rows of a narrowed role are copied into the session, so that no file with other rows is within its reach; whole
    tables are views over files that the session may read. A table that the release does not have yet is not there.
    Raises Finding before the first release and for a region that has no site, and WrongUse for a `memory` that is no
    size.
    """
    folder = release or current_release(home).folder
    try:
        connection = duckdb.connect(config={"threads": THREADS, "memory_limit": memory})
    except duckdb.Error as error:
        raise WrongUse(f"'{memory}' is no size of memory: write it like 500MB or 4GB.") from error
    connection.execute("set timezone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    connection.execute("set default_null_order = 'postgres'")
    connection.execute(f"set temp_directory = {quoted(str(home.warehouse / 'spill'))}")
    connection.execute(f"set max_temp_directory_size = {quoted(SPILL)}")
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
    with explained(connection, query):
        found = connection.extract_statements(query)
        if len(found) != 1 or found[0].type != duckdb.StatementType.SELECT:
            raise Finding(ONE_SELECT)
        _require_harmless(connection, found[0].query)
        relation = connection.sql(query)
    if relation is None:
        raise Finding("This statement has no result to show.")
    return relation


def statements(connection: duckdb.DuckDBPyConnection, text: str) -> list[str]:
    """The statements of a text, one after another. Raises Finding where it cannot be read."""
    with explained(connection):
        return [each.query for each in connection.extract_statements(text)]


def _require_harmless(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Raises Finding if a query names a table or a function that is not for asking."""
    # A literal and no parameter: the first parameter makes the engine's client import pandas, a second and more.
    (text,) = connection.execute(f"select json_serialize_sql({quoted(query)})").fetchall()[0]
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
    raise Finding(f"There is no table '{node['table_name']}' here. {near(name, tables, TABLES)}")


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
def explained(connection: duckdb.DuckDBPyConnection, query: str = "") -> Iterator[None]:
    """Within it, what the engine objects to is a Finding: one sentence, naming what may have been meant in a query."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise Finding(
            "This needs more memory than it may take: ask for less at once, or give --memory more."
        ) from error
    except duckdb.Error as error:
        raise Finding(explain(connection, error, query)) from error
    except RuntimeError as error:
        if "interrupted" not in str(error):
            raise
        raise KeyboardInterrupt from error  # which the engine hides


@contextmanager
def limited(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Within it, a statement is stopped when its time is over, which is a Finding."""
    over = threading.Event()

    def stop() -> None:
        over.set()
        connection.interrupt()

    timer = threading.Timer(seconds, stop)
    timer.start()
    try:
        yield
    except (duckdb.InterruptException, Finding) as error:
        if not over.is_set():
            raise
        raise Finding(
            f"This took longer than {seconds:g} seconds and was stopped: ask for less at once, or give --timeout more."
        ) from error
    finally:
        timer.cancel()


def explain(connection: duckdb.DuckDBPyConnection, error: duckdb.Error, query: str = "") -> str:
    """An engine's error as one sentence that names the tables or columns that may have been meant."""
    text = " ".join(re.split(r"\n+LINE \d", str(error))[0].split())
    column = re.search(r'(?:column "|have a column named ")(\w+)"(?: not found)?', text)
    if column and isinstance(error, duckdb.BinderException):
        return _no_column(connection, column.group(1), query)
    missing = re.search(r'Table with name "?(\w+)"?', text)
    if missing and isinstance(error, duckdb.CatalogException):
        return f"There is no table '{missing.group(1)}' here. {near(missing.group(1), _tables(connection), TABLES)}"
    kind, colon, sentence = text.partition(" Error: ")
    return f"{sentence} ({kind.lower()} error)" if colon else text


def _no_column(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> str:
    """Names columns that are spelt alike, of the tables that a query names, else of any with its table."""
    columns = columns_of(connection)
    here = [
        column for table, names in columns.items() if re.search(rf"\b{table}\b", query) for column in names
    ]
    if found := difflib.get_close_matches(name, list(dict.fromkeys(here)), 3):
        return f"There is no column '{name}' in these tables. Did you mean {' or '.join(found)}?"
    everywhere = sorted({column for names in columns.values() for column in names})
    for close in difflib.get_close_matches(name, everywhere, 1):
        tables = [table for table, names in columns.items() if close in names]
        return f"There is no column '{name}' in these tables. There is {close} in {', '.join(tables[:5])}."
    return f"There is no column '{name}' in these tables. `describe TABLE` lists the columns of one."


def columns_of(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The columns of each table of a session, in order."""
    found: dict[str, list[str]] = {}
    query = (
        "select table_name, column_name from information_schema.columns order by table_name, ordinal_position"
    )
    for table, column in connection.sql(query).fetchall():
        found.setdefault(table, []).append(column)
    return found
