-- Price model: per unit. cost = half_up(price × quantity ÷ unit-seconds in the unit), in micro-yuan.
-- A price model reads int_billable_usage and gives these columns; int_charges unites the price models.
{{ config(materialized='view') }}
select
    billable.day,
    billable.tenant_id,
    billable.site_id,
    billable.sku_id,
    skus.tariff_id,
    skus.tariff_version,
    rates.band_from,
    billable.price_window,
    skus.resource_kind,
    billable.quantity,
    rates.unit_price_micro_yuan,
    rates.tax_included,
    skus.tax_rate_ppm,
    skus.share_rule,
    skus.share_valid_from,
    {{ half_up_div(
        exact_product('rates.unit_price_micro_yuan', 'billable.quantity'),
        unit_seconds_per_hour('skus.resource_kind')
    ) }} as cost_micro_yuan
from {{ ref('int_billable_usage') }} as billable
inner join {{ ref('int_sku_days') }} as skus
    on
        billable.day = skus.day
        and billable.sku_id = skus.sku_id
inner join {{ ref('int_tariff_days') }} as rates
    on
        billable.day = rates.day
        and skus.tariff_id = rates.tariff_id
        and billable.sku_id = rates.sku_id
        and skus.tariff_version = rates.tariff_version
        and billable.price_window = rates.price_window
