-- How long each model of card was watched in each hour and how busy it was, in milli-card-seconds: a sample's utilisation
-- holds until the next sample, over an hour at most. What a slice shows is a part of a card, and what a node shows of all
-- its cards is no card's: both are left out.
{{ day_fact(changed='int_changed_sample_days') }}
with versions as (
    select *
    from {{ ref('stg_device_samples') }}
    where {{ is_beside_changed_day(business_day('sampled_at'), changed='int_changed_sample_days') }}
),

standing as (
    {{ current_rows('versions', natural_keys()['device_samples']) }}
),

samples as (
    select
        site_id,
        device_id,
        model,
        {{ epoch_micros('sampled_at') }} as from_us,
        cast({{ exact_product('utilisation_pct * 1000000', '1') }} as bigint) as utilisation_millionths
    from standing
    where
        not is_conflict
        and slice_profile is null
        and utilisation_pct is not null
        and coalesce(device_id <> node, true)
),

paired as (
    select
        *,
        lead(from_us) over (partition by site_id, device_id order by from_us) as to_us
    from samples
),

parts as (
    select
        *,
        {{ explode_integers(int_div('from_us', '3600000000'), int_div('to_us - 1', '3600000000')) }} as hour_no
    from paired
    where to_us - from_us <= 3600000000
),

bounded as (
    select
        site_id,
        model,
        hour_no * 3600 as hour_s,
        utilisation_millionths,
        least(to_us, (hour_no + 1) * 3600000000) - greatest(from_us, hour_no * 3600000000) as long_us
    from parts
)

select
    bounded.site_id,
    {{ day_of_epoch('bounded.hour_s') }} as day,
    coalesce(aliases.model, bounded.model, 'unknown') as model,
    bounded.hour_s,
    {{ half_up_div('sum(' ~ exact_product('bounded.utilisation_millionths', 'bounded.long_us') ~ ')', '100000000000') }}
        as active_unit_seconds,
    {{ half_up_div('sum(bounded.long_us)', '1000') }} as observed_unit_seconds
from bounded
left join {{ ref('device_aliases') }} as aliases
    on lower(bounded.model) = aliases.alias
where {{ is_changed_day(day_of_epoch('bounded.hour_s'), changed='int_changed_sample_days') }}
group by bounded.site_id, coalesce(aliases.model, bounded.model, 'unknown'), bounded.hour_s
