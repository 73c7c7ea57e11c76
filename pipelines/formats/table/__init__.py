"""A dataset as people keep it: CSV or an Excel workbook whose header names the contract's columns.

The header is in English or Chinese, in any order. Values may be in the forms that people type (values.py): yuan with a
sign or a unit, thousands separators, percent where a share is meant, full-width digits, dates such as 2026年3月1日, yes
and no in both languages, codes by their Chinese text. What could mean two things is not read. Workbooks: workbook.py.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from data_contracts.contract import Contract, load_contract, load_contracts
from pipelines.formats.base import Format, ReadContext, Tally
from pipelines.formats.csv_records import first_names, read_header, read_records, with_flags
from pipelines.formats.table.header import column_names, known_names, plain, require_columns
from pipelines.formats.table.rules import OPTIONS, RULES
from pipelines.formats.table.values import read_values
from pipelines.formats.table.workbook import is_workbook, looks_packed, read_sheets
from pipelines.formats.times import zone_option

__all__ = ["FORMAT", "RULES", "column_names"]


def sniff(head: bytes) -> bool:
    """Whether it is a workbook, or the first line names columns of some dataset's contract, all of them."""
    if is_workbook(head):
        return True
    header = first_names(head)
    named = {plain(name) for name in header}
    return len(header) > 1 and any(
        named <= known_names(contract).keys() for contract in load_contracts("input")
    )


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of the dataset's rows; see `base.Format`. A site's own id need not be a column."""
    contract, zone = load_contract(context.dataset), zone_option(context, RULES)
    if looks_packed(path):
        for rows in read_sheets(path, contract, context, tally):
            yield _rows(rows, contract, context.site_id, zone, tally)
        return
    header = read_header(path, context, RULES)
    names = column_names(header, contract)
    require_columns(names, contract, context.site_id)
    for records in read_records(path, names, context, RULES, tally):
        rows = _rows(records.drop("_fault"), contract, context.site_id, zone, tally)
        yield with_flags(rows, records["_fault"])


def _rows(
    rows: pl.DataFrame, contract: Contract, site_id: str | None, zone: str, tally: Tally
) -> pl.DataFrame:
    rows = rows.with_columns(
        pl.col(name).str.strip_chars() for name in contract.column_names if name in rows.columns
    )
    if "site_id" in contract.column_names and "site_id" not in rows.columns:
        rows = rows.with_columns(pl.lit(site_id, pl.String).alias("site_id"))
    return read_values(rows, contract, zone, tally)


INPUTS = tuple(contract.name for contract in load_contracts("input"))
FORMAT = Format("table", INPUTS, OPTIONS, sniff, read, RULES)
