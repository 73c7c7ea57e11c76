-- Intervals of a meter do not overlap, so they cover no more than a day, and no day takes energy back.
select *
from {{ ref('int_meter_days') }}
where
    measured_us not between 0 and 86400000000
    or energy_wh < 0
