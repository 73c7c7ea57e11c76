-- Of each device that is named, at every instant at which something begins or ends: the parts that are held, without what
-- another record counts, are no less than nothing and no more than one whole, the rest being idle; more than one whole is
-- shown as an over-allocation of just that much, and nothing else is.
with spans as (
    select
        site_id,
        device_key,
        day,
        start_s,
        end_s,
        share_milli as milli
    from {{ ref('int_card_shares') }}
    where device_key is not null
    union all
    select
        site_id,
        device_key,
        day,
        start_s,
        end_s,
        -share_milli as milli
    from {{ ref('int_nested_days') }}
    where device_key is not null
),

instants as (
    select
        site_id,
        device_key,
        day,
        start_s as at_s
    from spans
    union
    select
        site_id,
        device_key,
        day,
        end_s as at_s
    from spans
),

levels as (
    select
        instants.site_id,
        instants.device_key,
        instants.day,
        instants.at_s,
        cast(coalesce(sum(spans.milli), 0) as bigint) as held_milli
    from instants
    left join spans
        on
            instants.site_id = spans.site_id
            and instants.device_key = spans.device_key
            and instants.day = spans.day
            and instants.at_s >= spans.start_s
            and instants.at_s < spans.end_s
    group by instants.site_id, instants.device_key, instants.day, instants.at_s
),

shown as (
    select
        levels.site_id,
        levels.device_key,
        levels.day,
        levels.at_s,
        levels.held_milli,
        max(over_allocated.allocated_milli) as shown_milli
    from levels
    left join {{ ref('int_over_allocations') }} as over_allocated
        on
            levels.site_id = over_allocated.site_id
            and levels.device_key = over_allocated.device_key
            and levels.day = over_allocated.day
            and levels.at_s >= over_allocated.from_s
            and levels.at_s < over_allocated.to_s
    group by levels.site_id, levels.device_key, levels.day, levels.at_s, levels.held_milli
)

select *
from shown
where
    held_milli < 0
    or shown_milli is distinct from case when held_milli > 1000 then held_milli end
