-- What of each payment is still to be booked in the network operator's journal, and in which period: that of the day of
-- payment, or where that is closed the next one that is open. It is what is known now less what closed periods hold, so
-- that nothing is booked twice and what was withdrawn or corrected after a close is taken back. Of people whom nobody
-- knows, payments stand on 其他应付款 and 其他应收款.
with placed as (
    select
        payments.*,
        {{ period_of_day('payments.paid_on') }} as paid_period,
        coalesce(payers.payer_account, '2241') as payer_account,
        coalesce(payees.payee_account, '1221') as payee_account
    from {{ ref('int_payments') }} as payments
    left join {{ ref('int_people') }} as payers
        on payments.payer_party_id = payers.party_id
    left join {{ ref('int_people') }} as payees
        on payments.payee_party_id = payees.party_id
    where
        not payments.is_conflict
        and (payers.is_network_operator or payees.is_network_operator)
),

postings as (
    select
        payment_id,
        paid_period as period,
        payee_account as account,
        payee_party_id as party_id,
        amount_fen as debit
    from placed
    union all
    select
        payment_id,
        paid_period as period,
        payer_account as account,
        payer_party_id as party_id,
        -amount_fen as debit
    from placed
    union all
    select
        reference as payment_id,
        period,
        account,
        party_id,
        credit_fen - debit_fen as debit
    from {{ source('ledger', 'closed_journal_entries') }}
    where source = 'payment'
),

payment_periods as (
    select
        payment_id,
        max(period) as period
    from postings
    group by payment_id
),

possible as (
    select period from payment_periods
    union
    select {{ period_of_day(add_days(last_day_of('period'), '1')) }} as period
    from {{ ref('int_closed_periods') }}
),

open_periods as (
    select
        paid.period as paid_period,
        min(possible.period) as period
    from (select distinct period from payment_periods) as paid
    inner join possible
        on paid.period <= possible.period
    where not {{ is_closed('possible.period') }}
    group by paid.period
)

select
    postings.payment_id,
    min(open_periods.period) as period,
    postings.account,
    postings.party_id,
    cast(sum(postings.debit) as bigint) as debit
from postings
inner join payment_periods
    on postings.payment_id = payment_periods.payment_id
inner join open_periods
    on payment_periods.period = open_periods.paid_period
group by postings.payment_id, postings.account, postings.party_id
having sum(postings.debit) != 0
