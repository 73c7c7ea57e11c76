-- Energy per meter and business day, from intervals between consecutive readings that do not fall and are at most an
-- hour apart; over midnight by linear interpolation. measured_us says how much of the day the intervals cover.
{{ day_fact() }}
with readings as (
    select *
    from {{ ref('int_meter_readings') }}
    where
        not is_conflict
        and {{ is_beside_changed_day('day') }}
),

paired as (
    select
        site_id,
        meter_id,
        meter_kind,
        read_us as to_us,
        value_wh as to_wh,
        lag(read_us) over (partition by site_id, meter_id, meter_kind order by read_us) as from_us,
        lag(value_wh) over (partition by site_id, meter_id, meter_kind order by read_us) as from_wh
    from readings
    where value_wh is not null
),

intervals as (
    select
        *,
        {{ day_of_epoch(int_div('from_us', '1000000')) }} as first_day,
        {{ day_of_epoch(int_div('to_us - 1', '1000000')) }} as last_day
    from paired
    where
        to_wh >= from_wh
        and to_us - from_us <= 3600000000
),

dated as (
    select
        *,
        {{ explode_days('first_day', 'last_day') }} as day
    from intervals
),

bounded as (
    select
        *,
        greatest(from_us, {{ epoch_of_day('day') }} * 1000000) as part_from_us,
        least(to_us, ({{ epoch_of_day('day') }} + 86400) * 1000000) as part_to_us
    from dated
    where {{ is_changed_day('day') }}
),

parts as (
    select
        site_id,
        meter_id,
        meter_kind,
        day,
        part_to_us - part_from_us as measured_us,
        {{ wh_at('part_to_us') }} - {{ wh_at('part_from_us') }} as energy_wh,
        false as is_gauge
    from bounded
    union all
    select distinct
        site_id,
        meter_id,
        meter_kind,
        day,
        cast(0 as bigint) as measured_us,
        cast(0 as bigint) as energy_wh,
        is_gauge
    from readings
    where {{ is_changed_day('day') }}
)

select
    site_id,
    meter_id,
    meter_kind,
    day,
    cast(sum(energy_wh) as bigint) as energy_wh,
    cast(sum(measured_us) as bigint) as measured_us,
    bool_or(is_gauge) as is_gauge
from parts
group by site_id, meter_id, meter_kind, day
