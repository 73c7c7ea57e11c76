-- Cards that two layers tell of at once, by record, device and business day: what an inner record held while an outer one
-- (a machine around a pod, either around a job) held the same device or, where one of the two names no devices, cards of
-- the same node. The outer one counts; these spans of the inner one do not.
{{ day_fact() }}
with shares as (
    select *
    from {{ ref('int_card_shares') }}
    where {{ is_changed_day('day') }}
),

spans as (
    {%- for same in [
        'held.device_key = around.device_key',
        'held.node = around.node and (held.device_key is null or around.device_key is null)'
    ] %}
    select
        held.landing_id,
        held.landing_row,
        held.site_id,
        held.day,
        held.device_key,
        held.compute_class,
        held.model,
        held.share_milli,
        greatest(held.start_s, around.start_s) as start_s,
        least(held.end_s, around.end_s) as end_s
    from shares as held
    inner join shares as around
        on
            held.site_id = around.site_id
            and held.day = around.day
            and {{ same }}
            and held.layer_rank > around.layer_rank
            and held.start_s < around.end_s
            and held.end_s > around.start_s
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

reached as (
    select
        *,
        max(end_s) over (
            partition by landing_id, landing_row, day, device_key
            order by start_s, end_s
            rows between unbounded preceding and 1 preceding
        ) as reached_s
    from spans
),

islands as (
    select
        *,
        sum(case when start_s <= reached_s then 0 else 1 end) over (
            partition by landing_id, landing_row, day, device_key
            order by start_s, end_s
            rows between unbounded preceding and current row
        ) as island_no
    from reached
)

select
    landing_id,
    landing_row,
    site_id,
    day,
    device_key,
    compute_class,
    model,
    share_milli,
    min(start_s) as start_s,
    max(end_s) as end_s
from islands
group by landing_id, landing_row, site_id, day, device_key, compute_class, model, share_milli, island_no
