"""Bills as a cloud provider's own interface answers them (JSON) or its console exports them (CSV): cloud charges.

What a provider calls its fields and what they mean is told by a `Bill`; everything else is the same for all of them.
A field that fills a column is not kept twice; all others, and those whose meaning only is taken, stay in `native`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.formats.base import (
    Format,
    ReadContext,
    Tally,
    Texts,
    boolean_option,
    cut_raw,
    flag,
    unreadable,
)
from pipelines.formats.bill_records import KEY, NOTHING, Ordinals, line_ids, native, nothing, tidy_times
from pipelines.formats.csv_records import (
    CARRIED,
    header_names,
    read_header,
    read_records,
    refuse_lacking,
    with_flags,
)
from pipelines.formats.csv_records import RULES as CSV_RULES
from pipelines.formats.json_records import RULES as JSON_RULES
from pipelines.formats.json_records import Record, read_documents
from pipelines.formats.json_values import json_text, text_of
from pipelines.formats.lines import read_head
from pipelines.formats.times import read_instants, zone_option

ZONE = "Asia/Shanghai"
_NONE = (*NOTHING, "null", "-", "--")
_MONTH = r"^((?:19|20)[0-9]{2})-?(0[1-9]|1[0-2])(?:-?[0-9]{2}(?:[ T].*)?)?$"
_UNIT = re.compile(r"[(（](?:元|¥|￥|CNY|USD)[)）]$")
_IDENTITY = (
    "billing_account", "sub_account_id", "_cycle", "_day", "_start", "_end", "_type", "_mode", "_order", "_item",
    "service_name", "sku_id", "resource_id", "region_id", "charge_description",
)  # fmt: skip
"""What tells a line from others where the provider gives it no id."""

RULES: Mapping[str, Texts] = {
    **JSON_RULES,
    **CSV_RULES,
    "file.format": (
        "The file is neither the JSON nor the CSV of this provider's bill.",
        "文件既不是该云服务商账单接口的 JSON，也不是其账单的 CSV。",
    ),
    "file.columns": (
        "The header does not name the columns that are needed.",
        "表头缺少所需的列或含有重复的列。",
    ),
    "record.too_long": (
        "The record is longer than a line of a bill can be; the file is probably damaged.",
        "该记录超出账单明细应有的长度，文件可能已损坏。",
    ),
    "item.no_amount": (
        "The item has no payable amount; it is no line of a bill, or one of an interface that tells usage alone.",
        "该条目没有应付金额，不是账单明细，或来自只提供用量的接口。",
    ),
    "bill_type.unknown": (
        "The type of the line is none that the provider documents, so what the amount is for is not known.",
        "该明细的账单类型（交易类型）不在云服务商文档所列之内，无法判断费用性质。",
    ),
    "billing_period.unreadable": (
        "The billing cycle is not a year and month such as 2026-03 or 202603.",
        "账期不是年月（如 2026-03 或 202603）。",
    ),
    **{
        f"{column}.unreadable": (
            f"The {en} of the usage is not a time such as 2026-03-01 08:00:00 or 2026-03-01T00:00:00Z.",
            f"使用{zh}时间不是时间（如 2026-03-01 08:00:00 或 2026-03-01T00:00:00Z）。",
        )
        for column, en, zh in (("charge_period_start", "start", "开始"), ("charge_period_end", "end", "结束"))
    },
    **{
        f"{column}.nonexistent": (
            f"The {en} of the usage does not exist in the zone that the delivery names: a clock change skips it.",
            f"使用{zh}时间在交付所指时区中不存在（被夏令时跳过）。",
        )
        for column, en, zh in (("charge_period_start", "start", "开始"), ("charge_period_end", "end", "结束"))
    },
}
OPTIONS = {
    "tax_included": "true or false: whether the amounts include tax, where the bill does not say",
    "billing_period": "the month that is billed, such as 2026-03, where the items do not say",
    "billing_account": "the account that is billed, where the items do not say",
    "currency": "the currency of the amounts where the bill does not say; the source's own without it",
    "time_zone": "the zone of times without an offset; Asia/Shanghai without it, as the provider's",
    "encoding": "of a CSV: utf-8 or gb18030",
    "delimiter": "of a CSV: what stands between the fields, if it is no comma: tab, semicolon or one character",
}


def one_charge(item: dict[str, Any]) -> list[dict[str, Any]]:
    """An item that is one charge."""
    return [item]


def merged(outer: Mapping[str, Any], inner: Mapping[str, Any]) -> dict[str, Any]:
    """Two objects as one; what both have is the inner's, and the outer's is kept beside it."""
    own = {f"outer.{key}" if key in inner else key: value for key, value in outer.items()}
    return {**own, **inner}


def as_sent(frame: pl.DataFrame) -> pl.DataFrame:
    """A bill whose values need no preparation."""
    return frame


@dataclass(frozen=True)
class Bill:
    """What a provider's bill is like.

    `fields` tells for each column the fields that may fill it, the first that was sent; one that begins with @ stands
    beside the list, and a column that begins with _ is no column of the dataset: `_cycle` (billing cycle), `_day`,
    `_start` and `_end` (of the usage), `_type` and `_mode` (what `kinds` judges), `_line` (the provider's id of the
    line), `_order` and `_item` (what else tells lines apart). `kept` columns leave their field in `native`.
    `needed` are groups of fields, of each of which a bill has one. `headers` are a CSV's names of fields, without
    spaces and in small letters. `remarks` are labels and the lines that get them.
    """

    provider: str
    lists: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    kept: frozenset[str]
    needed: tuple[tuple[str, ...], ...]
    charge_category: pl.Expr
    charge_class: pl.Expr
    tax_included: pl.Expr | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    charges: Callable[[dict[str, Any]], list[dict[str, Any]]] = one_charge
    prepare: Callable[[pl.DataFrame], pl.DataFrame] = as_sent
    remarks: Mapping[str, pl.Expr] = field(default_factory=dict)
    rules: Mapping[str, Texts] = field(default_factory=dict)


def bill_format(name: str, bill: Bill) -> Format:
    """The format of a provider's bills."""
    rules = {**RULES, **bill.rules}

    def sniff(head: bytes) -> bool:
        return _sniff(head, bill)

    def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
        """Frames of cloud charges; see `base.Format`."""
        sent = _Sent(bill, rules, context, zone_option(context, rules, default=ZONE))
        sent.check_options()
        is_json = read_head(path, rules).lstrip()[:1] in {b"{", b"["}
        for frame in _json_frames(path, sent, tally) if is_json else _csv_frames(path, sent, tally):
            yield _charges(frame, sent, tally)

    return Format(name, ("cloud_charges",), OPTIONS, sniff, read, rules)


