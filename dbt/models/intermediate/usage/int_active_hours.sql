-- What telemetry watched of cards and found busy, by site, class, model and hour. A model is of the class in which its
-- site has it or uses it; the class is NULL where that is none or more than one, and the hour then stands in no figure.
with classes as (
    select
        site_id,
        compute_class,
        model
    from {{ ref('int_capacity_levels') }}
    where resource_kind = 'accelerator'
    union
    select
        site_id,
        compute_class,
        model
    from {{ ref('int_usage_hours') }}
    where resource_kind = 'accelerator'
),

single as (
    select
        site_id,
        model,
        min(compute_class) as compute_class
    from classes
    group by site_id, model
    having count(*) = 1
)

select
    watched.site_id,
    single.compute_class,
    watched.model,
    watched.hour_s,
    watched.active_unit_seconds,
    watched.observed_unit_seconds
from {{ ref('int_device_hours') }} as watched
left join single
    on
        watched.site_id = single.site_id
        and watched.model = single.model
