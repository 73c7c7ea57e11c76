-- The business days that this run rates: changed days on which something may have been used. Prices, mappings, taxes and
-- shares are resolved for these days alone, so that a run costs what changed and usage meets them by equality.
{{ config(materialized='view') }}
select changed_days.day
from {{ ref('int_changed_days') }} as changed_days
inner join {{ ref('int_usage_extent') }} as extent
    on changed_days.day between extent.first_day and extent.last_day
