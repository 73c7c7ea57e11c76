-- Bad rows: vouchers and programmes that redeem more than cap and budget, lines that are paid by two vouchers or beyond
-- their gross amount, and what is left that is not what was not redeemed.
with redemptions as (
    select * from {{ ref('voucher_redemptions') }}
)

select
    'cap' as bound,
    redemptions.voucher_id as id,
    sum(redemptions.redeemed_fen) as redeemed_fen
from redemptions
left join {{ ref('int_current_vouchers') }} as vouchers
    on redemptions.voucher_id = vouchers.voucher_id
group by redemptions.voucher_id
having
    count(vouchers.cap) = 0
    or sum(redemptions.redeemed_fen) > max(vouchers.cap) * 100
    or sum(redemptions.redeemed_fen) + min(redemptions.cap_left_fen) != max(vouchers.cap) * 100
union all
select
    'budget' as bound,
    redemptions.programme_id as id,
    sum(redemptions.redeemed_fen) as redeemed_fen
from redemptions
left join {{ ref('int_current_voucher_programmes') }} as programmes
    on redemptions.programme_id = programmes.programme_id
group by redemptions.programme_id
having
    count(programmes.budget) = 0
    or sum(redemptions.redeemed_fen) > max(programmes.budget) * 100
    or sum(redemptions.redeemed_fen) + min(redemptions.budget_left_fen) != max(programmes.budget) * 100
union all
select
    'line' as bound,
    redemptions.line_id as id,
    sum(redemptions.redeemed_fen) as redeemed_fen
from redemptions
left join {{ ref('int_sale_lines') }} as sales
    on redemptions.line_id = sales.line_id
group by redemptions.line_id
having
    count(*) != count(sales.line_id)
    or count(*) > 1
    or min(redemptions.redeemed_fen) < 0
    or max(redemptions.redeemed_fen) > max(sales.gross_fen)
    or bool_or(
        {{ exact_product('redemptions.redeemed_fen', '1000000') }}
        > {{ exact_product('sales.gross_fen', 'redemptions.share_ppm') }} + 500000
    )
