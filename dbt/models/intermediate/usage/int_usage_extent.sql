-- One row: the first and the last business day that any holding touches; NULL while nothing ran.
select
    {{ day_of_epoch('min(start_s)') }} as first_day,
    {{ day_of_epoch('max(until_s - 1)') }} as last_day
from {{ ref('int_holdings') }}
