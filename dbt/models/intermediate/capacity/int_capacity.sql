-- What each pool has in each state, from an instant to the next statement of the same pool, model and state. Statements
-- in conflict do not count. The billable kind of a pool, which sellable and reserved count, is its accelerators where
-- it ever has any, else its cores.
with current_statements as (
    {{ current_rows(ref('stg_capacity_inventory'), reference_keys()['capacity_inventory']) }}
)

select
    site_id,
    resource_pool,
    model,
    state,
    compute_class,
    {{ epoch_seconds('valid_from') }} as from_s,
    lead({{ epoch_seconds('valid_from') }}) over (
        partition by site_id, resource_pool, model, state
        order by valid_from
    ) as until_s,
    devices,
    cores,
    sellable,
    reserved,
    max(devices) over (partition by site_id, resource_pool, model) > 0 as has_devices,
    max(cores) over (partition by site_id, resource_pool, model) > 0 as has_cores
from current_statements
where not is_conflict
