-- Bad rows: billable usage of a tenant, SKU, day and window that its Usage charges do not hold exactly once.
with billable as (
    select
        day,
        tenant_id,
        site_id,
        sku_id,
        {{ quote_window() }} as price_window,
        sum(quantity) as quantity
    from {{ ref('metered_usage') }}
    where reason is null
    group by day, tenant_id, site_id, sku_id, {{ quote_window() }}
),

charged as (
    select
        {{ business_day('charge_period_start') }} as day,
        tenant_id,
        site_id,
        sku_id,
        {{ quote_window() }} as price_window,
        sum(quantity) as quantity
    from {{ ref('charges') }}
    where charge_category = 'Usage'
    group by {{ business_day('charge_period_start') }}, tenant_id, site_id, sku_id, {{ quote_window() }}
)

select
    coalesce(billable.day, charged.day) as day,
    coalesce(billable.tenant_id, charged.tenant_id) as tenant_id,
    coalesce(billable.sku_id, charged.sku_id) as sku_id,
    billable.quantity as billable_quantity,
    charged.quantity as charged_quantity
from billable
full outer join charged
    on
        billable.day = charged.day
        and billable.tenant_id = charged.tenant_id
        and billable.site_id = charged.site_id
        and billable.sku_id = charged.sku_id
        and billable.price_window = charged.price_window
where billable.quantity is distinct from charged.quantity
