"""A dataset as people keep it: CSV whose header names the contract's columns, in English or Chinese, in any order."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from data_contracts.contract import Contract, contract_names, load_contract, load_contracts
from pipelines.formats.base import Format, ReadContext, Tally, Texts, flag, unreadable
from pipelines.formats.csv_records import RULES as CSV_RULES
from pipelines.formats.csv_records import header_names, read_header, read_records, with_flags
from pipelines.formats.times import read_instants, zone_option

__all__ = ["FORMAT", "RULES"]

_TIMES = {
    "unreadable": (
        "The time in column {0} is not in the form 2026-03-01 08:00:00, with or without an offset.",
        "{0} 列的时间不是 2026-03-01 08:00:00 的形式（可带时区偏移）。",
    ),
    "nonexistent": (
        "The time in column {0} does not exist in the sender's zone: a clock change skips it.",
        "{0} 列的时间在发送方时区中不存在（被夏令时跳过）。",
    ),
}
OPTIONS = {
    "time_zone": "the zone of times without an offset, if it is not the source's",
    "encoding": "utf-8 or gb18030",
    "delimiter": "what stands between the fields, if it is no comma: tab, semicolon or one character",
}


class _Rules(Mapping[str, Texts]):
    """The CSV rules and, for every column of any contract, those of its times."""

    def __getitem__(self, rule: str) -> Texts:
        if rule in CSV_RULES:
            return CSV_RULES[rule]
        column, _, kind = rule.rpartition(".")
        if column not in self._columns() or kind not in _TIMES:
            raise KeyError(rule)
        en, zh = _TIMES[kind]
        return en.format(column), zh.format(column)

    def __iter__(self) -> Iterator[str]:
        yield from CSV_RULES
        yield from (f"{column}.{kind}" for column in self._columns() for kind in _TIMES)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @staticmethod
    def _columns() -> list[str]:
        found = {
            column.name
            for contract in load_contracts("input")
            for column in contract.columns
            if column.type == "timestamp"
        }
        return sorted(found)


RULES = _Rules()


def column_names(header: Sequence[str], contract: Contract) -> tuple[str, ...]:
    """The contract's names of the columns in a header; Unreadable for one that is unknown, lacking or given twice."""
    chinese = [column.name_zh for column in contract.columns]
    known = {column.name_zh: column.name for column in contract.columns if chinese.count(column.name_zh) == 1}
    known |= {column.name: column.name for column in contract.columns}
    names = [known.get(name, known.get(name.lower(), "")) for name in header]
    if not any(names):
        raise unreadable(RULES, "file.format")
    strange = [given for given, name in zip(header, names, strict=True) if not name]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if strange or twice:
        said = ", ".join([*(f"“{name}”" for name in strange), *twice])
        raise unreadable(
            RULES, "file.columns", f"Not known, or given twice: {said}.", f"未知或重复的列：{said}。"
        )
    return tuple(names)


def sniff(head: bytes) -> bool:
    """Whether the first line names columns of some dataset's contract, all of them."""
    header = header_names(head.decode("utf-8", "replace").lstrip("\ufeff").partition("\n")[0].strip())
    for contract in load_contracts("input"):
        known = {name for column in contract.columns for name in (column.name, column.name_zh)}
        if len(header) > 1 and set(header) <= known:
            return True
    return False


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of the dataset's rows; see `base.Format`. A site's own id need not be a column."""
    contract = load_contract(context.dataset)
    header = read_header(path, context, RULES)
    zone = zone_option(context, RULES)
    names = column_names(header, contract)
    missing = [
        column.name
        for column in contract.columns
        if column.required
        and column.name not in names
        and (column.name != "site_id" or context.site_id is None)
    ]
    if missing:
        said = ", ".join(missing)
        raise unreadable(RULES, "file.columns", f"It lacks {said}.", f"缺少：{said}。")
    for records in read_records(path, names, context, RULES, tally):
        yield _rows(records, names, contract, context.site_id, zone, tally)


def _rows(
    records: pl.DataFrame,
    names: Sequence[str],
    contract: Contract,
    site_id: str | None,
    zone: str,
    tally: Tally,
) -> pl.DataFrame:
    rows = records.select("_row", "_raw", *(pl.col(name).str.strip_chars() for name in names))
    if "site_id" in contract.column_names and "site_id" not in names:
        rows = rows.with_columns(pl.lit(site_id, pl.String).alias("site_id"))
    for name in names:
        if contract.column(name).type == "timestamp":
            times = read_instants(rows[name], zone)
            tally.label("ambiguous local time", int((times.earliest != times.latest).sum()))
            rows = rows.with_columns(times.earliest.alias(name))
            rows = flag(rows, f"{name}.unreadable", times.unreadable)
            rows = flag(rows, f"{name}.nonexistent", times.nonexistent)
    return with_flags(rows, records["_fault"])


FORMAT = Format("table", contract_names(), OPTIONS, sniff, read, RULES)
