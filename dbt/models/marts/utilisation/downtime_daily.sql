-- What outages say of each pool by business day, planned and unplanned, beside what the pool's inventory calls down.
-- Outages of one pool at the same time are added up; more than the pool has is labelled, not cut.
with spans as (
    select
        *,
        planned_units + unplanned_units > pool_units as exceeds_pool,
        {{ day_of_epoch('from_s') }} as first_day,
        {{ day_of_epoch('until_s - 1') }} as last_day
    from {{ ref('int_pool_outages') }}
),

dated as (
    select
        *,
        {{ explode_days('first_day', 'last_day') }} as day
    from spans
),

parts as (
    select
        *,
        least(until_s, {{ epoch_of_day('day') }} + 86400) - greatest(from_s, {{ epoch_of_day('day') }}) as seconds
    from dated
),

days as (
    select
        site_id,
        day,
        resource_pool,
        min(resource_kind) as resource_kind,
        {{ sum_if_all_known('planned_units * seconds') }} as planned_unit_seconds,
        {{ sum_if_all_known('unplanned_units * seconds') }} as unplanned_unit_seconds,
        {{ sum_if_all_known('down_units * seconds') }} as inventory_down_unit_seconds,
        coalesce(bool_or(exceeds_pool), false) as exceeds_pool
    from parts
    group by site_id, day, resource_pool
),

outage_spans as (
    select
        *,
        {{ day_of_epoch('from_s') }} as first_day,
        {{ day_of_epoch('until_s - 1') }} as last_day
    from {{ ref('int_outages') }}
),

outage_days as (
    select
        *,
        {{ explode_days('first_day', 'last_day') }} as day
    from outage_spans
),

outages as (
    select
        site_id,
        day,
        resource_pool,
        count(case when not is_conflict then outage_id end) as outages,
        count(case when not is_conflict and is_open then outage_id end) as open_outages,
        bool_or(is_conflict) as has_conflict
    from outage_days
    group by site_id, day, resource_pool
),

figures as (
    select
        coalesce(days.site_id, outages.site_id) as site_id,
        coalesce(days.day, outages.day) as day,
        coalesce(days.resource_pool, outages.resource_pool) as resource_pool,
        days.resource_kind,
        case when days.site_id is null then 0 else days.planned_unit_seconds end as planned_unit_seconds,
        case when days.site_id is null then 0 else days.unplanned_unit_seconds end as unplanned_unit_seconds,
        days.inventory_down_unit_seconds,
        coalesce(outages.outages, 0) as outages,
        coalesce(outages.open_outages, 0) as open_outages,
        coalesce(outages.has_conflict, false) as has_conflict,
        coalesce(days.exceeds_pool, false) as exceeds_pool
    from days
    full outer join outages
        on
            days.site_id = outages.site_id
            and days.day = outages.day
            and days.resource_pool = outages.resource_pool
)

select
    figures.site_id,
    sites.region,
    figures.day,
    figures.resource_pool,
    figures.resource_kind,
    figures.planned_unit_seconds,
    figures.unplanned_unit_seconds,
    figures.inventory_down_unit_seconds,
    figures.planned_unit_seconds + figures.unplanned_unit_seconds - figures.inventory_down_unit_seconds
        as difference_unit_seconds,
    figures.outages,
    figures.open_outages as open,
    case
        when figures.has_conflict then 'conflict'
        when figures.exceeds_pool then 'exceeds_pool'
        when figures.planned_unit_seconds is null or figures.unplanned_unit_seconds is null then 'unknown'
        when figures.open_outages > 0 then 'open'
        else 'stated'
    end as quality
from figures
left join {{ source('inputs', 'sites') }} as sites
    on figures.site_id = sites.site_id
