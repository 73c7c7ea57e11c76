"""The columns of FOCUS 1.0 to 1.4 and where each has its place in the dataset.

FOCUS 1.3 brought ServiceProviderName and HostProviderName and deprecated ProviderName and PublisherName, which 1.4 no
longer has; the names of 1.0 come first, so that a provider keeps its name over a change of version.
"""

from pipelines.formats.csv_records import CARRIED

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
NUMBERS = (
    "BilledCost", "ContractedCost", "EffectiveCost", "ListCost", "ConsumedQuantity", "PricingQuantity",
)  # fmt: skip
"""Whose digits have to be exact."""
LINE_IDS = ("Id", "x_Id", "x_LineId", "x_LineItemId", "x_BillLineId", "x_RecordId", "x_InvoiceLineId")
IDENTITY = (
    "SubAccountId", "ResourceId", "SkuId", "SkuPriceId", "ServiceName", "RegionId", "ChargeCategory", "ChargeClass",
    "ChargeDescription", "ChargePeriodStart", "ChargePeriodEnd", "PricingUnit", "CommitmentDiscountId",
    "AllocatedResourceId", "AllocatedMethodId", "InvoiceId", "InvoiceDetailId",
)  # fmt: skip
"""What tells a line from others where the provider gives it no id."""
NEEDED = ("BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodStart", "ChargeCategory")


def lacking(names: tuple[str, ...]) -> list[str]:
    """The columns that a bill has to have and this header does not name."""
    missing = [name for name in NEEDED if name not in names]
    if not any(name in names for name in TEXTS["provider"]):
        missing.append("ProviderName")
    return missing


def is_foreign(names: tuple[str, ...]) -> bool:
    """Whether a header has nothing of a bill in FOCUS."""
    return not set(NEEDED) & set(names)


def is_ambiguous(names: tuple[str, ...]) -> bool:
    """Whether a header names a column twice, or one as this software names its own."""
    return len(set(names)) < len(names) or "" in names or bool(set(CARRIED) & set(names))
