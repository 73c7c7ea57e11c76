-- Usage charges before tax: the pieces of each summed, then priced once, half up to the micro-yuan. What nothing covers is
-- billed at the contracted price; what a contract covers is billed nothing, its effective cost its part of the fee. Where
-- a fee and a price do not both include tax, each keeps to its own: the fee's tax term is that of the covered charge.
{{ config(materialized='view') }}
{%- set key = [
    'charge_id', 'charge_day', 'tenant_id', 'site_id', 'sku_id', 'price_window', 'qos', 'resource_kind',
    'price_unit', 'quantity_per_unit', 'tariff_id', 'tariff_version', 'price_model', 'band_from', 'coverage',
    'contract_id', 'tax_included', 'fee_tax_included', 'tax_rate_ppm', 'share_rule', 'share_valid_from',
    'list_price_micro_yuan', 'contracted_price_micro_yuan',
] %}
with charges as (
    select
        {{ key | join(',\n        ') }},
        cast(sum(line_to - line_from) as bigint) as quantity,
        cast(sum(fee_micro_yuan) as bigint) as fee_micro_yuan
    from {{ ref('int_charge_pieces') }}
    where day in (select days.day from {{ ref('int_rating_days') }} as days)
    group by {{ key | join(', ') }}
),

costs as (
    select
        charges.*,
        {{ cost_of('charges.list_price_micro_yuan', 'charges.quantity', 'charges.quantity_per_unit') }} as list_micro_yuan,
        {{ cost_of('charges.contracted_price_micro_yuan', 'charges.quantity', 'charges.quantity_per_unit') }} as contracted_micro_yuan
    from charges
)

select
    costs.charge_id,
    'Usage' as charge_category,
    costs.charge_day as day,
    case
        when costs.price_model in ('graduated', 'volume') then {{ add_days('last_day(costs.charge_day)', '1') }}
        else {{ add_days('costs.charge_day', '1') }}
    end as until_day,
    costs.tenant_id,
    costs.site_id,
    costs.sku_id,
    costs.tariff_id,
    costs.tariff_version,
    costs.price_model,
    costs.band_from,
    costs.price_window,
    costs.qos,
    costs.coverage,
    costs.contract_id,
    costs.resource_kind,
    costs.price_unit,
    costs.quantity,
    costs.list_price_micro_yuan as unit_price_micro_yuan,
    costs.contracted_price_micro_yuan as contracted_unit_price_micro_yuan,
    costs.tax_included,
    costs.fee_tax_included,
    costs.tax_rate_ppm,
    costs.share_rule,
    costs.share_valid_from,
    costs.list_micro_yuan,
    costs.contracted_micro_yuan,
    case
        when costs.coverage is null then costs.contracted_micro_yuan
        else coalesce(costs.fee_micro_yuan, 0)
    end as effective_micro_yuan,
    case when costs.coverage is null then costs.contracted_micro_yuan else 0 end as billed_micro_yuan
from costs
