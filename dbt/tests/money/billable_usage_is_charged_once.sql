-- Bad rows: billable usage of a tenant, SKU, month and window that its Usage charges do not hold exactly once, whatever
-- prices, tiers and contracts they have. What is left unused of a contract was not used.
with billable as (
    select
        period,
        tenant_id,
        site_id,
        sku_id,
        {{ quote_window() }} as price_window,
        sum(quantity) as quantity
    from {{ ref('metered_usage') }}
    where reason is null
    group by period, tenant_id, site_id, sku_id, {{ quote_window() }}
),

charged as (
    select
        billing_period as period,
        tenant_id,
        site_id,
        sku_id,
        {{ quote_window() }} as price_window,
        sum(quantity) as quantity
    from {{ ref('charges') }}
    where
        charge_category = 'Usage'
        and charge_class is null
        and not {{ is_unused('coverage') }}
    group by billing_period, tenant_id, site_id, sku_id, {{ quote_window() }}
)

select
    coalesce(billable.period, charged.period) as period,
    coalesce(billable.tenant_id, charged.tenant_id) as tenant_id,
    coalesce(billable.sku_id, charged.sku_id) as sku_id,
    billable.quantity as billable_quantity,
    charged.quantity as charged_quantity
from billable
full outer join charged
    on
        billable.period = charged.period
        and billable.tenant_id = charged.tenant_id
        and billable.site_id = charged.site_id
        and billable.sku_id = charged.sku_id
        and billable.price_window = charged.price_window
where coalesce(billable.quantity, 0) <> coalesce(charged.quantity, 0)
