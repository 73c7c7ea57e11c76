-- Readings as known now: registers in whole watt-hours or litres, momentary power in microwatts; both unknown where the
-- unit says neither. Of readings in conflict each is a row, and none counts.
{{ day_fact(changed='int_changed_meter_days') }}
with versions as (
    select
        *,
        {{ business_day('read_at') }} as day,
        case unit
            when 'Wh' then 1 when 'kWh' then 1000 when 'MWh' then 1000000 when 'L' then 1 when 'm3' then 1000
        end as per_unit,
        case unit when 'W' then 1 when 'kW' then 1000 end as watts_per_unit
    from {{ ref('stg_facility_readings') }}
    where {{ is_changed_day(business_day('read_at'), changed='int_changed_meter_days') }}
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
    -- no meter has counted more than 10 PWh: such a value is unknown, and not added up
    case
        when reading_type = 'cumulative' and value * per_unit <= 10000000000000000
            then {{ half_up_div(exact_product('value * 1000000', 'per_unit'), '1000000') }}
    end as register,
    -- nor shows any a terawatt
    case
        when reading_type = 'gauge' and value * watts_per_unit <= 1000000000000
            then cast({{ exact_product('value * 1000000', 'watts_per_unit') }} as bigint)
    end as power_uw,
    is_conflict
from (
    {{ current_rows('versions', natural_keys()['facility_readings']) }}
) as readings
