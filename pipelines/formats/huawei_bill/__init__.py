"""Huawei Cloud's bills: BSS resource records (`monthly_records`, `fee_records`) as JSON, the billing centre's CSV.

Interfaces ListCustomerselfResourceRecordDetails and ListCustomerselfResourceRecords; items of either inside another
system's `extension` are read too. Billed is the amount due (`amount`, `consume_amount`): by the documentation the sum
of cash, credit, coupon, flexi-purchase coupon, stored value card, bonus, debt and written-off debt, all of which stay
in `native`; an item whose parts do not add up to it is counted, not refused. List cost is `official_amount`. Refunds
and adjustments correct an earlier charge: class Correction. Amounts are in yuan (measure 1) or fen (measure 3). Of the
units of usage the documentation names GB (10) alone; the others stay numbers in `native`.
"""

import re
from decimal import Context, Decimal
from typing import Any

import polars as pl

from pipelines.formats.base import flag
from pipelines.formats.provider_bills import RULES as BILL_RULES
from pipelines.formats.provider_bills import Bill, bill_format, by_type, merged

__all__ = ["FORMAT", "RULES"]

PARTS = (
    "cash_amount", "credit_amount", "coupon_amount", "flexipurchase_coupon_amount", "stored_card_amount",
    "bonus_amount", "debt_amount", "adjustment_amount",
)  # fmt: skip
FIELDS = {
    "billing_account": ("payer_account_id", "customer_id", "account_name"),
    "sub_account_id": ("customer_id", "account_name"),
    "service_name": ("cloud_service_type_name", "cloud_service_type"),
    "sku_id": ("sku_code",),
    "resource_id": ("res_instance_id", "resource_id"),
    "resource_name": ("resource_name",),
    "region_id": ("region", "region_name"),
    "charge_description": ("product_name", "product_spec_desc"),
    "consumed_quantity": ("usage",),
    "consumed_unit": ("usage_unit",),
    "list_cost": ("official_amount",),
    "billed_cost": ("amount", "consume_amount"),
    "billing_currency": ("currency", "@currency", "@data.currency"),
    "_cycle": ("cycle", "bill_cycle", "bill_date"),
    "_start": ("effective_time",),
    "_end": ("expire_time",),
    "_type": ("bill_type",),
    "_mode": ("charge_mode",),
    "_order": ("trade_id", "order_id"),
    "_item": ("bill_date", "usage_type"),
    "_line": ("id",),
    "_measure": ("measure_id",),
    "_usage_measure": ("usage_measure_id",),
    "_amount": ("amount", "consume_amount"),
    **{f"_{part}": (part,) for part in PARTS},
}
KEPT = frozenset(
    {"sub_account_id", "_cycle", "_type", "_mode", "_order", "_item", "_measure", "_usage_measure", "_amount"}
    | {f"_{part}" for part in PARTS}
)
HEADERS = {
    "账期": "cycle", "账号": "account_name", "产品类型编码": "cloud_service_type",
    "产品类型": "cloud_service_type_name", "产品": "product_name", "规格": "product_spec_desc",
    "产品规格": "product_spec_desc", "资源id": "res_instance_id", "资源名称": "resource_name", "区域": "region_name",
    "云服务区": "region_name", "使用量": "usage", "使用量单位": "usage_unit", "使用量类型": "usage_type",
    "官网价": "official_amount", "官网价总金额": "official_amount", "应付金额": "amount", "消费金额": "amount",
    "账单类型": "bill_type", "计费模式": "charge_mode", "使用开始时间": "effective_time",
    "使用结束时间": "expire_time", "订单号/交易号": "trade_id", "币种": "currency", "现金支付": "cash_amount",
    "信用额度支付": "credit_amount", "代金券抵扣": "coupon_amount", "现金券抵扣": "flexipurchase_coupon_amount",
    "储值卡抵扣": "stored_card_amount", "奖励金抵扣": "bonus_amount", "奖励金支付": "bonus_amount",
    "欠费金额": "debt_amount", "欠费": "debt_amount", "核销金额": "adjustment_amount",
}  # fmt: skip
"""As the billing centre's documentation names the columns of its stored bills."""
CATEGORIES = {
    "Purchase": ("1", "2", "3", "8", "18", "103", "4", "20", "24", "13"),
    "Usage": ("5", "12", "14", "23"),
    "Adjustment": ("9", "16", "17", "25"),
    "Tax": ("15", "100", "101", "102"),
}
CORRECTIONS = ("4", "20", "24", "9", "16", "100", "101", "102")
WORDS = {
    "消费-新购": "1", "消费-续订": "2", "消费-变更": "3", "退款-退订": "4", "消费-使用": "5", "消费-自动续订": "8",
    "调账-补偿": "9", "消费-按时计费": "12", "消费-退订手续费增收": "13", "消费-退订手续费": "13",
    "消费-服务支持计划月末补扣": "14", "消费-服务支持计划月末扣费": "14", "消费-税金": "15", "调账-扣费": "16",
    "消费-保底差额": "17", "消费-按月付费": "18", "退款-变更": "20", "消费-节省计划抵扣": "23",
    "退款-包年/包月转按需": "24", "消费-抹零补扣": "25", "退款-退订税金": "100", "调账-补偿税金": "101",
    "调账-扣费税金": "102", "消费-按年付费": "103",
}  # fmt: skip
_FEN = "3"
_EXACT = Context(prec=200)
_AMOUNT = re.compile(r"[+-]?[0-9]{1,100}(?:\.[0-9]{1,90})?")
RULES = {
    **BILL_RULES,
    "measure_id.unknown": (
        "The unit of the amounts (measure_id) is neither 1 (yuan) nor 3 (fen).",
        "金额单位（measure_id）既不是 1（元）也不是 3（分）。",
    ),
}


