-- What jobs, idle devices, unmeasured IT and overhead took is what the facility's meters counted, to the watt-hour, on
-- every known day; the overhead is shared whole or not at all.
with shares as (
    select
        site_id,
        day,
        sum(energy_wh) as energy_wh,
        sum(case when share_kind = 'overhead' then energy_wh end) as overhead_wh,
        sum(overhead_share_wh) as shared_wh,
        min(overhead_share_wh) as smallest_share_wh
    from {{ ref('energy_by_job_daily') }}
    group by site_id, day
)

select
    days.site_id,
    days.day
from {{ ref('energy_daily') }} as days
left join shares
    on
        days.site_id = shares.site_id
        and days.day = shares.day
where
    (days.quality <> 'incomplete') <> (shares.site_id is not null)
    or shares.energy_wh <> days.facility_wh
    or shares.shared_wh <> shares.overhead_wh
    or shares.smallest_share_wh < 0
