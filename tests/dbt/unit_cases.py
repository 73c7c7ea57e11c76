"""How cases of the units beyond core-hour and card-hour are told: machines, slices, volumes, lines and bills of a site.

Belongs here: rows of instance_records, storage_records, network_usage and cloud_charges, and SKUs of their kinds. Does
not belong here: any expected number.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.dbt.rating_cases import Case
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
