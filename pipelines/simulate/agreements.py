"""What was agreed with tenants: discounts, free hours, commitments, reserved cores, least amounts, service. All
invented."""

from pipelines.simulate.clock import month_start, next_month
from pipelines.simulate.network import World
from pipelines.simulate.tenants import TableRow

COLUMNS = (
    "contract_id", "valid_from", "valid_to", "tenant_id", "segment", "kind", "site_id", "sku_id", "discount_share",
    "quantity", "fee", "tax_included", "fee_paid",
)  # fmt: skip
SERVICE_COLUMNS = ("metric", "target", "credit_share", "auto_apply")
CORES, A800 = "nscc-zz-cpu-core-any", "yunai-ai-accelerator-nvidia-a800-80g"


def agreements(world: World) -> list[TableRow]:
    """The terms in force since the network opened; quantities keep the size of the network."""

    def sized(quantity: int) -> str:
        return str(max(1, round(quantity * world.params.scale)))

    terms: list[TableRow] = [
        {
            "contract_id": "sc-campus",
            "segment": "campus",
            "kind": "discount",
            "site_id": "nscc-zz",
            "discount_share": "0.1",
        },
        {
            "contract_id": "sc-home",
            "segment": "household",
            "kind": "allowance",
            "sku_id": A800,
            "quantity": "2.5",
        },
        {
            **{"contract_id": "sc-ent01", "tenant_id": "enterprise-01", "kind": "commitment", "sku_id": A800},
            **{"quantity": sized(3000), "fee": sized(26400), "tax_included": "true", "fee_paid": "monthly"},
        },
        {
            **{
                "contract_id": "sc-ent02",
                "tenant_id": "enterprise-02",
                "kind": "reservation",
                "sku_id": CORES,
            },
            **{"quantity": sized(600), "fee": sized(33333), "tax_included": "true", "fee_paid": "monthly"},
        },
        {
            **{"contract_id": "sc-ent03", "tenant_id": "enterprise-03", "kind": "discount", "sku_id": A800},
            **{"discount_share": "0.085"},
        },
        {
            **{"contract_id": "sc-park01", "tenant_id": "park-01", "kind": "minimum", "site_id": "nscc-zz"},
            **{"sku_id": CORES, "fee": sized(90000), "tax_included": "true"},
        },
        {
            **{"contract_id": "sc-park02", "tenant_id": "park-02", "kind": "flat"},
            **{
                "sku_id": "nscc-zz-subscription-any",
                "fee": "800",
                "tax_included": "true",
                "fee_paid": "monthly",
            },
        },
    ]
    opened = world.params.opened.isoformat()
    return [{column: {"valid_from": opened, **term}.get(column, "") for column in COLUMNS} for term in terms]


def later_agreements(world: World) -> list[TableRow]:
    """Promises of latency since the first month began, and a fee from the next one on for what is not registered yet:
    until it is, that month cannot be closed."""
    promises = (
        ("sc-sla-qy", "enterprise-04", "qingyang", "0.998", "0.05", "true"),
        ("sc-sla-hm", "enterprise-05", "hami", "0.99", "0.1", "true"),
        ("sc-sla-zz", "park-03", "nscc-zz", "0.999", "0.03", "false"),
    )
    begun = {
        "valid_from": month_start(world.params.first_day).isoformat(),
        "kind": "sla",
        "metric": "latency_circle",
    }
    terms: list[TableRow] = [
        {
            **begun,
            **{"contract_id": name, "tenant_id": tenant, "site_id": site},
            **{"target": target, "credit_share": share, "auto_apply": applies},
        }
        for name, tenant, site, target, share, applies in promises
    ]
    terms.append(
        {
            **{"contract_id": "sc-park05", "valid_from": next_month(world.params.first_day).isoformat()},
            **{"tenant_id": "park-05", "kind": "flat", "sku_id": "qingyang-subscription-any", "fee": "600"},
            **{"tax_included": "true", "fee_paid": "monthly"},
        }
    )
    return [{column: term.get(column, "") for column in (*COLUMNS, *SERVICE_COLUMNS)} for term in terms]
