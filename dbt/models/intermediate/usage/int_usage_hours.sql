-- Allocated unit-seconds per site, class, kind, model and hour, in closed form: what starts or ends within an hour
-- counts by its seconds to the hour's end, what runs before it counts whole, by a running sum. Conflicts do not count.
{{ day_fact() }}
with used as (
    select
        site_id,
        compute_class,
        resource_kind,
        model,
        day,
        start_s,
        end_s,
        unit_milli,
        {{ unit_seconds_within_hour('resource_kind', 'unit_milli', '3600') }} as per_hour,
        is_open
    from {{ ref('int_usage_days') }}
    where
        not is_conflict
        and {{ is_changed_day('day') }}
    union all
    select
        site_id,
        compute_class,
        'accelerator' as resource_kind,
        model,
        day,
        start_s,
        end_s,
        -share_milli as unit_milli,
        -3600 * share_milli as per_hour,
        false as is_open
    from {{ ref('int_nested_days') }}
    where {{ is_changed_day('day') }}
),

steps as (
    select
        site_id,
        compute_class,
        resource_kind,
        model,
        day,
        start_s as at_s,
        per_hour,
        per_hour - {{ unit_seconds_within_hour('resource_kind', 'unit_milli', 'start_s % 3600') }} as in_hour,
        case when is_open then start_s end as open_from_s
    from used
    union all
    select
        site_id,
        compute_class,
        resource_kind,
        model,
        day,
        end_s as at_s,
        -per_hour as per_hour,
        {{ unit_seconds_within_hour('resource_kind', 'unit_milli', 'end_s % 3600') }} - per_hour as in_hour,
        cast(null as bigint) as open_from_s
    from used
),

hourly_steps as (
    select
        site_id,
        compute_class,
        resource_kind,
        model,
        day,
        at_s - at_s % 3600 as hour_s,
        sum(per_hour) as per_hour,
        sum(in_hour) as unit_seconds,
        min(open_from_s) as open_from_s
    from steps
    group by site_id, compute_class, resource_kind, model, day, at_s - at_s % 3600
),

key_days as (
    select
        site_id,
        compute_class,
        resource_kind,
        model,
        day,
        min(open_from_s) as day_open_from_s
    from hourly_steps
    group by site_id, compute_class, resource_kind, model, day
),

hours_of_day as (
    select {{ explode_integers('0', '23') }} as hour_no
),

-- the step at a day's end belongs to no hour of the day, and falls away
hours as (
    select
        key_days.*,
        {{ epoch_of_day('key_days.day') }} + hours_of_day.hour_no * 3600 as hour_s
    from key_days
    cross join hours_of_day
)

select
    hours.site_id,
    hours.compute_class,
    hours.resource_kind,
    hours.model,
    hours.day,
    hours.hour_s,
    cast(
        coalesce(hourly_steps.unit_seconds, 0) + coalesce(sum(hourly_steps.per_hour) over (
            partition by hours.site_id, hours.compute_class, hours.resource_kind, hours.model, hours.day
            order by hours.hour_s
            rows between unbounded preceding and 1 preceding
        ), 0) as bigint
    ) as allocated_unit_seconds,
    coalesce(hours.day_open_from_s < hours.hour_s + 3600, false) as is_open
from hours
left join hourly_steps
    on
        hours.site_id = hourly_steps.site_id
        and hours.compute_class = hourly_steps.compute_class
        and hours.resource_kind = hourly_steps.resource_kind
        and hours.model = hourly_steps.model
        and hours.day = hourly_steps.day
        and hours.hour_s = hourly_steps.hour_s
