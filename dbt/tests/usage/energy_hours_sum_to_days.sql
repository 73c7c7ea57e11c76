-- Every complete day is the sum of its hours, measured and estimated apart, and no day says what its hours do not.
with hours as (
    select
        site_id,
        day,
        sum(facility_wh) as facility_wh,
        sum(facility_estimated_wh) as facility_estimated_wh,
        sum(it_wh) as it_wh,
        sum(it_estimated_wh) as it_estimated_wh,
        sum(water_l) as water_l,
        count(facility_wh) as facility_hours,
        count(it_wh) as it_hours
    from {{ ref('int_energy_hours') }}
    group by site_id, day
)

select days.*
from {{ ref('energy_daily') }} as days
left join hours
    on
        days.site_id = hours.site_id
        and days.day = hours.day
where
    days.facility_wh <> hours.facility_wh
    or days.it_wh <> hours.it_wh
    or days.water_l <> hours.water_l
    or days.facility_estimated_wh <> hours.facility_estimated_wh
    or days.it_estimated_wh <> hours.it_estimated_wh
    or (days.facility_wh is not null) <> (coalesce(hours.facility_hours, 0) = 24)
    or (days.it_wh is not null) <> (coalesce(hours.it_hours, 0) = 24)
    or days.facility_estimated_wh > days.facility_wh
    or days.it_estimated_wh > days.it_wh
