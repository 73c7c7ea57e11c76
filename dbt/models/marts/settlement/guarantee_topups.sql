-- What the network operator owes parties whose parts came to less than was guaranteed: open periods as known now, closed
-- ones as they were frozen.
{{ config(materialized='view') }}
select
    topups.topup_id,
    topups.period,
    topups.party_id,
    topups.network_operator as counterparty_id,
    topups.role,
    topups.share_rule,
    topups.share_valid_from,
    topups.guaranteed_fen,
    topups.earned_fen,
    topups.topup_fen
from {{ ref('int_guarantee_topups') }} as topups
where not {{ is_closed('topups.period') }}
union all
select {{ columns_sql(settlement_columns()['guarantee_topups'], 'frozen.') }}
from {{ source('ledger', 'closed_guarantee_topups') }} as frozen
