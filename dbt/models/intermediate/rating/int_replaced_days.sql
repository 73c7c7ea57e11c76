-- The business days whose charges this build replaces: all days of the months in which something changed. Those of them in
-- which something may still have been used are rated anew (int_rating_days); where all usage was withdrawn, nothing stays.
{{ config(materialized='view') }}
with months as (
    select distinct {{ month_start('changed_days.day') }} as first_day
    from {{ ref('int_changed_days') }} as changed_days
    union
    select distinct {{ month_start('rated.day') }} as first_day
    from {{ ref('int_rating_days') }} as rated
)

select {{ explode_days('first_day', 'last_day(first_day)') }} as day
from months
