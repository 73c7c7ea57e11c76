"""Bills in FOCUS (FinOps Open Cost and Usage Specification), CSV, versions 1.0 to 1.4: one charge per row.

Amounts stay the text that was sent. Columns that the dataset has no place for are kept as JSON in `native`.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from pipelines.formats.base import Format, ReadContext, Tally, Texts, boolean_option, flag, unreadable
from pipelines.formats.csv_records import CARRIED, header_names, read_header, read_records, with_flags
from pipelines.formats.csv_records import RULES as CSV_RULES
from pipelines.formats.times import read_instants, zone_option

__all__ = ["FORMAT", "RULES"]

TEXTS = {
    "provider": ("ProviderName", "ServiceProviderName"),
    "billing_account": ("BillingAccountId",),
    "charge_category": ("ChargeCategory",),
    "charge_class": ("ChargeClass",),
    "charge_description": ("ChargeDescription",),
    "charge_frequency": ("ChargeFrequency",),
    "service_category": ("ServiceCategory",),
    "service_name": ("ServiceName",),
    "sku_id": ("SkuId",),
    "resource_id": ("ResourceId",),
    "resource_name": ("ResourceName",),
    "region_id": ("RegionId",),
    "sub_account_id": ("SubAccountId",),
    "invoice_issuer": ("InvoiceIssuerName",),
    "pricing_quantity": ("PricingQuantity",),
    "pricing_unit": ("PricingUnit",),
    "consumed_quantity": ("ConsumedQuantity",),
    "consumed_unit": ("ConsumedUnit",),
    "list_cost": ("ListCost",),
    "contracted_cost": ("ContractedCost",),
    "effective_cost": ("EffectiveCost",),
    "billed_cost": ("BilledCost",),
    "billing_currency": ("BillingCurrency",),
}
TIMES = {
    "billing_period_start": "BillingPeriodStart",
    "billing_period_end": "BillingPeriodEnd",
    "charge_period_start": "ChargePeriodStart",
    "charge_period_end": "ChargePeriodEnd",
}
LINE_IDS = ("Id", "x_Id", "x_LineId", "x_LineItemId", "x_BillLineId", "x_RecordId", "x_InvoiceLineId")
IDENTITY = (
    "SubAccountId", "ResourceId", "SkuId", "SkuPriceId", "ServiceName", "RegionId", "ChargeCategory", "ChargeClass",
    "ChargeDescription", "ChargePeriodStart", "ChargePeriodEnd", "PricingUnit", "CommitmentDiscountId",
)  # fmt: skip
"""What tells a line from others where the provider gives it no id."""
NEEDED = ("BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodStart", "ChargeCategory")
KEY = ("provider", "billing_account", "billing_period", "line_id")
_NOTHING = ("", "NULL")

RULES: Mapping[str, Texts] = {
    **CSV_RULES,
    **{
        f"{column}.unreadable": (
            f"{name} is not a time such as 2026-03-01T00:00:00Z or 2026-03-01 00:00:00.",
            f"{name} 不是时间（如 2026-03-01T00:00:00Z 或 2026-03-01 00:00:00）。",
        )
        for column, name in TIMES.items()
    },
    **{
        f"{column}.nonexistent": (
            f"{name} does not exist in the zone that the delivery names: a clock change skips it.",
            f"{name} 在交付所指时区中不存在（被夏令时跳过）。",
        )
        for column, name in TIMES.items()
    },
}
OPTIONS = {
    "tax_included": "true or false: whether the amounts include tax, where the bill does not say",
    "line_id": "the column that identifies a line, if it is none of " + ", ".join(LINE_IDS),
    "time_zone": "the zone of times without an offset; UTC without it, as FOCUS demands",
    "encoding": "utf-8 or gb18030",
    "delimiter": "what stands between the fields, if it is no comma: tab, semicolon or one character",
}


def sniff(head: bytes) -> bool:
    """Whether the first line has FOCUS's needed columns."""
    names = header_names(head.decode("utf-8", "replace").lstrip("\ufeff").partition("\n")[0].strip())
    return set(NEEDED) <= set(names)


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of cloud charges; see `base.Format`."""
    names = read_header(path, context, RULES)
    zone = zone_option(context, RULES, default="UTC")
    tax = boolean_option(context, RULES, "tax_included")
    _require(names)
    chosen = context.options.get("line_id", "")
    if chosen and chosen not in names:
        raise unreadable(RULES, "file.options", f"line_id is {chosen}, which is no column.")
    line_id = chosen or next((name for name in LINE_IDS if name in names), None)
    seen = _Seen()
    for records in read_records(path, names, context, RULES, tally):
        yield _rows(records, names, zone, tax, line_id, seen)


def _require(names: tuple[str, ...]) -> None:
    missing = [name for name in NEEDED if name not in names]
    if len(missing) == len(NEEDED):
        raise unreadable(RULES, "file.format")
    if not any(name in names for name in TEXTS["provider"]):
        missing.append("ProviderName")
    if missing or len(set(names)) < len(names):
        said = ", ".join(missing) or "each name once"
        raise unreadable(RULES, "file.columns", f"It lacks {said}.", f"缺少：{said}。")


def _rows(
    records: pl.DataFrame,
    names: tuple[str, ...],
    zone: str,
    tax: bool | None,
    line_id: str | None,
    seen: "_Seen",
) -> pl.DataFrame:
    faults = records["_fault"]
    nothing = pl.all().exclude(CARRIED).is_in(_NOTHING)
    records = records.with_columns(pl.when(~nothing).then(pl.all().exclude(CARRIED)))
    texts = {column: next((name for name in given if name in names), None) for column, given in TEXTS.items()}
    rows = records.select(
        "_row",
        "_raw",
        *(pl.col(name).alias(column) for column, name in texts.items() if name),
        _line_id(records, line_id).alias("line_id"),
        pl.lit(tax, pl.Boolean).alias("tax_included"),
        _native(records, names, {*texts.values(), *TIMES.values(), line_id}).alias("native"),
    )
    for column, name in TIMES.items():
        if name in names:
            times = read_instants(records[name].str.strip_chars(), zone)
            rows = rows.with_columns(times.earliest.alias(column))
            rows = flag(rows, f"{column}.unreadable", times.unreadable)
            rows = flag(rows, f"{column}.nonexistent", times.nonexistent)
    rows = rows.with_columns(_month(rows["billing_period_start"]).alias("billing_period"))
    rows = rows.with_columns(seen.ordinals(rows.select(KEY), faults.is_null()).alias("line_ordinal"))
    return with_flags(rows, faults)


def _month(start: pl.Series) -> pl.Series:
    """The calendar month that is billed: that of a fortnight after its start, so in any zone of the provider's."""
    return start.dt.offset_by("14d").dt.strftime("%Y-%m")


