-- One row: the first and the last business day that any job's interval touches; NULL while nothing ran.
with intervals as (
    select
        jobs.start_s,
        coalesce(jobs.end_s, horizon.watermark_s) as until_s
    from {{ ref('int_jobs') }} as jobs
    inner join {{ ref('int_feed_horizon') }} as horizon
        on jobs.source_id = horizon.source_id
    where jobs.state_rank >= 1
)

select
    {{ day_of_epoch('min(start_s)') }} as first_day,
    {{ day_of_epoch('max(until_s - 1)') }} as last_day
from intervals
where until_s > start_s
