-- What one party has still to pay another for a period, positions and payments netted: a refund of what was overpaid
-- among it. Money of unknown people is proposed to nobody: first somebody must say whose it is.
{{ config(materialized='view') }}
select
    counterparty_id as payer_party_id,
    party_id as payee_party_id,
    period,
    state,
    outstanding_fen as amount_fen,
    due_on,
    as_of,
    days_since_due
from {{ ref('receivables') }}
where
    outstanding_fen > 0
    and status != 'unknown_party'
