"""Asking the current release by SQL: a session that holds one role's tables and no way to anything else."""

import difflib
import re

import duckdb

from pipelines.errors import Finding
from pipelines.home import Home
from pipelines.release import current_release
from pipelines.roles import Role, quoted

MEMORY, THREADS = "2GB", 2


def session(home: Home, role: Role) -> duckdb.DuckDBPyConnection:
    """A read-only DuckDB session over the current release with the role's tables alone.

    Rows of a narrowed role are copied into the session, so that no file with other rows is within its reach; whole
    tables are views over files that the session may read. Raises Finding before the first release.
    """
    folder = current_release(home).folder
    connection = duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY})
    connection.execute("set timezone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    readable: list[str] = []
    for contract in sorted(role.tables(), key=lambda each: each.name != "sites"):
        path = str(folder / str(contract.group) / f"{contract.name}.parquet")
        condition = role.condition(contract)
        rows = f"select * from read_parquet({quoted(path)})"
        if condition:
            connection.execute(f"create table {contract.name} as {rows} where {condition}")
        else:
            connection.execute(f"create view {contract.name} as {rows}")
            readable.append(quoted(path))
    connection.execute(f"set allowed_paths = [{', '.join(readable)}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def ask(connection: duckdb.DuckDBPyConnection, query: str) -> duckdb.DuckDBPyRelation:
    """Runs one reading statement. Raises Finding, in one sentence, for anything else and for any mistake in it."""
    try:
        statements = connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise Finding("One SELECT at a time: this session reads published tables and does nothing else.")
        relation = connection.sql(query)
    except duckdb.Error as error:
        raise Finding(explain(connection, error)) from error
    if relation is None:
        raise Finding("This statement has no result to show.")
    return relation


def overview(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """The tables of a session with their numbers of columns."""
    return connection.sql(
        "select table_name, count(*) as columns from information_schema.columns group by all order by all"
    )


def explain(connection: duckdb.DuckDBPyConnection, error: duckdb.Error) -> str:
    """An engine's error as one sentence that names the tables or columns that may have been meant."""
    text = " ".join(str(error).split("\n\nLINE")[0].split("\nLINE")[0].split())
    missing = re.search(r'(?:Table with name|column|Column) "?(\w+)"?', text)
    views = "select view_name from duckdb_views() where not internal"
    names = [
        name for (name,) in connection.sql(f"select table_name from duckdb_tables() union {views}").fetchall()
    ]
    if missing and isinstance(error, duckdb.CatalogException):
        near = difflib.get_close_matches(missing.group(1), names, 3) or sorted(names)
        return f"{text.split('!')[0]}! Tables here: {', '.join(near)}."
    return text
