-- Spans of business days that this build has to compute again, each with its reason; first_day to last_day inclusive.
with build as (
    select
        full_refresh,
        forced_from,
        forced_to
    from {{ source('inputs', 'build') }}
),

horizons as (
    select
        coalesce(now.source_id, before.source_id) as source_id,
        coalesce(now.layer, before.layer) as layer,
        now.first_s as new_first_s,
        now.watermark_s as new_watermark_s,
        {{ epoch_seconds('before.first_at') }} as old_first_s,
        {{ epoch_seconds('before.watermark_at') }} as old_watermark_s
    from {{ ref('int_feed_horizon') }} as now
    full outer join {{ source('inputs', 'previous_horizon') }} as before
        on
            now.source_id = before.source_id
            and now.layer = before.layer
),

-- none where everything is computed again anyway: then no record has to be read here
changed_landings as (
    select changed.landing_id
    from {{ source('inputs', 'changed_landings') }} as changed
    cross join build
    where not build.full_refresh
),

changed_jobs as (
    select distinct {{ columns_sql(natural_keys()['job_records'], 'records.') }}
    from {{ source('bronze', 'job_records') }} as records
    inner join changed_landings as changed
        on records.landing_id = changed.landing_id
),

-- every version of a job that occurs in a changed landing, whether it counts or not
job_spans as (
    select
        {{ epoch_seconds('records.start_time') }} as first_s,
        case {{ job_state_rank('records.state') }}
            when 2 then {{ epoch_seconds('records.start_time') }} + records.elapsed_s
            when 1 then greatest(horizons.new_watermark_s, horizons.old_watermark_s)
        end as end_s
    from {{ source('bronze', 'job_records') }} as records
    inner join changed_jobs
        on {{ columns_equal(natural_keys()['job_records'], 'records', 'changed_jobs') }}
    left join horizons
        on
            records.source_id = horizons.source_id
            and horizons.layer = 'job'
    where records.start_time is not null
),

changed_instances as (
    select distinct {{ columns_sql(natural_keys()['instance_records'], 'records.') }}
    from {{ source('bronze', 'instance_records') }} as records
    inner join changed_landings as changed
        on records.landing_id = changed.landing_id
),

instance_spans as (
    select
        {{ epoch_seconds('records.interval_start') }} as first_s,
        coalesce(
            {{ epoch_seconds('records.interval_end') }},
            greatest(horizons.new_watermark_s, horizons.old_watermark_s)
        ) as end_s
    from {{ source('bronze', 'instance_records') }} as records
    inner join changed_instances
        on {{ columns_equal(natural_keys()['instance_records'], 'records', 'changed_instances') }}
    left join horizons
        on
            records.source_id = horizons.source_id
            and {{ instance_layer('records.instance_kind') }} = horizons.layer
    where {{ instance_state_rank('records.state') }} >= 1
),

-- between the old and the new ends of a horizon; all of it where there was none, or is none any more
horizon_spans as (
    select
        least(coalesce(new_first_s, old_first_s), coalesce(old_first_s, new_first_s)) as first_s,
        case
            when new_first_s is null or old_first_s is null then greatest(new_watermark_s, old_watermark_s)
            else greatest(new_first_s, old_first_s)
        end as end_s
    from horizons
    where new_first_s is distinct from old_first_s
    union all
    select
        least(new_watermark_s, old_watermark_s) as first_s,
        greatest(new_watermark_s, old_watermark_s) as end_s
    from horizons
    where new_watermark_s is distinct from old_watermark_s
),

spans as (
    select
        'job_records' as reason,
        {{ day_of_epoch('first_s') }} as first_day,
        {{ day_of_epoch('end_s - 1') }} as last_day
    from job_spans
    where end_s > first_s
    union all
    select
        'instance_records' as reason,
        {{ day_of_epoch('first_s') }} as first_day,
        {{ day_of_epoch('end_s - 1') }} as last_day
    from instance_spans
    where end_s > first_s
    union all
    select
        reason,
        first_day,
        last_day
    from {{ ref('int_changed_sold_spans') }}
    union all
    select
        'horizon' as reason,
        {{ day_of_epoch('first_s') }} as first_day,
        {{ day_of_epoch('end_s') }} as last_day
    from horizon_spans
    union all
    select
        changes.dataset as reason,
        greatest(changes.first_day, extent.first_day) as first_day,
        extent.last_day
    from {{ ref('int_reference_changes') }} as changes
    cross join {{ ref('int_usage_extent') }} as extent
    union all
    select
        'calendar_days' as reason,
        calendar.day as first_day,
        calendar.day as last_day
    from {{ source('bronze', 'calendar_days') }} as calendar
    inner join changed_landings as changed
        on calendar.landing_id = changed.landing_id
    inner join {{ ref('int_usage_extent') }} as extent
        on calendar.day between extent.first_day and extent.last_day
    union all
    select
        'full_refresh' as reason,
        extent.first_day,
        extent.last_day
    from build
    cross join {{ ref('int_usage_extent') }} as extent
    where build.full_refresh
    union all
    select
        'decision' as reason,
        cast(closed.period || '-01' as date) as first_day,
        last_day(cast(closed.period || '-01' as date)) as last_day
    from {{ ref('int_closed_periods') }} as closed
    where (select count(*) from {{ source('inputs', 'changed_decisions') }}) > 0
    union all
    select
        'forced' as reason,
        forced_from as first_day,
        forced_to as last_day
    from build
)

select distinct
    reason,
    first_day,
    last_day
from spans
where first_day <= last_day
