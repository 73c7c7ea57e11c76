-- The hours in which a site's utilisation is known: from the hour of its first job to its feed's watermark.
with sites as (
    select
        sites.site_id,
        horizon.first_s,
        horizon.watermark_s
    from {{ ref('int_feed_horizon') }} as horizon
    inner join {{ source('inputs', 'sites') }} as sites
        on horizon.source_id = sites.source_id
    where horizon.first_s < horizon.watermark_s
),

hours as (
    select
        site_id,
        {{ explode_integers(int_div('first_s', '3600'), int_div('watermark_s - 1', '3600')) }} as hour_no
    from sites
)

select
    site_id,
    hour_no * 3600 as hour_s,
    {{ day_of_epoch('hour_no * 3600') }} as day
from hours
