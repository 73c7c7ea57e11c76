-- What the price models rate: billable usage summed per tenant, SKU, business day, price window and QOS.
{{ day_fact() }}
select
    lines.day,
    lines.tenant_id,
    lines.site_id,
    lines.sku_id,
    lines.price_window,
    lines.qos,
    cast(sum(lines.quantity) as bigint) as quantity
from {{ ref('int_billable_lines') }} as lines
where {{ is_changed_day('lines.day') }}
group by lines.day, lines.tenant_id, lines.site_id, lines.sku_id, lines.price_window, lines.qos
