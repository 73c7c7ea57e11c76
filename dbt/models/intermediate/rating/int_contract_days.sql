-- The terms that a tenant has on a day, its own or those of its segment: of each contract the newest row that began and
-- has not ended. Quantities and shares in millionths, fees in micro-yuan.
with terms as (
    {{ dated(ref('int_current_service_contracts'), ['contract_id']) }}
)

select
    tenants.day,
    tenants.tenant_id,
    terms.contract_id,
    terms.valid_from as contract_from,
    least(
        coalesce(terms.valid_to, date '9999-12-31'),
        coalesce(terms.valid_until, date '9999-12-31')
    ) as contract_to,
    terms.kind,
    terms.site_id,
    terms.sku_id,
    {{ micro('terms.discount_share') }} as discount_ppm,
    {{ micro('terms.quantity') }} as quantity_micro,
    {{ micro('terms.fee') }} as fee_micro_yuan,
    terms.tax_included,
    coalesce(terms.fee_paid, 'monthly') as fee_paid,
    terms.metric,
    {{ micro('terms.target') }} as target_ppm,
    {{ micro('terms.credit_share') }} as credit_ppm,
    coalesce(terms.auto_apply, false) as auto_apply
from {{ ref('int_tenant_days') }} as tenants
inner join terms
    on
        {{ in_force('tenants.day', 'terms') }}
        and (tenants.day < terms.valid_to or terms.valid_to is null)
        and coalesce(terms.tenant_id = tenants.tenant_id, terms.segment = tenants.segment)
