-- Dispatch orders as known now: the highest revision, then the newest knowledge of it, by the business day of the request.
-- An order with two different payloads at the top is a conflict; each of them is a row, and none counts.
{{ day_fact(changed='int_changed_order_days') }}
with touched as (
    select distinct order_id
    from {{ ref('stg_dispatch_orders') }}
    where {{ is_changed_day(business_day('requested_at'), changed='int_changed_order_days') }}
),

versions as (
    select
        records.*,
        {{ business_day('records.requested_at') }} as day
    from {{ ref('stg_dispatch_orders') }} as records
    inner join touched
        on records.order_id = touched.order_id
)

select
    orders.landing_id,
    orders.landing_row,
    orders.record_hash,
    orders.order_id,
    orders.day,
    orders.requested_class,
    orders.home_site_id,
    orders.placed_site_id,
    {{ epoch_seconds('orders.placed_at') }} - {{ epoch_seconds('orders.requested_at') }} as place_s,
    orders.started_at is not null as has_started,
    orders.state,
    case
        when orders.reason is null then 'not_stated'
        else coalesce(reasons.reason_code, 'other')
    end as reason_code,
    orders.is_conflict
from (
    {{ current_rows('versions', ['order_id'], rank='revision') }}
) as orders
left join {{ ref('dispatch_reasons') }} as reasons
    on lower(orders.reason) = reasons.reason
where {{ is_changed_day('orders.day', changed='int_changed_order_days') }}
