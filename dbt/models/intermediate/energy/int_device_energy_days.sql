-- Energy of devices by business day and by who held them as the monitor says, on days on which a site's monitor names
-- anybody: a counter's rise, or where it has none or fell, the power that holds until the next sample, over an hour at
-- most. What slices of a card show is the card's, and left out.
{{ day_fact(changed='int_changed_sample_days') }}
with naming_sites as (
    select distinct site_id
    from {{ ref('stg_device_samples') }}
    where
        job is not null
        and {{ is_beside_changed_day(business_day('sampled_at'), changed='int_changed_sample_days') }}
),

versions as (
    select samples.*
    from {{ ref('stg_device_samples') }} as samples
    inner join naming_sites
        on samples.site_id = naming_sites.site_id
    where {{ is_beside_changed_day(business_day('samples.sampled_at'), changed='int_changed_sample_days') }}
),

standing as (
    {{ current_rows('versions', natural_keys()['device_samples']) }}
),

samples as (
    select
        site_id,
        device_id,
        account,
        job,
        {{ epoch_micros('sampled_at') }} as from_us,
        cast({{ exact_product('power_w * 1000000', '1') }} as bigint) as power_uw,
        energy_total_mj
    from standing
    where
        not is_conflict
        and slice_profile is null
        and (power_w is not null or energy_total_mj is not null)
),

paired as (
    select
        *,
        lead(from_us) over (partition by site_id, device_id order by from_us) as to_us,
        lead(energy_total_mj) over (partition by site_id, device_id order by from_us) - energy_total_mj as rise_mj
    from samples
),

dated as (
    select
        *,
        to_us - from_us as long_us,
        {{ explode_days(
            day_of_epoch(int_div('from_us', '1000000')), day_of_epoch(int_div('to_us - 1', '1000000'))
        ) }} as day
    from paired
    where to_us - from_us <= 3600000000
),

bounded as (
    select
        *,
        greatest(from_us, {{ epoch_of_day('day') }} * 1000000) - from_us as part_from_us,
        least(to_us, ({{ epoch_of_day('day') }} + 86400) * 1000000) - from_us as part_to_us
    from dated
    where {{ is_changed_day('day', changed='int_changed_sample_days') }}
),

parts as (
    select
        site_id,
        day,
        account,
        job,
        case
            when rise_mj >= 0
                then {{ exact_product(
                    half_up_div(exact_product('rise_mj', 'part_to_us'), 'long_us')
                    ~ ' - ' ~ half_up_div(exact_product('rise_mj', 'part_from_us'), 'long_us'),
                    '1000000000'
                ) }}
            else {{ exact_product('power_uw', '(part_to_us - part_from_us)') }}
        end as uw_us
    from bounded
),

named_days as (
    select distinct
        site_id,
        day
    from parts
    where job is not null
)

select
    parts.site_id,
    parts.day,
    parts.account,
    parts.job,
    {{ half_up_div('coalesce(sum(parts.uw_us), 0)', '3600000000000000') }} as energy_wh
from parts
inner join named_days
    on
        parts.site_id = named_days.site_id
        and parts.day = named_days.day
group by parts.site_id, parts.day, parts.account, parts.job
