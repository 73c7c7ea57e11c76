-- Price models per unit and spot: a piece has the one price of its window on its day, and makes a charge of that day.
{{ config(materialized='view') }}
select
    {{ whole_piece() }},
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
