-- Cards that machines, pods and jobs hold at sites where machines or pods hold any, by business day: one row per record and
-- device where it names its devices, which have equal shares of what it holds, else one row. A device is known by a UUID,
-- or by its name on its node. Records in conflict hold nothing.
{{ day_fact() }}
with cards as (
    select
        *,
        {{ layer_rank('layer') }} as layer_rank
    from {{ ref('int_holdings') }}
    where
        accelerator_milli > 0
        and not is_conflict
        and {{ layer_rank('layer') }} is not null
        and site_id in (
            select instances.site_id
            from {{ ref('int_instances') }} as instances
            where instances.accelerator_milli > 0
        )
),

parts as (
    select
        landing_id,
        landing_row,
        {{ explode_parts('device_ids') }} as part
    from cards
    where device_ids is not null
),

devices as (
    select distinct
        landing_id,
        landing_row,
        trim(part) as device_id
    from parts
    where trim(part) <> ''
),

numbered as (
    select
        *,
        row_number() over (partition by landing_id, landing_row order by device_id) as device_no,
        count(*) over (partition by landing_id, landing_row) as device_count
    from devices
),

shares as (
    select
        cards.*,
        numbered.device_id,
        case
            when numbered.device_id like '%________-____-____-____-____________' or cards.node is null
                then numbered.device_id
            else cards.node || '/' || numbered.device_id
        end as device_key,
        case
            when numbered.device_no is null then cards.accelerator_milli
            else
                {{ int_div('cards.accelerator_milli * numbered.device_no', 'numbered.device_count') }}
                - {{ int_div('cards.accelerator_milli * (numbered.device_no - 1)', 'numbered.device_count') }}
        end as share_milli,
        {{ day_of_epoch('cards.start_s') }} as first_day,
        {{ day_of_epoch('cards.until_s - 1') }} as last_day
    from cards
    left join numbered
        on
            cards.landing_id = numbered.landing_id
            and cards.landing_row = numbered.landing_row
),

days as (
    select
        *,
        {{ explode_days('first_day', 'last_day') }} as usage_day
    from shares
    where
        share_milli > 0
        and {{ may_touch_changed_days('first_day', 'last_day') }}
)

select
    landing_id,
    landing_row,
    site_id,
    usage_day as day,
    layer_rank,
    node,
    device_id,
    device_key,
    compute_class,
    accelerator_model as model,
    share_milli,
    greatest(start_s, {{ epoch_of_day('usage_day') }}) as start_s,
    least(until_s, {{ epoch_of_day('usage_day') }} + 86400) as end_s
from days
where {{ is_changed_day('usage_day') }}
