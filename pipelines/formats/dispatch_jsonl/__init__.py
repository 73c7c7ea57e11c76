"""Orders of the dispatch system: JSON lines, one revision of an order each; this docstring is the wire's description.

{"order_id": "DO-7", "revision": 2, "account": "physics", "state": "PLACED", "home_site": "nscc-zz",
 "request": {"class": "智算", "cores": 64, "accelerators": 8, "model": "Ascend 910B", "at": "2026-03-01 08:00:00"},
 "placement": {"site": "qingyang", "placed_at": "2026-03-01 08:02:10", "reason": "home site is full"},
 "started_at": null, "ended_at": null}

Every field may also stand at the top under its contract's name (`requested_class`, `placed_site_id`), and a name may be
written in camel case (`orderId`). Classes and states may be the contract's Chinese words. What has not happened is
null, empty or left out. Times have an offset, or are local to the source. A list of such objects, and a document that
holds them as `orders`, are read alike. A field that stands in two places with two values is an error.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from data_contracts.contract import load_contract
from pipelines.formats.base import Format, ReadContext, Tally, Texts, flag
from pipelines.formats.json_heads import opens_json, require_head
from pipelines.formats.json_records import RULES as JSON_RULES
from pipelines.formats.json_records import Record, at, frame_of, read_documents, text_of
from pipelines.formats.times import read_instants, zone_option

__all__ = ["FORMAT", "RULES"]

PLACES: Mapping[str, Sequence[tuple[str, ...]]] = {
    "order_id": [],
    "revision": [],
    "account": [],
    "requested_class": [("request", "class")],
    "requested_cores": [("request", "cores")],
    "requested_accelerators": [("request", "accelerators")],
    "requested_model": [("request", "model")],
    "requested_at": [("request", "at"), ("request", "requested_at")],
    "home_site_id": [("home_site",), ("request", "home_site")],
    "placed_at": [("placement", "placed_at")],
    "placed_site_id": [("placement", "site"), ("placement", "site_id")],
    "started_at": [("placement", "started_at")],
    "ended_at": [("placement", "ended_at")],
    "state": [],
    "reason": [("placement", "reason")],
}
"""Where a column may stand besides at the top under its own name."""
TIMES = ("requested_at", "placed_at", "started_at", "ended_at")
CODED = ("requested_class", "state")
_WORDS = {"量子": "quantum", "通用算力": "general", "智能算力": "intelligent", "超级算力": "super"}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HEAD = re.compile(rb'"order_?[iI]d"\s*:')
_BODY = re.compile(rb'"(?:request|requested_?(?:[aA]t|[cC]lass)|revision)"\s*:')

RULES: Mapping[str, Texts] = {
    **JSON_RULES,
    "record.twice": (
        "A field stands in two places with two values, such as requested_class and request.class.",
        "同一字段在两处出现且取值不同，如 requested_class 与 request.class。",
    ),
    **{
        f"{column}.unreadable": (
            f"{column} is not a time such as 2026-03-01T08:00:00+08:00 or 2026-03-01 08:00:00.",
            f"{column} 不是时间（如 2026-03-01T08:00:00+08:00 或 2026-03-01 08:00:00）。",
        )
        for column in TIMES
    },
    **{
        f"{column}.nonexistent": (
            f"{column} does not exist in the source's zone: a clock change skips it.",
            f"{column} 在来源时区中不存在（被夏令时跳过）。",
        )
        for column in TIMES
    },
}
OPTIONS = {"time_zone": "the zone of times without an offset, if it is not the source's"}


def sniff(head: bytes) -> bool:
    """Whether the text is JSON with orders in it."""
    return opens_json(head) and bool(_HEAD.search(head) and _BODY.search(head))


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of dispatch orders; see `base.Format`."""
    zone = zone_option(context, RULES)
    require_head(path, RULES, sniff)
    words = {column: _words(column) for column in CODED}
    for records in read_documents(path, RULES, tally, ("orders",)):
        yield _frame(records, zone, words, tally)


def _words(column: str) -> dict[str, str]:
    """The codes of a column by everything that may stand for them, in lower case."""
    coded = load_contract("dispatch_orders").column(column)
    said = {text.zh: code for code, text in coded.code_texts.items()} | {
        code.lower(): code for code in coded.codes
    }
    return said | {word: code for word, code in _WORDS.items() if code in coded.codes}


def _frame(
    records: Sequence[Record], zone: str, words: Mapping[str, Mapping[str, str]], tally: Tally
) -> pl.DataFrame:
    found = [_values(record.document) for record in records]
    rows = frame_of(records).with_columns(
        pl.Series(column, [values.get(column) for values, _ in found], dtype=pl.String) for column in PLACES
    )
    rows = flag(rows, "record.twice", pl.Series([twice for _, twice in found], dtype=pl.Boolean))
    for column, codes in words.items():
        meant = pl.col(column).str.to_lowercase().replace_strict(codes, default=None, return_dtype=pl.String)
        rows = rows.with_columns(meant.fill_null(pl.col(column)).alias(column))
    for column in TIMES:
        times = read_instants(rows[column], zone)
        tally.label("ambiguous local time", int((times.earliest != times.latest).sum()))
        rows = rows.with_columns(times.earliest.alias(column))
        rows = flag(rows, f"{column}.unreadable", times.unreadable)
        rows = flag(rows, f"{column}.nonexistent", times.nonexistent)
    return rows


def _values(document: dict[str, Any] | None) -> tuple[dict[str, str], bool]:
    """What a record says of each column, and whether it says anything twice, differently."""
    values: dict[str, str] = {}
    if document is None:
        return values, False
    plain = _snake(document)
    for part in ("request", "placement"):
        if isinstance(plain.get(part), dict):
            plain[part] = _snake(plain[part])
    twice = False
    for column, places in PLACES.items():
        said = {(text_of(at(plain, *place)) or "").strip() for place in [(column,), *places]} - {""}
        twice = twice or len(said) > 1
        if len(said) == 1:
            values[column] = said.pop()
    return values, twice


def _snake(document: dict[str, Any]) -> dict[str, Any]:
    """The fields by their names in snake case; a name in that form goes before another that means the same."""
    return {_CAMEL.sub("_", name).lower(): value for name, value in document.items()} | {
        name: value for name, value in document.items() if name.islower()
    }


FORMAT = Format("dispatch_jsonl", ("dispatch_orders",), OPTIONS, sniff, read, RULES)
