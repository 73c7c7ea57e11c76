"""Alibaba Cloud's bills: items of BssOpenApi DescribeInstanceBill or QueryInstanceBill as JSON, its CSV bills.

Billed is `PretaxAmount`, what is payable after discounts and coupons; list cost is `PretaxGrossAmount`. What was paid
how (cash, vouchers, prepaid cards, outstanding) stays in `native`. Where an item says its amount after tax, the pretax
amount is without it; else the documentation does not say. A refund is of what it refunds, and like an adjustment it
corrects an earlier charge: class Correction. CSV headers are those of the documented bill files (English) or of the
console's export (Chinese).
"""

import polars as pl

from pipelines.formats.provider_bills import RULES, Bill, bill_format, by_type

__all__ = ["FORMAT", "RULES"]

FIELDS = {
    "billing_account": ("BillAccountID", "AccountID", "@Data.AccountID", "AccountName", "@Data.AccountName"),
    "sub_account_id": ("OwnerID", "OwnerId", "OwnerName"),
    "service_name": ("ProductName", "ProductCode"),
    "sku_id": ("CommodityCode",),
    "resource_id": ("InstanceID", "InstanceId"),
    "resource_name": ("NickName",),
    "region_id": ("Region",),
    "charge_description": ("ProductDetail",),
    "consumed_quantity": ("Usage",),
    "consumed_unit": ("UsageUnit",),
    "list_cost": ("PretaxGrossAmount",),
    "billed_cost": ("PretaxAmount",),
    "billing_currency": ("Currency",),
    "_cycle": ("BillingCycle", "@Data.BillingCycle", "BillingDate"),
    "_day": ("BillingDate",),
    "_start": ("UsageStartTime",),
    "_end": ("UsageEndTime",),
    "_type": ("Item",),
    "_mode": ("SubscriptionType",),
    "_order": ("RecordID", "SubOrderId"),
    "_item": ("BillingItemCode", "BillingItem"),
    "_after_tax": ("AfterTaxAmount",),
}
KEPT = frozenset({"_cycle", "_type", "_mode", "_order", "_item", "_after_tax"})
HEADERS = {
    "账期": "BillingCycle", "账号id": "AccountID", "账号": "AccountName", "owner账号": "OwnerName",
    "owner账号id": "OwnerID", "产品code": "ProductCode", "产品": "ProductName", "产品明细code": "CommodityCode",
    "产品明细": "ProductDetail", "消费类型": "SubscriptionType", "账单开始时间": "UsageStartTime",
    "账单结束时间": "UsageEndTime", "订单号/账单号": "RecordID", "账单类型": "Item", "实例id": "InstanceID",
    "实例昵称": "NickName", "地域": "Region", "计费项": "BillingItem", "计费项code": "BillingItemCode", "用量": "Usage",
    "用量单位": "UsageUnit", "原价": "PretaxGrossAmount", "应付金额": "PretaxAmount", "币种": "Currency",
    "日期": "BillingDate",
}  # fmt: skip
TYPES = {
    "SubscriptionOrder": "Purchase", "预付费订单": "Purchase", "预付费账单": "Purchase",
    "PayAsYouGoBill": "Usage", "后付费账单": "Usage",
    "Refund": "Refund", "退款": "Refund",
    "Adjustment": "Adjustment", "调账": "Adjustment",
}  # fmt: skip


MODES = {"Subscription": "Purchase", "预付费": "Purchase", "PayAsYouGo": "Usage", "后付费": "Usage"}
_KIND = by_type("_type", TYPES)


FORMAT = bill_format(
    "aliyun_bill",
    Bill(
        provider="Alibaba Cloud",
        lists=("Data.Items", "Data.Items.Item", "data.items", "Items"),
        fields=FIELDS,
        kept=KEPT,
        needed=(("PretaxGrossAmount",), ("PretaxAmount",), ("Item",)),
        charge_category=pl.when(_KIND == "Refund").then(by_type("_mode", MODES)).otherwise(_KIND),
        charge_class=pl.when(_KIND.is_in(["Refund", "Adjustment"])).then(pl.lit("Correction")),
        tax_included=pl.when(pl.col("_after_tax").is_not_null()).then(pl.lit(False)),
        headers=HEADERS,
    ),
)
