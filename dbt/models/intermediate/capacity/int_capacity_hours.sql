-- Capacity integrated over each hour of a site's horizon, to the second: unit-seconds per (site, class, kind, model).
-- An hour that begins before the first statement is unknown: NULL. sellable and reserved are NULL as long as a pool in
-- service does not state them, and where no pool bills by this kind.
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
        {% for part in capacity_parts() %}
        sum({{ part }}) as {{ part }},
        sum({{ part }} * (3600 - step_s % 3600)) as {{ part }}_seconds{{ ',' if not loop.last }}
        {% endfor %}
    from steps
    group by site_id, compute_class, resource_kind, model, step_s - step_s % 3600
),

integrated as (
    select
        keys.site_id,
        keys.compute_class,
        keys.resource_kind,
        keys.model,
        keys.known_from_s,
        keys.states_parts,
        hours.hour_s,
        {% for part in capacity_parts() %}
        cast(
            coalesce(hourly_steps.{{ part }}_seconds, 0) + 3600 * coalesce(sum(hourly_steps.{{ part }}) over (
                partition by keys.site_id, keys.compute_class, keys.resource_kind, keys.model
                order by hours.hour_s
                rows between unbounded preceding and 1 preceding
            ), 0) as bigint
        ) as {{ part }}{{ ',' if not loop.last }}
        {% endfor %}
    from keys
    inner join {{ ref('int_horizon_hours') }} as hours
        on keys.site_id = hours.site_id
    left join hourly_steps
        on
            keys.site_id = hourly_steps.site_id
            and keys.compute_class = hourly_steps.compute_class
            and keys.resource_kind = hourly_steps.resource_kind
            and keys.model = hourly_steps.model
            and hours.hour_s = hourly_steps.hour_s
)

select
    site_id,
    compute_class,
    resource_kind,
    model,
    hour_s,
    installed as installed_unit_seconds,
    down as down_unit_seconds,
    case when states_parts and unstated_sellable = 0 then sellable end as sellable_unit_seconds,
    case when states_parts and unstated_reserved = 0 then reserved end as reserved_unit_seconds
from integrated
where hour_s >= known_from_s
