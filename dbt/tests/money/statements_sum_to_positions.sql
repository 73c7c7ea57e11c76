-- Bad rows: pairs and periods whose statements do not sum to their position, in either direction.
with sums as (
    select
        period,
        party_id,
        counterparty_id,
        sum(case when direction = 'receivable' then gross_fen else 0 end) as receivable_fen,
        sum(case when direction = 'payable' then gross_fen else 0 end) as payable_fen
    from {{ ref('statements') }}
    group by period, party_id, counterparty_id
)

select
    sums.period,
    sums.party_id,
    sums.counterparty_id,
    positions.party_id as positioned_party_id,
    sums.receivable_fen,
    positions.receivable_fen as position_receivable_fen,
    sums.payable_fen,
    positions.payable_fen as position_payable_fen
from sums
full outer join {{ ref('settlement_positions') }} as positions
    on
        sums.period = positions.period
        and sums.party_id = positions.party_id
        and sums.counterparty_id = positions.counterparty_id
where
    sums.party_id is null
    or positions.party_id is null
    or sums.receivable_fen != positions.receivable_fen
    or sums.payable_fen != positions.payable_fen
