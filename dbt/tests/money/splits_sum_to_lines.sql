-- Bad rows: statement lines that are not divided into four parts summing to the line, the tax to the tax authority;
-- parts of no line, or of what a voucher pays, which is not divided.
with sums as (
    select
        line_id,
        count(*) as parts,
        count(distinct role) as roles,
        sum(amount_fen) as amount_fen,
        sum(case when role = 'tax' then amount_fen end) as tax_fen
    from {{ ref('line_splits') }}
    group by line_id
),

divided as (
    select *
    from {{ ref('statement_lines') }}
    where line_kind != 'voucher'
)

select
    sums.line_id as split_line_id,
    lines.line_id,
    sums.parts,
    sums.amount_fen,
    lines.gross_fen
from sums
full outer join divided as lines
    on sums.line_id = lines.line_id
where
    sums.line_id is null
    or lines.line_id is null
    or sums.parts != 4
    or sums.roles != 4
    or sums.amount_fen != lines.gross_fen
    or sums.tax_fen != lines.tax_fen
