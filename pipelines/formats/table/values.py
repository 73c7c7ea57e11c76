"""From the forms in which people type values to the one that a contract reads: money, shares, dates, words.

Only what has one meaning is changed; 03/04/2026, 1.234,56 or a percentage of no share stay as they are, and the
contract rejects them. Values in the usual form, nearly all, are passed over by one expression per column.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial

import polars as pl

from data_contracts.contract import Column, Contract
from pipelines.formats.base import Tally, flag
from pipelines.formats.table.header import plain
from pipelines.formats.times import read_instants

_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$|^$"
_AMOUNT = re.compile(
    r"(?P<sign>[+-]?)(?P<before>(?:¥|RMB|CNY|人民币)?)\s*(?P<inner>[+-]?)(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?"
    r"(?P<part>\.[0-9]*)?\s*(?P<after>(?:%|元|圆|RMB|CNY)?)",
    re.ASCII,
)
_CLOCK = (
    r"(?:[T\s]*(?P<hour>[0-9]{1,2})[:时点](?P<minute>[0-9]{1,2})分?(?:[:]?(?P<second>[0-9]{1,2})秒?(?P<fine>\.[0-9]{1,6})?)?"
    r"\s*(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_DAY = re.compile(
    r"(?P<year>[12][0-9]{3})(?:(?P<sign>[-/.])(?P<month>[0-9]{1,2})(?P=sign)(?P<day>[0-9]{1,2})"
    r"|\s*年\s*(?P<moon>[0-9]{1,2})\s*月\s*(?P<sun>[0-9]{1,2})\s*日)" + _CLOCK,
    re.ASCII,
)
_COMPACT = re.compile(r"([12][0-9]{3})([0-9]{2})([0-9]{2})", re.ASCII)
_BOOLEANS = {"是": "true", "y": "true", "yes": "true", "true": "true", "1": "true"} | {
    "否": "false", "n": "false", "no": "false", "false": "false", "0": "false"
}  # fmt: skip
_MONEY, _SHARE, _PERCENT = "{CNY}", "1", "%"


def read_values(rows: pl.DataFrame, contract: Contract, zone: str, tally: Tally) -> pl.DataFrame:
    """The rows' columns of the contract, in the form that it reads, with the flags of times that are none."""
    for column in contract.columns:
        if column.name not in rows.columns:
            continue
        text = rows[column.name]
        if column.type == "timestamp":
            times = read_instants(text, zone)
            if times.unreadable.any():
                times = read_instants(_mended(text, times.unreadable, _timestamp), zone)
            tally.label("ambiguous local time", int((times.earliest != times.latest).sum()))
            rows = rows.with_columns(times.earliest.alias(column.name))
            rows = flag(rows, f"{column.name}.unreadable", times.unreadable)
            rows = flag(rows, f"{column.name}.nonexistent", times.nonexistent)
        else:
            rows = rows.with_columns(_read(text, column).alias(column.name))
    return rows


def _read(text: pl.Series, column: Column) -> pl.Series:
    match column.type:
        case "integer" | "decimal" | "number":
            whole = column.type == "integer"
            unread = text.cast(pl.Int64 if whole else pl.Float64, strict=False).is_null()
            return _mended(text, unread & (text != ""), partial(_number, whole, column.unit))
        case "date":
            return _mended(text, ~text.str.contains(_DATE), _date)
        case "boolean":
            return _mended(
                text,
                ~text.is_in(["true", "false", ""]),
                lambda value: _BOOLEANS.get(plain(value).lower(), value),
            )
        case _ if column.codes:
            words = _words(column)
            return _mended(
                text, ~text.is_in([*column.codes, ""]), lambda value: words.get(plain(value), value)
            )
        case _:
            return text


def _mended(text: pl.Series, odd: pl.Series, mend: Callable[[str], str]) -> pl.Series:
    """The texts, the odd ones mended one by one."""
    where = odd.fill_null(False).arg_true()
    if where.is_empty():
        return text
    values = text.gather(where)
    mended = {value: mend(value) for value in values.unique()}
    return text.scatter(where, values.replace(list(mended), list(mended.values())))


def _words(column: Column) -> Mapping[str, str]:
    """The codes of a column by their Chinese texts, with and without what stands in brackets."""
    whole = {plain(text.zh): code for code, text in column.code_texts.items()}
    short = [plain(text.zh).partition("(")[0] for text in column.code_texts.values()]
    brief = {word: code for word, code in zip(short, column.codes, strict=True) if short.count(word) == 1}
    return brief | whole


def _number(whole: bool, unit: str | None, value: str) -> str:
    """A number without what people put around it; as sent where that would be a guess."""
    found = _AMOUNT.fullmatch(plain(value).replace("−", "-"))
    if (
        not found
        or not (found["whole"] or (found["part"] or ".") != ".")
        or (found["sign"] and found["inner"])
    ):
        return value
    money = found["before"] or found["after"] not in {"", "%"}
    if (money and (unit != _MONEY or found["after"] == "%")) or (
        found["after"] == "%" and unit not in {_SHARE, _PERCENT}
    ):
        return value
    number = (
        (found["sign"] or found["inner"]) + (found["whole"] or "0").replace(",", "") + (found["part"] or "")
    )
    if found["after"] == "%" and unit == _SHARE:
        return value if whole else format(Decimal(number).scaleb(-2), "f")
    return number.partition(".")[0] if whole and not (found["part"] or "").strip(".0") else number


def _date(value: str) -> str:
    """A day in the form 2026-03-01; a time beside it must be midnight."""
    text = plain(value)
    if compact := _COMPACT.fullmatch(text):
        return "-".join(compact.groups())
    found = _DAY.fullmatch(text)
    if (
        not found
        or found["offset"]
        or any(int(found[part] or 0) for part in ("hour", "minute", "second"))
        or found["fine"]
    ):
        return value
    return _day(found)


def _timestamp(value: str) -> str:
    """A time in the form 2026-03-01T08:00:00, with the offset that it has; a day alone begins at midnight."""
    found = _DAY.fullmatch(plain(value))
    if not found:
        return value
    clock = ":".join((found[part] or "0").zfill(2) for part in ("hour", "minute", "second"))
    return f"{_day(found)}T{clock}{found['fine'] or ''}{found['offset'] or ''}"


def _day(found: re.Match[str]) -> str:
    return f"{found['year']}-{(found['month'] or found['moon']).zfill(2)}-{(found['day'] or found['sun']).zfill(2)}"
