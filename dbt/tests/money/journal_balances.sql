-- Bad rows: entries whose debits and credits differ or that book one amount on both sides or nothing; statement lines
-- whose gross amount their entry does not book, and entries of no line. Balanced entries balance the period.
with entries as (
    select
        entry_id,
        period,
        source,
        sum(debit_fen) as debit_fen,
        sum(credit_fen) as credit_fen,
        sum(case when account = '1122' then debit_fen - credit_fen else 0 end) as receivable_fen,
        min(least(debit_fen, credit_fen)) as lowest,
        max(least(debit_fen, credit_fen)) as both_sides,
        min(greatest(debit_fen, credit_fen)) as smallest
    from {{ ref('journal_entries') }}
    group by entry_id, period, source
)

select
    entries.*,
    lines.line_id,
    lines.gross_fen
from entries
full outer join {{ ref('statement_lines') }} as lines
    on entries.entry_id = lines.line_id
where
    (lines.line_id is null and entries.source = 'statement_line')
    or entries.debit_fen != entries.credit_fen
    or (lines.line_id is not null and coalesce(entries.receivable_fen, 0) != lines.gross_fen)
    or entries.lowest != 0
    or entries.both_sides != 0
    or entries.smallest = 0
