-- Energy of each site by the hour, and how much of it is green: the hours that energy_daily sums.
{{ config(materialized='view') }}
select
    hours.site_id,
    sites.region,
    {{ timestamp_of_epoch('hours.hour_s') }} as hour,
    hours.facility_wh,
    hours.it_wh,
    case when green.is_claimed then green.green_wh end as green_wh,
    case
        when hours.facility_wh is null or hours.it_wh is null then 'incomplete'
        when hours.facility_estimated_wh > 0 or hours.it_estimated_wh > 0 then 'estimated'
        else 'measured'
    end as quality
from {{ ref('int_energy_hours') }} as hours
left join {{ source('inputs', 'sites') }} as sites
    on hours.site_id = sites.site_id
left join {{ ref('int_green_hours') }} as green
    on
        hours.site_id = green.site_id
        and hours.hour_s = green.hour_s
