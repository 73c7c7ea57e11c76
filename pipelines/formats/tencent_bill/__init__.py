"""Tencent Cloud's bills: `DetailSet` of the billing interface DescribeBillDetail as JSON, its detail bill as CSV.

One row per component: an item of `DetailSet` has one price for each of its components. Billed is `RealCost`, the total
after discounts, whichever of cash, vouchers or grants pays it; list cost is `Cost`, which is not shown under contract
prices. Refunds, reversals and adjustments correct an earlier charge: class Correction. The interface of the Chinese
site sends no currency; a price unit in yuan says CNY. Field names of the CSV are those of the documented bill, in
English or Chinese.
"""

from typing import Any

import polars as pl

from pipelines.formats.provider_bills import RULES, Bill, bill_format, by_type, merged

__all__ = ["FORMAT", "RULES"]

FIELDS = {
    "billing_account": ("PayerUin",),
    "sub_account_id": ("OwnerUin",),
    "service_name": ("BusinessCodeName", "BusinessCode"),
    "sku_id": ("ItemCode", "ProductCode"),
    "resource_id": ("ResourceId",),
    "resource_name": ("ResourceName",),
    "region_id": ("RegionId", "RegionName"),
    "charge_description": ("ItemCodeName", "ProductCodeName"),
    "consumed_quantity": ("UsedAmount",),
    "consumed_unit": ("UsedAmountUnit",),
    "list_cost": ("Cost",),
    "billed_cost": ("RealCost", "RealCostExcludingTax"),
    "billing_currency": ("Currency",),
    "_cycle": ("BillMonth", "BillDay"),
    "_start": ("FeeBeginTime",),
    "_end": ("FeeEndTime",),
    "_type": ("ActionType", "ActionTypeName"),
    "_mode": ("PayModeName",),
    "_order": ("BillId", "OrderId"),
    "_item": ("ComponentCode", "ComponentCodeName"),
    "_id": ("Id",),
    "_price_unit": ("PriceUnit",),
    "_untaxed": ("RealCostExcludingTax",),
}
KEPT = frozenset({"_cycle", "_type", "_mode", "_order", "_item", "_price_unit", "_id", "_untaxed"})
HEADERS = {
    "payeraccountid": "PayerUin", "支付者uin": "PayerUin", "付款者账号id": "PayerUin",
    "owneraccountid": "OwnerUin", "使用者uin": "OwnerUin", "使用者账号id": "OwnerUin",
    "productname": "BusinessCodeName", "产品名称": "BusinessCodeName",
    "subproductname": "ProductCodeName", "子产品名称": "ProductCodeName",
    "billingmode": "PayModeName", "计费模式": "PayModeName",
    "region": "RegionName", "地域": "RegionName",
    "instanceid": "ResourceId", "资源id": "ResourceId",
    "instancename": "ResourceName", "资源别名": "ResourceName",
    "transactiontype": "ActionTypeName", "交易类型": "ActionTypeName",
    "transactionid": "BillId", "交易id": "BillId", "orderid": "OrderId", "订单id": "OrderId",
    "usagestarttime": "FeeBeginTime", "开始使用时间": "FeeBeginTime",
    "usageendtime": "FeeEndTime", "结束使用时间": "FeeEndTime",
    "componenttype": "ComponentCodeName", "组件类型": "ComponentCodeName",
    "componentname": "ItemCodeName", "组件名称": "ItemCodeName",
    "componentpricemeasurementunit": "PriceUnit", "组件价格单位": "PriceUnit",
    "componentusage": "UsedAmount", "组件用量": "UsedAmount",
    "componentusageunit": "UsedAmountUnit", "组件用量单位": "UsedAmountUnit",
    "originalcost": "Cost", "组件原价": "Cost",
    "totalamountafterdiscount": "RealCost", "totalamountafterdiscount(excludingtax)": "RealCostExcludingTax",
    "优惠后总价": "RealCost",
    "currency": "Currency", "币种": "Currency",
    "billmonth": "BillMonth", "账单月份": "BillMonth",
}  # fmt: skip
PURCHASES = {
    "prepay_purchase": "包年包月新购", "prepay_renew": "包年包月续费", "prepay_modify": "包年包月配置变更",
    "offline_deduct": "线下项目扣费", "online_deduct": "线下产品扣费", "ripay_purchase": "预付费用",
}  # fmt: skip
USAGE = {
    "postpay_deduct": "按量计费扣费", "postpay_deduct_h": "按量计费小时结", "postpay_deduct_d": "按量计费日结",
    "postpay_deduct_m": "按量计费月结", "postpay_deduct_s": "竞价实例小时结", "ri_hour_pay": "小时费用",
    "sp_hour_pay": "节省计划小时费用",
}  # fmt: skip
REFUNDS = {
    "prepay_return": "包年包月退款", "pre_to_post": "包年包月转按量", "ri_return": "预留实例退款",
}  # fmt: skip
REVERSALS = {"postpay_reversal": "按量计费冲正"}
ADJUSTMENTS = {
    "recon_deduct": "调账扣费", "recon_increase": "调账补偿", "offline_increase": "线下项目调账补偿",
    "online_increase": "线下产品调账补偿", "discount_deduct": "优惠扣费", "discount_increase": "优惠补偿",
    "min_consume_deduct": "保底扣款",
}  # fmt: skip
ENGLISH = {
    "Purchase": "Purchase", "Renewal": "Purchase", "Upgrade/Downgrade": "Purchase", "Monthly subscription": "Purchase",
    "Pay-as-you-go": "Usage", "Hourly settlement": "Usage", "Daily settlement": "Usage", "Monthly settlement": "Usage",
}  # fmt: skip


