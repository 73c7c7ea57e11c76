-- Bad rows: redemptions that are not two lines, off the tenant's statement and onto the issuer's, of one Credit charge
-- each; voucher lines of no redemption. As known now: those of closed periods are as they were closed.
with sides as (
    select
        tenant_line_id as line_id,
        tenant_id as party_id,
        -redeemed_fen as amount_fen
    from {{ ref('voucher_redemptions') }}
    where redeemed_fen != 0
    union all
    select
        issuer_line_id as line_id,
        issuer_party_id as party_id,
        redeemed_fen as amount_fen
    from {{ ref('voucher_redemptions') }}
    where redeemed_fen != 0
)

select
    coalesce(sides.line_id, lines.line_id, charges.line_id) as line_id,
    sides.amount_fen,
    lines.gross_fen,
    charges.billed_micro_yuan
from sides
full outer join {{ ref('int_voucher_lines') }} as lines
    on sides.line_id = lines.line_id
full outer join {{ ref('int_charges_vouchers') }} as charges
    on lines.line_id = charges.line_id
where
    sides.amount_fen is distinct from lines.gross_fen
    or sides.party_id is distinct from lines.tenant_id
    or sides.amount_fen * 10000 is distinct from charges.billed_micro_yuan
    or charges.tenant_id is distinct from lines.tenant_id
    or charges.charge_category is distinct from 'Credit'
    or lines.tax_fen is distinct from 0
