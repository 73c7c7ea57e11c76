-- What was resold of each cloud at prices of our own, without tax, what the network operator owes the provider for it, as
-- billed, and what is left: shared among parties as the share rule of what was sold says. Corrections count in the period
-- that books them. A draft until the period is closed.
{{ config(materialized='view') }}
with sums as (
    select
        period,
        site_id,
        cast(sum(case when party_id != counterparty_id then net_fen else 0 end) as bigint) as sold_fen,
        cast(sum(case when party_id = counterparty_id then gross_fen else 0 end) as bigint) as owed_fen
    from {{ ref('statement_lines') }}
    where
        unit = 'nano-unit'
        or party_id = counterparty_id
    group by period, site_id
)

select
    sums.period,
    sums.site_id,
    sums.sold_fen,
    sums.owed_fen,
    sums.sold_fen - sums.owed_fen as margin_fen,
    case when {{ is_closed('sums.period') }} then 'closed' else 'draft' end as state
from sums
