"""Who may come in: logins of the server, each with one role and what narrows it, in a table of the loader's."""

import re
from collections.abc import Sequence

import psycopg
from psycopg import sql

from pipelines.errors import Finding, WrongUse
from pipelines.roles import Role
from pipelines.serving.connecting import statement
from pipelines.serving.schema import DOOR, SCHEMA, group

LOGIN = re.compile(r"[a-z][a-z0-9_-]{0,62}")
CONNECTIONS = 10
SETTINGS = {
    "search_path": SCHEMA,
    "timezone": "UTC",
    "default_transaction_read_only": "on",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
}
"""How a session begins. A reader may change these for himself: they keep accidents away, rights keep readers away."""
TEMPORARY_FILES = "2GB"
"""What a login's queries may spill to the server's disk; only a superuser can say so."""


def admit(connection: psycopg.Connection, login: str, role: Role, password: str) -> None:
    """Makes a login with a role, or gives a login of this door another role and password.

    The server gets the password as a SCRAM verifier only. Raises Finding for a login that is not of this door, before
    the first load, and for a region of which the loaded release has no site.
    """
    if not LOGIN.fullmatch(login):
        raise WrongUse(
            f"'{login}' cannot be a login: small letters, digits, - and _, a letter first, at most 63."
        )
    if not password:
        raise WrongUse("A login needs a password.")
    verifier = connection.pgconn.encrypt_password(
        password.encode(), login.encode(), b"scram-sha-256"
    ).decode()
    with connection.transaction():
        cursor = connection.cursor()
        _require_loaded(cursor)
        if role.region:
            _require_region(cursor, role.region)
        name = sql.Identifier(login)
        known = cursor.execute(
            statement(f"select role from {DOOR}.logins where login = %s"), [login]
        ).fetchall()
        if not known:
            if cursor.execute("select from pg_roles where rolname = %s", [login]).fetchall():
                raise Finding(
                    f"The server has a role '{login}' that is not of this door: choose another name."
                )
            cursor.execute(statement("create role {}", name))
        for (before,) in known:
            cursor.execute(statement("revoke {} from {}", group(before), name))
        _require_nothing_else(cursor, login)
        cursor.execute(
            statement(
                f"alter role {{}} login connection limit {CONNECTIONS} password {{}}",
                name,
                sql.Literal(verifier),
            )
        )
        cursor.execute(statement("grant {} to {}", group(role.name), name))
        for setting, value in SETTINGS.items():
            cursor.execute(statement(f"alter role {{}} set {setting} = {{}}", name, sql.Literal(value)))
        _limit_files(cursor, name)
        cursor.execute(statement(f"delete from {DOOR}.logins where login = %s"), [login])
        cursor.execute(
            statement(f"insert into {DOOR}.logins values (%s, %s, %s, %s)"),
            [login, role.name, role.region, role.tenant],
        )


def dismiss(connection: psycopg.Connection, login: str) -> None:
    """Takes a login away, and ends its sessions. Raises Finding for one that is not of this door."""
    with connection.transaction():
        cursor = connection.cursor()
        if login not in {each[0] for each in people(connection)}:
            raise Finding(f"There is no login '{login}'. See `suanzhang serve list`.")
        cursor.execute(statement(f"delete from {DOOR}.logins where login = %s"), [login])
        cursor.execute(statement("alter role {} nologin", sql.Identifier(login)))
    connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [login])
    try:
        connection.execute(statement("drop role {}", sql.Identifier(login)))
    except psycopg.errors.DependentObjectsStillExist as error:
        raise Finding(
            f"{login} may read no longer, but the server keeps the role, because somebody gave it other rights by hand."
        ) from error


def people(connection: psycopg.Connection) -> Sequence[tuple[str, str, str | None, str | None]]:
    """Every login of the door with its role, region and tenant, by name."""
    cursor = connection.cursor()
    _require_loaded(cursor)
    rows = cursor.execute(
        statement(f"select login::text, role, region, tenant from {DOOR}.logins order by login")
    ).fetchall()
    return [(login, role, region, tenant) for login, role, region, tenant in rows]


def has_rows(connection: psycopg.Connection, tenant: str) -> bool:
    """Whether the loaded release has any statement of a tenant."""
    found = connection.execute(
        statement(f"select from {SCHEMA}.statements where party_id = %s limit 1"), [tenant]
    )
    return bool(found.fetchall())


def _require_loaded(cursor: psycopg.Cursor) -> None:
    if cursor.execute("select to_regclass(%s)", [f"{SCHEMA}.sites"]).fetchall() == [(None,)]:
        raise Finding("Nothing is loaded into this database yet. Run `suanzhang serve` first.")


def _require_region(cursor: psycopg.Cursor, region: str) -> None:
    regions = [
        name
        for (name,) in cursor.execute(
            statement(f"select distinct region from {SCHEMA}.sites order by 1")
        ).fetchall()
    ]
    if region not in regions:
        raise Finding(
            f"No site of the loaded release is in the region '{region}'. Regions: {', '.join(regions)}."
        )


def _require_nothing_else(cursor: psycopg.Cursor, login: str) -> None:
    """A login is of one group, and of no other role that somebody gave it by hand."""
    others = cursor.execute(
        "select roleid::regrole::text from pg_auth_members where member = %s::regrole", [login]
    ).fetchall()
    if others:
        names = ", ".join(name for (name,) in others)
        raise Finding(f"The login '{login}' is a member of {names} besides: revoke that first.")


def _limit_files(cursor: psycopg.Cursor, name: sql.Identifier) -> None:
    (superuser,) = cursor.execute("select rolsuper from pg_roles where rolname = current_user").fetchall()[0]
    if superuser:
        cursor.execute(
            statement("alter role {} set temp_file_limit = {}", name, sql.Literal(TEMPORARY_FILES))
        )
