-- utilisation_hourly by business day: sums over the day's hours in the horizon, unknown where any hour is; the quality
-- is the worst of its hours. Active and observed are sums over the hours in which cards were watched.
with days as (
    select
        site_id,
        region,
        {{ business_day('hour') }} as day,
        compute_class,
        resource_kind,
        model,
        {% for part in ['installed', 'down', 'allocated', 'idle', 'reserved', 'sellable', 'estimated'] -%}
        {{ sum_if_all_known(part ~ '_unit_seconds') }} as {{ part }}_unit_seconds,
        {% endfor -%}
        {{ active_sums() }},
        min({{ quality_rank('quality') }}) as quality_rank
    from {{ ref('utilisation_hourly') }}
    group by site_id, region, {{ business_day('hour') }}, compute_class, resource_kind, model
)

select
    site_id,
    region,
    day,
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
    active_quality,
    {{ quality_of_rank('quality_rank') }} as quality
from days
