-- Bad rows: statement lines whose gross amount or tax is not the half-up of their Usage and Tax charges.
with sums as (
    select
        line_id,
        sum(billed_cost_micro_yuan) as total,
        sum(case when charge_category = 'Tax' then billed_cost_micro_yuan else 0 end) as tax
    from {{ ref('charges') }}
    where charge_category != 'Adjustment'
    group by line_id
)

select
    lines.line_id,
    lines.gross_fen,
    lines.tax_fen,
    sums.total,
    sums.tax
from {{ ref('statement_lines') }} as lines
left join sums
    on lines.line_id = sums.line_id
where
    sums.line_id is null
    or not {{ is_half_up('lines.gross_fen', 'sums.total', '10000') }}
    or not {{ is_half_up('lines.tax_fen', 'sums.tax', '10000') }}
