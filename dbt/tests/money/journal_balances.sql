-- Bad rows: entries whose debits and credits differ or that book one amount on both sides or nothing; entries of lines that
-- do not book what a party owes by them, or the network operator by what it resells: one line, or what vouchers pay of
-- one thing. Balanced entries balance the period.
with entries as (
    select
        entry_id,
        sum(debit_fen) - sum(credit_fen) as unbalanced_fen,
        min(least(debit_fen, credit_fen)) as lowest,
        max(least(debit_fen, credit_fen)) as both_sides,
        min(greatest(debit_fen, credit_fen)) as smallest
    from {{ ref('journal_entries') }}
    group by entry_id
),

booked as (
    select
        entry_id,
        period,
        party_id,
        sum(debit_fen - credit_fen) as receivable_fen
    from {{ ref('journal_entries') }}
    where
        account in ('1122', '6401')
        and source in ('statement_line', 'voucher')
    group by entry_id, period, party_id
),

keyed as (
    select
        case when line_kind = 'voucher' then {{ voucher_entry_id('charge_period') }} else line_id end as entry_id,
        period,
        party_id,
        gross_fen
    from {{ ref('statement_lines') }}
),

owed as (
    select
        entry_id,
        period,
        party_id,
        sum(gross_fen) as gross_fen
    from keyed
    group by entry_id, period, party_id
)

select
    coalesce(entries.entry_id, booked.entry_id, owed.entry_id) as entry_id,
    entries.unbalanced_fen,
    booked.party_id,
    booked.receivable_fen,
    owed.gross_fen
from entries
full outer join booked
    on entries.entry_id = booked.entry_id
full outer join owed
    on
        booked.entry_id = owed.entry_id
        and booked.period = owed.period
        and booked.party_id = owed.party_id
where
    entries.unbalanced_fen != 0
    or coalesce(booked.receivable_fen, 0) != coalesce(owed.gross_fen, 0)
    or entries.lowest != 0
    or entries.both_sides != 0
    or entries.smallest = 0
