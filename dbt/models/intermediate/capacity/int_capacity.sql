-- What each pool has in each state, from an instant to the next statement of the same pool, model and state. Statements
-- in conflict do not count. A pool sells its accelerators where it ever has any, else its cores: that is what sellable
-- and reserved count.
with current_statements as (
    {{ current_rows(ref('stg_capacity_inventory'), natural_keys()['capacity_inventory']) }}
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
    max(cores) over (partition by site_id, resource_pool, model) > 0 as has_cores,
    max(devices) over (partition by site_id, resource_pool) > 0 as sells_devices
from current_statements
where not is_conflict
