"""Reads what statements say from a release's tables and, for a closed period, its close pack. No wording here.

Works through a period in portions of parties, so that memory follows the largest statement, not the network.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import Finding
from pipelines.files import sha256_file
from pipelines.home import month_bounds
from pipelines.roles import quoted
from pipelines.statements import queries
from pipelines.statements.content import (
    Closed,
    Line,
    Part,
    Party,
    Position,
    Price,
    Section,
    Statement,
    TopUp,
)

PORTION = 200
MEMORY = "1GB"
REFERENCES = ("parties", "vouchers")
NO_VOUCHERS = "(select '' as voucher_id, '' as tenant_id where false)"
"""What stands for the vouchers of a pack that was closed before there were any."""
Pair = tuple[str, str, str]
"""Party, counterparty and direction: whose section a row belongs to."""


class Books:
    """The settlement tables of one release, ready to be asked for statements."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, packs: Path) -> None:
        self._connection, self._packs = connection, packs

    def periods(self) -> list[tuple[str, str | None]]:
        """The periods that have statements, each with the hash of its pack if it is closed."""
        return self._rows(queries.PERIODS, {})

    def parties(self, period: str) -> list[str]:
        """Who has a statement for a period."""
        return [name for (name,) in self._rows(queries.PARTIES, {"period": period})]

    def statements(self, period: str, parties: list[str]) -> Iterator[Statement]:
        """The statements of some parties, in that order. Raises Finding if rows do not come to their sums."""
        pack = dict(self.periods()).get(period)
        closed = self._closed(period, pack) if pack else None
        self._prepare(period, closed is not None)
        for start in range(0, len(parties), PORTION):
            yield from self._portion(period, closed, parties[start : start + PORTION])

    def site_names(self) -> list[tuple[str, str, str]]:
        """Every site with its names in Chinese and English."""
        return self._rows(queries.SITES, {})

    def terms(self, period: str) -> list[tuple[str, str, str, int]]:
        """By which day each party and counterparty are to pay each other for a period."""
        return self._rows(queries.TERMS, {"period": period})

    def _closed(self, period: str, pack_sha256: str) -> Closed:
        folder = self._packs / period
        try:
            said = json.loads((folder / "pack.json").read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise Finding(
                f"The close pack of {period} is not in {folder}: "
                f"`suanzhang close {period} --propose-as NAME` writes it again."
            ) from error
        if said["pack_sha256"] != pack_sha256:
            raise Finding(
                f"The close pack in {folder} is not that of this release's {period}, which is {pack_sha256}."
            )
        for name in REFERENCES:
            path, meant = _reference(folder, name), said["tables"].get(f"reference/{name}")
            if (sha256_file(path) if path.exists() else None) != meant:
                raise Finding(f"The close pack in {folder} was altered: reference/{name}.parquet.")
        lines = said["merkle"]["lines"]
        return Closed(
            pack_sha256,
            lines["root"],
            lines["leaves"],
            said["cutoff"],
            said["proposed_by"],
            said["approved_by"],
        )

    def _prepare(self, period: str, closed: bool) -> None:
        """Makes the session's tables of one period: who is who, lines, prices, parts."""
        folder = self._packs / period
        frozen = {
            name: f"read_parquet({quoted(str(_reference(folder, name)))})"
            for name in REFERENCES
            if _reference(folder, name).exists()
        }
        known = {"parties": "settlement_parties", "vouchers": "voucher_redemptions"}
        sources = {"vouchers": NO_VOUCHERS, **frozen} if closed else known
        last_day = month_bounds(period)[1]
        for name, query in queries.PREPARED.items():
            text = query.replace("$parties", sources["parties"]).replace("$vouchers", sources["vouchers"])
            values = {"period": period, "following": last_day}
            named = {key: value for key, value in values.items() if f"${key}" in text}
            self._connection.execute(f"create or replace temp table {name} as {text}", named)

    def _portion(self, period: str, closed: Closed | None, names: list[str]) -> Iterator[Statement]:
        asked = {"names": names}
        people = {row[0]: Party(*row) for row in self._rows(queries.PEOPLE, {})}

        def party(party_id: str) -> Party:
            return people.get(party_id) or Party(party_id, party_id, party_id, None)

        positions: dict[str, list[Position]] = {}
        for owner, other, *rest in self._rows(queries.POSITIONS, {**asked, "period": period}):
            positions.setdefault(owner, []).append(Position(party(other), *rest))
        lines, parts, topups = self._lines(asked), self._parts(asked), self._topups(asked, period)
        sections: dict[str, list[Section]] = {}
        for owner, other, direction, *sums in self._rows(queries.SECTIONS, {**asked, "period": period}):
            pair = (owner, other, direction)
            made_of = (tuple(rows.get(pair, ())) for rows in (lines, parts, topups))
            sections.setdefault(owner, []).append(Section(party(other), direction, *sums, *made_of))
        sites = {row[0]: row for row in self.site_names()}
        for name in names:
            of = sections.get(name)
            if of is None:
                raise Finding(f"{name} has no statement for {period} in this release.")
            used = sorted({row.site_id for section in of for row in section.rows})
            yield Statement(
                party(name),
                period,
                closed,
                tuple(sites.get(site, (site, site, site)) for site in used),
                tuple(positions.get(name, ())),
                tuple(of),
            )

    def _lines(self, asked: dict[str, Any]) -> dict[Pair, list[Line]]:
        """Lines by section: with their prices where the debtor reads them."""
        prices: dict[str, list[Price]] = {}
        for line_id, *rest in self._rows(queries.PRICES_OF, asked):
            prices.setdefault(line_id, []).append(Price(*rest))
        found: dict[Pair, list[Line]] = {}
        for debtor, creditor, debtor_asked, creditor_asked, *rest in self._rows(queries.LINES_OF, asked):
            if debtor_asked:
                own = Line(*(*rest, tuple(prices.get(rest[0], ()))))
                found.setdefault((debtor, creditor, "payable"), []).append(own)
            if creditor_asked:
                found.setdefault((creditor, debtor, "receivable"), []).append(Line(*(*rest, ())))
        return found

    def _parts(self, asked: dict[str, Any]) -> dict[Pair, list[Part]]:
        return self._both(Part, queries.PARTS_OF, asked)

    def _topups(self, asked: dict[str, Any], period: str) -> dict[Pair, list[TopUp]]:
        return self._both(TopUp, queries.TOPUPS_OF, {**asked, "period": period})

    def _both(self, kind: Any, query: str, values: dict[str, Any]) -> dict[Pair, list[Any]]:
        """Rows of a creditor and a debtor, on the section of each of them that is asked for."""
        found: dict[Pair, list[Any]] = {}
        for creditor, debtor, *rest in self._rows(query, values):
            if creditor in values["names"]:
                found.setdefault((creditor, debtor, "receivable"), []).append(kind(*rest))
            if debtor in values["names"]:
                found.setdefault((debtor, creditor, "payable"), []).append(kind(*rest))
        return found

    def _rows(self, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._connection.execute(query, values).fetchall()
        return rows


def _reference(pack: Path, name: str) -> Path:
    """Where a pack keeps the rows of a reference dataset."""
    return pack / "reference" / f"{name}.parquet"


@contextmanager
def opened(release: Path, packs: Path) -> Iterator[Books]:
    """The books of the release in a folder. Raises Finding if the release has not all tables that statements need."""
    with duckdb.connect(config={"threads": 2, "memory_limit": MEMORY}) as connection:
        connection.execute("set timezone = 'UTC'")
        for name, group in queries.TABLES.items():
            path = release / group / f"{name}.parquet"
            if not path.exists():
                raise Finding(
                    f"The release {release.name} has no table {name}, from which statements take names and sums: "
                    "publish again with `suanzhang materialize`."
                )
            connection.execute(f"create view {name} as select * from read_parquet({quoted(str(path))})")
        yield Books(connection, packs)
