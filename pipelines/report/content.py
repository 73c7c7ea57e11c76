"""What a regulator's file for a month holds: the rows of one place, and what changed in them since another release.

Belongs here: which tables, rows and changes. Does not belong here: how they look (writing.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from data_contracts.contract import Contract
from pipelines.ask import session
from pipelines.errors import Finding, WrongUse
from pipelines.home import BUSINESS_ZONE, Home
from pipelines.roles import Role

LEFT_OUT = frozenset({"definitions", "lineage_summary", "utilisation_hourly"})
"""Tables of the release that the file does not repeat: meanings have a sheet of their own, the others are long."""
DAYS = ("day", "as_of", "received_day")
WHOLE = frozenset({"sites", "target_scorecard"})
Row = tuple[Any, ...]
Tables = Mapping[str, list[Row]]


@dataclass(frozen=True)
class Place:
    """What a file is about: a site, or a province with its sites. `name` is that of the file."""

    name: str
    title: str
    sites: frozenset[str]
    regions: frozenset[str]
    is_site: bool


@dataclass(frozen=True)
class Change:
    """A row that came, went, or holds another value than in the release before."""

    table: str
    row_key: str
    kind: str
    column: str
    before: Any
    now: Any


def month_of(text: str) -> tuple[str, str]:
    """First day of a month YYYY-MM and of the one after it. Raises WrongUse for any other text."""
    try:
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=BUSINESS_ZONE)
    except ValueError as error:
        raise WrongUse(f"'{text}' is no month: write it like 2026-10.") from error
    after = (first + timedelta(days=32)).replace(day=1)
    return f"{first:%Y-%m-%d}", f"{after:%Y-%m-%d}"


def read(home: Home, region: str | None, month: str, folder: Path | None = None) -> Tables:
    """The month's rows of a regulator's tables in key order, of the current release or that in a folder."""
    first, after = month_of(month)
    role = Role("regulator", region=region)
    connection = session(home, role, folder)
    here = {name for (name,) in connection.sql("select table_name from information_schema.tables").fetchall()}
    return {
        contract.name: _rows(connection, contract, first, after)
        for contract in role.tables()
        if contract.name in here and contract.name not in LEFT_OUT
    }


def _rows(connection: duckdb.DuckDBPyConnection, contract: Contract, first: str, after: str) -> list[Row]:
    there = {name for (name, *_) in connection.sql(f"describe {contract.name}").fetchall()}
    names = ", ".join(f'"{name}"' if name in there else f'null as "{name}"' for name in contract.column_names)
    day = next((name for name in DAYS if name in there and contract.name not in WHOLE), None)
    within = f"where {day} >= date '{first}' and {day} < date '{after}'" if day else ""
    order = ", ".join(f'"{name}" nulls first' for name in contract.key)
    return connection.sql(f"select {names} from {contract.name} {within} order by {order}").fetchall()


def places(contract: Contract, rows: Sequence[Row]) -> list[Place]:
    """Every site and every province of the table `sites`."""
    at = {name: contract.column_names.index(name) for name in contract.column_names}
    found: list[Place] = []
    provinces: dict[str, list[Row]] = {}
    for row in rows:
        site, region = row[at["site_id"]], row[at["region"]]
        title = f"{row[at['name_en']]} {row[at['name_zh']]}"
        found.append(Place(site, title, frozenset({site}), frozenset({region}), True))
        if row[at["province"]]:
            provinces.setdefault(row[at["province"]], []).append(row)
    for province, members in provinces.items():
        name = f"province-{province.split()[-1].lower()}"
        sites = frozenset(row[at["site_id"]] for row in members)
        found.append(Place(name, province, sites, frozenset(row[at["region"]] for row in members), False))
    return found


def of_place(contract: Contract, rows: Sequence[Row], place: Place) -> list[Row]:
    """The rows of a table that are about a place: of its sites; of no site but in its regions, for a province."""
    names = contract.column_names
    scopes = [names.index(name) for name in ("scope_kind", "scope_id", "region") if name in names]
    if len(scopes) == 3:
        kind, scope, region = scopes
        return [
            row
            for row in rows
            if (row[kind] == "site" and row[scope] in place.sites)
            or (not place.is_site and row[kind] != "site" and _concerns(place, row[scope], row[region]))
        ]
    for name in ("site_id", "source_id", "from_site_id"):
        if name in names:
            own = [names.index(each) for each in (name, "to_site_id") if each in names]
            return [row for row in rows if any(row[index] in place.sites for index in own)]
    if place.is_site:
        return []
    if "region" in names:
        return [row for row in rows if _concerns(place, None, row[names.index("region")])]
    return list(rows)


def _concerns(place: Place, scope: str | None, region: str) -> bool:
    """Whether a row is about a province's regions, or the province itself."""
    own = {*place.regions, place.name.removeprefix("province-")}
    return scope in own or region in own


def changes(contract: Contract, before: Sequence[Row], now: Sequence[Row]) -> Iterator[Change]:
    """What is otherwise in `now` than in `before`, by key, in the order of the keys."""
    key = [contract.column_names.index(name) for name in contract.key]
    old = {tuple(row[index] for index in key): row for row in before}
    new = {tuple(row[index] for index in key): row for row in now}
    for each in sorted({**old, **new}, key=lambda parts: [(part is not None, str(part)) for part in parts]):
        name = "|".join("" if part is None else str(part) for part in each)
        if each not in old or each not in new:
            yield Change(contract.name, name, "added" if each in new else "removed", "", None, None)
            continue
        for index, column in enumerate(contract.column_names):
            if old[each][index] != new[each][index]:
                yield Change(contract.name, name, "changed", column, old[each][index], new[each][index])


def release_folder(home: Home, release_id: str) -> Path:
    """The folder of a release that is still there. Raises Finding where it is not."""
    folder = home.published / "releases" / release_id
    if not (folder / "manifest.json").exists():
        raise Finding(f"There is no release {release_id}; see {home.published / 'releases'}.")
    return folder