def _line_id(records: pl.DataFrame, name: str | None) -> pl.Series:
    """The provider's id of each line; where there is none, a hash of what tells the line from others."""
    given = records[name] if name else pl.Series([None], dtype=pl.String).new_from_index(0, records.height)
    lacking = given.is_null()
    if not lacking.any():
        return given
    parts = records.filter(lacking).select(name for name in IDENTITY if name in records.columns)
    built = [hashlib.sha256(repr(row).encode()).hexdigest()[:32] for row in parts.iter_rows()]
    return given.scatter(lacking.arg_true(), pl.Series(built, dtype=pl.String))


def _native(records: pl.DataFrame, names: tuple[str, ...], placed: set[str | None]) -> pl.Series:
    """A JSON object of the columns that have no place of their own, in the file's order; nothing sent is null."""
    others = [name for name in names if name not in placed]
    if not others:
        return pl.Series([None], dtype=pl.String).new_from_index(0, records.height)
    return records.select(pl.struct(others).struct.json_encode()).to_series()


class _Seen:
    """How often each key has come in a file so far, by two hashes of it."""

    def __init__(self) -> None:
        self.counts = pl.DataFrame(schema={"one": pl.UInt64, "two": pl.UInt64, "count": pl.Int64})

    def ordinals(self, keys: pl.DataFrame, sound: pl.Series) -> pl.Series:
        """1, 2, … among the sound rows with the same key, in file order; NULL for the others."""
        hashes = pl.DataFrame({"one": keys.hash_rows(1, 2, 3, 4), "two": keys.hash_rows(5, 6, 7, 8)})
        hashes = hashes.with_row_index("at").filter(sound)
        here = hashes.with_columns(place=pl.int_range(1, pl.len() + 1).over("one", "two"))
        before = here.join(self.counts, on=["one", "two"], how="left", maintain_order="left")
        before = before.with_columns(ordinal=pl.col("place") + pl.col("count").fill_null(0))
        newest = before.group_by("one", "two").agg(pl.col("ordinal").max().alias("count"))
        self.counts = self.counts.join(newest, on=["one", "two"], how="anti").vstack(
            newest.cast({"count": pl.Int64})
        )
        places = pl.Series([None], dtype=pl.Int64).new_from_index(0, keys.height)
        return places.scatter(before["at"], before["ordinal"])


FORMAT = Format("focus", ("cloud_charges",), OPTIONS, sniff, read, RULES)
