-- The hours in which a site's utilisation is known: from the hour of its first usage to the least watermark of its
-- layers. A layer more than seven days behind the furthest has fallen silent: it holds the others back no more, and what
-- it held is unknown from its watermark on.
with layers as (
    select
        sites.site_id,
        horizon.first_s,
        horizon.watermark_s,
        max(horizon.watermark_s) over (partition by sites.site_id) as furthest_s
    from {{ ref('int_feed_horizon') }} as horizon
    inner join {{ source('inputs', 'sites') }} as sites
        on horizon.source_id = sites.source_id
    where horizon.first_s < horizon.watermark_s
),

bounds as (
    select
        site_id,
        min(first_s) as first_s,
        min(case when watermark_s >= furthest_s - {{ silent_after_s() }} then watermark_s end) as watermark_s
    from layers
    group by site_id
),

hours as (
    select
        site_id,
        {{ explode_integers(int_div('first_s', '3600'), int_div('watermark_s - 1', '3600')) }} as hour_no
    from bounds
    where first_s < watermark_s
)

select
    site_id,
    hour_no * 3600 as hour_s,
    {{ day_of_epoch('hour_no * 3600') }} as day
from hours
