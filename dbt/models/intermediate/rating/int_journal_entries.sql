-- One balanced entry per statement line; voucher lines, which balance each other, have one per period and what they
-- pay: receivable from the issuers what is receivable from tenants no more. A negative amount stands on the other side;
-- an amount of zero is not booked.
with postings as (
    select
        line_id as entry_id,
        period,
        1 as posting,
        '1122' as account,
        tenant_id as party_id,
        gross_fen as debit,
        'statement_line' as source
    from {{ ref('int_statement_lines') }}
    where line_kind != 'voucher'
    union all
    select
        line_id as entry_id,
        period,
        case role when 'tax' then 2 when 'provider' then 3 when 'operator' then 4 else 5 end as posting,
        case role when 'tax' then '2221' when 'network_operator' then '6001' else '2202' end as account,
        party_id,
        -amount_fen as debit,
        'statement_line' as source
    from {{ ref('int_line_splits') }}
    union all
    select
        {{ voucher_entry_id('charge_month') }} as entry_id,
        period,
        1 as posting,
        '1122' as account,
        tenant_id as party_id,
        cast(sum(gross_fen) as bigint) as debit,
        'voucher' as source
    from {{ ref('int_statement_lines') }}
    where line_kind = 'voucher'
    group by {{ voucher_entry_id('charge_month') }}, period, tenant_id
)

select
    postings.entry_id,
    row_number() over (partition by postings.entry_id order by postings.posting, postings.party_id) as line_no,
    postings.period,
    postings.account,
    accounts.name_en as account_name_en,
    accounts.name_zh as account_name_zh,
    greatest(postings.debit, 0) as debit_fen,
    greatest(-postings.debit, 0) as credit_fen,
    postings.party_id,
    postings.source
from postings
left join {{ ref('chart_of_accounts') }} as accounts
    on postings.account = cast(accounts.account as string)
where postings.debit != 0
