-- Bad rows: statement lines that their charges, the rounding charge among them, do not sum to exactly; charges of no
-- line; lines whose net amount and tax are not their gross amount.
with sums as (
    select
        billing_period,
        line_id,
        sum(billed_cost_micro_yuan) as billed
    from {{ ref('charges') }}
    group by billing_period, line_id
)

select
    sums.line_id as charged_line_id,
    lines.line_id,
    sums.billed,
    lines.gross_fen
from sums
full outer join {{ ref('statement_lines') }} as lines
    on
        sums.line_id = lines.line_id
        and sums.billing_period = lines.period
where
    sums.line_id is null
    or lines.line_id is null
    or sums.billed != {{ exact_product('lines.gross_fen', '10000') }}
    or lines.net_fen + lines.tax_fen != lines.gross_fen
