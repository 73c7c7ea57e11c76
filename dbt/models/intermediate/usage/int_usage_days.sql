-- Usage with its evidence: one row per record × business day × price window × resource kind, in unit-seconds
-- (core-seconds, milli-card-seconds). Rows of conflicting records are marked and count for nothing.
{{ day_fact() }}
with held as (
    select
        jobs.record_hash,
        jobs.landing_id,
        jobs.landing_row,
        jobs.site_id,
        jobs.account,
        jobs.cpu_cores,
        jobs.accelerators,
        coalesce(partitions.compute_class, 'unknown') as compute_class,
        coalesce(aliases.model, jobs.accelerator_model, partitions.accelerator_model, 'unknown') as accelerator_model,
        jobs.start_s,
        coalesce(jobs.end_s, horizon.watermark_s) as until_s,
        jobs.end_s is null as is_open,
        jobs.is_conflict
    from {{ ref('int_jobs') }} as jobs
    inner join {{ ref('int_feed_horizon') }} as horizon
        on jobs.source_id = horizon.source_id
    left join {{ source('inputs', 'site_partitions') }} as partitions
        on
            jobs.site_id = partitions.site_id
            and jobs.partition = partitions.partition
    left join {{ ref('device_aliases') }} as aliases
        on lower(jobs.accelerator_model) = aliases.alias
    where
        jobs.state_rank >= 1
        and coalesce(jobs.end_s, horizon.watermark_s) > jobs.start_s
        and (jobs.cpu_cores > 0 or jobs.accelerators > 0)
),

kinds as (
    select 'cpu_core' as resource_kind
    union all
    select 'accelerator' as resource_kind
),

units as (
    select
        held.*,
        kinds.resource_kind,
        case kinds.resource_kind when 'cpu_core' then held.cpu_cores else held.accelerators * 1000 end as unit_count
    from held
    cross join kinds
),

dated as (
    select
        *,
        {{ day_of_epoch('start_s') }} as first_day,
        {{ day_of_epoch('until_s - 1') }} as last_day
    from units
    where unit_count > 0
),

days as (
    select
        *,
        {{ explode_days('first_day', 'last_day') }} as usage_day
    from dated
    where {{ may_touch_changed_days('first_day', 'last_day') }}
),

clipped as (
    select
        *,
        greatest(start_s, {{ epoch_of_day('usage_day') }}) as from_s,
        least(until_s, {{ epoch_of_day('usage_day') }} + 86400) as to_s
    from days
    where {{ is_changed_day('usage_day') }}
)

select
    record_hash,
    landing_id,
    landing_row,
    site_id,
    account,
    usage_day as day,
    '00-24' as price_window,
    compute_class,
    resource_kind,
    case resource_kind when 'cpu_core' then 'all' else accelerator_model end as model,
    from_s as start_s,
    to_s as end_s,
    unit_count * (to_s - from_s) as quantity,
    is_open,
    is_conflict
from clipped
