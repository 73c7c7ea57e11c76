-- No hour has more green energy than its facility used, no certificate gives more than it has, and what is used of
-- certificates is what hours took of them.
select
    hours.site_id,
    hours.hour_s,
    green.green_wh
from {{ ref('int_green_hours') }} as green
inner join {{ ref('int_energy_hours') }} as hours
    on
        green.site_id = hours.site_id
        and green.hour_s = hours.hour_s
where
    green.green_wh not between 0 and hours.facility_wh
    or green.certificate_wh not between 0 and green.green_wh
union all
select
    certificate_id as site_id,
    cast(null as bigint) as hour_s,
    used_wh as green_wh
from {{ ref('green_certificate_use') }}
where
    used_wh not between 0 and certificate_wh
    or unused_wh < 0
    or unknown_wh < 0
    or (status <> 'counted' and used_wh > 0)
