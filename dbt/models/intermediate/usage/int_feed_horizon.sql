-- How far each source's job records reach: from the start of its first job that counts to the latest event that its
-- effective rows prove. first_* is NULL where nothing ran.
with reached as (
    select
        source_id,
        landing_id,
        {{ epoch_seconds('min(known_at)') }} as known_s,
        greatest(
            {{ epoch_seconds('max(submit_time)') }},
            {{ epoch_seconds('max(start_time)') }},
            max({{ epoch_seconds('start_time') }} + elapsed_s),
            {{ epoch_seconds('max(end_time)') }}
        ) as latest_event_s
    from {{ ref('stg_job_records') }}
    group by source_id, landing_id
),

watermarks as (
    select
        source_id,
        max(least(known_s, latest_event_s)) as watermark_s
    from reached
    group by source_id
),

firsts as (
    select
        jobs.source_id,
        min(jobs.start_s) as first_s
    from {{ ref('int_jobs') }} as jobs
    inner join watermarks
        on jobs.source_id = watermarks.source_id
    where
        not jobs.is_conflict
        and jobs.state_rank >= 1
        and coalesce(jobs.end_s, watermarks.watermark_s) > jobs.start_s
    group by jobs.source_id
)

select
    watermarks.source_id,
    firsts.first_s,
    watermarks.watermark_s,
    {{ timestamp_of_epoch('firsts.first_s') }} as first_at,
    {{ timestamp_of_epoch('watermarks.watermark_s') }} as watermark_at
from watermarks
left join firsts
    on watermarks.source_id = firsts.source_id
