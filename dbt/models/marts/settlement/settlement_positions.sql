-- What each party is owed by and owes to each other party in a period. Tenants owe the network operator the gross
-- amount of their lines, the network operator owes the others their splits and what is missing to guarantees; every debt
-- stands once on either side, so all positions of a period net to zero.
{{ config(materialized='view') }}
with debts as (
    select
        lines.period,
        lines.party_id as debtor_id,
        lines.counterparty_id as creditor_id,
        lines.gross_fen as amount_fen
    from {{ ref('statement_lines') }} as lines
    union all
    select
        splits.period,
        lines.counterparty_id as debtor_id,
        splits.party_id as creditor_id,
        splits.amount_fen
    from {{ ref('line_splits') }} as splits
    inner join {{ ref('statement_lines') }} as lines
        on splits.line_id = lines.line_id
    union all
    select
        topups.period,
        topups.counterparty_id as debtor_id,
        topups.party_id as creditor_id,
        topups.topup_fen as amount_fen
    from {{ ref('guarantee_topups') }} as topups
),

sides as (
    select
        period,
        creditor_id as party_id,
        debtor_id as counterparty_id,
        amount_fen as receivable_fen,
        0 as payable_fen
    from debts
    where creditor_id != debtor_id
    union all
    select
        period,
        debtor_id as party_id,
        creditor_id as counterparty_id,
        0 as receivable_fen,
        amount_fen as payable_fen
    from debts
    where creditor_id != debtor_id
)

select
    sides.party_id,
    sides.counterparty_id,
    sides.period,
    cast(sum(sides.receivable_fen) as bigint) as receivable_fen,
    cast(sum(sides.payable_fen) as bigint) as payable_fen,
    cast(sum(sides.receivable_fen - sides.payable_fen) as bigint) as net_fen
from sides
group by sides.party_id, sides.counterparty_id, sides.period
