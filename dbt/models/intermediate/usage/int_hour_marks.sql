-- Hours to be labelled. usage_unknown: somebody held an unknown number of cores or cards, or a layer that held some has
-- fallen silent; the model is unknown where nothing says it, then the hour is marked for all models of its class.
-- over_allocated: more than the whole of a device was held.
with last_hours as (
    select
        site_id,
        max(hour_s) + 3600 as until_s
    from {{ ref('int_horizon_hours') }}
    group by site_id
),

silent as (
    select
        sites.site_id,
        horizon.layer,
        horizon.watermark_s,
        last_hours.until_s
    from {{ ref('int_feed_horizon') }} as horizon
    inner join {{ source('inputs', 'sites') }} as sites
        on horizon.source_id = sites.source_id
    inner join last_hours
        on
            sites.site_id = last_hours.site_id
            and horizon.first_s < horizon.watermark_s
            and horizon.watermark_s <= last_hours.until_s - 3600
),

spans as (
    select
        'usage_unknown' as mark,
        site_id,
        compute_class,
        resource_kind,
        model,
        start_s,
        end_s
    from {{ ref('int_unknown_days') }}
    union all
    select
        'over_allocated' as mark,
        shares.site_id,
        shares.compute_class,
        'accelerator' as resource_kind,
        shares.model,
        greatest(shares.start_s, over_allocated.from_s) as start_s,
        least(shares.end_s, over_allocated.to_s) as end_s
    from {{ ref('int_over_allocations') }} as over_allocated
    inner join {{ ref('int_card_shares') }} as shares
        on
            over_allocated.site_id = shares.site_id
            and over_allocated.device_key = shares.device_key
            and over_allocated.day = shares.day
            and over_allocated.from_s < shares.end_s
            and over_allocated.to_s > shares.start_s
    left join {{ ref('int_nested_days') }} as nested
        on
            shares.landing_id = nested.landing_id
            and shares.landing_row = nested.landing_row
            and shares.day = nested.day
            and shares.device_key = nested.device_key
            and nested.start_s <= greatest(shares.start_s, over_allocated.from_s)
            and nested.end_s >= least(shares.end_s, over_allocated.to_s)
    where nested.landing_id is null
    union all
    select
        'usage_unknown' as mark,
        held.site_id,
        held.compute_class,
        'cpu_core' as resource_kind,
        'all' as model,
        silent.watermark_s as start_s,
        silent.until_s as end_s
    from {{ ref('int_holdings') }} as held
    inner join silent
        on
            held.site_id = silent.site_id
            and held.layer = silent.layer
    where coalesce(held.core_milli > 0, true)
    union all
    select
        'usage_unknown' as mark,
        held.site_id,
        held.compute_class,
        'accelerator' as resource_kind,
        held.accelerator_model as model,
        silent.watermark_s as start_s,
        silent.until_s as end_s
    from {{ ref('int_holdings') }} as held
    inner join silent
        on
            held.site_id = silent.site_id
            and held.layer = silent.layer
    where coalesce(held.accelerator_milli > 0, true)
),

distinct_spans as (
    select distinct
        mark,
        site_id,
        compute_class,
        resource_kind,
        model,
        {{ int_div('start_s', '3600') }} as first_no,
        {{ int_div('end_s - 1', '3600') }} as last_no
    from spans
),

hours as (
    select
        mark,
        site_id,
        compute_class,
        resource_kind,
        model,
        {{ explode_integers('first_no', 'last_no') }} as hour_no
    from distinct_spans
)

select distinct
    mark,
    site_id,
    compute_class,
    resource_kind,
    model,
    hour_no * 3600 as hour_s
from hours
