-- Holdings of which nobody knows how many cores or cards they were: one row per record × business day × resource kind.
-- They are in no quantity, and nothing bills them as zero.
{{ day_fact() }}
with kinds as (
    select 'cpu_core' as resource_kind
    union all
    select 'accelerator' as resource_kind
),

unknown as (
    select
        held.*,
        kinds.resource_kind,
        {{ day_of_epoch('held.start_s') }} as first_day,
        {{ day_of_epoch('held.until_s - 1') }} as last_day
    from {{ ref('int_holdings') }} as held
    cross join kinds
    where case kinds.resource_kind when 'cpu_core' then held.core_milli else held.accelerator_milli end is null
),

days as (
    select
        *,
        {{ explode_days('first_day', 'last_day') }} as usage_day
    from unknown
    where {{ may_touch_changed_days('first_day', 'last_day') }}
)

select
    record_hash,
    landing_id,
    landing_row,
    site_id,
    account,
    usage_day as day,
    compute_class,
    resource_kind,
    case resource_kind when 'cpu_core' then 'all' else accelerator_model end as model,
    greatest(start_s, {{ epoch_of_day('usage_day') }}) as start_s,
    least(until_s, {{ epoch_of_day('usage_day') }} + 86400) as end_s,
    is_open
from days
where
    not is_conflict
    and {{ is_changed_day('usage_day') }}
