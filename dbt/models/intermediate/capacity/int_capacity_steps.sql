-- Capacity as steps: by how much each (site, class, kind, model) changes at an instant, in units (cores,
-- milli-cards). unstated_* count the pools in service that do not say how much of them is sellable or reserved.
with statements as (
    select
        site_id,
        compute_class,
        'cpu_core' as resource_kind,
        'all' as model,
        state,
        from_s,
        until_s,
        cores as units,
        not has_devices as is_billable,
        sellable,
        reserved
    from {{ ref('int_capacity') }}
    where has_cores
    union all
    select
        site_id,
        compute_class,
        'accelerator' as resource_kind,
        model,
        state,
        from_s,
        until_s,
        devices * 1000 as units,
        true as is_billable,
        sellable * 1000 as sellable,
        reserved * 1000 as reserved
    from {{ ref('int_capacity') }}
    where has_devices
),

signed as (
    select
        *,
        from_s as at_s,
        1 as sign
    from statements
    union all
    select
        *,
        until_s as at_s,
        -1 as sign
    from statements
    where until_s is not null
),

amounts as (
    select
        *,
        case when state = 'down' then units else 0 end as down_units,
        is_billable and state = 'in_service' as states_parts
    from signed
)

select
    site_id,
    compute_class,
    resource_kind,
    model,
    at_s,
    cast(sum(sign * units) as bigint) as installed,
    cast(sum(sign * down_units) as bigint) as down,
    cast(sum(case when states_parts then sign * coalesce(sellable, 0) else 0 end) as bigint) as sellable,
    cast(sum(case when states_parts then sign * coalesce(reserved, 0) else 0 end) as bigint) as reserved,
    cast(sum(case when states_parts and sellable is null then sign else 0 end) as bigint) as unstated_sellable,
    cast(sum(case when states_parts and reserved is null then sign else 0 end) as bigint) as unstated_reserved,
    bool_or(states_parts) as states_parts
from amounts
group by site_id, compute_class, resource_kind, model, at_s
