-- Intervals of a meter do not overlap, so they cover no more than an hour, no hour takes energy back, and what is
-- measured is part of it.
select *
from {{ ref('int_meter_hours') }}
where
    covered_us not between 1 and 3600000000
    or measured not between 0 and quantity
