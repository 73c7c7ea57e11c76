-- Which seconds of a day each window of a SKU's price holds for; of a SKU that has one price for the whole day, nothing.
{{ config(materialized='view') }}
select distinct
    skus.day,
    skus.sku_id,
    rates.price_window,
    {{ epoch_of_day('skus.day') }} + rates.window_from_s as window_start_s,
    {{ epoch_of_day('skus.day') }} + rates.window_to_s as window_end_s
from {{ ref('int_sku_days') }} as skus
inner join {{ ref('int_tariff_days') }} as rates
    on
        skus.day = rates.day
        and skus.tariff_id = rates.tariff_id
        and skus.sku_id = rates.sku_id
        and skus.tariff_version = rates.tariff_version
where
    skus.reason is null
    and rates.price_window <> '00-24'