@dataclass
class _Sent:
    """What holds for all lines of one file; `further` counts the charges beyond one for each item."""

    bill: Bill
    rules: Mapping[str, Texts]
    context: ReadContext
    zone: str
    seen: Ordinals = field(default_factory=Ordinals)
    further: int = 0

    def option(self, name: str) -> str | None:
        return self.context.options.get(name, "").strip() or None

    def check_options(self) -> None:
        """Unreadable for an option that means nothing."""
        boolean_option(self.context, self.rules, "tax_included")
        period = self.option("billing_period")
        if period is not None and not re.fullmatch(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])", period):
            raise unreadable(self.rules, "file.options", f"billing_period is {period}, not such as 2026-03.")


def _sniff(head: bytes, bill: Bill) -> bool:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in {b"{", b"["}:
        return all(any(f'"{name}"'.encode() in text for name in group) for group in bill.needed)
    line = text.partition(b"\n")[0].strip()
    for encoding in ("utf-8", "gb18030"):
        names = _fields_of(header_names(line.decode(encoding, "replace")), bill)
        if all(any(name in names.values() for name in group) for group in bill.needed):
            return True
    return False


def _fields_of(header: Sequence[str], bill: Bill) -> dict[str, str]:
    """The interface's field for each column of a header, the first column that means it."""
    known = {name.lower(): name for names in bill.fields.values() for name in names}
    found: dict[str, str] = {}
    for name in header:
        key = _UNIT.sub("", name.replace(" ", "")).lower()
        meant = bill.headers.get(key) or known.get(key)
        if meant and meant not in found.values():
            found[name] = meant
    return found


