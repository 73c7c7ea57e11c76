-- Bad rows: days of a site on which metered usage is not exactly the usage that was apportioned.
with used as (
    select
        day,
        site_id,
        resource_kind,
        count(*) as lines,
        sum(quantity) as quantity
    from {{ ref('int_usage_days') }}
    group by day, site_id, resource_kind
),

metered as (
    select
        day,
        site_id,
        resource_kind,
        count(*) as lines,
        sum(quantity) as quantity
    from {{ ref('int_metered_usage') }}
    group by day, site_id, resource_kind
)

select
    coalesce(used.day, metered.day) as day,
    coalesce(used.site_id, metered.site_id) as site_id,
    used.quantity as used_quantity,
    metered.quantity as metered_quantity
from used
full outer join metered
    on
        used.day = metered.day
        and used.site_id = metered.site_id
        and used.resource_kind = metered.resource_kind
where
    used.lines is distinct from metered.lines
    or used.quantity is distinct from metered.quantity
