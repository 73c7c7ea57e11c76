-- Billable usage of the months that this build rates, with all that its price depends on: tariff version, price model,
-- multipliers, the one discount that applies (the most particular, then the greatest), tax and shares. `day_from` and
-- `day_to` say which part of the tenant's use of the SKU on the day a row is, in the order of windows.
with discounts as (
    select
        days.day,
        days.tenant_id,
        skus.sku_id,
        days.contract_id,
        days.contract_from,
        days.discount_ppm,
        row_number() over (
            partition by days.day, days.tenant_id, skus.sku_id
            order by
                case when days.sku_id is not null then 0 when days.site_id is not null then 1 else 2 end asc,
                days.discount_ppm desc,
                days.contract_id asc
        ) as place
    from {{ ref('int_contract_days') }} as days
    inner join {{ ref('int_sku_days') }} as skus
        on
            days.day = skus.day
            and (days.sku_id = skus.sku_id or days.sku_id is null)
            and (days.site_id = skus.site_id or days.site_id is null)
    where days.kind = 'discount'
)

select
    billable.day,
    billable.tenant_id,
    billable.site_id,
    billable.sku_id,
    billable.price_window,
    billable.qos,
    billable.quantity,
    coalesce(sum(billable.quantity) over (
        partition by billable.day, billable.tenant_id, billable.sku_id
        order by billable.price_window, coalesce(billable.qos, '')
        rows between unbounded preceding and 1 preceding
    ), 0) as day_from,
    sum(billable.quantity) over (
        partition by billable.day, billable.tenant_id, billable.sku_id
        order by billable.price_window, coalesce(billable.qos, '')
        rows between unbounded preceding and current row
    ) as day_to,
    skus.resource_kind,
    skus.unit,
    {{ quantity_per_unit('skus.unit', days_in_month('billable.day')) }} as quantity_per_unit,
    skus.tariff_id,
    skus.tariff_version,
    skus.price_model,
    skus.tax_included,
    skus.tax_rate_ppm,
    skus.share_rule,
    skus.share_valid_from,
    coalesce({{ micro('of_qos.factor') }}, 1000000) as qos_ppm,
    coalesce({{ micro('of_member.factor') }}, 1000000) as member_ppm,
    tenants.member_class,
    1000000 - coalesce(discounts.discount_ppm, 0) as discounted_ppm,
    discounts.contract_id as discount_id,
    discounts.contract_from as discount_from
from {{ ref('int_billable_usage') }} as billable
inner join {{ ref('int_sku_days') }} as skus
    on
        billable.day = skus.day
        and billable.sku_id = skus.sku_id
left join {{ ref('int_tenant_days') }} as tenants
    on
        billable.day = tenants.day
        and billable.tenant_id = tenants.tenant_id
{%- for name, kind, value in [('of_qos', 'qos', 'billable.qos'), ('of_member', 'member_class', 'tenants.member_class')] %}
left join {{ ref('int_current_tariff_multipliers') }} as {{ name }}
    on
        skus.tariff_id = {{ name }}.tariff_id
        and skus.tariff_version = {{ name }}.version
        and {{ name }}.kind = '{{ kind }}'
        and {{ value }} = {{ name }}.{{ adapter.quote('value') }}
{%- endfor %}
left join discounts
    on
        billable.day = discounts.day
        and billable.tenant_id = discounts.tenant_id
        and billable.sku_id = discounts.sku_id
        and discounts.place = 1
