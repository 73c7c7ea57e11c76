-- Every charge as known now, exact to the micro-yuan: for each rated amount one Usage and one Tax charge. Tax is part of
-- the amount where the tariff includes it, and comes on top where it does not. Rounding to fen is the line's matter.
{{ day_fact() }}

with rated as (
    select *
    from {{ ref('int_charges_per_unit') }}
),

taxed as (
    select
        rated.*,
        {{ half_up_div(
            exact_product('rated.cost_micro_yuan', 'rated.tax_rate_ppm'),
            'case when rated.tax_included then 1000000 + rated.tax_rate_ppm else 1000000 end'
        ) }} as tax_micro_yuan
    from rated
),

charges as (
    select
        taxed.*,
        'Usage' as charge_category,
        case
            when taxed.tax_included then taxed.cost_micro_yuan - taxed.tax_micro_yuan
            else taxed.cost_micro_yuan
        end as amount_micro_yuan
    from taxed
    union all
    select
        taxed.*,
        'Tax' as charge_category,
        taxed.tax_micro_yuan as amount_micro_yuan
    from taxed
),

dated as (
    select
        charges.*,
        {{ period_of_day('charges.day') }} as billing_period,
        {{ period_of_day('charges.day') }} as charge_month,
        cast(null as string) as charge_class
    from charges
)

select
    {{ sha_id([
        'dated.charge_category', 'dated.day', 'dated.tenant_id', 'dated.site_id', 'dated.sku_id', 'dated.tariff_id',
        'dated.tariff_version', 'dated.price_window', 'dated.band_from',
    ]) }} as charge_id,
    {{ sha_id(line_key().split(', ')) }} as line_id,
    dated.billing_period,
    dated.charge_month,
    dated.day,
    dated.tenant_id,
    dated.site_id,
    dated.sku_id,
    dated.tariff_id,
    dated.tariff_version,
    dated.band_from,
    dated.price_window,
    dated.resource_kind,
    dated.quantity,
    dated.unit_price_micro_yuan,
    dated.tax_included,
    dated.tax_rate_ppm,
    dated.share_rule,
    dated.share_valid_from,
    dated.amount_micro_yuan,
    dated.charge_category,
    dated.charge_class
from dated
