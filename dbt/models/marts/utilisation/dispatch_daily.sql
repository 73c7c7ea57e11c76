-- What became of the orders that were requested on a business day, by the class that was asked for: where they were
-- placed, how soon, and which of them are still open.
{%- set key = 'day, requested_class' %}
with placed as (
    select
        *,
        row_number() over (partition by {{ key }}, is_conflict, place_s is null order by place_s) as place,
        count(place_s) over (partition by {{ key }}, is_conflict) as times,
        placed_site_id is not null and home_site_id is not null as names_both
    from {{ ref('int_orders') }}
),

counted as (
    select
        {{ key }},
        cast(sum(case when not is_conflict then 1 else 0 end) as bigint) as orders,
        cast(sum(case when not is_conflict and place_s is not null then 1 else 0 end) as bigint) as placed,
        cast(sum(case when not is_conflict and names_both then 1 else 0 end) as bigint) as placed_with_home,
        cast(sum(case when not is_conflict and names_both and placed_site_id <> home_site_id then 1 else 0 end) as bigint)
            as away,
        {% for percent in [50, 95] -%}
        {{ at_nearest_rank('case when not is_conflict then place_s end', percent, 'place', 'times') }}
            as place_p{{ percent }}_s,
        {% endfor -%}
        cast(sum(case when not is_conflict and has_started then 1 else 0 end) as bigint) as started,
        {% for state in ['ENDED', 'REFUSED', 'CANCELLED'] -%}
        cast(sum(case when not is_conflict and state = '{{ state }}' then 1 else 0 end) as bigint) as {{ state | lower }},
        {% endfor -%}
        cast(sum(case when not is_conflict and state in ('REQUESTED', 'PLACED', 'STARTED') then 1 else 0 end) as bigint)
            as open_orders,
        bool_or(is_conflict) as has_conflict
    from placed
    group by {{ key }}
)

select
    day,
    requested_class,
    orders,
    placed,
    placed_with_home,
    away,
    {{ share_of('away', 'placed_with_home') }} as away_share,
    place_p50_s,
    place_p95_s,
    started,
    ended,
    refused,
    cancelled,
    open_orders,
    case
        when has_conflict then 'conflict'
        when open_orders > 0 then 'open'
        else 'measured'
    end as quality
from counted
