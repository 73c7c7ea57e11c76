-- One row: the business day of the newest delivery that counts, as of which ages are told. No clock is asked, so that the
-- same deliveries give the same figures on any day.
{{ config(materialized='view') }}
select {{ business_day('max(known_at)') }} as day
from {{ source('inputs', 'landings') }}
where effective
