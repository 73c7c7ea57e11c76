-- Which records stand behind a published row of supply and use, and how much of each where it is divided. A row's key
-- joins its key columns by |, without those that choose no records (precision). Readings bear on the day that they are
-- of and on the one whose midnight is within an hour; a statement of capacity or racks from its day until the next one.
{{ config(materialized='view') }}
with readings as (
    {{ current_rows(ref('stg_facility_readings'), natural_keys()['facility_readings']) }}
),

reading_days as (
    select
        site_id,
        {{ explode_days(day_of_epoch(epoch_seconds('read_at') ~ ' - 3600'), day_of_epoch(epoch_seconds('read_at') ~ ' + 3600')) }}
            as day,
        record_hash,
        landing_id,
        landing_row
    from readings
    where not is_conflict
),

pools as (
    {{ current_rows(ref('stg_capacity_inventory'), natural_keys()['capacity_inventory']) }}
),

dated_pools as (
    select
        *,
        {{ business_day('valid_from') }} as first_day,
        lead({{ business_day('valid_from') }}) over (
            partition by site_id, resource_pool, model, state order by valid_from
        ) as next_day
    from pools
    where not is_conflict
),

rooms as (
    {{ current_rows(ref('stg_rack_inventory'), natural_keys()['rack_inventory']) }}
),

dated_rooms as (
    select
        *,
        {{ business_day('valid_from') }} as first_day,
        lead({{ business_day('valid_from') }}) over (partition by site_id, room order by valid_from) as next_day
    from rooms
    where not is_conflict
),

statements as (
    select distinct
        site_id,
        as_of,
        compute_class
    from {{ ref('capacity_statement') }}
)

-- what no price window divides is one line of its record and day: only what they do is summed. `concat`, of columns that are
-- never NULL, writes millions of keys in half the time of a chain of ||
select
    'utilisation_daily' as table_name,
    concat(lines.site_id, '|', cast(lines.day as string), '|', lines.compute_class, '|', lines.resource_kind, '|', lines.model)
        as row_key,
    lines.record_hash,
    lines.quantity,
    lines.landing_id,
    lines.landing_row
from {{ ref('int_usage_days') }} as lines
where
    not lines.is_conflict
    and lines.quantity > 0
    and lines.price_window = '00-24'
union all
select
    'utilisation_daily' as table_name,
    concat(lines.site_id, '|', cast(lines.day as string), '|', lines.compute_class, '|', lines.resource_kind, '|', lines.model)
        as row_key,
    lines.record_hash,
    cast(sum(lines.quantity) as bigint) as quantity,
    lines.landing_id,
    lines.landing_row
from {{ ref('int_usage_days') }} as lines
where
    not lines.is_conflict
    and lines.quantity > 0
    and lines.price_window <> '00-24'
group by
    lines.site_id,
    lines.day,
    lines.compute_class,
    lines.resource_kind,
    lines.model,
    lines.record_hash,
    lines.landing_id,
    lines.landing_row
union all
select
    'energy_daily' as table_name,
    reading_days.site_id || '|' || cast(reading_days.day as string) as row_key,
    reading_days.record_hash,
    cast(null as bigint) as quantity,
    reading_days.landing_id,
    reading_days.landing_row
from reading_days
inner join {{ ref('energy_daily') }} as energy
    on
        reading_days.site_id = energy.site_id
        and reading_days.day = energy.day
union all
select
    'capacity_statement' as table_name,
    statements.site_id || '|' || cast(statements.as_of as string) || '|' || statements.compute_class as row_key,
    dated_pools.record_hash,
    cast(null as bigint) as quantity,
    dated_pools.landing_id,
    dated_pools.landing_row
from statements
inner join dated_pools
    on
        statements.site_id = dated_pools.site_id
        and statements.compute_class = dated_pools.compute_class
        and statements.as_of >= dated_pools.first_day
        and (dated_pools.next_day is null or statements.as_of < dated_pools.next_day)
union all
select
    'capacity_statement' as table_name,
    statements.site_id || '|' || cast(statements.as_of as string) || '|' || statements.compute_class as row_key,
    dated_rooms.record_hash,
    cast(null as bigint) as quantity,
    dated_rooms.landing_id,
    dated_rooms.landing_row
from statements
inner join dated_rooms
    on
        statements.site_id = dated_rooms.site_id
        and statements.as_of >= dated_rooms.first_day
        and (dated_rooms.next_day is null or statements.as_of < dated_rooms.next_day)
union all
select
    'latency_circles_daily' as table_name,
    circles.from_site_id || '|' || circles.to_site_id || '|' || cast(circles.day as string)
    || '|' || circles.circle_id || '|' || circles.basis as row_key,
    results.record_hash,
    cast(null as bigint) as quantity,
    results.landing_id,
    results.landing_row
from {{ ref('int_probes') }} as results
inner join {{ ref('latency_circles_daily') }} as circles
    on
        results.from_site_id = circles.from_site_id
        and results.to_site_id = circles.to_site_id
        and results.day = circles.day
        and results.basis = circles.basis
where not results.is_conflict
union all
select
    'queue_daily' as table_name,
    concat(started.site_id, '|', cast(started.day as string), '|', started.compute_class) as row_key,
    started.record_hash,
    cast(null as bigint) as quantity,
    started.landing_id,
    started.landing_row
from {{ ref('int_started_jobs') }} as started
where not started.is_conflict
union all
select
    'dispatch_daily' as table_name,
    cast(orders.day as string) || '|' || orders.requested_class as row_key,
    orders.record_hash,
    cast(null as bigint) as quantity,
    orders.landing_id,
    orders.landing_row
from {{ ref('int_orders') }} as orders
where not orders.is_conflict
union all
select
    'dispatch_refusals_daily' as table_name,
    cast(orders.day as string) || '|' || orders.requested_class
    || '|' || lower(orders.state) || '|' || orders.reason_code as row_key,
    orders.record_hash,
    cast(null as bigint) as quantity,
    orders.landing_id,
    orders.landing_row
from {{ ref('int_orders') }} as orders
where
    not orders.is_conflict
    and orders.state in ('REFUSED', 'CANCELLED')
