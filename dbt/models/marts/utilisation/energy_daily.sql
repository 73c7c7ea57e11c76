-- Energy per site and business day: the sum of a kind's meters, unknown where one of those known that day or the day
-- before or after does not cover the day, or is a gauge. Water, carbon and green power come with their sources.
with site_days as (
    select
        site_id,
        {{ explode_days('min(day)', 'max(day)') }} as day
    from {{ ref('int_meter_days') }}
    group by site_id
),

known_meters as (
    select distinct
        site_id,
        meter_id,
        meter_kind,
        {{ explode_days(add_days('day', -1), add_days('day', 1)) }} as day
    from {{ ref('int_meter_days') }}
),

kinds as (
    select
        known_meters.site_id,
        known_meters.day,
        known_meters.meter_kind,
        bool_and(coalesce(meters.measured_us, 0) = 86400000000) as is_complete,
        bool_or(coalesce(meters.is_gauge, false)) as has_gauge,
        cast(sum(meters.energy_wh) as bigint) as energy_wh
    from known_meters
    left join {{ ref('int_meter_days') }} as meters
        on
            known_meters.site_id = meters.site_id
            and known_meters.meter_id = meters.meter_id
            and known_meters.meter_kind = meters.meter_kind
            and known_meters.day = meters.day
    group by known_meters.site_id, known_meters.day, known_meters.meter_kind
),

figures as (
    select
        site_days.site_id,
        site_days.day,
        max(case when kinds.meter_kind = 'facility' and kinds.is_complete and not kinds.has_gauge then kinds.energy_wh end)
            as facility_wh,
        max(case when kinds.meter_kind = 'it' and kinds.is_complete and not kinds.has_gauge then kinds.energy_wh end)
            as it_wh,
        coalesce(bool_or(kinds.has_gauge), false) as has_gauge
    from site_days
    left join kinds
        on
            site_days.site_id = kinds.site_id
            and site_days.day = kinds.day
            and kinds.meter_kind in ('facility', 'it')
    group by site_days.site_id, site_days.day
)

select
    figures.site_id,
    sites.region,
    figures.day,
    figures.facility_wh,
    figures.it_wh,
    {{ share_of('figures.facility_wh', 'figures.it_wh') }} as ipue,
    cast(null as double) as wue,
    cast(null as double) as cue,
    cast(null as double) as green_share,
    case
        when figures.facility_wh is not null and figures.it_wh is not null then 'measured'
        when figures.has_gauge then 'gauge_not_integrated'
        else 'incomplete'
    end as quality
from figures
left join {{ source('inputs', 'sites') }} as sites
    on figures.site_id = sites.site_id
