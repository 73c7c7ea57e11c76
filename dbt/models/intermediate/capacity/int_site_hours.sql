-- The hours of a site's utilisation: those of its horizon, and after them those in which it is silent. Silent is an hour
-- of a business day that another site's usage has passed, whose usage feeds were due by the newest delivery, and that lies
-- no more than four weeks after the horizon. The first and the last hour of a horizon may be known in part: not whole.
with known as (
    select
        *,
        min(hour_s) over (partition by site_id) as first_s,
        max(hour_s) over (partition by site_id) as last_s
    from {{ ref('int_horizon_hours') }}
),

due as (
    select
        source_id,
        min(due_through) as due_through
    from {{ source('inputs', 'due_days') }}
    where dataset in ('job_records', 'instance_records')
    group by source_id
),

silences as (
    select
        ends.site_id,
        ends.from_s,
        least(
            ends.from_s + 28 * 86400,
            {{ epoch_of_day(day_of_epoch('reach.reach_s')) }},
            {{ epoch_of_day('due.due_through') }} + 86400
        ) as until_s
    from (
        select
            site_id,
            max(hour_s) + 3600 as from_s
        from {{ ref('int_horizon_hours') }}
        group by site_id
    ) as ends
    inner join {{ source('inputs', 'sites') }} as sites
        on ends.site_id = sites.site_id
    inner join due
        on sites.source_id = due.source_id
    cross join {{ ref('int_network_reach') }} as reach
),

silent_hours as (
    select
        site_id,
        {{ explode_integers(int_div('from_s', '3600'), int_div('until_s - 1', '3600')) }} as hour_no
    from silences
    where from_s < until_s
)

select
    site_id,
    hour_s,
    day,
    false as is_silent,
    hour_s > first_s and hour_s < last_s as is_whole
from known
union all
select
    site_id,
    hour_no * 3600 as hour_s,
    {{ day_of_epoch('hour_no * 3600') }} as day,
    true as is_silent,
    false as is_whole
from silent_hours
