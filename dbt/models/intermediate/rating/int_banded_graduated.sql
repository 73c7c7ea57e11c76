-- Price model graduated: each part of the month's use of a SKU has the price of the band that it falls in, by its place
-- in the order of days and windows; one charge per band, window and tariff version of the month. Reservations, which are
-- a day's, stand in the first band.
{{ config(materialized='view') }}
with banded as (
    select
        pieces.*,
        rates.band_from,
        rates.unit_price_micro_yuan,
        greatest(pieces.month_from, rates.band_from * priced.quantity_per_unit) as part_from,
        least(
            pieces.month_to,
            coalesce(rates.band_to * priced.quantity_per_unit, pieces.month_to)
        ) as part_to
    from {{ ref('int_covered_usage') }} as pieces
    inner join {{ ref('int_priced_usage') }} as priced
        on
            pieces.day = priced.day
            and pieces.tenant_id = priced.tenant_id
            and pieces.sku_id = priced.sku_id
            and pieces.price_window = priced.price_window
            and pieces.qos is not distinct from priced.qos
            and priced.price_model = 'graduated'
    inner join {{ ref('int_tariff_days') }} as rates
        on
            pieces.day = rates.day
            and priced.tariff_id = rates.tariff_id
            and pieces.sku_id = rates.sku_id
            and priced.tariff_version = rates.tariff_version
            and pieces.price_window = rates.price_window
            and coalesce(pieces.month_to > rates.band_from * priced.quantity_per_unit, rates.band_from = 0)
            and coalesce(pieces.month_from < rates.band_to * priced.quantity_per_unit, true)
)

select
    day,
    tenant_id,
    sku_id,
    price_window,
    qos,
    coverage,
    contract_id,
    contract_from,
    case when month_from is null then line_from else line_from + part_from - month_from end as line_from,
    case when month_from is null then line_to else line_from + part_to - month_from end as line_to,
    case when month_from is null then term_from else term_from + part_from - month_from end as term_from,
    case when month_from is null then term_to else term_from + part_to - month_from end as term_to,
    band_from,
    unit_price_micro_yuan,
    {{ month_start('day') }} as charge_day
from banded
