-- The scheduler's own joules of ended jobs, where it counts any, divided over the job's business days by time.
{{ day_fact() }}
with jobs as (
    select
        site_id,
        cluster,
        account,
        job_id,
        energy_j,
        start_s,
        end_s,
        {{ day_of_epoch('start_s') }} as first_day,
        {{ day_of_epoch('end_s - 1') }} as last_day
    from {{ ref('int_jobs') }}
    where
        not is_conflict
        and energy_j > 0
        and end_s > start_s
),

dated as (
    select
        *,
        {{ explode_days('first_day', 'last_day') }} as day
    from jobs
    where {{ may_touch_changed_days('first_day', 'last_day') }}
),

bounded as (
    select
        *,
        end_s - start_s as long_s,
        greatest(start_s, {{ epoch_of_day('day') }}) - start_s as part_from_s,
        least(end_s, {{ epoch_of_day('day') }} + 86400) - start_s as part_to_s
    from dated
    where {{ is_changed_day('day') }}
)

select
    site_id,
    day,
    cluster,
    account,
    job_id,
    cast(
        sum(
            {{ half_up_div(exact_product('energy_j', 'part_to_s'), 'long_s') }}
            - {{ half_up_div(exact_product('energy_j', 'part_from_s'), 'long_s') }}
        ) as bigint
    ) as energy_j
from bounded
group by site_id, day, cluster, account, job_id
