-- Bad rows: periods and parties whose flows do not sum to their parts of statement lines.
with flows as (
    select
        period,
        party_id,
        role,
        sum(amount_fen) as amount_fen
    from {{ ref('settlement_flows') }}
    group by period, party_id, role
),

splits as (
    select
        period,
        party_id,
        role,
        sum(amount_fen) as amount_fen
    from {{ ref('line_splits') }}
    group by period, party_id, role
)

select
    coalesce(flows.period, splits.period) as period,
    coalesce(flows.party_id, splits.party_id) as party_id,
    flows.amount_fen as flows_fen,
    splits.amount_fen as splits_fen
from flows
full outer join splits
    on
        flows.period = splits.period
        and flows.party_id = splits.party_id
        and flows.role = splits.role
where
    flows.period is null
    or splits.period is null
    or flows.amount_fen != splits.amount_fen
