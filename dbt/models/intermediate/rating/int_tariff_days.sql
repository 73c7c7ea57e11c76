-- The prices of a SKU under its tariff on a day: the rows of the newest version valid then, one per window and band.
-- Two versions that start on the same day both appear; `versions` then says 2 and nobody is billed by them.
{{ config(materialized='view') }}
with valid as (
    select
        days.day,
        rates.tariff_id,
        rates.sku_id,
        rates.version as tariff_version,
        rates.{{ quote_window() }} as price_window,
        rates.band_from,
        rates.unit,
        {{ micro('rates.price') }} as unit_price_micro_yuan,
        rates.tax_included,
        rank() over (
            partition by days.day, rates.tariff_id, rates.sku_id order by rates.valid_from desc
        ) as age
    from {{ ref('int_rating_days') }} as days
    inner join {{ ref('int_current_tariff_rates') }} as rates
        on
            days.day >= rates.valid_from
            and (days.day < rates.valid_to or rates.valid_to is null)
            and (days.day >= rates.counts_from or rates.counts_from is null)
            and (days.day < rates.counts_until or rates.counts_until is null)
),

versions as (
    select
        day,
        tariff_id,
        sku_id,
        count(distinct tariff_version) as versions
    from valid
    where age = 1
    group by day, tariff_id, sku_id
)

select
    valid.day,
    valid.tariff_id,
    valid.sku_id,
    valid.tariff_version,
    valid.price_window,
    valid.band_from,
    valid.unit,
    valid.unit_price_micro_yuan,
    valid.tax_included,
    versions.versions
from valid
inner join versions
    on
        valid.day = versions.day
        and valid.tariff_id = versions.tariff_id
        and valid.sku_id = versions.sku_id
where valid.age = 1
