-- installed = allocated + idle + down, in every hour and day; where capacity or usage is unknown, idle is unknown too, and
-- nowhere else.
with facts as (
    select
        site_id,
        day,
        installed_unit_seconds,
        allocated_unit_seconds + idle_unit_seconds + down_unit_seconds as parts,
        allocated_unit_seconds,
        quality
    from {{ ref('utilisation_daily') }}
    union all
    select
        site_id,
        {{ business_day('hour') }} as day,
        installed_unit_seconds,
        allocated_unit_seconds + idle_unit_seconds + down_unit_seconds as parts,
        allocated_unit_seconds,
        quality
    from {{ ref('utilisation_hourly') }}
)

select
    site_id,
    day,
    installed_unit_seconds,
    parts
from facts
where
    allocated_unit_seconds < 0
    or installed_unit_seconds <> parts
    or (installed_unit_seconds is null and parts is not null)
    or (
        parts is null
        and installed_unit_seconds is not null
        and quality not in ('usage_unknown', 'over_allocated', 'conflict')
    )
