-- Devices of which more than the whole was held at once, by business day: from when to when, how many thousandths, by how
-- many records. What is nested does not count; the levels come from a running sum over the instants of change.
{{ day_fact() }}
with changes as (
    {%- for relation, sign in [('int_card_shares', 1), ('int_nested_days', -1)] %}
    {%- for instant, step in [('start_s', sign), ('end_s', -sign)] %}
    select
        site_id,
        device_key,
        day,
        {{ instant }} as at_s,
        {{ step }} * share_milli as milli,
        {{ step }} as records
    from {{ ref(relation) }}
    where
        device_key is not null
        and {{ is_changed_day('day') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

steps as (
    select
        site_id,
        device_key,
        day,
        at_s,
        sum(milli) as milli,
        sum(records) as records
    from changes
    group by site_id, device_key, day, at_s
    having sum(milli) <> 0 or sum(records) <> 0
),

levels as (
    select
        site_id,
        device_key,
        day,
        at_s as from_s,
        lead(at_s) over (partition by site_id, device_key, day order by at_s) as to_s,
        sum(milli) over (
            partition by site_id, device_key, day
            order by at_s
            rows between unbounded preceding and current row
        ) as allocated_milli,
        sum(records) over (
            partition by site_id, device_key, day
            order by at_s
            rows between unbounded preceding and current row
        ) as records
    from steps
),

devices as (
    select
        site_id,
        device_key,
        min(node) as node,
        min(device_id) as device_id
    from {{ ref('int_card_shares') }}
    where {{ is_changed_day('day') }}
    group by site_id, device_key
)

select
    levels.site_id,
    levels.device_key,
    devices.node,
    devices.device_id,
    levels.day,
    levels.from_s,
    levels.to_s,
    cast(levels.allocated_milli as bigint) as allocated_milli,
    cast(levels.records as bigint) as records
from levels
inner join devices
    on
        levels.site_id = devices.site_id
        and levels.device_key = devices.device_key
where levels.allocated_milli > 1000
