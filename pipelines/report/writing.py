"""A regulator's file as an Excel workbook or as a folder of Parquet. Equal rows give equal bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.contract import Column, Contract, load_contract
from pipelines.files import written_aside
from pipelines.report.content import Change, Place, Row
from pipelines.workbook import text_of, workbook

SUPPRESSED = "suppressed 已隐去"
CHANGES = pa.schema(
    [(name, pa.string()) for name in ("table_name", "row_key", "change", "column_name", "before", "now")]
)


@dataclass(frozen=True)
class Report:
    """A file's content: the month, the place, the release it is from and the one that it is compared with."""

    month: str
    place: Place
    release_id: str
    since: str | None
    tables: Mapping[str, Sequence[Row]]
    changes: Sequence[Change]

    @property
    def name(self) -> str:
        return f"{self.month}-{self.place.name}"


def write_parquet(report: Report, out: Path) -> Path:
    """A folder with one file a table, and the changes. What a release does not have yet is empty."""
    folder = out / report.name
    for name, rows in report.tables.items():
        said = load_contract(name).described_schema()
        schema = pa.schema([field.with_nullable(True) for field in said], metadata=said.metadata)
        columns = list(zip(*rows, strict=True)) if rows else [() for _ in schema]
        arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
        _write(folder / f"{name}.parquet", pa.Table.from_arrays(arrays, schema=schema))
    lines = [
        dict(zip(CHANGES.names, map(text_of, vars(change).values()), strict=True))
        for change in report.changes
    ]
    _write(folder / "changes.parquet", pa.Table.from_pylist(lines, CHANGES))
    return folder


def _write(path: Path, table: pa.Table) -> None:
    with written_aside(path) as aside:
        pq.write_table(table, aside, compression="zstd")


def write_workbook(report: Report, out: Path) -> Path:
    """One workbook: what it is, what changed, a sheet a table, and what every column means."""
    path = out / f"{report.name}.xlsx"
    with written_aside(path) as aside, workbook(aside, report.name) as sheets:
        sheets.add("说明 About", _about(report), heads=1)
        heading = ["table 表", "row 行键", "change 变化", "column 列", "before 原值", "now 现值"]
        lines = [
            [c.table, c.row_key, CHANGE_WORDS[c.kind], c.column, c.before, c.now] for c in report.changes
        ]
        sheets.add("变化 Changes", [heading, *lines], heads=1)
        for name, rows in report.tables.items():
            contract = load_contract(name)
            heads = [list(contract.column_names), [_heading(column) for column in contract.columns]]
            sheets.add(name, [*heads, *(_shown(contract, row) for row in rows)], heads=2)
        sheets.add("定义 Definitions", _meanings(report), heads=1)
    return path


CHANGE_WORDS = {"added": "added 新增", "removed": "removed 删除", "changed": "changed 变更"}


def _shown(contract: Contract, row: Row) -> list[Any]:
    """A row as people read it: codes with their words, hidden figures named so."""
    names = contract.column_names
    hidden = "suppressed" in names and row[names.index("suppressed")]
    return [
        SUPPRESSED if hidden and value is None else _worded(column, value)
        for column, value in zip(contract.columns, row, strict=True)
    ]


def _worded(column: Column, value: Any) -> Any:
    words = column.code_texts.get(value) if isinstance(value, str) else None
    return f"{value} {words.zh}" if words else value


def _heading(column: Column) -> str:
    unit = f" [{column.unit}]" if column.unit else ""
    return f"{column.name_en} {column.name_zh}{unit}"


def _about(report: Report) -> list[list[Any]]:
    counted = [
        [name, f"{load_contract(name).title.en} {load_contract(name).title.zh}", len(rows)]
        for name, rows in report.tables.items()
    ]
    return [
        [f"{report.place.title} · {report.month}"],
        ["release 发布", report.release_id],
        ["compared with 对照发布", report.since or "none 无"],
        ["changes since 变化行数", len(report.changes)],
        ["empty 空", "An empty figure is unknown, never zero. 空值为未知，并非为零。"],
        [SUPPRESSED, "Hidden so that no tenant group's usage can be told. 为避免推知租户集团用量而隐去。"],
        ["quality 数据质量", "Each row names the gravest thing known of it. 每行注明其最严重的质量状况。"],
        ["days 日期", "Business days in Asia/Shanghai; instants in UTC. 营业日为北京时间，时刻为 UTC。"],
        [],
        ["table 表", "name 名称", "rows 行数"],
        *counted,
    ]


def _meanings(report: Report) -> list[list[Any]]:
    rows: list[list[Any]] = [
        ["table 表", "column 列", "English", "中文", "unit 单位", "meaning", "含义", "codes 代码"]
    ]
    for name in report.tables:
        for column in load_contract(name).columns:
            codes = "; ".join(f"{code}: {text.en} {text.zh}" for code, text in column.code_texts.items())
            said = [column.definition_en, column.definition_zh, codes]
            rows.append([name, column.name, column.name_en, column.name_zh, column.unit, *said])
    return rows
