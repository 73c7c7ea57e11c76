-- Credits for service that fell short, before tax, where the contract says that they are applied: below zero, in the terms
-- of the SKU whose usage they are for, so that tax and shares follow. Columns as in int_charges_fees.
{{ config(materialized='view') }}
select
    {{ sha_id([
        "'Credit'", 'credits.day', 'credits.tenant_id', 'credits.site_id', 'credits.sku_id', 'credits.contract_id',
        'credits.contract_from', 'credits.tariff_id', 'credits.tariff_version', 'credits.tax_included',
        'credits.tax_rate_ppm', 'credits.share_rule', 'credits.share_valid_from',
    ]) }} as charge_id,
    'Credit' as charge_category,
    credits.day,
    {{ add_days('last_day(credits.day)', '1') }} as until_day,
    credits.tenant_id,
    credits.site_id,
    credits.sku_id,
    credits.tariff_id,
    credits.tariff_version,
    cast(null as string) as price_model,
    cast(null as bigint) as band_from,
    cast(null as string) as price_window,
    cast(null as string) as qos,
    cast(null as string) as coverage,
    credits.contract_id,
    credits.resource_kind,
    credits.price_unit,
    cast(null as bigint) as quantity,
    cast(null as bigint) as unit_price_micro_yuan,
    cast(null as bigint) as contracted_unit_price_micro_yuan,
    credits.tax_included,
    credits.tax_included as fee_tax_included,
    credits.tax_rate_ppm,
    credits.share_rule,
    credits.share_valid_from,
    -credits.credit_micro_yuan as list_micro_yuan,
    -credits.credit_micro_yuan as contracted_micro_yuan,
    -credits.credit_micro_yuan as effective_micro_yuan,
    -credits.credit_micro_yuan as billed_micro_yuan
from {{ ref('int_sla_credits') }} as credits
where
    credits.is_applied
    and credits.credit_micro_yuan > 0
    and credits.day in (select days.day from {{ ref('int_rating_days') }} as days)
