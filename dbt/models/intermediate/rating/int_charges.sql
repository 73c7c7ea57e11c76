-- Every charge as known now, exact to the micro-yuan: usage, fees and credits for service, and for each of them its tax.
-- Tax is part of an amount where its price includes it, and comes on top where it does not. Rounding to fen is the line's matter.
{{ day_fact(changed='int_replaced_days') }}
{%- set by_price, by_fee = 'rated.tax_included', 'coalesce(rated.fee_tax_included, rated.tax_included)' %}
with rated as (
    {%- for relation, line_kind in [
        ('int_charges_usage', 'sale'), ('int_charges_fees', 'sale'), ('int_charges_sla', 'sla_credit'),
    ] %}
    select
        {{ relation }}.*,
        '{{ line_kind }}' as line_kind
    from {{ ref(relation) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

taxed as (
    select
        rated.*,
        {{ tax_of('rated.list_micro_yuan', 'rated.tax_rate_ppm', by_price) }} as list_tax,
        {{ tax_of('rated.contracted_micro_yuan', 'rated.tax_rate_ppm', by_price) }} as contracted_tax,
        {{ tax_of('rated.effective_micro_yuan', 'rated.tax_rate_ppm', by_fee) }} as effective_tax,
        {{ tax_of('rated.billed_micro_yuan', 'rated.tax_rate_ppm', by_fee) }} as billed_tax,
        case when {{ by_price }} then 1 else 0 end as price_includes,
        case when {{ by_fee }} then 1 else 0 end as fee_includes
    from rated
),

charges as (
    select
        taxed.*,
        taxed.charge_category as category,
        taxed.list_micro_yuan - taxed.list_tax * taxed.price_includes as list_cost,
        taxed.contracted_micro_yuan - taxed.contracted_tax * taxed.price_includes as contracted_cost,
        taxed.effective_micro_yuan - taxed.effective_tax * taxed.fee_includes as effective_cost,
        taxed.billed_micro_yuan - taxed.billed_tax * taxed.fee_includes as billed_cost
    from taxed
    union all
    select
        taxed.*,
        'Tax' as category,
        taxed.list_tax as list_cost,
        taxed.contracted_tax as contracted_cost,
        taxed.effective_tax as effective_cost,
        taxed.billed_tax as billed_cost
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
    case
        when dated.category = 'Tax' then {{ sha_id(["'Tax'", 'dated.charge_id']) }}
        else dated.charge_id
    end as charge_id,
    {{ sha_id(line_key().split(', ')) }} as line_id,
    dated.billing_period,
    dated.charge_month,
    dated.day,
    dated.until_day,
    dated.tenant_id,
    dated.site_id,
    dated.sku_id,
    dated.tariff_id,
    dated.tariff_version,
    dated.price_model,
    dated.band_from,
    dated.price_window,
    dated.qos,
    dated.coverage,
    dated.contract_id,
    dated.resource_kind,
    dated.price_unit,
    case when dated.category != 'Tax' then dated.quantity end as quantity,
    case when dated.category != 'Tax' then dated.unit_price_micro_yuan end as unit_price_micro_yuan,
    case when dated.category != 'Tax' then dated.contracted_unit_price_micro_yuan end
        as contracted_unit_price_micro_yuan,
    dated.tax_included,
    dated.tax_rate_ppm,
    dated.share_rule,
    dated.share_valid_from,
    dated.category as charge_category,
    dated.charge_class,
    dated.line_kind,
    cast(null as string) as correction_of,
    dated.list_cost as list_micro_yuan,
    dated.contracted_cost as contracted_micro_yuan,
    dated.effective_cost as effective_micro_yuan,
    dated.billed_cost as billed_micro_yuan
from dated
