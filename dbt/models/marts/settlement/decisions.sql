-- What people decided, as the ledger records it: tariffs that arrived late, feeds that stayed incomplete, and notes.
{{ config(materialized='view') }}
select
    decisions.decision_id,
    decisions.entry_no,
    decisions.kind,
    decisions.outcome,
    decisions.tariff_id,
    decisions.tariff_version,
    decisions.period,
    decisions.source_id,
    decisions.dataset,
    decisions.decided_by,
    decisions.decided_at,
    decisions.reason
from {{ source('ledger', 'decisions') }} as decisions