def _json_frames(path: Path, sent: _Sent, tally: Tally) -> Iterator[pl.DataFrame]:
    for number, records in enumerate(read_documents(path, sent.rules, tally, sent.bill.lists, pages=True)):
        documents = [record.document for record in records if record.document is not None]
        if not number and documents and not any(_is_item(document, sent.bill) for document in documents):
            tally.records_read -= len(records)
            raise unreadable(sent.rules, "file.format")
        yield _frame_of(records, sent, tally)


def _is_item(document: dict[str, Any], bill: Bill) -> bool:
    names = {name for charge in bill.charges(document) for name in charge}
    return all(any(name in names for name in group) for group in bill.needed)


def _frame_of(records: Sequence[Record], sent: _Sent, tally: Tally) -> pl.DataFrame:
    """The charges of items: the columns of the bill, and the rest of each as `native`."""
    columns = list(sent.bill.fields)
    lines: list[tuple[Any, ...]] = []
    for record in records:
        charges = sent.bill.charges(record.document) if record.document is not None else []
        for place, charge in enumerate(charges or [{}]):
            row = record.row + sent.further + place
            raw = json_text(charge) if len(charges) > 1 else record.raw
            values, rest = _picked(charge, record.page, sent.bill)
            lines.append((row, raw, record.fault, rest, *(values.get(column) for column in columns)))
        extra = max(len(charges) - 1, 0)
        sent.further += extra
        tally.records_read += extra
    names = ("_row", "_raw", "_fault", "native", *columns)
    types = {name: pl.Int64 if name == "_row" else pl.String for name in names}
    frame = pl.DataFrame(lines, schema=types, orient="row")
    return frame.with_columns(cut_raw(frame["_raw"]))


def _picked(
    charge: Mapping[str, Any], page: Mapping[str, Any], bill: Bill
) -> tuple[dict[str, str], str | None]:
    """The texts that fill columns, and all else as JSON."""
    values: dict[str, str] = {}
    taken: set[str] = set()
    for column, names in bill.fields.items():
        for name in names:
            value = page.get(name[1:]) if name[0] == "@" else charge.get(name)
            text = None if value is None else text_of(value)
            text = text.strip() if text else None
            if text and text not in _NONE:
                values[column] = text
                if column not in bill.kept:
                    taken.add(name)
                break
    rest = {key: value for key, value in charge.items() if key not in taken}
    return values, json_text(rest) if rest else None


def _csv_frames(path: Path, sent: _Sent, tally: Tally) -> Iterator[pl.DataFrame]:
    header = read_header(path, sent.context, sent.rules)
    fields = _fields_of(header, sent.bill)
    missing = [group[0] for group in sent.bill.needed if not set(group) & set(fields.values())]
    if len(missing) == len(sent.bill.needed):
        raise unreadable(sent.rules, "file.format")
    refuse_lacking(header, missing, sent.rules)
    names = {meant: name for name, meant in fields.items()}
    given = {
        column: [names[each] for each in wanted if each in names]
        for column, wanted in sent.bill.fields.items()
    }
    placed = {columns[0] for column, columns in given.items() if columns and column not in sent.bill.kept}
    for records in read_records(path, header, sent.context, sent.rules, tally):
        values = pl.all().exclude(CARRIED).str.strip_chars()
        clean = records.with_columns(pl.when(~values.is_in(_NONE)).then(values))
        empty = records.with_columns(pl.when(pl.all().exclude(CARRIED) != "").then(pl.all().exclude(CARRIED)))
        yield clean.select(
            *CARRIED,
            native(empty, header, placed).alias("native"),
            *(
                pl.coalesce(columns or pl.lit(None, pl.String)).alias(column)
                for column, columns in given.items()
            ),
        )


