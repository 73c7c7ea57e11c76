-- Devices of which more than the whole was held at once: an error to show, never clipped.
select
    site_id,
    node,
    device_id,
    day,
    {{ timestamp_of_epoch('from_s') }} as from_at,
    {{ timestamp_of_epoch('to_s') }} as to_at,
    allocated_milli,
    cast(1000 as bigint) as capacity_milli,
    records
from {{ ref('int_over_allocations') }}
