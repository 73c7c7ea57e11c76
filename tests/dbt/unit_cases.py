"""How cases of the units beyond core-hour and card-hour are told: machines, slices, volumes, lines and bills of a site.

Belongs here: rows of instance_records, storage_records, network_usage and cloud_charges, and SKUs of their kinds. Does
not belong here: any expected number.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.dbt.rating_cases import START, Case
from tests.dbt.world import shanghai

UNITS = {
    "instance": "instance-hour",
    "slice": "slice-hour",
    "storage": "GB-month",
    "traffic": "GB",
    "bandwidth": "Mbps-month",
    "cloud": "CNY",
    "cpu_core": "core-hour",
    "accelerator": "card-hour",
}


def knows_its_tenant(case: Case) -> None:
    """Tenant, account, tax and shares, without anything that is sold."""
    case.tenant_is_known()
    case.maps()
    case.taxes()
    case.shares("0.70", "0.20", "0.10")


def sells(case: Case, kind: str, price: str, model: str | None = None, **columns: Any) -> str:
    """A SKU of a kind with its one price; returns its id. Machines and slices are of the general class."""
    sku = f"{case.sku}-{kind}-{model or 'any'}"
    unit = columns.pop("unit", UNITS[kind])
    case.offers(sku, kind=kind, model=model, unit=unit, **{"compute_class": "general", **columns})
    case.prices(price, sku=sku, unit=unit)
    return sku


def machine(case: Case, start: str, hours: int = 1, vcpus: str = "1", cards: int = 0, **columns: Any) -> None:
    """A virtual machine that ended, by its start in Shanghai and its length; it has no cards unless told."""
    begun = shanghai(start)
    case.sends(
        "instance_records",
        **{
            "site_id": case.site,
            "instance_id": f"vm-{case.number()}",
            "interval_start": begun,
            "interval_end": begun + timedelta(hours=hours),
            "instance_kind": "virtual_machine",
            "account": "acc",
            "vcpus": Decimal(vcpus),
            "accelerator_milli": cards * 1000,
            "state": "ENDED",
            **columns,
        },
    )


def volume(case: Case, at: str, gigabytes: int | None = None, **columns: Any) -> None:
    """A volume observed at an instant in Shanghai, provisioned in 10^9 bytes."""
    case.sends(
        "storage_records",
        **{
            "site_id": case.site,
            "volume_id": "vol-1",
            "observed_at": shanghai(at),
            "account": "acc",
            "tier": "ssd",
            "provisioned_bytes": None if gigabytes is None else gigabytes * 10**9,
            **columns,
        },
    )


def traffic(case: Case, start: str, bytes_in: int | None, bytes_out: int | None, **columns: Any) -> None:
    """A quarter of an hour of a line, by its start in Shanghai."""
    begun = shanghai(start)
    case.sends(
        "network_usage",
        **{
            "line_id": f"line-{case.site}",
            "interval_start": begun,
            "interval_end": begun + timedelta(minutes=15),
            "site_id": case.site,
            "account": "acc",
            "bytes_in": bytes_in,
            "bytes_out": bytes_out,
            **columns,
        },
    )


def bill_line(case: Case, line: str, cost: str, day: str | None = "2026-10-05", **columns: Any) -> None:
    """A line of the provider's bill for October, charged from midnight of a day."""
    case.sends(
        "cloud_charges",
        **{
            "provider": "cloud",
            "billing_account": f"payer-{case.site}",
            "billing_period": "2026-10",
            "line_id": line,
            "line_ordinal": 1,
            "charge_period_start": shanghai(f"{day} 00:00") if day else None,
            "charge_category": "Usage",
            "service_name": "compute",
            "sub_account_id": "acc",
            "billed_cost": Decimal(cost),
            "billing_currency": "CNY",
            **columns,
        },
    )


def resells_hours(case: Case, price: str = "2.00", included: bool = False) -> None:
    """Hours are resold at a price and 6 % tax, 10 % of the sale to the operator; the provider gets what it bills."""
    knows_its_tenant(case)
    sold, cost = f"{case.sku}-hour", f"{case.sku}-bill"
    case.offers(sold, kind="resale", unit="unit", share_rule=f"sold-{case.site}")
    case.prices(price, sku=sold, unit="unit", included=included)
    case.offers(
        cost, kind="cloud_cost", unit="CNY", tax_category=f"none-{case.site}", share_rule=f"cost-{case.site}"
    )
    case.prices("1", sku=cost, unit="CNY")
    case.add("tax_rates", tax_category=f"none-{case.site}", valid_from=START, rate=Decimal(0))
    for rule, provider, operator, network in (("sold", "0", "0.10", "0.90"), ("cost", "1", "0", "0")):
        case.add(
            "revenue_shares",
            share_rule=f"{rule}-{case.site}",
            valid_from=START,
            provider_share=Decimal(provider),
            operator_share=Decimal(operator),
            network_operator_share=Decimal(network),
        )


def resale_rule(case: Case, unit: str = "Hours", **columns: Any) -> None:
    """A rule of resale of the case's provider: one unit sold for one consumed, unless told otherwise."""
    case.add(
        "resale_rules",
        **{
            "rule_id": f"{case.site}-{case.number()}",
            "valid_from": START,
            "provider": f"cloud-{case.site}",
            "consumed_unit": unit,
            "consumed_units": 1,
            "sold_units": 1,
            "sku_id": f"{case.sku}-hour",
            "cost_sku_id": f"{case.sku}-bill",
            **columns,
        },
    )


def consumed(
    case: Case, line: str, cost: str, quantity: str | None, unit: str | None = "Hours", **columns: Any
) -> None:
    """A line of the provider's bill that says what was consumed; its service is called like the line."""
    amount = None if quantity is None else Decimal(quantity)
    told = {"provider": f"cloud-{case.site}", "service_name": line, "consumed_unit": unit, **columns}
    bill_line(case, line, cost, consumed_quantity=amount, **told)
