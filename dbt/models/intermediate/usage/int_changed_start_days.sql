-- Business days on which jobs started that changed deliveries may bear on: all that were submitted on the same days, and
-- the days over which a feed's watermark moved. Empty where everything is computed again anyway.
with horizons as (
    select
        now.watermark_s as new_s,
        {{ epoch_seconds('before.watermark_at') }} as old_s,
        build.full_refresh
    from {{ ref('int_feed_horizon') }} as now
    full outer join {{ source('inputs', 'previous_horizon') }} as before
        on
            now.source_id = before.source_id
            and now.layer = before.layer
    cross join {{ source('inputs', 'build') }} as build
    where coalesce(now.layer, before.layer) = 'job'
),

moved as (
    select
        {{ day_of_epoch('least(coalesce(new_s, old_s), coalesce(old_s, new_s))') }} as first_day,
        {{ day_of_epoch('greatest(coalesce(new_s, old_s), coalesce(old_s, new_s))') }} as last_day
    from horizons
    where
        not full_refresh
        and new_s is distinct from old_s
),

started as (
    select {{ business_day('records.start_time') }} as day
    from {{ source('bronze', 'job_records') }} as records
    inner join {{ ref('int_changed_submit_days') }} as submitted
        on {{ business_day('records.submit_time') }} = submitted.day
    cross join {{ source('inputs', 'build') }} as build
    where
        not build.full_refresh
        and records.start_time is not null
)

select day
from started
union
select {{ explode_days('first_day', 'last_day') }} as day
from moved
