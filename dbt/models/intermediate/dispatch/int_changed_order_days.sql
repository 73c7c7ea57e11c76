-- Business days on which orders were requested, by any of their revisions, of which a changed landing tells. Empty where
-- everything is computed again anyway.
with changed_orders as (
    select distinct records.order_id
    from {{ source('bronze', 'dispatch_orders') }} as records
    inner join {{ source('inputs', 'changed_landings') }} as changed
        on records.landing_id = changed.landing_id
    cross join {{ source('inputs', 'build') }} as build
    where not build.full_refresh
)

select distinct {{ business_day('records.requested_at') }} as day
from {{ source('bronze', 'dispatch_orders') }} as records
inner join changed_orders
    on records.order_id = changed_orders.order_id
