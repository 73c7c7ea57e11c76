-- Installed, down, allocated and idle unit-seconds per site, class, kind, model and hour of the site's horizon.
-- Every key that has capacity or was ever used has every hour; allocated is 0 where nothing ran, and the known part where
-- somebody held an unknown number: then nothing says what was idle, or what share was used. Racks, standard ones, are of
-- no class and have the hours in which the network's usage feeds reach.
with keys as (
    select
        site_id,
        compute_class,
        resource_kind,
        model
    from {{ ref('int_capacity_levels') }}
    union
    select
        site_id,
        compute_class,
        resource_kind,
        model
    from {{ ref('int_usage_hours') }}
    union
    select
        site_id,
        compute_class,
        resource_kind,
        model
    from {{ ref('int_hour_marks') }}
),

marked_hours as (
    select
        keys.site_id,
        keys.compute_class,
        keys.resource_kind,
        keys.model,
        marks.hour_s,
        bool_or(marks.mark = 'usage_unknown') as is_usage_unknown,
        bool_or(marks.mark = 'over_allocated') as is_over_allocated
    from keys
    inner join {{ ref('int_hour_marks') }} as marks
        on
            keys.site_id = marks.site_id
            and keys.compute_class = marks.compute_class
            and keys.resource_kind = marks.resource_kind
            and (keys.model = marks.model or (marks.model = 'unknown' and marks.mark = 'usage_unknown'))
    group by keys.site_id, keys.compute_class, keys.resource_kind, keys.model, marks.hour_s
),

conflict_days as (
    select distinct
        site_id,
        day
    from {{ ref('int_usage_days') }}
    where is_conflict
),

hours as (
    select
        keys.site_id,
        sites.region,
        hours.hour_s,
        keys.compute_class,
        keys.resource_kind,
        keys.model,
        capacity.installed_unit_seconds,
        capacity.down_unit_seconds,
        coalesce(used.allocated_unit_seconds, 0) as allocated_unit_seconds,
        cast(null as bigint) as active_unit_seconds,
        capacity.reserved_unit_seconds,
        capacity.sellable_unit_seconds,
        coalesce(used.is_open, false) as is_open,
        conflict_days.day is not null as has_conflict,
        coalesce(marked_hours.is_usage_unknown, false) as is_usage_unknown,
        coalesce(marked_hours.is_over_allocated, false) as is_over_allocated
    from {{ ref('int_horizon_hours') }} as hours
    inner join keys
        on hours.site_id = keys.site_id
    inner join {{ source('inputs', 'sites') }} as sites
        on hours.site_id = sites.site_id
    left join {{ ref('int_capacity_hours') }} as capacity
        on
            keys.site_id = capacity.site_id
            and keys.compute_class = capacity.compute_class
            and keys.resource_kind = capacity.resource_kind
            and keys.model = capacity.model
            and hours.hour_s = capacity.hour_s
    left join {{ ref('int_usage_hours') }} as used
        on
            keys.site_id = used.site_id
            and keys.compute_class = used.compute_class
            and keys.resource_kind = used.resource_kind
            and keys.model = used.model
            and hours.hour_s = used.hour_s
    left join marked_hours
        on
            keys.site_id = marked_hours.site_id
            and keys.compute_class = marked_hours.compute_class
            and keys.resource_kind = marked_hours.resource_kind
            and keys.model = marked_hours.model
            and hours.hour_s = marked_hours.hour_s
    left join conflict_days
        on
            hours.site_id = conflict_days.site_id
            and hours.day = conflict_days.day
),

-- a rack is occupied or free; no inventory of racks tells of one that is down
racks as (
    select
        racks.site_id,
        sites.region,
        racks.hour_s,
        'all' as compute_class,
        'rack' as resource_kind,
        'standard' as model,
        racks.installed_unit_seconds,
        cast(0 as bigint) as down_unit_seconds,
        racks.occupied_unit_seconds as allocated_unit_seconds,
        cast(null as bigint) as active_unit_seconds,
        cast(null as bigint) as reserved_unit_seconds,
        cast(null as bigint) as sellable_unit_seconds,
        false as is_open,
        false as has_conflict,
        false as is_usage_unknown,
        false as is_over_allocated
    from {{ ref('int_rack_hours') }} as racks
    inner join {{ source('inputs', 'sites') }} as sites
        on racks.site_id = sites.site_id
),

counted as (
    select *
    from hours
    union all
    select *
    from racks
),

balanced as (
    select
        *,
        case
            when not is_usage_unknown then installed_unit_seconds - down_unit_seconds - allocated_unit_seconds
        end as idle_unit_seconds
    from counted
)

select
    site_id,
    region,
    {{ timestamp_of_epoch('hour_s') }} as hour,
    compute_class,
    resource_kind,
    model,
    installed_unit_seconds,
    down_unit_seconds,
    allocated_unit_seconds,
    idle_unit_seconds,
    active_unit_seconds,
    reserved_unit_seconds,
    sellable_unit_seconds,
    {{ utilisation_readings() }},
    case
        when has_conflict then 'conflict'
        when idle_unit_seconds < 0 or is_over_allocated then 'over_allocated'
        when is_usage_unknown then 'usage_unknown'
        when installed_unit_seconds is null then 'capacity_unknown'
        when is_open then 'open'
        else 'measured'
    end as quality
from balanced
