-- Usage days of a record, per resource kind, add up to the record's interval, and their quantities to its units × seconds.
with intervals as (
    select
        jobs.record_hash,
        jobs.landing_id,
        jobs.landing_row,
        coalesce(jobs.end_s, horizon.watermark_s) - jobs.start_s as seconds,
        jobs.cpu_cores,
        jobs.accelerators
    from {{ ref('int_jobs') }} as jobs
    inner join {{ ref('int_feed_horizon') }} as horizon
        on jobs.source_id = horizon.source_id
    where
        jobs.state_rank >= 1
        and coalesce(jobs.end_s, horizon.watermark_s) > jobs.start_s
),

held as (
    select
        record_hash,
        landing_id,
        landing_row,
        'cpu_core' as resource_kind,
        seconds,
        seconds * cpu_cores as quantity
    from intervals
    where cpu_cores > 0
    union all
    select
        record_hash,
        landing_id,
        landing_row,
        'accelerator' as resource_kind,
        seconds,
        seconds * accelerators * 1000 as quantity
    from intervals
    where accelerators > 0
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
