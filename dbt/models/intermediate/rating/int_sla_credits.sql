-- How contracts on service levels judge a site's service in a month whose last day usage has reached, and the credit that
-- follows, half up to the micro-yuan for each of the tenant's SKUs and their terms: a share of the contracted cost of
-- what it used there, in the tax terms of the price. Terms are those in force on the month's first day; each contract is
-- judged by itself. What was not measured is unknown, and credits nothing.
{{ day_fact(changed='int_rating_days') }}
{%- set terms_of_cost = [
    'tenant_id', 'site_id', 'sku_id', 'tariff_id', 'tariff_version', 'tax_included', 'tax_rate_ppm', 'share_rule',
    'share_valid_from',
] %}
with costs as (
    select
        {{ month_start('day') }} as first_day,
        {{ terms_of_cost | join(',\n        ') }},
        min(resource_kind) as resource_kind,
        min(price_unit) as price_unit,
        cast(sum(contracted_micro_yuan) as bigint) as contracted_micro_yuan
    from {{ ref('int_charges_usage') }}
    group by {{ month_start('day') }}, {{ terms_of_cost | join(', ') }}
),

judged as (
    select
        terms.day,
        terms.contract_id,
        terms.contract_from,
        terms.metric,
        terms.target_ppm,
        terms.credit_ppm,
        terms.auto_apply,
        {% for column in terms_of_cost -%}
        costs.{{ column }},
        {% endfor -%}
        costs.resource_kind,
        costs.price_unit,
        costs.contracted_micro_yuan,
        service.good,
        service.total,
        service.worst_kind,
        coalesce(service.evidence_rows, 0) as evidence_rows,
        service.probes,
        case
            when service.total is null then 'unknown'
            when
                {{ exact_product('service.good', '1000000') }}
                >= {{ exact_product('service.total', 'terms.target_ppm') }} then 'met'
            else 'missed'
        end as status
    from {{ ref('int_contract_days') }} as terms
    inner join costs
        on
            terms.day = costs.first_day
            and terms.tenant_id = costs.tenant_id
            and (terms.site_id = costs.site_id or terms.site_id is null)
            and (terms.sku_id = costs.sku_id or terms.sku_id is null)
    cross join {{ ref('int_usage_extent') }} as extent
    left join {{ ref('int_service_months') }} as service
        on
            costs.first_day = service.first_day
            and costs.site_id = service.site_id
            and terms.metric = service.metric
    where
        terms.kind = 'sla'
        and extent.last_day >= last_day(terms.day)
)

select
    judged.*,
    judged.auto_apply and judged.status = 'missed' as is_applied,
    case judged.status
        when 'missed'
            then {{ half_up_div(exact_product('judged.contracted_micro_yuan', 'judged.credit_ppm'), 1000000) }}
        when 'met' then 0
    end as credit_micro_yuan
from judged
