-- What a tenant owes the network operator for a period: the sum of its lines; a draft until the period is closed.
{{ config(materialized='view') }}
select
    lines.period,
    lines.party_id,
    lines.counterparty_id,
    count(*) as lines,
    cast(sum(lines.net_fen) as bigint) as net_fen,
    cast(sum(lines.tax_fen) as bigint) as tax_fen,
    cast(sum(lines.gross_fen) as bigint) as gross_fen,
    case when {{ is_closed('lines.period') }} then 'closed' else 'draft' end as state
from {{ ref('statement_lines') }} as lines
group by lines.period, lines.party_id, lines.counterparty_id
