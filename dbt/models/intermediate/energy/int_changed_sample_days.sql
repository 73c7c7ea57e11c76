-- Business days whose device energy this build computes again: those of the samples that changed landings hold and the
-- days beside them, and the days that are forced.
with spans as (
    select
        {{ add_days(business_day('records.sampled_at'), -1) }} as first_day,
        {{ add_days(business_day('records.sampled_at'), 1) }} as last_day
    from {{ source('bronze', 'device_samples') }} as records
    inner join {{ source('inputs', 'changed_landings') }} as changed
        on records.landing_id = changed.landing_id
    union
    select
        forced_from as first_day,
        forced_to as last_day
    from {{ source('inputs', 'build') }}
    where forced_from <= forced_to
)

select distinct {{ explode_days('first_day', 'last_day') }} as day
from spans
