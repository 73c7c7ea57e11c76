-- Rejected rows as they were sent, with the rules that they broke and the reason in both languages.
{{ config(materialized='view') }}
select
    rejected.landing_id,
    rejected.landing_row,
    rejected.source_id,
    rejected.dataset,
    rejected.received_at,
    rejected.rules,
    rejected.reason_en,
    rejected.reason_zh,
    rejected.raw
from {{ source('inputs', 'quarantine_rows') }} as rejected
