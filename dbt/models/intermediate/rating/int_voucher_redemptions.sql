-- What each voucher pays of each line that it is for, in fen: its share, as far as its cap lasts, and of that as far as
-- the programme's budget lasts, in the order of period, voucher and line. Both bounds are differences of bounded running
-- sums: once a bound is reached nothing passes it, so that what a later line takes never changes an earlier one.
-- Made whole in every run: what is known of one month bears on what is left for the months after it.
with claimed as (
    select
        claims.*,
        sum(claims.claim_fen) over (
            partition by claims.voucher_id order by claims.period, claims.line_id
            rows between unbounded preceding and current row
        ) as claimed_fen
    from {{ ref('int_voucher_claims') }} as claims
),

capped as (
    select
        claimed.*,
        least(claimed.cap_fen, claimed.claimed_fen)
        - least(claimed.cap_fen, claimed.claimed_fen - claimed.claim_fen) as within_cap_fen
    from claimed
),

summed as (
    select
        capped.*,
        sum(capped.within_cap_fen) over (
            partition by capped.programme_id order by capped.period, capped.voucher_id, capped.line_id
            rows between unbounded preceding and current row
        ) as programme_fen
    from capped
),

redeemed as (
    select
        summed.*,
        least(summed.budget_fen, summed.programme_fen)
        - least(summed.budget_fen, summed.programme_fen - summed.within_cap_fen) as redeemed_fen
    from summed
)

select
    redeemed.voucher_id,
    redeemed.line_id,
    redeemed.period,
    redeemed.programme_id,
    redeemed.issuer_party_id,
    redeemed.tenant_id,
    redeemed.site_id,
    redeemed.sku_id,
    redeemed.gross_fen,
    redeemed.share_ppm,
    cast(redeemed.redeemed_fen as bigint) as redeemed_fen,
    cast(redeemed.cap_fen - sum(redeemed.redeemed_fen) over (
        partition by redeemed.voucher_id order by redeemed.period, redeemed.line_id
        rows between unbounded preceding and current row
    ) as bigint) as cap_left_fen,
    cast(redeemed.budget_fen - least(redeemed.budget_fen, redeemed.programme_fen) as bigint) as budget_left_fen,
    case
        when redeemed.redeemed_fen < redeemed.within_cap_fen then 'budget'
        when redeemed.within_cap_fen < redeemed.claim_fen then 'cap'
        else 'none'
    end as limited_by,
    case when redeemed.redeemed_fen > 0 then {{ voucher_line_id('tenant', 'redeemed') }} end as tenant_line_id,
    case when redeemed.redeemed_fen > 0 then {{ voucher_line_id('issuer', 'redeemed') }} end as issuer_line_id,
    redeemed.revision,
    redeemed.record_hash
from redeemed
