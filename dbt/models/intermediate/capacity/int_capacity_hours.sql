-- Capacity integrated over each hour of a site's horizon, to the second: unit-seconds per (site, class, kind, model).
-- An hour that begins before the first statement is unknown: NULL. sellable and reserved are NULL as long as a pool in
-- service does not state them, and where no pool bills by this kind.
{% set key = ['site_id', 'compute_class', 'resource_kind', 'model'] -%}
with keys as (
    select
        site_id,
        compute_class,
        resource_kind,
        model,
        min(at_s) as known_from_s,
        bool_or(states_parts) as states_parts
    from {{ ref('int_capacity_steps') }}
    group by site_id, compute_class, resource_kind, model
),

starts as (
    select
        site_id,
        min(hour_s) as start_s
    from {{ ref('int_horizon_hours') }}
    group by site_id
),

-- what happened before the horizon stands at its first instant
steps as (
    select
        steps.*,
        greatest(steps.at_s, starts.start_s) as step_s
    from {{ ref('int_capacity_steps') }} as steps
    inner join starts
        on steps.site_id = starts.site_id
),

hourly_steps as (
    select
        site_id,
        compute_class,
        resource_kind,
        model,
        step_s - step_s % 3600 as hour_s,
        {{ step_sums('installed', 'step_s') }},
        {{ step_sums('down', 'step_s') }},
        {{ step_sums('sellable', 'step_s') }},
        {{ step_sums('reserved', 'step_s') }},
        {{ step_sums('unstated_sellable', 'step_s') }},
        {{ step_sums('unstated_reserved', 'step_s') }}
    from steps
    group by site_id, compute_class, resource_kind, model, step_s - step_s % 3600
),

key_hours as (
    select
        keys.*,
        hours.hour_s
    from keys
    inner join {{ ref('int_horizon_hours') }} as hours
        on keys.site_id = hours.site_id
),

integrated as (
    select
        key_hours.*,
        {{ hour_integral('installed', key, 'hour_s') }} as installed_unit_seconds,
        {{ hour_integral('down', key, 'hour_s') }} as down_unit_seconds,
        {{ hour_integral('sellable', key, 'hour_s') }} as stated_sellable,
        {{ hour_integral('reserved', key, 'hour_s') }} as stated_reserved,
        {{ hour_integral('unstated_sellable', key, 'hour_s') }} as unknown_sellable,
        {{ hour_integral('unstated_reserved', key, 'hour_s') }} as unknown_reserved
    from key_hours
    left join hourly_steps using (site_id, compute_class, resource_kind, model, hour_s)
)

select
    site_id,
    compute_class,
    resource_kind,
    model,
    hour_s,
    installed_unit_seconds,
    down_unit_seconds,
    case when states_parts and unknown_sellable = 0 then stated_sellable end as sellable_unit_seconds,
    case when states_parts and unknown_reserved = 0 then stated_reserved end as reserved_unit_seconds
from integrated
where hour_s >= known_from_s
