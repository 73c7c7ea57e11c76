-- Installed, down, allocated and idle unit-seconds per site, class, kind, model and hour of the site's horizon.
-- Every key that has capacity or was ever used has every hour; allocated is 0 where nothing ran, and the known part where
-- somebody held an unknown number: then nothing says what was idle, or what share was used. Racks, standard ones, are of
-- no class and have the hours in which any site's utilisation is known.
-- In an hour in which the site is silent, allocated is estimated: the mean of the same hour in the four weeks before, as
-- far as it is known. Active is what telemetry found busy of the cards that it watched (observed), in hours that the usage
-- covers whole, and in silent ones.
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
        case when hours.is_whole or hours.is_silent then watched.active_unit_seconds end as active_unit_seconds,
        case when hours.is_whole or hours.is_silent then coalesce(watched.observed_unit_seconds, 0) else 0 end
            as observed_unit_seconds,
        capacity.reserved_unit_seconds,
        capacity.sellable_unit_seconds,
        coalesce(used.is_open, false) as is_open,
        conflict_days.day is not null as has_conflict,
        coalesce(marked_hours.is_usage_unknown, false) as is_usage_unknown,
        coalesce(marked_hours.is_over_allocated, false) as is_over_allocated,
        hours.is_silent,
        hours.is_whole
    from {{ ref('int_site_hours') }} as hours
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
    left join {{ ref('int_active_hours') }} as watched
        on
            keys.site_id = watched.site_id
            and keys.resource_kind = 'accelerator'
            and keys.compute_class = watched.compute_class
            and keys.model = watched.model
            and hours.hour_s = watched.hour_s
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

weeks as (
    select {{ explode_integers('1', '4') }} as weeks_ago
),

-- of a silent hour: what was allocated in the same hour of the week before, as far as that is known without contradiction
history as (
    select
        silent.site_id,
        silent.compute_class,
        silent.resource_kind,
        silent.model,
        silent.hour_s,
        {{ half_up_div('sum(past.allocated_unit_seconds)', 'greatest(count(past.allocated_unit_seconds), 1)') }}
            as allocated_unit_seconds
    from hours as silent
    cross join weeks
    inner join hours as past
        on
            silent.site_id = past.site_id
            and silent.compute_class = past.compute_class
            and silent.resource_kind = past.resource_kind
            and silent.model = past.model
            and silent.hour_s - weeks.weeks_ago * 604800 = past.hour_s
    where
        silent.is_silent
        and past.is_whole
        and not past.has_conflict
        and not past.is_usage_unknown
        and not past.is_over_allocated
        and coalesce(past.installed_unit_seconds - past.down_unit_seconds >= past.allocated_unit_seconds, true)
    group by silent.site_id, silent.compute_class, silent.resource_kind, silent.model, silent.hour_s
),

told as (
    select
        hours.site_id,
        hours.region,
        hours.hour_s,
        hours.compute_class,
        hours.resource_kind,
        hours.model,
        hours.installed_unit_seconds,
        hours.down_unit_seconds,
        case when hours.is_silent then history.allocated_unit_seconds else hours.allocated_unit_seconds end
            as allocated_unit_seconds,
        case when hours.is_silent then history.allocated_unit_seconds else 0 end as estimated_unit_seconds,
        hours.active_unit_seconds,
        hours.observed_unit_seconds,
        hours.reserved_unit_seconds,
        hours.sellable_unit_seconds,
        hours.is_open,
        hours.has_conflict,
        case when hours.is_silent then history.hour_s is null else hours.is_usage_unknown end as is_usage_unknown,
        hours.is_over_allocated,
        hours.is_silent
    from hours
    left join history
        on
            hours.site_id = history.site_id
            and hours.compute_class = history.compute_class
            and hours.resource_kind = history.resource_kind
            and hours.model = history.model
            and hours.hour_s = history.hour_s
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
        cast(0 as bigint) as estimated_unit_seconds,
        cast(null as bigint) as active_unit_seconds,
        cast(0 as bigint) as observed_unit_seconds,
        cast(null as bigint) as reserved_unit_seconds,
        cast(null as bigint) as sellable_unit_seconds,
        false as is_open,
        false as has_conflict,
        false as is_usage_unknown,
        false as is_over_allocated,
        false as is_silent
    from {{ ref('int_rack_hours') }} as racks
    inner join {{ source('inputs', 'sites') }} as sites
        on racks.site_id = sites.site_id
),

counted as (
    select *
    from told
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
    estimated_unit_seconds,
    observed_unit_seconds,
    {{ utilisation_readings() }},
    case
        when observed_unit_seconds = 0 then 'unobserved'
        when active_unit_seconds > allocated_unit_seconds then 'exceeds_allocated'
        when observed_unit_seconds >= installed_unit_seconds - down_unit_seconds then 'measured'
        else 'sampled'
    end as active_quality,
    case
        when has_conflict then 'conflict'
        when idle_unit_seconds < 0 or is_over_allocated then 'over_allocated'
        when is_usage_unknown then 'usage_unknown'
        when installed_unit_seconds is null then 'capacity_unknown'
        when is_silent then 'estimated'
        when is_open then 'open'
        else 'measured'
    end as quality
from balanced
