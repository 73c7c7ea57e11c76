-- The business days that this build rates: all days of the months in which something changed and something may have been
-- used, because tiers, allowances, commitments and least amounts are a month's. Prices, mappings, taxes and shares are
-- resolved for these days alone, so that a run costs what changed and usage meets them by equality.
with changed_days as (
    select day from {{ ref('int_changed_days') }}
    union
    select day from {{ ref('int_changed_service_days') }}
),

months as (
    select distinct {{ month_start('changed_days.day') }} as first_day
    from changed_days
    inner join {{ ref('int_usage_extent') }} as extent
        on changed_days.day between extent.first_day and extent.last_day
)

select {{ explode_days('first_day', 'last_day(first_day)') }} as day
from months
