"""CTYUN's (China Telecom Cloud's) bills: `returnObj.result` of the billing centre's bill interfaces, the same as CSV.

Interfaces queryBillCycleFee, queryBillOnDemandFee and the qry…BillDetail… family. Billed is `payableAmount`, list
cost is `price`; vouchers, cash and discounts stay in `native`. Bill mode 1 is by period, a purchase; 2 is on demand,
usage. What the codes of a line's type mean is not documented: a type in words that tells of a refund or an adjustment
makes it a correction. The usage interface of the CDN (`query-bill-detail-list`) has quantities and no amounts: its
items are refused for that reason.
"""

import polars as pl

from pipelines.formats.provider_bills import RULES, Bill, bill_format, by_type

__all__ = ["FORMAT", "RULES"]

FIELDS = {
    "billing_account": ("accountId", "@returnObj.accountId"),
    "service_name": ("productName", "productCode", "product_code"),
    "sku_id": ("productCode", "product_code"),
    "resource_id": ("realResourceId", "resourceId"),
    "resource_name": ("resourceName",),
    "region_id": ("regionId", "regionCode"),
    "charge_description": ("offerName", "salesAttribute", "billing_type_name"),
    "consumed_quantity": ("usage", "total_value"),
    "consumed_unit": ("usageUnit", "billing_unit"),
    "list_cost": ("price",),
    "billed_cost": ("payableAmount",),
    "billing_currency": ("currency",),
    "_cycle": ("billingCycleId", "billingCycle", "@returnObj.billingCycleId", "start_time"),
    "_start": ("start_time",),
    "_end": ("end_time",),
    "_type": ("billType", "orderType"),
    "_mode": ("billMode", "billing_type_name"),
    "_order": ("orderNo", "masterOrderNo", "orderId", "masterOrderId"),
    "_item": ("usageType", "consumeDate", "servId"),
}
KEPT = frozenset({"_cycle", "_start", "_end", "_type", "_mode", "_order", "_item", "service_name"})
MODES = {"1": "Purchase", "包周期": "Purchase", "2": "Usage", "按需": "Usage"}
_ADJUSTED = pl.col("_type").str.contains("调账", literal=True).fill_null(False)
_REFUNDED = pl.col("_type").str.contains("退", literal=True).fill_null(False)
_METERED = pl.when(pl.col("_start").is_not_null()).then(pl.lit("Usage"))


FORMAT = bill_format(
    "ctyun_bill",
    Bill(
        provider="CTYUN",
        lists=("returnObj.result", "data.result", "returnObj.list", "result"),
        fields=FIELDS,
        kept=KEPT,
        needed=(("payableAmount", "total_value"), ("billMode", "billing_type_name")),
        charge_category=pl.when(_ADJUSTED)
        .then(pl.lit("Adjustment"))
        .otherwise(pl.coalesce(by_type("_mode", MODES), _METERED)),
        charge_class=pl.when(_ADJUSTED | _REFUNDED).then(pl.lit("Correction")),
    ),
)
