-- Usage that is in nobody's bill, and why. A table: it counts records, which a view would do for every reader again.
select
    lines.day,
    lines.site_id,
    lines.account,
    lines.compute_class,
    lines.resource_kind,
    lines.model,
    lines.reason,
    cast(sum(lines.quantity) as bigint) as quantity,
    lines.unit,
    count(distinct lines.record_hash) as records
from {{ ref('metered_usage') }} as lines
where lines.reason is not null
group by
    lines.day,
    lines.site_id,
    lines.account,
    lines.compute_class,
    lines.resource_kind,
    lines.model,
    lines.reason,
    lines.unit
