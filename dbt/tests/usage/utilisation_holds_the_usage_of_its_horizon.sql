-- What is allocated in utilisation, less what is estimated, is the usage of the hours in the site's horizon: nothing is
-- lost, nothing is added.
with used as (
    select
        used.site_id,
        used.compute_class,
        used.resource_kind,
        used.model,
        sum(used.allocated_unit_seconds) as quantity
    from {{ ref('int_usage_hours') }} as used
    inner join {{ ref('int_horizon_hours') }} as hours
        on
            used.site_id = hours.site_id
            and used.hour_s = hours.hour_s
    group by used.site_id, used.compute_class, used.resource_kind, used.model
),

hourly as (
    select
        site_id,
        compute_class,
        resource_kind,
        model,
        sum(allocated_unit_seconds - estimated_unit_seconds) as quantity
    from {{ ref('utilisation_hourly') }}
    where resource_kind <> 'rack'
    group by site_id, compute_class, resource_kind, model
),

daily as (
    select
        site_id,
        compute_class,
        resource_kind,
        model,
        {{ sum_if_all_known('allocated_unit_seconds - estimated_unit_seconds') }} as quantity
    from {{ ref('utilisation_daily') }}
    where resource_kind <> 'rack'
    group by site_id, compute_class, resource_kind, model
)

select
    hourly.site_id,
    hourly.compute_class,
    hourly.resource_kind,
    hourly.model,
    used.quantity as used,
    hourly.quantity as hourly,
    daily.quantity as daily
from hourly
full outer join used
    on
        hourly.site_id = used.site_id
        and hourly.compute_class = used.compute_class
        and hourly.resource_kind = used.resource_kind
        and hourly.model = used.model
full outer join daily
    on
        hourly.site_id = daily.site_id
        and hourly.compute_class = daily.compute_class
        and hourly.resource_kind = daily.resource_kind
        and hourly.model = daily.model
where
    hourly.quantity is distinct from coalesce(used.quantity, 0)
    or hourly.quantity <> daily.quantity
