-- Price models per unit and spot: a piece has the one price of its window on its day, and makes a charge of that day.
{{ config(materialized='view') }}
select
    pieces.day,
    pieces.tenant_id,
    pieces.sku_id,
    pieces.price_window,
    pieces.qos,
    pieces.coverage,
    pieces.contract_id,
    pieces.contract_from,
    pieces.line_from,
    pieces.line_to,
    pieces.term_from,
    pieces.term_to,
    rates.band_from,
    rates.unit_price_micro_yuan,
    pieces.day as charge_day
from {{ ref('int_covered_usage') }} as pieces
inner join {{ ref('int_sku_days') }} as skus
    on
        pieces.day = skus.day
        and pieces.sku_id = skus.sku_id
        and skus.price_model in ('per_unit', 'spot')
inner join {{ ref('int_tariff_days') }} as rates
    on
        pieces.day = rates.day
        and skus.tariff_id = rates.tariff_id
        and pieces.sku_id = rates.sku_id
        and skus.tariff_version = rates.tariff_version
        and pieces.price_window = rates.price_window
        and rates.band_from = 0
