-- Balanced entries of the network operator's books: one per statement line, guarantee top-up and payment; voucher lines,
-- which balance each other, have one per period and what they pay: receivable from the issuers what is receivable from
-- tenants no more. What the network operator buys to resell is its cost. A negative amount stands on the other side; an
-- amount of zero is not booked. What the network operator keeps is its revenue, in whatever role.
with postings as (
    select
        line_id as entry_id,
        period,
        1 as posting,
        case when tenant_id = network_operator then '6401' else '1122' end as account,
        tenant_id as party_id,
        gross_fen as debit,
        'statement_line' as source,
        line_id as reference
    from {{ ref('int_statement_lines') }}
    where line_kind != 'voucher'
    union all
    select
        {{ voucher_entry_id('charge_month') }} as entry_id,
        period,
        1 as posting,
        '1122' as account,
        tenant_id as party_id,
        cast(sum(gross_fen) as bigint) as debit,
        'voucher' as source,
        {{ voucher_entry_id('charge_month') }} as reference
    from {{ ref('int_statement_lines') }}
    where line_kind = 'voucher'
    group by {{ voucher_entry_id('charge_month') }}, period, tenant_id
    union all
    select
        splits.line_id as entry_id,
        splits.period,
        case splits.role when 'tax' then 2 when 'provider' then 3 when 'operator' then 4 else 5 end as posting,
        case
            when splits.role = 'tax' then '2221'
            when splits.role = 'network_operator' or splits.party_id = lines.network_operator then '6001'
            else '2202'
        end as account,
        splits.party_id,
        -splits.amount_fen as debit,
        'statement_line' as source,
        splits.line_id as reference
    from {{ ref('int_line_splits') }} as splits
    inner join {{ ref('int_statement_lines') }} as lines
        on splits.line_id = lines.line_id
    union all
    select
        topup_id as entry_id,
        period,
        1 as posting,
        '6401' as account,
        network_operator as party_id,
        topup_fen as debit,
        'guarantee_topup' as source,
        topup_id as reference
    from {{ ref('int_guarantee_topups') }}
    union all
    select
        topup_id as entry_id,
        period,
        2 as posting,
        '2202' as account,
        party_id,
        -topup_fen as debit,
        'guarantee_topup' as source,
        topup_id as reference
    from {{ ref('int_guarantee_topups') }}
    union all
    select
        {{ sha_id(["'payment'", 'payment_id', 'period']) }} as entry_id,
        period,
        case when debit > 0 then 1 else 2 end as posting,
        account,
        party_id,
        debit,
        'payment' as source,
        payment_id as reference
    from {{ ref('int_payment_postings') }}
)

select
    postings.entry_id,
    row_number() over (
        partition by postings.entry_id order by postings.posting, postings.account, postings.party_id
    ) as line_no,
    postings.period,
    postings.account,
    accounts.name_en as account_name_en,
    accounts.name_zh as account_name_zh,
    greatest(postings.debit, 0) as debit_fen,
    greatest(-postings.debit, 0) as credit_fen,
    postings.party_id,
    postings.source,
    postings.reference
from postings
left join {{ ref('chart_of_accounts') }} as accounts
    on postings.account = cast(accounts.account as string)
where postings.debit != 0
