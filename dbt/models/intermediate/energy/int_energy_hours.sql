-- What a site's meters of a kind counted in an hour, together, and which part of it is estimated: unknown where one of
-- those known on that day, the day before or the day after does not cover the hour.
{{ day_fact(changed='int_changed_meter_days') }}
with meters as (
    select distinct
        site_id,
        meter_id,
        meter_kind,
        day as seen_day
    from {{ ref('int_meter_readings') }}
    where
        not is_conflict
        and {{ is_beside_changed_day('day', changed='int_changed_meter_days') }}
),

expected as (
    select distinct
        site_id,
        meter_id,
        meter_kind,
        {{ explode_days(add_days('seen_day', -1), add_days('seen_day', 1)) }} as day
    from meters
),

expected_hours as (
    select
        *,
        {{ explode_integers(0, 23) }} as hour_of_day
    from expected
    where {{ is_changed_day('day', changed='int_changed_meter_days') }}
),

kinds as (
    select
        expected_hours.site_id,
        expected_hours.day,
        {{ epoch_of_day('expected_hours.day') }} + expected_hours.hour_of_day * 3600 as hour_s,
        expected_hours.meter_kind,
        case when bool_and(coalesce(hours.covered_us, 0) = 3600000000) then sum(hours.quantity) end as quantity,
        case
            when bool_and(coalesce(hours.covered_us, 0) = 3600000000) then sum(hours.quantity - hours.measured)
        end as estimated
    from expected_hours
    left join {{ ref('int_meter_hours') }} as hours
        on
            expected_hours.site_id = hours.site_id
            and expected_hours.meter_id = hours.meter_id
            and expected_hours.meter_kind = hours.meter_kind
            and {{ epoch_of_day('expected_hours.day') }} + expected_hours.hour_of_day * 3600 = hours.hour_s
    group by
        expected_hours.site_id,
        expected_hours.day,
        expected_hours.hour_of_day,
        expected_hours.meter_kind
)

select
    site_id,
    day,
    hour_s,
    {{ of_meter_kind('facility', 'quantity') }} as facility_wh,
    {{ of_meter_kind('facility', 'estimated') }} as facility_estimated_wh,
    {{ of_meter_kind('it', 'quantity') }} as it_wh,
    {{ of_meter_kind('it', 'estimated') }} as it_estimated_wh,
    {{ of_meter_kind('cooling', 'quantity') }} as cooling_wh,
    {{ of_meter_kind('renewable', 'quantity') }} as renewable_wh,
    {{ of_meter_kind('water', 'quantity') }} as water_l,
    {{ of_meter_kind('water', 'estimated') }} as water_estimated_l,
    bool_or(meter_kind = 'renewable') as renewable_metered
from kinds
group by site_id, day, hour_s
