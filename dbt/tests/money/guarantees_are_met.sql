-- Bad rows: guarantees of open periods that parts and top-ups together do not meet exactly or by parts alone, and top-ups
-- of months that usage has not reached the end of.
with parts as (
    select
        splits.period,
        lines.share_rule,
        splits.role,
        splits.party_id,
        splits.amount_fen as part_fen,
        0 as topup_fen
    from {{ ref('line_splits') }} as splits
    inner join {{ ref('statement_lines') }} as lines
        on splits.line_id = lines.line_id
    union all
    select
        period,
        share_rule,
        role,
        party_id,
        0 as part_fen,
        topup_fen
    from {{ ref('guarantee_topups') }}
),

sums as (
    select
        period,
        share_rule,
        role,
        party_id,
        sum(part_fen) as part_fen,
        sum(topup_fen) as topup_fen
    from parts
    group by period, share_rule, role, party_id
)

select
    guarantees.period,
    guarantees.share_rule,
    guarantees.role,
    guarantees.party_id,
    guarantees.guaranteed_fen,
    sums.part_fen,
    sums.topup_fen
from {{ ref('int_guarantees') }} as guarantees
left join sums
    on
        guarantees.period = sums.period
        and guarantees.share_rule = sums.share_rule
        and guarantees.role = sums.role
        and guarantees.party_id = sums.party_id
left join {{ ref('int_network_parties') }} as parties
    on guarantees.period = parties.period
where
    not {{ is_closed('guarantees.period') }}
    and guarantees.party_id != parties.network_operator
    and coalesce(sums.part_fen + sums.topup_fen, 0) != greatest(guarantees.guaranteed_fen, coalesce(sums.part_fen, 0))
union all
select
    topups.period,
    topups.share_rule,
    topups.role,
    topups.party_id,
    topups.guaranteed_fen,
    topups.earned_fen as part_fen,
    topups.topup_fen
from {{ ref('guarantee_topups') }} as topups
cross join {{ ref('int_usage_extent') }} as extent
where
    not {{ is_closed('topups.period') }}
    and coalesce(extent.last_day < {{ last_day_of('topups.period') }}, true)
