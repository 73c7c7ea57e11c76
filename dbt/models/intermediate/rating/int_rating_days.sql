-- The business days that this build rates: all days of the months in which something changed, because tiers, allowances,
-- commitments and least amounts are a month's; of days that somebody forces only the months in which something was used.
-- Prices, mappings, taxes and shares are resolved for these days alone, so that a run costs what changed and usage meets
-- them by equality.
with spans as (
    select
        changed.first_day,
        changed.last_day
    from {{ ref('int_changed_spans') }} as changed
    where changed.reason <> 'forced'
    union all
    select
        greatest(changed.first_day, extent.first_day) as first_day,
        least(changed.last_day, extent.last_day) as last_day
    from {{ ref('int_changed_spans') }} as changed
    cross join {{ ref('int_usage_extent') }} as extent
    where changed.reason = 'forced'
),

days as (
    select {{ explode_days('first_day', 'last_day') }} as day
    from spans
    where first_day <= last_day
),

months as (
    select distinct {{ month_start('day') }} as first_day
    from days
)

select {{ explode_days('first_day', 'last_day(first_day)') }} as day
from months
