"""From a release to the data of a page, through a session that holds the tables of the page's role and no others.

What a role may not read cannot come into its page: the session does not have it. Nothing here knows of HTML.
"""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from data_contracts.contract import Column, Contract
from pipelines.ask import session
from pipelines.dashboard.codec import columns
from pipelines.dashboard.cubes import Cube
from pipelines.dashboard.lists import Listed
from pipelines.dbt_project import PROJECT
from pipelines.home import Home
from pipelines.roles import Role

SITE_DAYS = 7000
"""With more days of sites than this, a page sums by week: a year of a hundred sites has to stay under 3 MB."""


@dataclass(frozen=True)
class Kind:
    """A kind of page: the folder it lies in, whose it is, and what it holds."""

    folder: str
    role: Role
    cubes: tuple[Cube, ...]
    lists: tuple[Listed, ...]


def page_data(home: Home, release: Path, kind: Kind, release_id: str) -> dict[str, Any]:
    """The data of a page: whole numbers and texts of a release, what its columns mean, and which tables they are of."""
    with session(home, kind.role, release) as connection:
        first, last, grain = _span(connection)
        return {
            "meta": {
                "release": release_id,
                "role": kind.role.name,
                "docs": "../docs/index.html",
                "grain": grain,
                "first": first,
                "last": last,
            },
            "cubes": {cube.name: _cube(connection, cube, grain) for cube in kind.cubes},
            "lists": {each.name: _listed(connection, each) for each in kind.lists},
            "regions": _names("regions", "region_id"),
            "circles": _names("latency_circles", "circle_id"),
            **_meanings(kind),
        }


def _span(connection: duckdb.DuckDBPyConnection) -> tuple[str | None, str | None, str]:
    """The first and the last business day of the release's figures, and the grain that fits into a page."""
    first, last, site_days = connection.sql(
        "select min(day), max(day), count(distinct (site_id, day)) from utilisation_daily"
    ).fetchall()[0]
    return _text(first), _text(last), "day" if site_days <= SITE_DAYS else "week"


def _cube(connection: duckdb.DuckDBPyConnection, cube: Cube, grain: str) -> dict[str, Any]:
    found = connection.sql(cube.statement(grain))
    return columns(found.columns, found.fetchall(), cube.like)


def _listed(connection: duckdb.DuckDBPyConnection, listed: Listed) -> dict[str, Any]:
    found = connection.sql(listed.sql)
    rows = [[_text(value) if isinstance(value, date) else value for value in row] for row in found.fetchall()]
    return {"columns": found.columns, "rows": rows, "sql": listed.sql, "table": listed.table}


def _text(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _names(table: str, key: str) -> dict[str, list[str]]:
    """The names of what a reference table lists, in English and Chinese."""
    with (PROJECT / "seeds" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return {row[key]: [row["name_en"], row["name_zh"]] for row in csv.DictReader(stream)}


def _meanings(kind: Kind) -> dict[str, Any]:
    """What the page's tables, their columns and codes mean, in English and Chinese."""
    named = {cube.table for cube in kind.cubes} | {each.table for each in kind.lists}
    return {"tables": {each.name: _table(each) for each in kind.role.tables() if each.name in named}}


def _table(contract: Contract) -> dict[str, Any]:
    return {
        "version": contract.version,
        "title": [contract.title.en, contract.title.zh],
        "columns": {each.name: _column(each) for each in contract.columns},
        "codes": {
            each.name: {code: [text.en, text.zh] for code, text in each.code_texts.items()}
            for each in contract.columns
            if each.codes
        },
    }


def _column(column: Column) -> list[str | None]:
    return [column.name_en, column.name_zh, column.definition_en, column.definition_zh, column.unit]
