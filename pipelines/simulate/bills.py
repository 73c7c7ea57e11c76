"""Alibaba Cloud's monthly bill: FOCUS 1.x lines with exact decimals, refunds, tax and re-used line ids.

Prices and quantities are invented. The bill is passed on to the tenants of its sub-accounts; some are nobody's.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from pipelines.simulate.clock import days_between, next_month
from pipelines.simulate.feeds.records import RecordFact, fact
from pipelines.simulate.network import World
from pipelines.simulate.parcels import Row
from pipelines.simulate.tenants import TableRow, mapping
from pipelines.simulate.wire_csv import line as csv_line

COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency",
    "ChargePeriodEnd", "ChargePeriodStart", "ConsumedQuantity", "ConsumedUnit", "ContractedCost",
    "EffectiveCost", "InvoiceIssuerName", "ListCost", "ListUnitPrice", "PricingCategory", "PricingQuantity",
    "PricingUnit", "ProviderName", "PublisherName", "RegionId", "RegionName", "ResourceId", "ResourceName",
    "ServiceCategory", "Id", "ServiceName", "SkuId", "SubAccountId", "SubAccountName",
)  # fmt: skip


@dataclass(frozen=True)
class Product:
    """A cloud product: its FOCUS category, unit, list price and usual quantity per day."""

    service: str
    category: str
    sku: str
    unit: str
    price: Decimal
    daily: float


PRODUCTS = (
    Product("Elastic Compute Service", "Compute", "ecs.gn7i-c32g1.8xlarge", "Hours", Decimal("17.382"), 24),
    Product("Elastic Compute Service", "Compute", "ecs.c8i.2xlarge", "Hours", Decimal("1.4563"), 24),
    Product("Platform for AI", "AI and Machine Learning", "pai-dsw-a10", "Hours", Decimal("11.7"), 9),
    Product(
        "Object Storage Service", "Storage", "oss-standard-zrs", "GB-Hours", Decimal("0.000166667"), 180_000
    ),
    Product("File Storage NAS", "Storage", "nas-performance", "GB-Hours", Decimal("0.00256944"), 9_600),
    Product("Elastic IP Address", "Networking", "eip-bandwidth", "GB", Decimal("0.8"), 41),
)
ACCOUNT = "1900000000000042"
REGIONS = (("cn-zhengzhou-jva", "China (Zhengzhou)"), ("cn-beijing", "China (Beijing)"))
SUB_ACCOUNTS = 18
NOBODYS = (3, 17)
"""The sub-accounts that no tenant is known for."""
TAX = Decimal("0.06")
PLACES = Decimal(1).scaleb(-12)
PLACED = {
    "ProviderName": "provider", "BillingAccountId": "billing_account", "Id": "line_id",
    "ChargeCategory": "charge_category", "ChargeDescription": "charge_description",
    "ChargeFrequency": "charge_frequency", "ServiceCategory": "service_category", "ServiceName": "service_name",
    "SkuId": "sku_id", "ResourceId": "resource_id", "ResourceName": "resource_name", "RegionId": "region_id",
    "SubAccountId": "sub_account_id", "InvoiceIssuerName": "invoice_issuer", "PricingUnit": "pricing_unit",
    "ConsumedUnit": "consumed_unit", "BillingCurrency": "billing_currency",
}  # fmt: skip
AMOUNTS = {
    "PricingQuantity": "pricing_quantity", "ConsumedQuantity": "consumed_quantity", "ListCost": "list_cost",
    "ContractedCost": "contracted_cost", "EffectiveCost": "effective_cost", "BilledCost": "billed_cost",
}  # fmt: skip
TIMES = {
    "BillingPeriodStart": "billing_period_start", "BillingPeriodEnd": "billing_period_end",
    "ChargePeriodStart": "charge_period_start", "ChargePeriodEnd": "charge_period_end",
}  # fmt: skip
"""Times of the bill carry no offset: by FOCUS they are UTC."""


def sub_account(number: int) -> str:
    """The cloud's name of a sub-account."""
    return f"27000000000{number:05d}"


def mappings(world: World) -> list[TableRow]:
    """Who uses the sub-accounts, where the cloud takes part."""
    tenants = [*(f"enterprise-{number:02d}" for number in range(1, 16)), "park-01", "park-02", "park-03"]
    if "aliyun" not in world.params.chosen:
        return []
    return [
        mapping("aliyun", sub_account(number), tenant, world.params.opened)
        for number, tenant in zip(range(SUB_ACCOUNTS), tenants, strict=True)
        if number not in NOBODYS
    ]


