-- The business days that this run rates: changed days on which anything was used. Prices, mappings, taxes and shares
-- are resolved for these days alone, so that a run costs what changed and usage meets them by equality.
select distinct usage_days.day
from {{ ref('int_usage_days') }} as usage_days
where usage_days.day in (select changed_days.day from {{ ref('int_changed_days') }} as changed_days)
