-- Jobs that started, by the business day of their start: those that run, and those that ended after they had run. One
-- that ended without having run a second never held anything, whatever start its scheduler writes. The wait counts from
-- when the job could have run, from its submission where nobody says when that was; a wait below zero is a contradiction.
{{ config(materialized='view') }}
select
    jobs.site_id,
    {{ day_of_epoch('jobs.start_s') }} as day,
    coalesce(partitions.compute_class, 'unknown') as compute_class,
    jobs.record_hash,
    jobs.landing_id,
    jobs.landing_row,
    jobs.start_s - coalesce(jobs.eligible_s, {{ epoch_seconds('jobs.submit_time') }}) as wait_s,
    jobs.eligible_s is null as is_from_submit,
    case when jobs.state_rank = 2 then jobs.elapsed_s end as run_s,
    jobs.is_conflict
from {{ ref('int_jobs') }} as jobs
left join {{ source('inputs', 'site_partitions') }} as partitions
    on
        jobs.site_id = partitions.site_id
        and jobs.partition = partitions.partition
where
    jobs.start_s is not null
    and (jobs.state_rank = 1 or (jobs.state_rank = 2 and jobs.elapsed_s > 0))
