-- What a party owes another and what it is owed by it for a period, each on a statement of its own: tenants owe the
-- network operator their lines; the network operator owes the others their parts of the lines (the tax authority's are
-- tax) and what is missing to guarantees. Every debt stands on a statement of either side. A draft until the period is
-- closed. `lines` counts lines, parts and top-ups.
{{ config(materialized='view') }}
with debts as (
    select
        lines.period,
        lines.party_id as debtor_id,
        lines.counterparty_id as creditor_id,
        lines.net_fen,
        lines.tax_fen,
        lines.gross_fen
    from {{ ref('statement_lines') }} as lines
    union all
    select
        splits.period,
        lines.counterparty_id as debtor_id,
        splits.party_id as creditor_id,
        case when splits.role = 'tax' then 0 else splits.amount_fen end as net_fen,
        case when splits.role = 'tax' then splits.amount_fen else 0 end as tax_fen,
        splits.amount_fen as gross_fen
    from {{ ref('line_splits') }} as splits
    inner join {{ ref('statement_lines') }} as lines
        on splits.line_id = lines.line_id
    union all
    select
        period,
        counterparty_id as debtor_id,
        party_id as creditor_id,
        topup_fen as net_fen,
        0 as tax_fen,
        topup_fen as gross_fen
    from {{ ref('guarantee_topups') }}
),

sides as (
    select
        period,
        debtor_id as party_id,
        creditor_id as counterparty_id,
        'payable' as direction,
        net_fen,
        tax_fen,
        gross_fen
    from debts
    where debtor_id != creditor_id
    union all
    select
        period,
        creditor_id as party_id,
        debtor_id as counterparty_id,
        'receivable' as direction,
        net_fen,
        tax_fen,
        gross_fen
    from debts
    where debtor_id != creditor_id
)

select
    sides.period,
    sides.party_id,
    sides.counterparty_id,
    sides.direction,
    count(*) as lines,
    cast(sum(sides.net_fen) as bigint) as net_fen,
    cast(sum(sides.tax_fen) as bigint) as tax_fen,
    cast(sum(sides.gross_fen) as bigint) as gross_fen,
    case when {{ is_closed('sides.period') }} then 'closed' else 'draft' end as state
from sides
group by sides.period, sides.party_id, sides.counterparty_id, sides.direction
