-- What is or was in dispute, with the evidence frozen when the dispute was opened, as the ledger records it.
{{ config(materialized='view') }}
select
    disputes.dispute_id,
    disputes.entry_no,
    disputes.period,
    disputes.tenant_id,
    disputes.line_id,
    disputes.charge_id,
    disputes.amount_fen,
    disputes.material,
    disputes.state,
    disputes.opened_by,
    disputes.opened_at,
    disputes.reason,
    disputes.evidence,
    disputes.evidence_sha256,
    disputes.outcome,
    disputes.settled_by,
    disputes.settled_at,
    disputes.settlement
from {{ source('ledger', 'disputes') }} as disputes
