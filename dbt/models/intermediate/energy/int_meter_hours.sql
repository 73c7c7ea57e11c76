-- What each meter counted in each hour, in watt-hours or litres, and how much of the hour it covers: from intervals
-- between neighbouring readings, divided by time. A register's rise and a momentary power that holds until the next
-- reading are measured over an hour at most, and estimated where the interval is longer, up to a day. Where a register
-- fell and shows since no more than twice what it counts next, it was reset: at the rate at which it counts next, and
-- no less than it shows, that is an estimate. All else is unknown.
{{ day_fact(changed='int_changed_meter_days') }}
{%- set measured_us = 3600000000 %}
{%- set longest_us = 86400000000 %}
with readings as (
    select
        site_id,
        meter_id,
        meter_kind,
        read_us as to_us,
        register as to_register,
        lag(read_us) over meter_in_time as from_us,
        lag(register) over meter_in_time as from_register,
        lag(power_uw) over meter_in_time as from_power_uw,
        (lead(read_us) over meter_in_time) - read_us as next_us,
        (lead(register) over meter_in_time) - register as next_rise
    from {{ ref('int_meter_readings') }}
    where
        not is_conflict
        and (register is not null or power_uw is not null)
        and {{ is_beside_changed_day('day', changed='int_changed_meter_days') }}
    window meter_in_time as (partition by site_id, meter_id, meter_kind order by read_us)
),

intervals as (
    select
        *,
        to_us - from_us as long_us,
        coalesce(
            to_register < from_register
            and to_us - from_us <= {{ measured_us }}
            and next_us <= {{ measured_us }}
            and next_rise >= 0
            and {{ exact_product('to_register', 'next_us') }} <= 2 * {{ exact_product('next_rise', '(to_us - from_us)') }},
            false
        ) as is_reset
    from readings
    where to_us - from_us <= {{ longest_us }}
),

counted as (
    select
        site_id,
        meter_id,
        meter_kind,
        from_us,
        to_us,
        long_us,
        from_power_uw,
        case
            when to_register >= from_register then to_register - from_register
            when is_reset
                then greatest(to_register, {{ half_up_div(exact_product('next_rise', 'long_us'), 'next_us') }})
        end as rise,
        is_reset or long_us > {{ measured_us }} as is_estimated
    from intervals
    where from_power_uw is not null or to_register >= from_register or is_reset
),

dated as (
    select
        *,
        {{ explode_integers(int_div('from_us', measured_us), int_div('to_us - 1', measured_us)) }} as hour_number
    from counted
),

bounded as (
    select
        *,
        hour_number * 3600 as hour_s,
        greatest(from_us, hour_number * {{ measured_us }}) - from_us as part_from_us,
        least(to_us, (hour_number + 1) * {{ measured_us }}) - from_us as part_to_us
    from dated
    where {{ is_changed_day(day_of_epoch('hour_number * 3600'), changed='int_changed_meter_days') }}
),

parts as (
    select
        *,
        {{ half_up_div(exact_product('rise', 'part_to_us'), 'long_us') }}
        - {{ half_up_div(exact_product('rise', 'part_from_us'), 'long_us') }} as part_rise,
        {{ exact_product('from_power_uw', '(part_to_us - part_from_us)') }} as part_uw_us
    from bounded
),

hours as (
    select
        site_id,
        meter_id,
        meter_kind,
        hour_s,
        sum(part_to_us - part_from_us) as covered_us,
        coalesce(sum(part_rise), 0) as rise,
        coalesce(sum(case when is_estimated then 0 else part_rise end), 0) as measured_rise,
        coalesce(sum(part_uw_us), 0) as uw_us,
        coalesce(sum(case when is_estimated then 0 else part_uw_us end), 0) as measured_uw_us
    from parts
    group by site_id, meter_id, meter_kind, hour_s
)

select
    site_id,
    meter_id,
    meter_kind,
    {{ day_of_epoch('hour_s') }} as day,
    hour_s,
    cast(covered_us as bigint) as covered_us,
    cast(rise + {{ half_up_div('uw_us', '3600000000000000') }} as bigint) as quantity,
    cast(measured_rise + {{ half_up_div('measured_uw_us', '3600000000000000') }} as bigint) as measured
from hours
