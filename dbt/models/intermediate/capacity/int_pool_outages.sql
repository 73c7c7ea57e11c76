-- What each pool has, what of it its inventory calls down and what its outages say, in units (cores, milli-cards), between
-- the instants at which any of these changes. An outage that names no number takes the whole pool; units are NULL where
-- the inventory does not tell of the pool.
with capacity as (
    select
        capacity.site_id,
        capacity.resource_pool,
        case when capacity.sells_devices then 'accelerator' else 'cpu_core' end as resource_kind,
        case when capacity.sells_devices then capacity.devices * 1000 else capacity.cores end as units,
        capacity.state,
        greatest(capacity.from_s, reach.first_s) as from_s,
        least(coalesce(capacity.until_s, reach.reach_s), reach.reach_s) as until_s
    from {{ ref('int_capacity') }} as capacity
    cross join {{ ref('int_network_reach') }} as reach
    where
        capacity.from_s < reach.reach_s
        and coalesce(capacity.until_s > reach.first_s, true)
),

outages as (
    select *
    from {{ ref('int_outages') }}
    where not is_conflict
),

kinds as (
    select distinct
        site_id,
        resource_pool,
        resource_kind
    from capacity
),

instants as (
    {% for relation in ['capacity', 'outages'] -%}
    {% for bound in ['from_s', 'until_s'] -%}
    select
        site_id,
        resource_pool,
        {{ bound }} as from_s
    from {{ relation }}
    {{ 'union' if not (loop.last and relation == 'outages') }}
    {% endfor -%}
    {% endfor -%}
),

spans as (
    select
        *,
        lead(from_s) over (partition by site_id, resource_pool order by from_s) as until_s
    from instants
),

held as (
    select
        spans.site_id,
        spans.resource_pool,
        spans.from_s,
        spans.until_s,
        kinds.resource_kind,
        sum(capacity.units) as pool_units,
        sum(case when capacity.state = 'down' then capacity.units when capacity.state is not null then 0 end) as down_units
    from spans
    left join kinds
        on
            spans.site_id = kinds.site_id
            and spans.resource_pool = kinds.resource_pool
    left join capacity
        on
            spans.site_id = capacity.site_id
            and spans.resource_pool = capacity.resource_pool
            and spans.from_s >= capacity.from_s
            and spans.from_s < capacity.until_s
    where spans.until_s is not null
    group by spans.site_id, spans.resource_pool, spans.from_s, spans.until_s, kinds.resource_kind
),

struck as (
    select
        held.*,
        outages.outage_id,
        outages.planned,
        outages.is_open,
        case
            when outages.devices is null then held.pool_units
            when held.resource_kind = 'accelerator' then outages.devices * 1000
            when held.resource_kind = 'cpu_core' then outages.devices
        end as units
    from held
    left join outages
        on
            held.site_id = outages.site_id
            and held.resource_pool = outages.resource_pool
            and held.from_s >= outages.from_s
            and held.from_s < outages.until_s
)

select
    site_id,
    resource_pool,
    resource_kind,
    from_s,
    until_s,
    cast(pool_units as bigint) as pool_units,
    cast(down_units as bigint) as down_units,
    {{ sum_of_outages('planned') }} as planned_units,
    {{ sum_of_outages('not planned') }} as unplanned_units,
    coalesce(bool_or(is_open), false) as is_open
from struck
group by site_id, resource_pool, resource_kind, from_s, until_s, pool_units, down_units
having count(outage_id) > 0 or down_units > 0