def _both(kind: str, *types: dict[str, str]) -> dict[str, str]:
    return {word: kind for each in types for pair in each.items() for word in pair}


TYPES = {
    **ENGLISH,
    **_both("Purchase", PURCHASES, REFUNDS),
    **_both("Usage", USAGE, REVERSALS),
    **_both("Adjustment", ADJUSTMENTS),
}
CORRECTIONS = _both("Correction", REFUNDS, REVERSALS, ADJUSTMENTS)


def charges(item: dict[str, Any]) -> list[dict[str, Any]]:
    """One charge for each component of an item; the item itself where it has none."""
    components = item.get("ComponentSet")
    if not isinstance(components, list) or not components:
        return [item]
    own = {key: value for key, value in item.items() if key != "ComponentSet"}
    return [
        merged(own, each) if isinstance(each, dict) else {**own, "ComponentSet": [each]}
        for each in components
    ]


def prepare(frame: pl.DataFrame) -> pl.DataFrame:
    """The id of a line is its item's with its component's; the currency may be known from the price unit."""
    parts = [pl.col("_id"), pl.col("_item").fill_null(""), pl.col("sku_id").fill_null("")]
    yuan = pl.when(pl.col("_price_unit").str.starts_with("元")).then(pl.lit("CNY"))
    return frame.with_columns(
        pl.concat_str(parts, separator="/").alias("_line"), pl.col("billing_currency").fill_null(yuan)
    )


FORMAT = bill_format(
    "tencent_bill",
    Bill(
        provider="Tencent Cloud",
        lists=("Response.DetailSet", "DetailSet"),
        fields=FIELDS,
        kept=KEPT,
        needed=(
            ("RealCost", "RealCostExcludingTax"),
            ("ActionType", "ActionTypeName"),
            ("PayerUin", "OwnerUin"),
        ),
        charge_category=by_type("_type", TYPES),
        charge_class=by_type("_type", CORRECTIONS),
        tax_included=pl.when(pl.col("_untaxed").is_not_null()).then(pl.lit(False)),
        headers=HEADERS,
        charges=charges,
        prepare=prepare,
    ),
)
