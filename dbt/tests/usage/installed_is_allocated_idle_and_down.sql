-- installed = allocated + idle + down, in every hour and day; where capacity is unknown, idle is unknown too.
with facts as (
    select
        site_id,
        day,
        installed_unit_seconds,
        allocated_unit_seconds + idle_unit_seconds + down_unit_seconds as parts,
        allocated_unit_seconds
    from {{ ref('utilisation_daily') }}
    union all
    select
        site_id,
        {{ business_day('hour') }} as day,
        installed_unit_seconds,
        allocated_unit_seconds + idle_unit_seconds + down_unit_seconds as parts,
        allocated_unit_seconds
    from {{ ref('utilisation_hourly') }}
)

select
    site_id,
    day,
    installed_unit_seconds,
    parts
from facts
where
    installed_unit_seconds is distinct from parts
    or allocated_unit_seconds < 0
