-- One row: from when to when any site's utilisation is known; NULL while nothing ran. What holds until it is stated anew
-- (racks, outages that are still open) is told of within it.
select
    min(hour_s) as first_s,
    max(hour_s) + 3600 as reach_s
from {{ ref('int_horizon_hours') }}
