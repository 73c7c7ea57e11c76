-- Every delivery's content, once: where it came from, what became of its rows, whether it counts and since when.
{{ config(materialized='view') }}
select
    landings.landing_id,
    landings.source_id,
    landings.dataset,
    landings.format,
    landings.options,
    landings.name,
    landings.content_sha256,
    landings.size_bytes,
    landings.first_received_at,
    landings.last_received_at,
    landings.receipts,
    landings.effective,
    landings.known_at,
    landings.ended_at,
    landings.end_reason,
    landings.replaced_by,
    landings.rows_in,
    landings.accepted,
    landings.quarantined,
    landings.duplicates,
    landings.set_aside,
    landings.bronze_sha256
from {{ source('inputs', 'landings') }} as landings
