-- Usage days of a record, per resource kind, add up to the record's interval, and their quantities to what its units come
-- to over the interval.
with held as (
    select
        record_hash,
        landing_id,
        landing_row,
        'cpu_core' as resource_kind,
        until_s - start_s as seconds,
        {{ unit_seconds("'cpu_core'", 'core_milli', 'start_s', 'until_s') }} as quantity
    from {{ ref('int_holdings') }}
    where core_milli > 0
    union all
    select
        record_hash,
        landing_id,
        landing_row,
        'accelerator' as resource_kind,
        until_s - start_s as seconds,
        (until_s - start_s) * accelerator_milli as quantity
    from {{ ref('int_holdings') }}
    where accelerator_milli > 0
),

used as (
    select
        record_hash,
        landing_id,
        landing_row,
        resource_kind,
        sum(end_s - start_s) as seconds,
        sum(quantity) as quantity
    from {{ ref('int_usage_days') }}
    group by record_hash, landing_id, landing_row, resource_kind
)

select
    coalesce(held.landing_id, used.landing_id) as landing_id,
    coalesce(held.landing_row, used.landing_row) as landing_row,
    coalesce(held.resource_kind, used.resource_kind) as resource_kind,
    held.quantity as held,
    used.quantity as used
from held
full outer join used
    on
        held.record_hash = used.record_hash
        and held.landing_id = used.landing_id
        and held.landing_row = used.landing_row
        and held.resource_kind = used.resource_kind
where
    held.quantity is distinct from used.quantity
    or held.seconds is distinct from used.seconds
