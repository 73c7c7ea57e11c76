-- Terms of a month that cannot be billed, and why: their SKU has no price, tax or share on the month's first day. Kept for
-- the months that this build does not rate.
{{ day_fact(changed='int_rating_days') }}
select
    day,
    tenant_id,
    contract_id,
    contract_from,
    kind,
    sku_id,
    reason
from {{ ref('int_month_terms') }}
where reason is not null
