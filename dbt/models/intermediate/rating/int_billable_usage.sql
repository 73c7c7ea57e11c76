-- What the price models rate: the billable usage of the days of this run, summed per tenant, SKU, day and price window.
-- One row becomes one charge per band.
select
    lines.day,
    lines.tenant_id,
    lines.site_id,
    lines.sku_id,
    lines.price_window,
    cast(sum(lines.quantity) as bigint) as quantity
from {{ ref('int_metered_usage') }} as lines
where
    lines.reason is null
    and lines.day in (select days.day from {{ ref('int_rating_days') }} as days)
group by lines.day, lines.tenant_id, lines.site_id, lines.sku_id, lines.price_window
