-- Bad rows: entries whose debits and credits differ, that book one amount on both sides or nothing, or that do not book
-- the gross amount of their line. Balanced entries balance the period.
with entries as (
    select
        entry_id,
        period,
        sum(debit_fen) as debit_fen,
        sum(credit_fen) as credit_fen,
        sum(case when account = '1122' then debit_fen - credit_fen else 0 end) as receivable_fen,
        min(least(debit_fen, credit_fen)) as lowest,
        max(least(debit_fen, credit_fen)) as both_sides,
        min(greatest(debit_fen, credit_fen)) as smallest
    from {{ ref('journal_entries') }}
    group by entry_id, period
)

select
    entries.*,
    lines.line_id,
    lines.gross_fen
from entries
full outer join {{ ref('statement_lines') }} as lines
    on entries.entry_id = lines.line_id
where
    lines.line_id is null
    or entries.debit_fen != entries.credit_fen
    or coalesce(entries.receivable_fen, 0) != lines.gross_fen
    or entries.lowest != 0
    or entries.both_sides != 0
    or entries.smallest = 0
