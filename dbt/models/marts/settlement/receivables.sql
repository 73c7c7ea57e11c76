-- What of each net position was paid, and how long the rest is overdue: a row for either side of a pair and period, as
-- of the business day of the newest delivery. Payments for which nothing is due, overpayments and payments of unknown
-- people have rows too.
{{ config(materialized='view') }}
with moves as (
    select
        party_id,
        counterparty_id,
        period,
        net_fen as due_fen,
        0 as paid_fen
    from {{ ref('settlement_positions') }}
    union all
    select
        payee_party_id as party_id,
        payer_party_id as counterparty_id,
        period,
        0 as due_fen,
        amount_fen as paid_fen
    from {{ ref('int_payments') }}
    where not is_conflict
    union all
    select
        payer_party_id as party_id,
        payee_party_id as counterparty_id,
        period,
        0 as due_fen,
        -amount_fen as paid_fen
    from {{ ref('int_payments') }}
    where not is_conflict
),

sums as (
    select
        party_id,
        counterparty_id,
        period,
        cast(sum(due_fen) as bigint) as due_fen,
        cast(sum(paid_fen) as bigint) as paid_fen,
        cast(sum(due_fen - paid_fen) as bigint) as outstanding_fen
    from moves
    group by party_id, counterparty_id, period
),

agreed as (
    select
        sums.*,
        coalesce(terms.payment_days, terms_of_other.payment_days, {{ payment_days() }}) as payment_days
    from sums
    left join {{ ref('int_payment_terms') }} as terms
        on
            sums.party_id = terms.tenant_id
            and sums.period = terms.period
    left join {{ ref('int_payment_terms') }} as terms_of_other
        on
            sums.counterparty_id = terms_of_other.tenant_id
            and sums.period = terms_of_other.period
),

due as (
    select
        *,
        {{ add_days(last_day_of('period'), 'payment_days') }} as due_on
    from agreed
),

aged as (
    select
        due.*,
        known.day as as_of,
        {{ age_in_days('due.due_on', 'known.day') }} as days_since_due,
        parties.party_id is null or counterparties.party_id is null as is_unknown
    from due
    cross join {{ ref('int_known_day') }} as known
    left join {{ ref('int_people') }} as parties
        on due.party_id = parties.party_id
    left join {{ ref('int_people') }} as counterparties
        on due.counterparty_id = counterparties.party_id
),

told as (
    select
        aged.party_id,
        aged.counterparty_id,
        aged.period,
        case when {{ is_closed('aged.period') }} then 'closed' else 'draft' end as state,
        aged.due_fen,
        aged.paid_fen,
        aged.outstanding_fen,
        aged.due_on,
        cast(aged.payment_days as bigint) as payment_days,
        aged.as_of,
        aged.days_since_due,
        case when sign(aged.outstanding_fen) = sign(aged.due_fen) and aged.due_fen != 0 then {{ ageing_of('aged.days_since_due') }} end
            as ageing,
        case
            when aged.is_unknown and aged.due_fen = 0 then 'unknown_party'
            when aged.outstanding_fen = 0 then 'settled'
            when aged.due_fen = 0 then 'nothing_due'
            when sign(aged.outstanding_fen) = sign(aged.due_fen) then 'open'
            else 'overpaid'
        end as status
    from aged
)

select
    told.*,
    case when told.status in ('unknown_party', 'nothing_due') then 'network_operations' end as must_act
from told
