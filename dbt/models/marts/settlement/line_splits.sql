-- Who gets what of each statement line: open periods as known now, closed ones as they were frozen.
{{ config(materialized='view') }}
select
    splits.line_id,
    splits.period,
    splits.role,
    splits.party_id,
    splits.amount_fen
from {{ ref('int_line_splits') }} as splits
where not {{ is_closed('splits.period') }}
union all
select {{ columns_sql(settlement_columns()['line_splits'], 'frozen.') }}
from {{ source('ledger', 'closed_line_splits') }} as frozen
