-- Bad rows: payments to or from the network operator whose entries do not move exactly their amount through the bank,
-- and entries of payments that nobody knows.
with booked as (
    select
        reference,
        cast(sum(case when account = '1002' then debit_fen - credit_fen else 0 end) as bigint) as bank_fen
    from {{ ref('journal_entries') }}
    where source = 'payment'
    group by reference
),

operators as (
    select party_id
    from {{ ref('int_people') }}
    where is_network_operator
),

payments as (
    select
        payments.payment_id,
        sum(
            case when payments.payee_party_id = operators.party_id then payments.amount_fen else -payments.amount_fen end
        ) as bank_fen
    from {{ ref('int_payments') }} as payments
    inner join operators
        on operators.party_id in (payments.payee_party_id, payments.payer_party_id)
    where not payments.is_conflict
    group by payments.payment_id
)

select
    booked.reference,
    payments.payment_id,
    booked.bank_fen,
    payments.bank_fen as paid_fen
from booked
full outer join payments
    on booked.reference = payments.payment_id
where coalesce(booked.bank_fen, 0) != coalesce(payments.bank_fen, 0)
