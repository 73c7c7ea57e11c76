-- Terms of contracts that are in nobody's bill, and why: somebody must complete what their SKU lacks.
{{ config(materialized='view') }}
select
    {{ period_of_day('terms.day') }} as period,
    terms.tenant_id,
    terms.contract_id,
    terms.contract_from,
    terms.kind,
    terms.sku_id,
    terms.reason
from {{ ref('int_unbilled_terms') }} as terms
