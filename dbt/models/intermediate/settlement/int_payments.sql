-- Payments as known now, in fen. Those in conflict count for nothing until it is settled; int_conflicts lists them.
with revisions as (
    {{ current_rows(ref('stg_payments'), natural_keys()['payments']) }}
)

select
    payment_id,
    payer_party_id,
    payee_party_id,
    period,
    {{ half_up_div(micro('amount'), 10000) }} as amount_fen,
    paid_on,
    source_id,
    record_hash,
    landing_id,
    landing_row,
    is_conflict
from revisions
