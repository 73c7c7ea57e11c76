-- The business days that this build computes again.
select distinct {{ explode_days('first_day', 'last_day') }} as day
from {{ ref('int_changed_spans') }}
