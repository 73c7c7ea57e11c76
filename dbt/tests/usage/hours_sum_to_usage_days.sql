-- The hours of a day, in closed form, add up to the usage of the day's records that count.
with days as (
    select
        site_id,
        compute_class,
        resource_kind,
        model,
        day,
        sum(quantity) as quantity
    from {{ ref('int_usage_days') }}
    where not is_conflict
    group by site_id, compute_class, resource_kind, model, day
),

hours as (
    select
        site_id,
        compute_class,
        resource_kind,
        model,
        day,
        sum(allocated_unit_seconds) as quantity
    from {{ ref('int_usage_hours') }}
    group by site_id, compute_class, resource_kind, model, day
)

select
    coalesce(days.site_id, hours.site_id) as site_id,
    coalesce(days.day, hours.day) as day,
    days.quantity as days_quantity,
    hours.quantity as hours_quantity
from days
full outer join hours
    on
        days.site_id = hours.site_id
        and days.compute_class = hours.compute_class
        and days.resource_kind = hours.resource_kind
        and days.model = hours.model
        and days.day = hours.day
where days.quantity is distinct from hours.quantity
