-- One row: from when to when the network's usage feeds reach, all of them together; NULL while nothing ran. What holds
-- until it is stated anew (racks, outages that are still open) is told of within it.
select
    min(first_s) as first_s,
    max(watermark_s) as reach_s
from {{ ref('int_feed_horizon') }}
where first_s is not null
