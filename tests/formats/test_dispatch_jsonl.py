"""Orders of the dispatch system: every way in which a field may be written means the same."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from data_contracts.contract import load_contract
from data_contracts.rules import apply_rules, broken_column
from pipelines.formats.base import Tally
from tests.formats.damage import survives
from tests.formats.reading import SAMPLES, read_path, rules

ORDER = {"order_id": "o1", "revision": 1, "account": "a", "state": "REQUESTED"}
REQUEST = {"class": "general", "cores": 4, "accelerators": 0, "at": "2026-03-01 08:00:00"}


def read(folder: Path, *orders: dict[str, Any], **options: str) -> tuple[pl.DataFrame, Tally]:
    path = folder / "orders.jsonl"
    path.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in orders), encoding="utf-8")
    return read_path("dispatch_jsonl", "dispatch_orders", path, options, site=None)


def judged(rows: pl.DataFrame) -> list[str]:
    extra = [name[1:] for name in rows.columns if name.startswith("!")]
    contract = load_contract("dispatch_orders")
    return broken_column(apply_rules(rows, contract, extra), contract, extra).to_list()


def test_nested_flat_and_camel_case_are_the_same(tmp_path: Path) -> None:
    flat = {"requested_class": "general", "requested_cores": 4, "requested_accelerators": 0}
    rows, _ = read(
        tmp_path,
        ORDER | {"request": REQUEST},
        ORDER | flat | {"requested_at": "2026-03-01T08:00:00+08:00"},
        {"orderId": "o1", "revision": "1", "account": "a", "state": "requested"}
        | {"requestedClass": "通算", "requestedCores": "4", "requestedAccelerators": "0"}
        | {"requestedAt": "2026-03-01T00:00:00Z"},
        ORDER | {"state": "已请求", "request": REQUEST | {"class": "通用算力"}},
    )
    assert judged(rows) == [""] * 4
    assert rows.drop("_row", "_raw").n_unique() == 1


def test_the_chinese_words_of_the_classes(tmp_path: Path) -> None:
    words = {
        "通算": "general",
        "智算": "intelligent",
        "超算": "super",
        "量子": "quantum",
        "Super": "super",
        "边缘": "边缘",
    }
    rows, _ = read(tmp_path, *(ORDER | {"request": REQUEST | {"class": word}} for word in words))
    assert rows["requested_class"].to_list() == list(words.values())
    assert judged(rows)[-1] == "requested_class.code"


def test_a_field_said_twice_may_not_differ(tmp_path: Path) -> None:
    same = ORDER | {"request": REQUEST, "requested_cores": "4"}
    other = ORDER | {"request": REQUEST, "requested_cores": 5}
    rows, _ = read(tmp_path, same, other)
    assert rules(rows) == [[], ["record.twice"]]


def test_local_times_are_the_source_s_and_bad_ones_are_flagged(tmp_path: Path) -> None:
    rows, _ = read(
        tmp_path,
        ORDER | {"request": REQUEST | {"at": "2026-03-29 02:30:00"}},
        ORDER | {"request": REQUEST | {"at": "01/03/2026"}},
        ORDER | {"request": REQUEST | {"at": ["2026-03-01"]}},
        time_zone="Europe/Berlin",
    )
    assert rules(rows) == [
        ["requested_at.nonexistent"],
        ["requested_at.unreadable"],
        ["requested_at.unreadable"],
    ]


def test_lists_are_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    for document in ([ORDER | {"request": REQUEST}], {"orders": [ORDER | {"request": REQUEST}]}):
        path.write_text(json.dumps(document, indent=1))
        rows, tally = read_path("dispatch_jsonl", "dispatch_orders", path)
        assert rows["order_id"].to_list() == ["o1"]
        assert tally.records_read == 1


def test_damage_is_survived(tmp_path: Path) -> None:
    sample = SAMPLES / "dispatch_jsonl" / "sample.dispatch_orders.jsonl"
    assert survives("dispatch_jsonl", "dispatch_orders", sample, tmp_path) > 30
