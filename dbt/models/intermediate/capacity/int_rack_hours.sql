-- Standard racks of a site, integrated over each hour in which any site's utilisation is known, in rack-seconds
-- rounded half up once. An hour that begins before the site's first statement is unknown and has no row.
with hours as (
    select {{ explode_integers(int_div('first_s', '3600'), int_div('reach_s - 1', '3600')) }} as hour_no
    from {{ ref('int_network_reach') }}
    where first_s < reach_s
),

shares as (
    select
        racks.site_id,
        hours.hour_no * 3600 as hour_s,
        racks.from_s,
        least(coalesce(racks.until_s, hours.hour_no * 3600 + 3600), hours.hour_no * 3600 + 3600)
        - greatest(racks.from_s, hours.hour_no * 3600) as seconds,
        racks.installed_w,
        racks.occupied_w
    from hours
    inner join {{ ref('int_racks') }} as racks
        on
            racks.from_s < hours.hour_no * 3600 + 3600
            and coalesce(hours.hour_no * 3600 < racks.until_s, true)
)

select
    site_id,
    hour_s,
    {{ half_up_div('sum(installed_w * seconds)', '2500') }} as installed_unit_seconds,
    {{ half_up_div('sum(occupied_w * seconds)', '2500') }} as occupied_unit_seconds
from shares
group by site_id, hour_s
having min(from_s) <= hour_s
