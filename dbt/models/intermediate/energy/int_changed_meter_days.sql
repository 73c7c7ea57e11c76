-- Business days whose meters this build computes again: those of the readings that changed landings hold and the days
-- beside them, for no interval between readings is longer than a day; and the days that are forced. Nothing but energy
-- depends on them.
with build as (
    select
        full_refresh,
        forced_from,
        forced_to
    from {{ source('inputs', 'build') }}
),

reading_days as (
    select distinct {{ business_day('records.read_at') }} as day
    from {{ source('bronze', 'facility_readings') }} as records
    left join {{ source('inputs', 'changed_landings') }} as changed
        on records.landing_id = changed.landing_id
    cross join build
    where build.full_refresh or changed.landing_id is not null
),

spans as (
    select
        {{ add_days('day', -1) }} as first_day,
        {{ add_days('day', 1) }} as last_day
    from reading_days
    union all
    select
        forced_from as first_day,
        forced_to as last_day
    from build
    where forced_from <= forced_to
)

select distinct {{ explode_days('first_day', 'last_day') }} as day
from spans
