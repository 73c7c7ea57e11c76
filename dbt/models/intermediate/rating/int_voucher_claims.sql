-- Which sale line is paid by which voucher, and what share of it the voucher would pay had it no bounds. A voucher pays
-- for compute of its tenant at its sites, classes and segments in the months that it is valid on any day of, if it is
-- issued, as known now; tenant, SKU and issuer are as registered on the month's last day. Issuer and tenant of one group
-- redeem nothing, and a line that nothing is owed for is not paid. A line is paid by one voucher: that which is valid
-- first, then by its identifier, whether anything is left of it or not.
{{ config(materialized='view') }}
with sales as (
    select
        lines.line_id,
        lines.period,
        lines.tenant_id,
        lines.site_id,
        lines.sku_id,
        lines.gross_fen,
        cast(lines.charge_month || '-01' as date) as first_day,
        last_day(cast(lines.charge_month || '-01' as date)) as last_day
    from {{ ref('int_sale_lines') }} as lines
    where
        lines.line_kind = 'sale'
        and lines.gross_fen > 0
),

skus as (
    {{ dated(ref('int_current_skus'), ['sku_id']) }}
),

tenants as (
    {{ dated(ref('int_current_tenants'), ['tenant_id']) }}
),

parties as (
    {{ dated(ref('int_current_parties'), ['party_id']) }}
),

eligible as (
    select
        sales.line_id,
        sales.period,
        sales.tenant_id,
        sales.site_id,
        sales.sku_id,
        sales.gross_fen,
        vouchers.voucher_id,
        vouchers.revision,
        vouchers.record_hash,
        vouchers.programme_id,
        programmes.issuer_party_id,
        {{ micro('vouchers.share') }} as share_ppm,
        {{ fen('vouchers.cap') }} as cap_fen,
        {{ fen('programmes.budget') }} as budget_fen,
        row_number() over (
            partition by sales.line_id order by vouchers.valid_from, vouchers.voucher_id
        ) as place
    from sales
    inner join {{ ref('int_current_vouchers') }} as vouchers
        on
            sales.tenant_id = vouchers.tenant_id
            and sales.last_day >= vouchers.valid_from
            and (sales.first_day < vouchers.valid_to or vouchers.valid_to is null)
    inner join {{ ref('int_current_voucher_programmes') }} as programmes
        on vouchers.programme_id = programmes.programme_id
    inner join skus
        on
            sales.sku_id = skus.sku_id
            and {{ in_force('sales.last_day', 'skus') }}
    inner join tenants
        on
            sales.tenant_id = tenants.tenant_id
            and {{ in_force('sales.last_day', 'tenants') }}
    left join parties as issuers
        on
            programmes.issuer_party_id = issuers.party_id
            and {{ in_force('sales.last_day', 'issuers') }}
    where
        vouchers.state = 'issued'
        and {{ is_compute('skus.resource_kind') }}
        and {{ names_value('vouchers.compute_classes', 'skus.compute_class') }}
        and {{ names_value('vouchers.site_ids', 'sales.site_id') }}
        and {{ names_value('vouchers.segments', 'tenants.segment') }}
        and sales.tenant_id != programmes.issuer_party_id
        and coalesce(tenants.group_party_id != programmes.issuer_party_id, true)
        and coalesce(tenants.group_party_id != issuers.group_party_id, true)
)

select
    eligible.*,
    {{ half_up_div(exact_product('eligible.gross_fen', 'eligible.share_ppm'), 1000000) }} as claim_fen
from eligible
where eligible.place = 1
