-- Balanced entries for statement lines, guarantee top-ups and payments: open periods as known now, closed ones as they
-- were frozen.
{{ config(materialized='view') }}
select
    entries.entry_id,
    entries.line_no,
    entries.period,
    entries.account,
    entries.account_name_en,
    entries.account_name_zh,
    entries.debit_fen,
    entries.credit_fen,
    entries.party_id,
    entries.source,
    entries.reference
from {{ ref('int_journal_entries') }} as entries
where not {{ is_closed('entries.period') }}
union all
select {{ columns_sql(settlement_columns()['journal_entries'], 'frozen.') }}
from {{ source('ledger', 'closed_journal_entries') }} as frozen
