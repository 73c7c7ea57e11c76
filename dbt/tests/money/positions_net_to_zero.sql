-- Bad rows: periods whose positions do not net to zero over all parties; pairs whose two sides do not mirror.
select
    mine.period,
    mine.party_id,
    mine.counterparty_id,
    mine.net_fen,
    theirs.net_fen as mirrored_fen
from {{ ref('settlement_positions') }} as mine
left join {{ ref('settlement_positions') }} as theirs
    on
        mine.period = theirs.period
        and mine.party_id = theirs.counterparty_id
        and mine.counterparty_id = theirs.party_id
where
    theirs.period is null
    or mine.net_fen != -theirs.net_fen
    or mine.receivable_fen != theirs.payable_fen
union all
select
    period,
    cast(null as string) as party_id,
    cast(null as string) as counterparty_id,
    cast(sum(net_fen) as bigint) as net_fen,
    cast(null as bigint) as mirrored_fen
from {{ ref('settlement_positions') }}
group by period
having sum(net_fen) != 0
