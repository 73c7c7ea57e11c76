-- Usage with its evidence: one row per record × business day × price window × resource kind, in unit-seconds
-- (core-seconds, milli-card-seconds). Rows of conflicting records are marked and count for nothing.
{{ day_fact() }}
with kinds as (
    select 'cpu_core' as resource_kind
    union all
    select 'accelerator' as resource_kind
),

units as (
    select
        held.*,
        kinds.resource_kind,
        case kinds.resource_kind when 'cpu_core' then held.core_milli else held.accelerator_milli end as unit_milli
    from {{ ref('int_holdings') }} as held
    cross join kinds
    where held.core_milli > 0 or held.accelerator_milli > 0
),

dated as (
    select
        *,
        {{ day_of_epoch('start_s') }} as first_day,
        {{ day_of_epoch('until_s - 1') }} as last_day
    from units
    where unit_milli > 0
),

days as (
    select
        *,
        {{ explode_days('first_day', 'last_day') }} as usage_day
    from dated
    where {{ may_touch_changed_days('first_day', 'last_day') }}
),

clipped as (
    select
        *,
        greatest(start_s, {{ epoch_of_day('usage_day') }}) as from_s,
        least(until_s, {{ epoch_of_day('usage_day') }} + 86400) as to_s
    from days
    where {{ is_changed_day('usage_day') }}
)

select
    record_hash,
    landing_id,
    landing_row,
    site_id,
    account,
    usage_day as day,
    '00-24' as price_window,
    compute_class,
    resource_kind,
    case resource_kind when 'cpu_core' then 'all' else accelerator_model end as model,
    from_s as start_s,
    to_s as end_s,
    unit_milli,
    {{ unit_seconds('resource_kind', 'unit_milli', 'from_s', 'to_s') }} as quantity,
    is_open,
    is_conflict
from clipped