def _charges(frame: pl.DataFrame, sent: _Sent, tally: Tally) -> pl.DataFrame:
    """The dataset's rows of a frame with the bill's columns."""
    bill = sent.bill
    lacking = [name for name in (*_IDENTITY, "_line", "billing_currency") if name not in frame.columns]
    frame = bill.prepare(frame.with_columns(nothing(frame.height).alias(name) for name in lacking))
    sound = pl.col("_fault").is_null()
    remarks = {**bill.remarks, "currency not sent": pl.col("billing_currency").is_null()}
    for label, remark in remarks.items():
        tally.label(label, frame.select((remark & sound).sum()).item())
    rows = _texts(frame, sent)
    rows = flag(rows, "item.no_amount", rows["billed_cost"].is_null())
    rows = flag(rows, "bill_type.unknown", rows["charge_category"].is_null())
    rows = _with_usage(_with_period(rows, frame["_cycle"], sent), frame, sent)
    ordinals = sent.seen.number(rows.select(KEY), frame["_fault"].is_null())
    return with_flags(rows.with_columns(ordinals.alias("line_ordinal")), frame["_fault"])


def _texts(frame: pl.DataFrame, sent: _Sent) -> pl.DataFrame:
    """All columns but those of time."""
    bill = sent.bill
    tax = boolean_option(sent.context, sent.rules, "tax_included")
    known_tax = bill.tax_included if bill.tax_included is not None else pl.lit(None, pl.Boolean)
    currency = sent.option("currency") or sent.context.currency
    account = pl.lit(sent.option("billing_account"), pl.String)
    return frame.select(
        "_row",
        "_raw",
        "native",
        *(name for name in frame.columns if name in sent.context.columns and name != "native"),
        *(name for name in frame.columns if name.startswith("!")),
        pl.lit(bill.provider).alias("provider"),
        bill.charge_category.alias("charge_category"),
        bill.charge_class.alias("charge_class"),
        (known_tax if tax is None else pl.lit(tax)).alias("tax_included"),
    ).with_columns(
        pl.col("billing_currency").str.to_uppercase().fill_null(currency),
        pl.col("billing_account").fill_null(account),
        line_ids(frame["_line"], frame.select(_IDENTITY)).alias("line_id"),
    )


def _with_period(rows: pl.DataFrame, cycle: pl.Series, sent: _Sent) -> pl.DataFrame:
    """The billing cycle as a month, and the instants at which that month begins and ends for the provider."""
    month = cycle.str.strip_chars().str.replace_all("/", "-", literal=True).str.replace(_MONTH, "$1-$2")
    known = month.str.contains(r"^(?:19|20)[0-9]{2}-(0[1-9]|1[0-2])$")
    rows = flag(rows, "billing_period.unreadable", ~known)
    month = month.zip_with(known, nothing(len(month))).fill_null(
        pl.lit(sent.option("billing_period"), pl.String)
    )
    rows = rows.with_columns(month.alias("billing_period"))
    start = (pl.col("billing_period") + "-01").str.to_datetime("%Y-%m-%d", time_unit="us", strict=False)
    return rows.with_columns(
        start.dt.offset_by(offset)
        .dt.replace_time_zone(ZONE, ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone("UTC")
        .alias(column)
        for column, offset in (("billing_period_start", "0d"), ("billing_period_end", "1mo"))
    )


def _with_usage(rows: pl.DataFrame, frame: pl.DataFrame, sent: _Sent) -> pl.DataFrame:
    """The period of the usage: its times as sent, or else the day that the line is for."""
    day = read_instants(tidy_times(frame["_day"]), sent.zone).earliest
    for column, name, offset in (
        ("charge_period_start", "_start", "0d"),
        ("charge_period_end", "_end", "1d"),
    ):
        times = read_instants(tidy_times(frame[name]), sent.zone)
        whole = day.zip_with(frame["_start"].is_null(), nothing(len(day), day.dtype))
        end = whole.dt.convert_time_zone(sent.zone).dt.offset_by(offset).dt.convert_time_zone("UTC")
        rows = rows.with_columns(times.earliest.fill_null(end).alias(column))
        rows = flag(rows, f"{column}.unreadable", times.unreadable)
        rows = flag(rows, f"{column}.nonexistent", times.nonexistent)
    return rows


def by_type(column: str, codes: Mapping[str, str]) -> pl.Expr:
    """A column's codes as what they mean; NULL for those that mean nothing known."""
    return pl.col(column).replace_strict(codes, default=None, return_dtype=pl.String)
