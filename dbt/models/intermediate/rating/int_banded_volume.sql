-- Price model volume: the whole of the month's use of a SKU has the price of the band that its total reaches, a band
-- holding from its first unit on; one charge per window and tariff version of the month. Reservations, which are a
-- day's, stand in the first band.
{{ config(materialized='view') }}
with totals as (
    select
        {{ month_start('day') }} as first_day,
        tenant_id,
        sku_id,
        max(month_to) as month_total
    from {{ ref('int_covered_usage') }}
    group by {{ month_start('day') }}, tenant_id, sku_id
)

select
    {{ whole_piece() }},
    totals.first_day as charge_day
from {{ ref('int_covered_usage') }} as pieces
inner join {{ ref('int_priced_usage') }} as priced
    on
        pieces.day = priced.day
        and pieces.tenant_id = priced.tenant_id
        and pieces.sku_id = priced.sku_id
        and pieces.price_window = priced.price_window
        and pieces.qos is not distinct from priced.qos
        and priced.price_model = 'volume'
inner join totals
    on
        {{ month_start('pieces.day') }} = totals.first_day
        and pieces.tenant_id = totals.tenant_id
        and pieces.sku_id = totals.sku_id
inner join {{ ref('int_tariff_days') }} as rates
    on
        pieces.day = rates.day
        and priced.tariff_id = rates.tariff_id
        and pieces.sku_id = rates.sku_id
        and priced.tariff_version = rates.tariff_version
        and pieces.price_window = rates.price_window
        and case when pieces.month_from is null then 0 else totals.month_total end
        >= rates.band_from * priced.quantity_per_unit
        and coalesce(
            case when pieces.month_from is null then 0 else totals.month_total end
            < rates.band_to * priced.quantity_per_unit,
            true
        )
