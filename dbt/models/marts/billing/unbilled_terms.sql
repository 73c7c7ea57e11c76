-- Terms of contracts that are in nobody's bill, why, and who must complete what their SKU lacks.
{{ config(materialized='view') }}
select
    {{ period_of_day('terms.day') }} as period,
    terms.tenant_id,
    terms.contract_id,
    terms.contract_from,
    terms.kind,
    terms.sku_id,
    terms.reason,
    {{ must_act('terms.reason') }} as must_act
from {{ ref('int_unbilled_terms') }} as terms
