-- Bad rows: rated amounts that are not price × quantity ÷ unit rounded half up, or whose tax is not the tax of that
-- amount rounded half up.
with pairs as (
    select
        day,
        tenant_id,
        site_id,
        sku_id,
        tariff_version,
        price_window,
        band_from,
        min(resource_kind) as resource_kind,
        min(quantity) as quantity,
        min(unit_price_micro_yuan) as price,
        min(tax_rate_ppm) as ppm,
        bool_or(tax_included) as tax_included,
        count(*) as charges,
        sum(case when charge_category = 'Usage' then amount_micro_yuan end) as usage_amount,
        sum(case when charge_category = 'Tax' then amount_micro_yuan end) as tax_amount
    from {{ ref('int_charges') }}
    group by day, tenant_id, site_id, sku_id, tariff_version, price_window, band_from
),

amounts as (
    select
        pairs.*,
        {{ unit_seconds_per_hour('pairs.resource_kind') }} as unit_seconds,
        {{ exact_product('pairs.price', 'pairs.quantity') }} as priced,
        case
            when pairs.tax_included then pairs.usage_amount + pairs.tax_amount else pairs.usage_amount
        end as amount,
        case when pairs.tax_included then 1000000 + pairs.ppm else 1000000 end as tax_base
    from pairs
)

select *
from amounts
where
    charges != 2
    or not {{ is_half_up('amount', 'priced', 'unit_seconds') }}
    or not {{ is_half_up('tax_amount', exact_product('amount', 'ppm'), 'tax_base') }}
