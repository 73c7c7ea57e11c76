-- Capacity of each (site, class, kind, model) between the instants at which a statement about it begins or ends, in
-- units: cores, milli-cards. sellable and reserved are NULL as long as a pool in service that sells this kind does not
-- state them, or none is there; until_s is NULL at the last level.
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
        not sells_devices as sells_kind,
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
        sells_devices as sells_kind,
        sellable * 1000 as sellable,
        reserved * 1000 as reserved
    from {{ ref('int_capacity') }}
    where has_devices
),

instants as (
    select
        site_id,
        compute_class,
        resource_kind,
        model,
        from_s
    from statements
    union
    select
        site_id,
        compute_class,
        resource_kind,
        model,
        until_s as from_s
    from statements
    where until_s is not null
),

spans as (
    select
        *,
        lead(from_s) over (partition by site_id, compute_class, resource_kind, model order by from_s) as until_s
    from instants
)

select
    spans.site_id,
    spans.compute_class,
    spans.resource_kind,
    spans.model,
    spans.from_s,
    spans.until_s,
    cast(coalesce(sum(statements.units), 0) as bigint) as installed,
    cast(coalesce(sum(case when statements.state = 'down' then statements.units end), 0) as bigint) as down,
    {{ sum_if_all_stated('sellable') }} as sellable,
    {{ sum_if_all_stated('reserved') }} as reserved
from spans
left join statements
    on
        spans.site_id = statements.site_id
        and spans.compute_class = statements.compute_class
        and spans.resource_kind = statements.resource_kind
        and spans.model = statements.model
        and spans.from_s >= statements.from_s
        and coalesce(spans.from_s < statements.until_s, true)
group by
    spans.site_id,
    spans.compute_class,
    spans.resource_kind,
    spans.model,
    spans.from_s,
    spans.until_s
