-- Bad rows: parties whose balance in the journal for a period, payments apart, is not their net position against the
-- network operator.
with booked as (
    select
        period,
        party_id,
        cast(sum(credit_fen - debit_fen) as bigint) as owed_fen
    from {{ ref('journal_entries') }}
    where
        source != 'payment'
        and {{ is_party_account('account') }}
    group by period, party_id
),

operators as (
    select distinct
        period,
        counterparty_id as party_id
    from {{ ref('statement_lines') }}
    union
    select
        period,
        counterparty_id as party_id
    from {{ ref('guarantee_topups') }}
),

positions as (
    select
        positions.period,
        positions.party_id,
        sum(positions.net_fen) as net_fen
    from {{ ref('settlement_positions') }} as positions
    inner join operators
        on
            positions.period = operators.period
            and positions.counterparty_id = operators.party_id
    group by positions.period, positions.party_id
)

select
    coalesce(booked.period, positions.period) as period,
    coalesce(booked.party_id, positions.party_id) as party_id,
    booked.owed_fen,
    positions.net_fen
from booked
full outer join positions
    on
        booked.period = positions.period
        and booked.party_id = positions.party_id
left join operators
    on
        coalesce(booked.period, positions.period) = operators.period
        and coalesce(booked.party_id, positions.party_id) = operators.party_id
where
    coalesce(booked.owed_fen, 0) != coalesce(positions.net_fen, 0)
    and operators.party_id is null
