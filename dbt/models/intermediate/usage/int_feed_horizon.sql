-- How far each source's records of usage reach, by layer: from the start of the first job, machine or pod that counts to
-- the latest event that its effective rows prove. first_* is NULL where nothing ran.
with reached as (
    select
        source_id,
        'job' as layer,
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
    union all
    select
        source_id,
        {{ instance_layer('instance_kind') }} as layer,
        landing_id,
        {{ epoch_seconds('min(known_at)') }} as known_s,
        greatest({{ epoch_seconds('max(interval_start)') }}, {{ epoch_seconds('max(interval_end)') }}) as latest_event_s
    from {{ ref('stg_instance_records') }}
    group by source_id, {{ instance_layer('instance_kind') }}, landing_id
),

watermarks as (
    select
        source_id,
        layer,
        max(least(known_s, latest_event_s)) as watermark_s
    from reached
    group by source_id, layer
),

intervals as (
    select
        source_id,
        'job' as layer,
        start_s,
        end_s
    from {{ ref('int_jobs') }}
    where state_rank >= 1 and not is_conflict
    union all
    select
        source_id,
        layer,
        start_s,
        end_s
    from {{ ref('int_instances') }}
    where state_rank >= 1 and not is_conflict
),

-- what still runs counts if it began before the watermark; the first of them did if any did
firsts as (
    select
        source_id,
        layer,
        min(case when end_s > start_s then start_s end) as ended_first_s,
        min(case when end_s is null then start_s end) as open_first_s
    from intervals
    group by source_id, layer
),

reaches as (
    select
        watermarks.source_id,
        watermarks.layer,
        least(
            firsts.ended_first_s,
            case when firsts.open_first_s < watermarks.watermark_s then firsts.open_first_s end
        ) as first_s,
        watermarks.watermark_s
    from watermarks
    left join firsts
        on
            watermarks.source_id = firsts.source_id
            and watermarks.layer = firsts.layer
)

select
    source_id,
    layer,
    first_s,
    watermark_s,
    {{ timestamp_of_epoch('first_s') }} as first_at,
    {{ timestamp_of_epoch('watermark_s') }} as watermark_at
from reaches
