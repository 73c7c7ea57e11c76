-- Readings as known now: cumulative energy in watt-hours, and the fact that a gauge was read. Of readings in conflict
-- each is a row, and none counts.
{{ day_fact() }}
with versions as (
    select
        *,
        {{ business_day('read_at') }} as day,
        case unit when 'Wh' then 1 when 'kWh' then 1000 when 'MWh' then 1000000 end as wh_per_unit
    from {{ ref('stg_facility_readings') }}
    where {{ is_changed_day(business_day('read_at')) }}
)

select
    source_id,
    landing_id,
    landing_row,
    record_hash,
    site_id,
    meter_id,
    meter_kind,
    day,
    {{ epoch_micros('read_at') }} as read_us,
    reading_type = 'gauge' as is_gauge,
    -- no meter has counted more than 10 PWh: such a value is unknown, and not added up
    case
        when reading_type = 'cumulative' and value * wh_per_unit <= 10000000000000000
            then {{ half_up_div(exact_product('value * 1000000', 'wh_per_unit'), '1000000') }}
    end as value_wh,
    is_conflict
from (
    {{ current_rows('versions', natural_keys()['facility_readings']) }}
) as readings