def charges(item: dict[str, Any]) -> list[dict[str, Any]]:
    """The item, or the one that another system carries as its extension."""
    inner = item.get("extension")
    if not isinstance(inner, dict) or "official_amount" not in inner:
        return [item]
    return [merged({key: value for key, value in item.items() if key != "extension"}, inner)]


def prepare(frame: pl.DataFrame) -> pl.DataFrame:
    """Amounts in yuan, types as numbers, units by name."""
    measure = frame["_measure"]
    frame = flag(frame, "measure_id.unknown", ~measure.is_in(["1", _FEN]))
    fen = measure.is_in([_FEN]).fill_null(False)
    if fen.any():
        frame = frame.with_columns(
            frame[name].map_elements(_in_yuan, pl.String).zip_with(fen, frame[name])
            for name in ("billed_cost", "list_cost")
        )
    unit = frame["_usage_measure"].replace_strict({"10": "GB"}, default=None, return_dtype=pl.String)
    return frame.with_columns(
        pl.col("_type").replace(WORDS), consumed_unit=frame["consumed_unit"].fill_null(unit)
    )


def _in_yuan(fen: str) -> str:
    """An amount in fen with its decimal point moved by two places; what is no amount stays as it is."""
    return format(Decimal(fen).scaleb(-2, _EXACT), "f") if _AMOUNT.fullmatch(fen) else fen


def _amount(column: str) -> pl.Expr:
    """An amount for comparison: far smaller than what a sum can hold."""
    return pl.col(column).cast(pl.Decimal(30, 12), strict=False).cast(pl.Decimal(38, 12))


def parts_differ() -> pl.Expr:
    """Whether the parts of an amount are known and do not add up to it, in the unit as sent."""
    total = pl.sum_horizontal(_amount(f"_{part}").fill_null(0) for part in PARTS)
    known = pl.any_horizontal(pl.col(f"_{part}").is_not_null() for part in PARTS)
    return (known & (total != _amount("_amount"))).fill_null(False)


FORMAT = bill_format(
    "huawei_bill",
    Bill(
        provider="Huawei Cloud",
        lists=("monthly_records", "fee_records", "data.details", "data.monthly_records", "data.fee_records"),
        fields=FIELDS,
        kept=KEPT,
        needed=(("official_amount",), ("amount", "consume_amount"), ("bill_type",)),
        charge_category=by_type("_type", {code: kind for kind, each in CATEGORIES.items() for code in each}),
        charge_class=by_type("_type", dict.fromkeys(CORRECTIONS, "Correction")),
        headers=HEADERS,
        charges=charges,
        prepare=prepare,
        remarks={"parts do not add up to the amount": parts_differ()},
        rules=RULES,
    ),
)
