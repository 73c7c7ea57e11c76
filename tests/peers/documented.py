"""Every statement that the README and the pages of docs/ give, and rows among which each of them finds something."""

import math
import random
import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from data_contracts.contract import Column, Contract, load_contracts

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").glob("*.md")) if ".zh-CN" not in page.name),
]
BLOCK = re.compile(r"^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (?:\.venv/bin/)?suanzhang sql .*?(?=^\$|^```)", re.MULTILINE | re.DOTALL)
READS = re.compile(r"\s*(select|with)\b(?!.*parquet_)", re.DOTALL)
"""A statement that reads published tables; others set up a server or read the files themselves."""
SITES = {"nscc-zz": "zhengzhou", "qingyang": "qingyang", "hami": "hami"}
IDS = tuple(f"k{number}" for number in range(40))
ROWS = 200


def _commands(text: str) -> Iterable[str]:
    for found in COMMAND.findall(text):
        words = shlex.split(found, comments=True)
        yield from (word for word in words if READS.match(word))


def _statements() -> dict[str, str]:
    found = {}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        queries = [*filter(READS.match, BLOCK.findall(text)), *_commands(text)]
        found.update({f"{page.name} {number}": query for number, query in enumerate(queries, 1)})
    return found


DOCUMENTED: Mapping[str, str] = _statements()
EQUAL = re.compile(r"(\w+)\s*(?:=|like)\s*'([^']*)'")
AMONG = re.compile(r"(\w+)\s+in\s*\(([^)]*)\)")


def _named() -> dict[str, list[str]]:
    named: dict[str, set[str]] = defaultdict(set)
    for query in DOCUMENTED.values():
        for name, text in EQUAL.findall(query):
            named[name].add(text.replace("%", "x"))
        for name, listed in AMONG.findall(query):
            named[name] |= set(re.findall(r"'([^']*)'", listed))
    return {name: sorted(texts) for name, texts in named.items()}


NAMED = _named()
"""Texts that the statements compare a column with."""


def plausible_rows() -> dict[str, list[dict[str, Any]]]:
    """Rows of every published table with keys once each, drawn from what the statements name, the contracts' codes and
    few names; a site is in its region."""
    chance = random.Random(1)
    return {contract.name: _rows(contract, chance) for contract in load_contracts("published")}


def _rows(contract: Contract, chance: random.Random) -> list[dict[str, Any]]:
    rows = {}
    for _ in range(ROWS):
        row = {column.name: _value(column, chance) for column in contract.columns}
        if row.get("region") and row.get("site_id"):
            row["region"] = SITES[row["site_id"]]
        rows[tuple(row[name] for name in contract.key)] = row
    return list(rows.values())


def _value(column: Column, chance: random.Random) -> Any:
    if not column.required and chance.random() < 0.02:
        return None
    number = chance.randrange(1, 10**6)
    match column.type:
        case "integer":
            return number
        case "decimal":
            return Decimal(number) / 1000
        case "number":
            return number / 7
        case "boolean":
            return chance.random() < 0.5
        case "date":
            return date(2026, 10, 1) + timedelta(days=chance.randrange(3))
        case "timestamp":
            return datetime(2026, 10, 1, tzinfo=UTC) + timedelta(hours=chance.randrange(72))
    return chance.choice(_texts(column, chance.random() < 0.6))


def _texts(column: Column, named: bool) -> Sequence[str]:
    if column.name.endswith("site_id") or column.name == "source_id":
        return list(SITES)
    if column.name == "period":
        return ["2026-09", "2026-10"]
    return NAMED[column.name] if named and column.name in NAMED else column.codes[:3] or IDS


def answers(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows as they compare between engines: whole numbers exactly, others to twelve digits; equals in any order."""
    return sorted((tuple(_comparable(value) for value in row) for row in rows), key=repr)


def _comparable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, bool) or value is None or isinstance(value, str | date):
        return value
    if value == int(value):
        return int(value)
    return float(f"{value:.12g}") if math.isfinite(value) else str(value)
