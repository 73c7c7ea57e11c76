-- Bad rows: pairs and periods whose receivables are not their position, or do not mirror; payments that receivables do
-- not hold.
select
    mine.period,
    mine.party_id,
    mine.counterparty_id,
    mine.outstanding_fen,
    theirs.outstanding_fen as mirrored_fen,
    positions.net_fen
from {{ ref('receivables') }} as mine
left join {{ ref('receivables') }} as theirs
    on
        mine.period = theirs.period
        and mine.party_id = theirs.counterparty_id
        and mine.counterparty_id = theirs.party_id
full outer join {{ ref('settlement_positions') }} as positions
    on
        mine.period = positions.period
        and mine.party_id = positions.party_id
        and mine.counterparty_id = positions.counterparty_id
where
    theirs.period is null
    or mine.outstanding_fen != -theirs.outstanding_fen
    or mine.due_fen != coalesce(positions.net_fen, 0)
union all
select
    paid.period,
    paid.payee_party_id as party_id,
    paid.payer_party_id as counterparty_id,
    cast(null as bigint) as outstanding_fen,
    cast(null as bigint) as mirrored_fen,
    paid.amount_fen as net_fen
from {{ ref('int_payments') }} as paid
left join {{ ref('receivables') }} as receivables
    on
        paid.period = receivables.period
        and paid.payee_party_id = receivables.party_id
        and paid.payer_party_id = receivables.counterparty_id
where
    receivables.party_id is null
    and not paid.is_conflict