def bill_lines(world: World, month: date, first: date, last: date) -> list[list[str]]:
    """The lines of one month's bill, for the days of the simulation that lie in it."""
    rng = Random(f"{world.params.seed}/aliyun/{month.isoformat()}")
    resources = max(4, round(110 * min(1.0, world.params.scale)))
    lines: list[list[str]] = []
    for number in range(resources):
        product = PRODUCTS[number % len(PRODUCTS)]
        region = REGIONS[number % 3 // 2]
        for day in days_between(max(first, month), min(last, next_month(month) - timedelta(days=1))):
            if rng.random() < 0.06:
                continue
            quantity = Decimal(round(product.daily * rng.uniform(0.3, 1.0) * 10**6)).scaleb(-6)
            cost = (quantity * product.price).quantize(PLACES)
            lines.append(_line(month, day, number, product, region, quantity, cost, "Usage"))
            if rng.random() < 0.01:
                refund = -(cost / 3).quantize(PLACES)
                lines.append(_line(month, day, number, product, region, Decimal(0), refund, "Credit"))
    total = sum((Decimal(line[0]) for line in lines), Decimal(0))
    tax = (total * TAX).quantize(PLACES)
    lines.append(_line(month, month, 0, PRODUCTS[0], REGIONS[0], Decimal(0), tax, "Tax"))
    return lines


def _line(
    month: date, day: date, number: int, product: Product, region: tuple[str, str], quantity: Decimal, cost: Decimal,
    category: str,
) -> list[str]:  # fmt: skip
    usage = category == "Usage"
    account = sub_account(number % SUB_ACCOUNTS)
    period = (month, next_month(month)) if category == "Tax" else (day, day + timedelta(days=1))
    values = {
        "BilledCost": f"{cost:f}",
        "BillingAccountId": ACCOUNT,
        "BillingAccountName": "zhengsuan-network",
        "BillingCurrency": "CNY",
        "BillingPeriodEnd": f"{next_month(month)} 00:00:00",
        "BillingPeriodStart": f"{month} 00:00:00",
        "ChargeCategory": category,
        "ChargeClass": "NULL",
        "ChargeDescription": f"{product.sku}, {region[1]}, {category.lower()}",
        "ChargeFrequency": "Usage-Based" if usage else "One-Time",
        "ChargePeriodEnd": f"{period[1]} 00:00:00",
        "ChargePeriodStart": f"{period[0]} 00:00:00",
        "ConsumedQuantity": f"{quantity:f}" if usage else "NULL",
        "ConsumedUnit": product.unit if usage else "NULL",
        "ContractedCost": f"{cost:f}",
        "EffectiveCost": f"{cost:f}",
        "InvoiceIssuerName": "Alibaba Cloud",
        "ListCost": f"{cost:f}",
        "ListUnitPrice": f"{product.price:f}" if usage else "NULL",
        "PricingCategory": "Standard" if usage else "NULL",
        "PricingQuantity": f"{quantity:f}" if usage else "NULL",
        "PricingUnit": product.unit if usage else "NULL",
        "ProviderName": "Alibaba Cloud",
        "PublisherName": "Alibaba Cloud",
        "RegionId": region[0],
        "RegionName": region[1],
        "ResourceId": "NULL" if category == "Tax" else f"acs:res-{number:04d}",
        "ResourceName": "" if category == "Tax" else f'node "{number:04d}", 算力',
        "ServiceCategory": product.category,
        "Id": f"{month:%Y%m}{number:04d}{day.day % 7}",
        "ServiceName": product.service,
        "SkuId": product.sku,
        "SubAccountId": account,
        "SubAccountName": f"tenant-{number % SUB_ACCOUNTS + 1:02d}",
    }
    return [values[column] for column in COLUMNS]


def bill_rows(lines: Iterable[list[str]]) -> list[Row]:
    """The lines of a bill with what each states; lines of one id are told apart by their order."""
    ordinals: Counter[str] = Counter()
    rows: list[Row] = []
    for values in lines:
        given = {name: "" if text == "NULL" else text for name, text in zip(COLUMNS, values, strict=True)}
        ordinals[given["Id"]] += 1
        rows.append(Row(csv_line(values), _stated(given, ordinals[given["Id"]])))
    return rows


def _stated(given: dict[str, str], ordinal: int) -> RecordFact:
    return fact(
        "cloud_charges",
        billing_period=given["BillingPeriodStart"][:7],
        line_ordinal=str(ordinal),
        **{column: given[name] for name, column in PLACED.items()},
        **{column: plain(given[name]) for name, column in AMOUNTS.items()},
        **{column: f"{given[name].replace(' ', 'T')}Z" for name, column in TIMES.items()},
    )


def plain(amount: str) -> str:
    """A decimal's shortest text."""
    shortest = f"{Decimal(amount).normalize():f}" if amount else ""
    return "0" if shortest == "-0" else shortest
