-- Bad rows: billable usage of a tenant, SKU, month and window that its Usage charges do not hold exactly once, whatever
-- prices, tiers and contracts they have. What is left unused of a contract was not used. Computing power that is priced
-- itself is looked up anew, at the precision that its SKU names; what of it is closed was judged when it was open.
with skus as (
    {{ dated(ref('int_current_skus'), ['sku_id']) }}
),

sums as (
    select
        period,
        day,
        tenant_id,
        site_id,
        sku_id,
        {{ quote_window() }} as price_window,
        resource_kind,
        model,
        sum(quantity) as quantity
    from {{ ref('metered_usage') }}
    where reason is null
    group by period, day, tenant_id, site_id, sku_id, {{ quote_window() }}, resource_kind, model
),

billable as (
    select
        sums.period,
        sums.tenant_id,
        sums.site_id,
        sums.sku_id,
        sums.price_window,
        sum({{ exact_product('sums.quantity', 'case when skus.sku_id is null then 1 else peaks.peak_gflops end') }})
            as quantity
    from sums
    left join skus
        on
            sums.sku_id = skus.sku_id
            and {{ in_force('sums.day', 'skus') }}
            and skus.unit = 'PFLOPS-hour'
    left join {{ ref('device_peaks') }} as peaks
        on
            skus.precision = peaks.precision
            and sums.model = peaks.model
    where
        skus.sku_id is null
        or not {{ is_closed('sums.period') }}
    group by sums.period, sums.tenant_id, sums.site_id, sums.sku_id, sums.price_window
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
        and (unit <> 'GFLOPS-milli-second' or not {{ is_closed('billing_period') }})
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
where
    coalesce(billable.quantity, 0) <> coalesce(charged.quantity, 0)
    or (billable.period is not null and billable.quantity is null)
