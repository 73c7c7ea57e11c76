-- Why records are in quarantine, in counts by source, dataset and day of arrival: rules and reasons, no record.
{{ config(materialized='view') }}
select
    rejected.source_id,
    rejected.dataset,
    {{ business_day('rejected.received_at') }} as received_day,
    rejected.rules,
    min(rejected.reason_en) as reason_en,
    min(rejected.reason_zh) as reason_zh,
    count(*) as records
from {{ ref('quarantine_rows') }} as rejected
group by
    rejected.source_id,
    rejected.dataset,
    {{ business_day('rejected.received_at') }},
    rejected.rules
