"""What the door stands on, laid again at each load: groups of readers, whom a login is, and nothing for anybody else.

A login's region and tenant stand in a table that only the loader reads and writes; policies ask for them by
`session_user`, which a reader cannot change by SET ROLE or by any setting.
"""

import psycopg
from psycopg import sql

from pipelines.roles import ROLES
from pipelines.serving.connecting import database, statement
from pipelines.serving.schema import DOOR, SCHEMA, group

TABLES = f"""
create schema if not exists {DOOR};
create table if not exists {DOOR}.logins (
    login name primary key,
    role text not null,
    region text check (region is null or role = 'regulator'),
    tenant text check ((tenant is null) = (role <> 'tenant'))
);
create table if not exists {DOOR}.loaded (
    table_name text primary key,
    sha256 text not null
);
create table if not exists {DOOR}.state (
    release_id text not null,
    definitions text not null
);
lock table {DOOR}.state in exclusive mode;
revoke all on schema {DOOR} from public;
revoke all on all tables in schema {DOOR} from public;
"""

ANSWERS = {
    "sees_all": (
        "boolean",
        "select exists (select from {} where login = session_user and region is null and tenant is null)",
    ),
    "region": ("text", "select region from {} where login = session_user"),
    "tenant": ("text", "select tenant from {} where login = session_user"),
}
"""What policies ask. They run as the loader, so that no reader needs to see who else there is."""

WRITERS = (
    "lo_creat", "lo_create", "lo_from_bytea", "lo_import", "lo_open", "lo_put", "lo_truncate", "lo_truncate64",
    "lo_unlink", "lowrite", "pg_logical_emit_message",
)  # fmt: skip
"""Functions of the server by which anybody could write to it. Only a superuser can take them away."""

UNHARDENED = (
    "Large objects can still be written by every login, because only a superuser can forbid it: run the statement of "
    "docs/serving.md once."
)


def lay(cursor: psycopg.Cursor) -> None:
    """Makes or repairs the groundwork, within the caller's transaction, which from then on is the only one to load."""
    cursor.execute(statement(TABLES))
    for name, (returns, body) in ANSWERS.items():
        cursor.execute(
            statement(
                f"create or replace function {DOOR}.{name}() returns {returns} language sql stable security definer "
                f"parallel restricted set search_path = pg_catalog, pg_temp as $$ {body.format(DOOR + '.logins')} $$"
            )
        )
    there = {name for (name,) in cursor.execute("select rolname from pg_roles").fetchall()}
    for role in ROLES:
        if f"suanzhang_{role}" not in there:
            cursor.execute(statement("create role {} nologin", group(role)))
    here, groups = database(cursor.connection), sql.SQL(", ").join(map(group, ROLES))
    cursor.execute(statement("revoke all on database {} from public", here))
    cursor.execute(statement("revoke all on schema public from public"))
    cursor.execute(statement("grant connect on database {} to {}", here, groups))


def open_schema(cursor: psycopg.Cursor, schema: str = SCHEMA) -> None:
    """Lets the groups look into the schema of the readers."""
    groups = sql.SQL(", ").join(map(group, ROLES))
    cursor.execute(statement("grant usage on schema {} to {}", sql.Identifier(schema), groups))


def harden(cursor: psycopg.Cursor) -> bool:
    """Takes the server's own writing functions from everybody but superusers; whether they are taken."""
    functions = "select oid::regprocedure::text from pg_proc where pronamespace = 'pg_catalog'::regnamespace"
    found = cursor.execute(
        f"{functions} and proname = any(%s) and has_function_privilege('public', oid, 'execute')",
        [list(WRITERS)],
    ).fetchall()
    (superuser,) = cursor.execute("select rolsuper from pg_roles where rolname = current_user").fetchall()[0]
    if not superuser:
        return not found
    for (function,) in found:
        cursor.execute(statement(f"revoke execute on function {function} from public"))
    return True
