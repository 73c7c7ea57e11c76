"""Reaching the PostgreSQL server that a DSN names; what goes wrong there as one sentence, never with a password."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from pipelines.errors import Finding, WrongUse

VARIABLE = "SUANZHANG_POSTGRES_DSN"
OLDEST = 15
"""Before 15 everybody may create tables in the schema `public`."""


def dsn(given: str | None) -> str:
    """The DSN of an option or of the environment. Raises WrongUse where neither names a server."""
    found = given or os.environ.get(VARIABLE)
    if not found:
        raise WrongUse(
            f"Which server? Give --dsn or set {VARIABLE}, like postgresql://loader@localhost/suanzhang."
        )
    return found


@contextmanager
def connected(target: str) -> Iterator[psycopg.Connection]:
    """A connection of the loader, without a transaction of its own. What the server objects to is a Finding."""
    try:
        with psycopg.connect(target, autocommit=True, application_name="suanzhang serve") as connection:
            if connection.info.server_version < OLDEST * 10_000:
                raise Finding(f"This server is older than PostgreSQL {OLDEST}: use {OLDEST} or later.")
            connection.execute("set client_min_messages = error")
            yield connection
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction) as error:
        raise Finding(
            f"{_first(error)}. The loader owns the database and may create roles: see docs/serving.md."
        ) from error
    except psycopg.ProgrammingError as error:
        if error.sqlstate:
            raise
        raise WrongUse("This is no DSN: write it like postgresql://loader@localhost/suanzhang.") from error
    except psycopg.OperationalError as error:
        raise Finding(f"The server cannot be used: {_first(error)}.") from error


def _first(error: psycopg.Error) -> str:
    text = " ".join(str(error).split("\nDETAIL")[0].split("\nCONTEXT")[0].split("\nHINT")[0].split())
    return text.rstrip(".")


def database(connection: psycopg.Connection) -> sql.Identifier:
    """The database of a connection."""
    return sql.Identifier(connection.info.dbname)


def statement(text: str, *parts: sql.Composable) -> sql.Composed:
    """A statement from a text of ours with {} for its parts."""
    return sql.SQL(text).format(*parts)
