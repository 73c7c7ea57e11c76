-- Records of which nobody can say which is right: one row per record in conflict and business day that it bears on. A
-- dated reference record bears on every day of usage from its first, a programme of vouchers on every day. They count for
-- nothing and block a close.
with used as (
    select
        'job_records' as dataset,
        'job' as layer,
        source_id,
        site_id,
        record_hash,
        landing_id,
        landing_row,
        state_rank,
        day,
        start_s,
        end_s
    from {{ ref('int_jobs') }}
    where is_conflict
    union all
    select
        'instance_records' as dataset,
        layer,
        source_id,
        site_id,
        record_hash,
        landing_id,
        landing_row,
        state_rank,
        day,
        start_s,
        end_s
    from {{ ref('int_instances') }}
    where is_conflict
),

intervals as (
    select
        used.*,
        coalesce(used.end_s, horizon.watermark_s) as until_s
    from used
    inner join {{ ref('int_feed_horizon') }} as horizon
        on
            used.source_id = horizon.source_id
            and used.layer = horizon.layer
),

reference_versions as (
    {{ effective_rows_of(ref('int_reference_rows')) }}
),

reference_conflicts as (
    select *
    from (
        {{ current_rows('reference_versions', ['dataset', 'record_key']) }}
    ) as current_versions
    where is_conflict
),

-- a record without an interval bears on the day of its key
spans as (
    select
        dataset,
        source_id,
        site_id,
        record_hash,
        landing_id,
        landing_row,
        case when state_rank >= 1 and until_s > start_s then {{ day_of_epoch('start_s') }} else day end as first_day,
        case when state_rank >= 1 and until_s > start_s then {{ day_of_epoch('until_s - 1') }} else day end as last_day
    from intervals
    union all
    select
        'facility_readings' as dataset,
        source_id,
        site_id,
        record_hash,
        landing_id,
        landing_row,
        day as first_day,
        day as last_day
    from {{ ref('int_meter_readings') }}
    where is_conflict
    union all
    select distinct
        case sold.resource_kind
            when 'storage' then 'storage_records'
            when 'traffic' then 'network_usage'
            when 'bandwidth' then 'network_usage'
            else 'cloud_charges'
        end as dataset,
        landings.source_id,
        sold.site_id,
        sold.record_hash,
        sold.landing_id,
        sold.landing_row,
        sold.day as first_day,
        sold.day as last_day
    from {{ ref('int_sold_usage') }} as sold
    inner join {{ source('inputs', 'landings') }} as landings
        on sold.landing_id = landings.landing_id
    where
        sold.is_conflict
        and sold.resource_kind not in ('instance', 'slice')
    union all
    select
        'fx_rates' as dataset,
        rates.source_id,
        cast(null as string) as site_id,
        rates.record_hash,
        rates.landing_id,
        rates.landing_row,
        cast(rates.{{ adapter.quote('month') }} || '-01' as date) as first_day,
        last_day(cast(rates.{{ adapter.quote('month') }} || '-01' as date)) as last_day
    from (
        {{ current_rows(ref('stg_fx_rates'), natural_keys()['fx_rates']) }}
    ) as rates
    where rates.is_conflict
    union all
    select
        'calendar_days' as dataset,
        calendar.source_id,
        cast(null as string) as site_id,
        calendar.record_hash,
        calendar.landing_id,
        calendar.landing_row,
        calendar.day as first_day,
        calendar.day as last_day
    from (
        {{ current_rows(ref('stg_calendar_days'), natural_keys()['calendar_days']) }}
    ) as calendar
    where calendar.is_conflict
    union all
    select
        'payments' as dataset,
        source_id,
        cast(null as string) as site_id,
        record_hash,
        landing_id,
        landing_row,
        paid_on as first_day,
        paid_on as last_day
    from {{ ref('int_payments') }}
    where is_conflict
    union all
    select
        reference_conflicts.dataset,
        reference_conflicts.source_id,
        reference_conflicts.site_id,
        reference_conflicts.record_hash,
        reference_conflicts.landing_id,
        reference_conflicts.landing_row,
        greatest(reference_conflicts.first_day, extent.first_day) as first_day,
        extent.last_day
    from reference_conflicts
    cross join {{ ref('int_usage_extent') }} as extent
    union all
    select
        'voucher_programmes' as dataset,
        programmes.source_id,
        cast(null as string) as site_id,
        programmes.record_hash,
        programmes.landing_id,
        programmes.landing_row,
        extent.first_day,
        extent.last_day
    from (
        {{ current_rows(ref('stg_voucher_programmes'), natural_keys()['voucher_programmes']) }}
    ) as programmes
    cross join {{ ref('int_usage_extent') }} as extent
    where programmes.is_conflict
)

select
    dataset,
    source_id,
    site_id,
    record_hash,
    landing_id,
    landing_row,
    {{ explode_days('first_day', 'last_day') }} as day
from spans
where first_day <= last_day
