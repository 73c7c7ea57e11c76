-- What the network operator owes a party because the sum of its parts of a period's lines under a share rule, whatever
-- kind the lines are of, is less than was guaranteed. A party without any part earned nothing.
with earned as (
    select
        splits.period,
        lines.share_rule,
        splits.role,
        splits.party_id,
        cast(sum(splits.amount_fen) as bigint) as earned_fen
    from {{ ref('int_line_splits') }} as splits
    inner join {{ ref('int_statement_lines') }} as lines
        on splits.line_id = lines.line_id
    where splits.role in ('provider', 'operator')
    group by splits.period, lines.share_rule, splits.role, splits.party_id
),

compared as (
    select
        guarantees.period,
        guarantees.party_id,
        parties.network_operator,
        guarantees.role,
        guarantees.share_rule,
        guarantees.share_valid_from,
        guarantees.guaranteed_fen,
        coalesce(earned.earned_fen, 0) as earned_fen
    from {{ ref('int_guarantees') }} as guarantees
    left join {{ ref('int_network_parties') }} as parties
        on guarantees.period = parties.period
    left join earned
        on
            guarantees.period = earned.period
            and guarantees.share_rule = earned.share_rule
            and guarantees.role = earned.role
            and guarantees.party_id = earned.party_id
)

select
    {{ sha_id(["'guarantee_topup'", 'period', 'share_rule', 'role', 'party_id']) }} as topup_id,
    period,
    party_id,
    network_operator,
    role,
    share_rule,
    share_valid_from,
    guaranteed_fen,
    earned_fen,
    guaranteed_fen - earned_fen as topup_fen
from compared
where
    guaranteed_fen > earned_fen
    and party_id != network_operator
