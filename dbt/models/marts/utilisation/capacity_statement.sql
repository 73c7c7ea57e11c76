-- Installed dense peak per site, class and precision at the end of each business day that the network's feeds reach:
-- cards of pools that have any, else cores. NULL where no public source states the peak of something installed. The
-- racks are those of the whole site, in each of its rows.
with reached as (
    select
        {{ day_of_epoch('first_s') }} as first_day,
        {{ day_of_epoch('watermark_s - 1') }} as last_day
    from {{ ref('int_feed_horizon') }}
    where first_s is not null
    union all
    select
        min(day) as first_day,
        max(day) as last_day
    from {{ ref('int_meter_readings') }}
    where not is_conflict
),

extent as (
    select
        min(first_day) as first_day,
        max(last_day) as last_day
    from reached
),

site_extents as (
    select
        capacity.site_id,
        greatest({{ day_of_epoch('min(capacity.from_s)') }}, min(extent.first_day)) as first_day,
        min(extent.last_day) as last_day
    from {{ ref('int_capacity') }} as capacity
    cross join extent
    group by capacity.site_id
),

site_days as (
    select
        site_id,
        {{ explode_days('first_day', 'last_day') }} as as_of
    from site_extents
    where first_day <= last_day
),

precisions as (
    select distinct precision
    from {{ ref('device_peaks') }}
),

installed as (
    select
        site_days.site_id,
        site_days.as_of,
        capacity.compute_class,
        capacity.model,
        case when capacity.has_devices then 'card' else 'core' end as unit,
        sum(case when capacity.has_devices then capacity.devices else capacity.cores end) as units
    from site_days
    inner join {{ ref('int_capacity') }} as capacity
        on
            site_days.site_id = capacity.site_id
            and capacity.from_s < {{ epoch_of_day('site_days.as_of') }} + 86400
            and coalesce(capacity.until_s >= {{ epoch_of_day('site_days.as_of') }} + 86400, true)
    group by
        site_days.site_id,
        site_days.as_of,
        capacity.compute_class,
        capacity.model,
        case when capacity.has_devices then 'card' else 'core' end
),

stated as (
    select
        installed.site_id,
        installed.as_of,
        installed.compute_class,
        precisions.precision,
        sum(installed.units * peaks.peak_gflops) as gflops,
        min(case when installed.units > 0 and peaks.peak_gflops is null then installed.model end) as unknown_model
    from installed
    cross join precisions
    left join {{ ref('device_peaks') }} as peaks
        on
            installed.model = peaks.model
            and installed.unit = peaks.unit
            and precisions.precision = peaks.precision
    group by installed.site_id, installed.as_of, installed.compute_class, precisions.precision
),

racks as (
    select
        site_days.site_id,
        site_days.as_of,
        {{ half_up_div('sum(racks.installed_w)', '2500') }} as racks_installed,
        {{ half_up_div('sum(racks.occupied_w)', '2500') }} as racks_occupied
    from site_days
    inner join {{ ref('int_racks') }} as racks
        on
            site_days.site_id = racks.site_id
            and racks.from_s < {{ epoch_of_day('site_days.as_of') }} + 86400
            and coalesce(racks.until_s >= {{ epoch_of_day('site_days.as_of') }} + 86400, true)
    group by site_days.site_id, site_days.as_of
)

select
    stated.site_id,
    sites.region,
    stated.as_of,
    stated.compute_class,
    stated.precision,
    case when stated.unknown_model is null then cast(coalesce(stated.gflops, 0) as double) / 1000000 end as pflops,
    case when stated.unknown_model is null then cast(coalesce(stated.gflops, 0) as double) / 1000000000 end as eflops,
    racks.racks_installed,
    racks.racks_occupied,
    {{ share_of('racks.racks_occupied', 'racks.racks_installed') }} as rack_rate,
    case
        when stated.unknown_model is null then 'dense peak of cards, of cores where a pool has none'
        else 'no public dense peak of ' || stated.unknown_model
    end as basis
from stated
left join racks
    on
        stated.site_id = racks.site_id
        and stated.as_of = racks.as_of
left join {{ source('inputs', 'sites') }} as sites
    on stated.site_id = sites.site_id
