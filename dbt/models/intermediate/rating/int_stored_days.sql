-- What each volume keeps on each business day, in bytes: by its last observation of the day what is provisioned, else
-- what is used. A day between two observations takes the earlier one while that is at most two days old; further days
-- are unknown (int_unknown_storage), and after its last observation nobody knows whether a volume is still there.
{{ day_fact() }}
{%- set observed_day = business_day('observed_at') %}
with versions as (
    select
        *,
        {{ observed_day }} as observed_day
    from {{ ref('stg_storage_records') }}
),

observed as (
    select
        site_id,
        volume_id,
        observed_day,
        lead(observed_day) over (partition by site_id, volume_id order by observed_day) as next_day
    from (
        select distinct
            site_id,
            volume_id,
            observed_day
        from versions
    ) as days
),

kept as (
    select
        *,
        {{ explode_days(
            'observed_day',
            "least(" ~ add_days('observed_day', 2) ~ ", coalesce(" ~ add_days('next_day', -1) ~ ", observed_day))"
        ) }} as day
    from observed
),

latest as (
    select
        kept.day,
        versions.*
    from kept
    inner join versions
        on
            kept.site_id = versions.site_id
            and kept.volume_id = versions.volume_id
            and kept.observed_day = versions.observed_day
    where {{ is_changed_day('kept.day') }}
    qualify rank() over (
        partition by kept.day, versions.site_id, versions.volume_id order by versions.observed_at desc
    ) = 1
)

select
    record_hash,
    landing_id,
    landing_row,
    site_id,
    volume_id,
    account,
    day,
    coalesce(tier, 'unknown') as model,
    coalesce(provisioned_bytes, used_bytes) as quantity,
    is_conflict
from (
    {{ current_rows('latest', natural_keys()['storage_records'] + ['day']) }}
) as current_versions
