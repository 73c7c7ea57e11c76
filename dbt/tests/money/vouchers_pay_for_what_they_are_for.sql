-- Bad rows: redemptions of lines that are no sale of compute, by vouchers that are not issued, of another tenant, outside
-- their dates, or for other sites, classes or segments; the lists are taken apart, not searched.
{%- set lists = [
    ('compute_classes', 'compute_class'), ('site_ids', 'site_id'), ('segments', 'segment'),
] %}
with named as (
    {%- for list, _ in lists %}
    select
        voucher_id,
        '{{ list }}' as list,
        {{ explode_parts(list) }} as value
    from {{ ref('int_current_vouchers') }}
    where {{ list }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

redeemed as (
    select
        redemptions.voucher_id,
        redemptions.line_id,
        sales.line_kind,
        sales.tenant_id,
        sales.site_id,
        skus.compute_class,
        skus.resource_kind,
        tenants.segment,
        cast(sales.charge_month || '-01' as date) as first_day
    from {{ ref('voucher_redemptions') }} as redemptions
    inner join {{ ref('int_sale_lines') }} as sales
        on redemptions.line_id = sales.line_id
    left join {{ ref('int_current_skus') }} as skus
        on
            sales.sku_id = skus.sku_id
            and skus.valid_from <= last_day(cast(sales.charge_month || '-01' as date))
    left join {{ ref('int_current_tenants') }} as tenants
        on
            sales.tenant_id = tenants.tenant_id
            and tenants.valid_from <= last_day(cast(sales.charge_month || '-01' as date))
    qualify row_number() over (
        partition by redemptions.line_id order by skus.valid_from desc, tenants.valid_from desc
    ) = 1
),

unnamed as (
    {%- for list, value in lists %}
    select redeemed.line_id
    from redeemed
    inner join {{ ref('int_current_vouchers') }} as vouchers
        on redeemed.voucher_id = vouchers.voucher_id
    left join named
        on
            redeemed.voucher_id = named.voucher_id
            and named.list = '{{ list }}'
            and redeemed.{{ value }} = named.value
    where
        vouchers.{{ list }} is not null
        and named.voucher_id is null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    redeemed.voucher_id,
    redeemed.line_id
from redeemed
left join {{ ref('int_current_vouchers') }} as vouchers
    on redeemed.voucher_id = vouchers.voucher_id
left join unnamed
    on redeemed.line_id = unnamed.line_id
where
    vouchers.voucher_id is null
    or vouchers.state != 'issued'
    or vouchers.tenant_id != redeemed.tenant_id
    or redeemed.line_kind != 'sale'
    or redeemed.resource_kind is null
    or redeemed.resource_kind in ('storage', 'traffic', 'bandwidth', 'cloud', 'cloud_cost', 'resale', 'subscription')
    or vouchers.valid_from > last_day(redeemed.first_day)
    or vouchers.valid_to <= redeemed.first_day
    or unnamed.line_id is not null
